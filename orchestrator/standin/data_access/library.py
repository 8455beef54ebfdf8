"""Side door: tests and their automations, as the data-access API has them."""

import json
import re
import sqlite3
import uuid

from aiohttp import web

from orchestrator.standin.agents import long_name
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import User, require_user
from orchestrator.standin.dates import UtcDate, now
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.run_documents import automation_document
from orchestrator.standin.store import STORE, Store
from orchestrator.standin.uploads import drop_files, receive_file

# Stored name and file name, or link and comment.
_Attached = tuple[str | None, str | None, str | None, str | None]

_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_PATH_OR_ADDRESS = re.compile(r"https?://.|file:.|\\\\.|[a-z]:[\\/]|/", re.IGNORECASE)


def require_project(request: web.Request) -> tuple[User, sqlite3.Row]:
    """Return who asks, and the project in the path. Raises Refusal 401, 403 or 404."""
    user = require_user(request)
    project_id = int(request.match_info["project_id"])
    project = request.app[STORE].row("SELECT * FROM projects WHERE id = ?", project_id)
    if project is None:
        raise Refusal(404, f"Project with id {project_id} not found")
    if project["dept_id"] not in user.dept_ids:
        raise Refusal(403, f"Project {project_id} is not one of this user's")
    return user, project


async def create_test(request: web.Request) -> web.Response:
    """`POST tests`: Title, and Steps of Step and ExpectedResult."""
    _, project = require_project(request)
    fields = await read_fields(request)
    title = fields.required_text("title", limit=255)
    steps = [
        (step.text("step"), step.text("expected_result")) for step in fields.objects("steps") or []
    ]
    store = request.app[STORE]
    with store.transaction():
        test_id = store.write(
            "INSERT INTO tests (project_id, title, date_created) VALUES (?, ?, ?)",
            project["id"],
            title,
            now(),
        )
        for position, (step, expected) in enumerate(steps, start=1):
            store.write(
                "INSERT INTO test_steps VALUES (?, ?, ?, ?)", test_id, position, step, expected
            )
    return answer(request, _test_document(require_test(store, project["id"], test_id)))


async def list_tests(request: web.Request) -> web.Response:
    """`GET tests`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request)
    store = request.app[STORE]
    total = store.number("SELECT count(*) FROM tests WHERE project_id = ?", project["id"])
    rows = store.rows(
        "SELECT * FROM tests WHERE project_id = ? ORDER BY id LIMIT ? OFFSET ?",
        project["id"],
        page.limit,
        page.offset,
    )
    tests = [_test_document(row) for row in rows]
    return answer(request, envelope(page, tests, total=total, acl=7))


async def create_automation(request: web.Request) -> web.Response:
    """`POST tests/{T}/automations`: one for each agent."""
    test = _test_in_path(request)
    fields = await read_fields(request)
    agent = _agent(fields.required_text("agent"), unknown=400)
    store = request.app[STORE]
    try:
        _insert_automation(store, test["id"], agent, fields)
    except sqlite3.IntegrityError as error:
        raise Refusal(500, f"Test {test['id']} has an automation for {agent} already") from error
    return answer(request, _automation_document(_require_automation(store, test, agent)))


async def list_automations(request: web.Request) -> web.Response:
    """`GET tests/{T}/automations`: at most one for each agent."""
    test = _test_in_path(request)
    page = read_page(request)
    rows = request.app[STORE].rows(
        "SELECT * FROM automations WHERE test_id = ? ORDER BY id", test["id"]
    )
    part = rows[page.offset : page.offset + page.limit]
    shown = [_automation_document(row) for row in part]
    return answer(request, envelope(page, shown, total=len(rows), acl=7))


async def attach_script(request: web.Request) -> web.Response:
    """`POST` or `PUT tests/{T}/automations/{Agent}/attachment`: a zip, or Link; it replaces."""
    test = _test_in_path(request)
    store = request.app[STORE]
    agent = _agent(request.match_info["agent"], unknown=404)
    _require_automation(store, test, agent)
    if request.content_type == "multipart/form-data":
        async with receive_file(request, field=None) as upload:
            stored_name = uuid.uuid4().hex
            upload.path.replace(store.files / stored_name)
        attached: _Attached = (stored_name, upload.file_name, None, None)
    else:
        fields = await read_fields(request)
        attached = (None, None, _read_link(fields), fields.text("comment"))
    _replace_attachment(store, _require_automation(store, test, agent), attached)
    return answer(request, _automation_document(_require_automation(store, test, agent)))


def require_test(store: Store, project_id: int, test_id: int, *, status: int = 404) -> sqlite3.Row:
    """Return a test of that project. Raises Refusal *status* if there is none."""
    test = store.row("SELECT * FROM tests WHERE id = ? AND project_id = ?", test_id, project_id)
    if test is None:
        raise Refusal(status, f"Test with id {test_id} not found")
    return test


def _test_in_path(request: web.Request) -> sqlite3.Row:
    _, project = require_project(request)
    return require_test(request.app[STORE], project["id"], int(request.match_info["test_id"]))


def _require_automation(store: Store, test: sqlite3.Row, agent: str) -> sqlite3.Row:
    row = store.row("SELECT * FROM automations WHERE test_id = ? AND agent = ?", test["id"], agent)
    if row is None:
        raise Refusal(404, f"Test {test['id']} has no automation for {agent}")
    return row


def _agent(name: str, *, unknown: int) -> str:
    try:
        return long_name(name)
    except ValueError as error:
        raise Refusal(unknown, str(error)) from error


def _insert_automation(store: Store, test_id: int, agent: str, fields: Fields) -> None:
    run_mode = fields.number("run_mode")
    store.write(
        "INSERT INTO automations (test_id, agent, title, entry_point, timeout, run_mode, params)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        test_id,
        agent,
        fields.text("title", limit=255),
        fields.text("entry_point", limit=255),
        fields.number("timeout"),
        1 if run_mode is None else run_mode,  # 1 is the only value ever seen in the samples
        json.dumps(fields.dictionary("params")),
    )


def _read_link(fields: Fields) -> str:
    """Read what becomes a header value later: nothing in it may end a line."""
    link = fields.required_text("link", limit=2000).strip()
    if _CONTROL_CHARACTER.search(link) or not _PATH_OR_ADDRESS.match(link):
        raise Refusal(400, "link must be a web address, a UNC path or an absolute path")
    return link


def _replace_attachment(
    store: Store,
    automation: sqlite3.Row,
    attached: _Attached,
) -> None:
    store.write(
        "UPDATE automations SET stored_name = ?, file_name = ?, link = ?, comment = ? WHERE id = ?",
        *attached,
        automation["id"],
    )
    if automation["stored_name"] is not None:
        drop_files(store, [automation["stored_name"]])


def _test_document(row: sqlite3.Row) -> dict[str, object]:
    return {**dict(row), "date_created": UtcDate(row["date_created"])}


def _automation_document(row: sqlite3.Row) -> dict[str, object]:
    extra = ("file_name", "link", "comment")
    return {**automation_document(row), **{name: row[name] for name in extra}}
