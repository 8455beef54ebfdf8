"""Pending runs and item results: operations 6 and 7."""

import sqlite3

from aiohttp import web

from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import require_host
from orchestrator.standin.dates import UtcDate, read_date, seconds_between
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.results import Result, Step, keep_result
from orchestrator.standin.run_documents import item_documents, run_documents
from orchestrator.standin.states import Status, read_status
from orchestrator.standin.store import STORE


async def current_runs(request: web.Request) -> web.Response:
    """`GET .../currentruns`: runs with an item that still waits, in ascending order of id."""
    host = require_host(request)
    page = read_page(request)
    store = request.app[STORE]
    total = store.number(
        "SELECT count(*) FROM runs WHERE host_id = ? AND is_pending = 1", host["id"]
    )
    runs = store.rows(
        "SELECT * FROM runs WHERE host_id = ? AND is_pending = 1 ORDER BY id LIMIT ? OFFSET ?",
        host["id"],
        page.limit,
        page.offset,
    )
    return answer(request, envelope(page, run_documents(store, runs), total=total, acl=7))


async def update_item(request: web.Request) -> web.Response:
    """`PATCH .../items/{SequenceNumber}`: the result of one test; sent again, it replaces."""
    host = require_host(request)
    store = request.app[STORE]
    require_item(request, host)
    result = _read_result(await read_fields(request))
    with store.transaction():
        # Looked up again: the run may have been deleted while the body was on its way.
        item = require_item(request, host)
        keep_result(store, item, result)
    return answer(request, item_documents(store, [require_item(request, host)])[0])


def require_item(request: web.Request, host: sqlite3.Row) -> sqlite3.Row:
    """Return the item in the path. Raises Refusal 404 if this host has no such run or item.

    Another host's run is "not found" too: its existence is no business of this host.
    """
    store = request.app[STORE]
    run_id = int(request.match_info["run_id"])
    sequence_number = int(request.match_info["sequence_number"])
    if store.row("SELECT 1 FROM runs WHERE id = ? AND host_id = ?", run_id, host["id"]) is None:
        raise Refusal(404, f"Run with id {run_id} not found")
    item = store.row(
        "SELECT * FROM run_items WHERE run_id = ? AND sequence_number = ?", run_id, sequence_number
    )
    if item is None:
        raise Refusal(404, f"Item {sequence_number} of run {run_id} not found")
    return item


def _read_result(fields: Fields) -> Result:
    status = _status(fields)
    started, finished = _date(fields, "date_started"), _date(fields, "date_finished")
    if finished < started:
        raise Refusal(400, "date_finished is before date_started")
    run_time_s = fields.number("run_time")
    steps = fields.objects("test_run_results")
    return Result(
        status,
        started,
        finished,
        seconds_between(started, finished) if run_time_s is None else run_time_s,
        None if steps is None else [_read_step(step) for step in steps],
    )


def _read_step(fields: Fields) -> Step:
    return Step(
        _status(fields),
        fields.text("step"),
        fields.text("expected_result"),
        fields.text("actual_result"),
    )


def _status(fields: Fields) -> Status:
    try:
        return read_status(fields.required_text("status"))
    except ValueError as error:
        raise Refusal(400, str(error)) from error


def _date(fields: Fields, name: str) -> UtcDate:
    try:
        return read_date(fields.required_text(name))
    except ValueError as error:
        raise Refusal(400, f"{name}: {error}") from error
