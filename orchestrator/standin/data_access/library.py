"""Tests and their automations, as the data-access API has them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import library
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.run_documents import automation_document
from orchestrator.standin.store import STORE
from orchestrator.standin.uploads import receive_file

from .in_path import require_project, test_in_path


async def create_test(request: web.Request) -> web.Response:
    """`POST tests`: Title, and Steps of Step and ExpectedResult."""
    _, project = require_project(request)
    fields = await read_fields(request)
    title = fields.required_text("title", limit=255)
    steps = [
        (step.text("step"), step.text("expected_result")) for step in fields.objects("steps") or []
    ]
    store = request.app[STORE]
    test_id = library.add_test(store, project["id"], title, steps)
    return answer(request, _test_document(library.require_test(store, project["id"], test_id)))


async def list_tests(request: web.Request) -> web.Response:
    """`GET tests`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request)
    found = library.tests_of(request.app[STORE], project["id"], page.offset, page.limit)
    tests = [_test_document(row) for row in found.rows]
    return answer(request, envelope(page, tests, total=found.total, acl=7))


async def create_automation(request: web.Request) -> web.Response:
    """`POST tests/{T}/automations`: one for each agent."""
    test = test_in_path(request)
    new = _read_automation(await read_fields(request))
    store = request.app[STORE]
    library.add_automation(store, test["id"], new)
    return _answer_automation(request, test["id"], new.agent)


async def list_automations(request: web.Request) -> web.Response:
    """`GET tests/{T}/automations`: at most one for each agent."""
    test = test_in_path(request)
    page = read_page(request)
    rows = library.automations_of(request.app[STORE], test["id"])
    part = rows[page.offset : page.offset + page.limit]
    shown = [_automation_document(row) for row in part]
    return answer(request, envelope(page, shown, total=len(rows), acl=7))


async def attach_script(request: web.Request) -> web.Response:
    """`POST` or `PUT tests/{T}/automations/{Agent}/attachment`: a zip, or Link; it replaces."""
    test_id = test_in_path(request)["id"]
    store = request.app[STORE]
    agent = request.match_info["agent"]
    library.require_automation(store, test_id, agent)
    if request.content_type == "multipart/form-data":
        async with receive_file(request, field=None) as upload:
            library.attach_file(store, test_id, agent, upload)
    else:
        fields = await read_fields(request)
        link = fields.required_text("link", limit=2000)
        library.attach_link(store, test_id, agent, link, fields.text("comment"))
    return _answer_automation(request, test_id, agent)


def _read_automation(fields: Fields) -> library.NewAutomation:
    run_mode = fields.number("run_mode")
    return library.NewAutomation(
        agent=fields.required_text("agent"),
        title=fields.text("title", limit=255),
        entry_point=fields.text("entry_point", limit=255),
        timeout_s=fields.number("timeout"),
        run_mode=1 if run_mode is None else run_mode,
        params=fields.dictionary("params"),
    )


def _answer_automation(request: web.Request, test_id: int, agent: str) -> web.Response:
    row = library.require_automation(request.app[STORE], test_id, agent)
    return answer(request, _automation_document(row))


def _test_document(row: sqlite3.Row) -> dict[str, object]:
    return {**dict(row), "date_created": UtcDate(row["date_created"])}


def _automation_document(row: sqlite3.Row) -> dict[str, object]:
    extra = ("file_name", "link", "comment")
    return {**automation_document(row), **{name: row[name] for name in extra}}
