"""Automations of a test and what is attached to them, as the data-access API has them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import library
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.library import NewAutomation
from orchestrator.standin.run_documents import automation_document
from orchestrator.standin.store import STORE
from orchestrator.standin.uploads import receive_file

from .in_path import require_project_test

_TEXT_LIMIT, _LINK_LIMIT = 255, 2000


async def list_automations(request: web.Request) -> web.Response:
    """`GET tests/{T}/automations`: at most one for each agent."""
    test = require_project_test(request)
    page = read_page(request, filters=True)
    rows = library.automations_of(request.app[STORE], test["id"])
    part = rows[page.offset : page.offset + page.limit]
    shown = [_document(row) for row in part]
    return answer(request, envelope(page, shown, total=len(rows), acl=7))


async def get_automation(request: web.Request) -> web.Response:
    """`GET tests/{T}/automations/{Agent}`: the automation for one agent."""
    return _answer(request, require_project_test(request)["id"], request.match_info["agent"])


async def create_automation(request: web.Request) -> web.Response:
    """`POST tests/{T}/automations/{Agent}`, or without it in the path and Agent in the body."""
    test_id = require_project_test(request)["id"]
    fields = await read_fields(request)
    agent = request.match_info.get("agent") or fields.required_text("agent")
    new = _read(fields, NewAutomation(agent=agent))
    library.add_automation(request.app[STORE], test_id, new)
    return _answer(request, test_id, agent)


async def replace_automation(request: web.Request) -> web.Response:
    """`PUT tests/{T}/automations/{Agent}`: what is not sent becomes what it is in a new one."""
    test_id, row, fields = await _asked_to_change(request)
    changed = _read(fields, NewAutomation(agent=row["agent"]))
    library.change_automation(request.app[STORE], test_id, row["agent"], changed)
    return _answer(request, test_id, row["agent"])


async def update_automation(request: web.Request) -> web.Response:
    """`PATCH tests/{T}/automations/{Agent}`: only what is sent changes."""
    test_id, row, fields = await _asked_to_change(request)
    changed = _read(fields, NewAutomation.from_row(row))
    library.change_automation(request.app[STORE], test_id, row["agent"], changed)
    return _answer(request, test_id, row["agent"])


async def delete_automation(request: web.Request) -> web.Response:
    """`DELETE tests/{T}/automations/{Agent}`: with its script."""
    test_id = require_project_test(request)["id"]
    library.remove_automation(request.app[STORE], test_id, request.match_info["agent"])
    return answer(request, {})


async def attach_script(request: web.Request) -> web.Response:
    """`POST` or `PUT tests/{T}/automations/{Agent}/attachment`: a zip, or Link; it replaces."""
    test_id = require_project_test(request)["id"]
    store = request.app[STORE]
    agent = request.match_info["agent"]
    library.require_automation(store, test_id, agent)
    if request.content_type == "multipart/form-data":
        async with receive_file(request, field=None) as upload:
            library.attach_file(store, test_id, agent, upload)
    else:
        fields = await read_fields(request)
        link = fields.required_text("link", limit=_LINK_LIMIT)
        library.attach_link(store, test_id, agent, link, fields.text("comment"))
    return _answer(request, test_id, agent)


async def _asked_to_change(request: web.Request) -> tuple[int, sqlite3.Row, Fields]:
    """Return the test's id, its automation in the path, and what was sent."""
    test_id = require_project_test(request)["id"]
    agent = request.match_info["agent"]
    library.require_automation(request.app[STORE], test_id, agent)
    fields = await read_fields(request)
    return test_id, library.require_automation(request.app[STORE], test_id, agent), fields


def _read(fields: Fields, kept: NewAutomation) -> NewAutomation:
    """Take what is in *fields*, the rest, and the agent, from *kept*."""
    title = fields.text("title", limit=_TEXT_LIMIT)
    entry_point = fields.text("entry_point", limit=_TEXT_LIMIT)
    timeout_s, run_mode = fields.number("timeout"), fields.number("run_mode")
    return NewAutomation(
        agent=kept.agent,
        title=kept.title if title is None else title,
        entry_point=kept.entry_point if entry_point is None else entry_point,
        timeout_s=kept.timeout_s if timeout_s is None else timeout_s,
        run_mode=kept.run_mode if run_mode is None else run_mode,
        params=fields.dictionary("params") if fields.has("params") else kept.params,
    )


def _answer(request: web.Request, test_id: int, agent: str) -> web.Response:
    row = library.require_automation(request.app[STORE], test_id, agent)
    return answer(request, _document(row))


def _document(row: sqlite3.Row) -> dict[str, object]:
    extra = ("file_name", "link", "comment")
    return {**automation_document(row), **{name: row[name] for name in extra}}
