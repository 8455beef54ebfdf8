"""Pending runs and item results: operations 6 and 7."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import require_host
from orchestrator.standin.dates import UtcDate, read_date, seconds_between
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.quirks import QUIRKS, Quirks
from orchestrator.standin.results import Result, Step, keep_result
from orchestrator.standin.run_documents import item_documents, run_documents
from orchestrator.standin.states import Status, read_status
from orchestrator.standin.store import STORE
from orchestrator.standin.under_way import note_under_way, under_way

from .shapes import GAP, shape_item, shape_run

_MOST_RUN_TIME_S = 10**9

_PENDING = "SELECT * FROM runs WHERE host_id = ? AND is_pending = 1 ORDER BY id"
_OLDEST_FIRST = f"{_PENDING} LIMIT ? OFFSET ?"
_NEWEST_FIRST = f"{_PENDING} DESC LIMIT ? OFFSET ?"


async def current_runs(request: web.Request) -> web.Response:
    """`GET .../currentruns`: runs with an item that still waits, in ascending order of id."""
    host = require_host(request)
    page = read_page(request)
    store, quirks = request.app[STORE], request.app[QUIRKS]
    if not host["is_active"] and quirks.on("inactive-hides-runs"):
        return answer(request, envelope(page, [], total=0, acl=7))
    total = store.number(
        "SELECT count(*) FROM runs WHERE host_id = ? AND is_pending = 1", host["id"]
    )
    wanted = _NEWEST_FIRST if total > 1 and quirks.on("newest-first") else _OLDEST_FIRST
    runs = store.rows(wanted, host["id"], page.limit, page.offset)
    documents = run_documents(store, runs)
    begun = under_way(store, quirks)
    shown = [shape_run(document, quirks, begun) for document in documents]
    note_under_way(store, quirks, "read-in-progress", _ids_of_items(documents))
    listed = envelope(page, shown, total=total, acl=7)
    return answer(request, _without_totals(listed) if quirks.on("no-totals") else listed)


def _without_totals(listed: Mapping[str, object]) -> dict[str, object]:
    return {"results": listed["results"]}


def _ids_of_items(documents: Sequence[Mapping[str, Any]]) -> list[int]:
    return [item["id"] for document in documents for item in document["test_run_items"]]


async def update_item(request: web.Request) -> web.Response:
    """`PATCH .../items/{SequenceNumber}`: the result of one test; sent again, it replaces."""
    host = require_host(request)
    store, quirks = request.app[STORE], request.app[QUIRKS]
    require_item(request, host)
    result = _read_result(await read_fields(request), quirks)
    with store.transaction():
        # Looked up again: the run may have been deleted while the body was on its way.
        item = require_item(request, host)
        _refuse_another(item, quirks)
        keep_result(store, item, result)
    if quirks.on("patch-item-204"):
        return web.Response(status=204)
    if quirks.on("patch-item-empty"):
        return web.Response()
    run = require_run(request, host)
    document = item_documents(store, [require_item(request, host)])[0]
    return answer(request, shape_item(document, quirks, in_set=bool(run["test_set_id"])))


def require_run(request: web.Request, host: sqlite3.Row) -> sqlite3.Row:
    """Return the run in the path. Raises Refusal 404 if this host has no such run.

    Another host's run is "not found" too: its existence is no business of this host.
    """
    run_id = int(request.match_info["run_id"])
    run = request.app[STORE].row("SELECT * FROM runs WHERE id = ?", run_id)
    if run is not None and run["host_id"] == host["id"]:
        return run
    if run is not None and request.app[QUIRKS].on("other-run-403"):
        raise Refusal(403, f"Run {run_id} belongs to another host")
    raise Refusal(404, f"Run with id {run_id} not found")


def require_item(request: web.Request, host: sqlite3.Row) -> sqlite3.Row:
    """Return the item in the path. Raises Refusal 404 if this host has no such run or item."""
    run = require_run(request, host)
    told = number = int(request.match_info["sequence_number"])
    if run["test_set_id"] and request.app[QUIRKS].on("sequence-gaps"):
        number = told // GAP if told % GAP == 0 else 0
    item = request.app[STORE].row(
        "SELECT * FROM run_items WHERE run_id = ? AND sequence_number = ?", run["id"], number
    )
    if item is None:
        raise Refusal(404, f"Item {told} of run {run['id']} not found")
    return item


def _refuse_another(item: sqlite3.Row, quirks: Quirks) -> None:
    """Refuse a result for an item that has one, where servers may do so."""
    if item["date_finished"] is not None and quirks.on("results-once"):
        raise Refusal(400, "The item has a result already")
    cascaded = item["status"] == Status.BLOCKED and item["date_finished"] is None
    if cascaded and quirks.on("blocked-stays"):
        raise Refusal(400, "The item was blocked by a failure before it")


def _read_result(fields: Fields, quirks: Quirks) -> Result:
    status = _status(fields)
    if status is Status.NA and quirks.on("refuses-na"):
        raise Refusal(400, "status must be one of Passed, Failed, Blocked, Skipped")
    started, finished = _date(fields, "date_started"), _date(fields, "date_finished")
    if finished < started:
        raise Refusal(400, "date_finished is before date_started")
    run_time_s = _run_time(fields)
    if run_time_s is None and quirks.on("run-time-required"):
        raise Refusal(400, "run_time is required")
    steps = fields.objects("test_run_results")
    return Result(
        status,
        started,
        finished,
        seconds_between(started, finished) if run_time_s is None else run_time_s,
        None if steps is None else [_read_step(step) for step in steps],
    )


def _run_time(fields: Fields) -> int | None:
    """Read seconds that can be added up for a whole run."""
    run_time_s = fields.number("run_time")
    if run_time_s is not None and run_time_s > _MOST_RUN_TIME_S:
        raise Refusal(400, f"run_time must be at most {_MOST_RUN_TIME_S} seconds")
    return run_time_s


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
