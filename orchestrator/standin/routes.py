"""Every address the stand-in answers, and the names of the ten operations."""

from typing import NamedTuple

from aiohttp import web

from .automation import files, hosts, runs
from .data_access import automations, departments, history, queueing, test_sets, tests
from .errors import Handler
from .exchange.doors import export_all, import_all, reset_all
from .faults import Operation
from .openapi.interface import add_interface
from .pages import add_pages
from .scenarios import doors

# The server's own route metadata starts at /service; /rest-api is where it is usually mounted.
_MOUNTS = ("/rest-api/service", "/service")

# Eighteen digits always fit into a database integer. A path with any other id leads nowhere: 404.
_ID = "[0-9]{1,18}"


class Route(NamedTuple):
    """A method, a path below a mount, and who answers."""

    method: str
    path: str
    handler: Handler


_HOST = f"/automation/v2/hosts/{{host_id:{_ID}}}"
_ITEM = f"{_HOST}/runs/{{run_id:{_ID}}}/items/{{sequence_number:{_ID}}}"

OPERATIONS: dict[Operation, Route] = {
    "list_departments": Route("GET", "/automation/v2/depts", hosts.list_departments),
    "register_host": Route("POST", "/automation/v2/hosts", hosts.register_host),
    "find_host": Route("GET", "/automation/v2/hosts", hosts.find_host),
    "get_host": Route("GET", _HOST, hosts.get_host),
    "update_host": Route("PATCH", _HOST, hosts.update_host),
    "current_runs": Route("GET", f"{_HOST}/currentruns", runs.current_runs),
    "update_item": Route("PATCH", _ITEM, runs.update_item),
    "upload_log": Route("POST", f"{_ITEM}/logs", files.upload_log),
    "upload_report": Route("POST", f"{_ITEM}/report", files.upload_report),
    "get_script": Route("GET", f"{_ITEM}/script", files.get_script),
}

_PROJECT = f"/api/v2/projects/{{project_id:{_ID}}}"
_TEST = f"{_PROJECT}/tests/{{test_id:{_ID}}}"
_SET = f"{_PROJECT}/testsets/{{set_id:{_ID}}}"
_SET_ITEM = f"{_SET}/items/{{sequence_number:{_ID}}}"
_RUN = f"{_PROJECT}/testruns/{{run_id:{_ID}}}"
_RUN_ITEM = f"{_RUN}/items/{{item_id:{_ID}}}"

# An agent's name holds a slash when it comes as %2F, so it may span what looks like two segments.
_AUTOMATION = f"{_TEST}/automations/{{agent:.+(?<!/attachment)}}"
_ATTACHMENT = f"{_AUTOMATION}/attachment"

SIDE_DOORS = (
    Route("GET", "/api/v1/depts", departments.list_departments),
    Route("GET", f"/api/v1/depts/{{dept_id:{_ID}}}", departments.get_department),
    Route("GET", f"{_PROJECT}/tests", tests.list_tests),
    Route("POST", f"{_PROJECT}/tests", tests.create_test),
    Route("GET", _TEST, tests.get_test),
    Route("PUT", _TEST, tests.replace_test),
    Route("PATCH", _TEST, tests.update_test),
    Route("DELETE", _TEST, tests.delete_test),
    Route("GET", f"{_TEST}/automations", automations.list_automations),
    Route("POST", f"{_TEST}/automations", automations.create_automation),
    Route("POST", _ATTACHMENT, automations.attach_script),
    Route("PUT", _ATTACHMENT, automations.attach_script),
    Route("GET", _AUTOMATION, automations.get_automation),
    Route("POST", _AUTOMATION, automations.create_automation),
    Route("PUT", _AUTOMATION, automations.replace_automation),
    Route("PATCH", _AUTOMATION, automations.update_automation),
    Route("DELETE", _AUTOMATION, automations.delete_automation),
    Route("GET", f"{_PROJECT}/testsets", test_sets.list_test_sets),
    Route("POST", f"{_PROJECT}/testsets", test_sets.create_test_set),
    Route("GET", _SET, test_sets.get_test_set),
    Route("PUT", _SET, test_sets.replace_test_set),
    Route("PATCH", _SET, test_sets.update_test_set),
    Route("DELETE", _SET, test_sets.delete_test_set),
    Route("GET", f"{_SET}/items", test_sets.list_set_items),
    Route("POST", f"{_SET}/items", test_sets.add_set_items),
    Route("PUT", f"{_SET}/items", test_sets.replace_set_items),
    Route("POST", _SET_ITEM, test_sets.insert_set_item),
    Route("DELETE", _SET_ITEM, test_sets.delete_set_item),
    Route("GET", f"{_PROJECT}/testruns", history.list_test_runs),
    Route("POST", f"{_PROJECT}/testruns", queueing.create_test_run),
    Route("GET", _RUN, history.get_test_run),
    Route("DELETE", _RUN, history.delete_test_run),
    Route("GET", f"{_RUN}/items", history.list_test_run_items),
    Route("GET", _RUN_ITEM, history.get_test_run_item),
    Route("PATCH", _RUN_ITEM, history.update_test_run_item),
    Route("POST", f"{_RUN}/restart", queueing.restart_test_run),
)


OWN_DOORS = (
    Route(
        "GET",
        f"/standin/runs/{{run_id:{_ID}}}/items/{{sequence_number:{_ID}}}/{{kind:log|report}}",
        files.read_upload,
    ),
    Route("GET", "/standin/scenario", doors.show_rehearsal),
    Route("PUT", "/standin/scenario", doors.begin_rehearsal),
    Route("DELETE", "/standin/scenario", doors.end_rehearsal),
    Route("GET", "/standin/export", export_all),
    Route("POST", "/standin/import", import_all),
    Route("POST", "/standin/reset", reset_all),
)
"""The stand-in's own, below no mount: the vendor's server has nothing like them."""


def add_routes(app: web.Application) -> None:
    """Make *app* answer all of them, below both mounts."""
    for mount in _MOUNTS:
        for route in (*OPERATIONS.values(), *SIDE_DOORS):
            app.router.add_route(route.method, mount + route.path, route.handler)
    for route in OWN_DOORS:
        app.router.add_route(route.method, route.path, route.handler)
    add_interface(app)
    add_pages(app)
