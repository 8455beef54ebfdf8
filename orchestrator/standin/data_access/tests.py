"""Tests of the library, as the data-access API has them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import library
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.store import STORE, Store

from .in_path import require_project, require_project_test

_TITLE_LIMIT = 255


async def list_tests(request: web.Request) -> web.Response:
    """`GET tests`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request, filters=True)
    found = library.tests_of(request.app[STORE], project["id"], page.offset, page.limit)
    tests = [_document(row) for row in found.rows]
    return answer(request, envelope(page, tests, total=found.total, acl=7))


async def create_test(request: web.Request) -> web.Response:
    """`POST tests`: Title, and TestSteps of Step and ExpectedResult; Steps is taken too."""
    _, project = require_project(request)
    fields = await read_fields(request)
    title = fields.required_text("title", limit=_TITLE_LIMIT)
    store = request.app[STORE]
    test_id = library.add_test(store, project["id"], title, _read_steps(fields) or ())
    return answer(request, _with_steps(store, project["id"], test_id))


async def get_test(request: web.Request) -> web.Response:
    """`GET tests/{Id}`: one test with its steps."""
    test = require_project_test(request)
    return answer(request, _with_steps(request.app[STORE], test["project_id"], test["id"]))


async def replace_test(request: web.Request) -> web.Response:
    """`PUT tests/{Id}`: what is not sent becomes what it is in a new test."""
    test = require_project_test(request)
    fields = await read_fields(request)
    title = fields.required_text("title", limit=_TITLE_LIMIT)
    return _change(request, test, title, _read_steps(fields) or ())


async def update_test(request: web.Request) -> web.Response:
    """`PATCH tests/{Id}`: only what is sent changes."""
    test = require_project_test(request)
    fields = await read_fields(request)
    title = test["title"]
    if fields.has("title"):
        title = fields.required_text("title", limit=_TITLE_LIMIT)
    return _change(request, test, title, _read_steps(fields))


async def delete_test(request: web.Request) -> web.Response:
    """`DELETE tests/{Id}`: with its automations, and out of its sets; runs stay."""
    test = require_project_test(request)
    library.remove_test(request.app[STORE], test["id"])
    return answer(request, {})


def _change(
    request: web.Request, test: sqlite3.Row, title: str, steps: library.Steps | None
) -> web.Response:
    store = request.app[STORE]
    library.change_test(store, test["id"], title, steps)
    return answer(request, _with_steps(store, test["project_id"], test["id"]))


def _read_steps(fields: Fields) -> library.Steps | None:
    """Read steps by either name, in the order of their Seq where they have one."""
    given = fields.objects("test_steps")
    if given is None:
        given = fields.objects("steps")
    if given is None:
        return None
    placed = [(step.number("seq") or place, step) for place, step in enumerate(given, start=1)]
    placed.sort(key=lambda pair: pair[0])
    return [(step.text("step"), step.text("expected_result")) for _, step in placed]


def _document(row: sqlite3.Row) -> dict[str, object]:
    return {**dict(row), "date_created": UtcDate(row["date_created"])}


def _with_steps(store: Store, project_id: int, test_id: int) -> dict[str, object]:
    steps = [
        {
            "seq": row["position"],
            "step": row["step"],
            "expected_result": row["expected_result"],
        }
        for row in library.steps_in_library(store, test_id)
    ]
    test = library.require_test(store, project_id, test_id)
    return {**_document(test), "test_steps": steps}
