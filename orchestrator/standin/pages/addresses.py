"""Every address of the management pages, and who answers it."""

from aiohttp import web

from . import (
    automations,
    configurations,
    departments,
    home,
    hosts,
    library,
    queueing,
    rehearsing,
    rendering,
    run_files,
    runs,
    signing_in,
    test_sets,
    users,
)
from .sessions import SESSIONS, Sessions
from .visit import View, page

_ID = "[0-9]{1,18}"
_PROJECT = f"/projects/{{project_id:{_ID}}}"
_RUN = f"{_PROJECT}/runs/{{run_id:{_ID}}}"
_ITEM = f"{_RUN}/items/{{sequence_number:{_ID}}}"
_TEST = f"{_PROJECT}/tests/{{test_id:{_ID}}}"
_AUTOMATION = f"{_TEST}/automations/{{agent:[a-z]+}}"
_SET = f"{_PROJECT}/sets/{{set_id:{_ID}}}"
_HOST = f"{_PROJECT}/hosts/{{host_id:{_ID}}}"
_DEPARTMENT = f"/departments/{{dept_id:{_ID}}}"
_USER = f"/users/{{user_id:{_ID}}}"

# The first address that fits is taken: "new" is the name of no agent.
_PAGES: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", home.show_home),
    ("GET", "/open", home.open_project),
    ("POST", "/sign-out", signing_in.sign_out),
    ("GET", f"{_PROJECT}/runs", runs.show_history),
    ("GET", f"{_PROJECT}/runs/new", queueing.ask),
    ("POST", f"{_PROJECT}/runs/new", queueing.queue),
    ("GET", _RUN, runs.show_run),
    ("POST", f"{_RUN}/restart", queueing.restart),
    ("POST", f"{_RUN}/remove", queueing.remove),
    ("GET", f"{_ITEM}/log", run_files.show_log),
    ("GET", f"{_ITEM}/log/file", run_files.save_log),
    ("GET", f"{_ITEM}/report", run_files.show_report),
    ("GET", f"{_ITEM}/report/file", run_files.save_report),
    ("GET", f"{_ITEM}/report/{{page:{_ID}}}", run_files.show_report_page),
    ("GET", f"{_PROJECT}/tests", library.list_tests),
    ("GET", f"{_PROJECT}/tests/new", library.ask_new),
    ("POST", f"{_PROJECT}/tests/new", library.add),
    ("GET", _TEST, library.show_test),
    ("POST", _TEST, library.change),
    ("POST", f"{_TEST}/remove", library.remove),
    ("GET", f"{_TEST}/automations/new", automations.ask_new),
    ("POST", f"{_TEST}/automations/new", automations.add),
    ("GET", _AUTOMATION, automations.show_automation),
    ("POST", _AUTOMATION, automations.change),
    ("POST", f"{_AUTOMATION}/remove", automations.remove),
    ("GET", f"{_AUTOMATION}/script", automations.save_script),
    ("GET", f"{_PROJECT}/sets", test_sets.list_sets),
    ("GET", f"{_PROJECT}/sets/new", test_sets.ask_new),
    ("POST", f"{_PROJECT}/sets/new", test_sets.add),
    ("GET", _SET, test_sets.show_set),
    ("POST", _SET, test_sets.change),
    ("POST", f"{_SET}/remove", test_sets.remove),
    ("GET", f"{_PROJECT}/hosts", hosts.list_hosts),
    ("GET", _HOST, hosts.show_host),
    ("POST", _HOST, hosts.change),
    ("POST", f"{_HOST}/token", hosts.renew),
    ("GET", f"{_PROJECT}/configurations", configurations.list_choices),
    ("POST", f"{_PROJECT}/configurations", configurations.add),
    ("GET", "/rehearsal", rehearsing.show_rehearsal),
    ("POST", "/rehearsal", rehearsing.begin),
    ("POST", "/rehearsal/end", rehearsing.end),
    ("GET", "/departments", departments.list_departments),
    ("POST", "/departments", departments.add),
    ("GET", _DEPARTMENT, departments.show_department),
    ("POST", _DEPARTMENT, departments.change),
    ("POST", f"{_DEPARTMENT}/projects", departments.add_project),
    ("POST", f"{_DEPARTMENT}/remove", departments.remove),
    ("GET", "/users", users.list_users),
    ("GET", "/users/new", users.ask_new),
    ("POST", "/users/new", users.add),
    ("GET", _USER, users.show_user),
    ("POST", _USER, users.change),
    ("POST", f"{_USER}/remove", users.remove),
)


def add_pages(app: web.Application) -> None:
    """Make *app* show the pages, below `/`; nobody is signed in yet."""
    app[SESSIONS] = Sessions()
    app.router.add_get("/assets/style.css", rendering.show_style)
    app.router.add_get("/sign-in", signing_in.ask)
    app.router.add_post("/sign-in", signing_in.sign_in)
    for method, path, view in _PAGES:
        app.router.add_route(method, path, page(view))
