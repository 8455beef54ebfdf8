"""Pending runs and item results: operations 6 and 7."""

import sqlite3
from dataclasses import dataclass

from aiohttp import web

from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import require_host
from orchestrator.standin.dates import UtcDate, read_date, seconds_between
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.run_documents import item_documents, run_documents
from orchestrator.standin.states import (
    Item,
    Status,
    blocked_by_failure,
    derive_run_status,
    read_status,
)
from orchestrator.standin.store import STORE, Store


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
        _keep_result(store, item, result)
        _settle(store, item, result.status)
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


@dataclass(frozen=True, slots=True)
class _Step:
    status: Status
    step: str | None
    expected_result: str | None
    actual_result: str | None


@dataclass(frozen=True, slots=True)
class _Result:
    """*steps* None: none were sent, those that are there stay."""

    status: Status
    started: UtcDate
    finished: UtcDate
    run_time_s: int
    steps: list[_Step] | None


def _read_result(fields: Fields) -> _Result:
    status = _status(fields)
    started, finished = _date(fields, "date_started"), _date(fields, "date_finished")
    if finished < started:
        raise Refusal(400, "date_finished is before date_started")
    run_time_s = fields.number("run_time")
    steps = fields.objects("test_run_results")
    return _Result(
        status,
        started,
        finished,
        seconds_between(started, finished) if run_time_s is None else run_time_s,
        None if steps is None else [_read_step(step) for step in steps],
    )


def _read_step(fields: Fields) -> _Step:
    return _Step(
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


def _keep_result(store: Store, item: sqlite3.Row, result: _Result) -> None:
    store.write(
        "UPDATE run_items SET status = ?, date_started = ?, date_finished = ?, run_time = ?"
        " WHERE id = ?",
        result.status,
        result.started,
        result.finished,
        result.run_time_s,
        item["id"],
    )
    if result.steps is None:
        return
    store.write("DELETE FROM run_steps WHERE item_id = ?", item["id"])
    for position, step in enumerate(result.steps, start=1):
        store.write(
            "INSERT INTO run_steps VALUES (?, ?, ?, ?, ?, ?)",
            item["id"],
            position,
            step.status,
            step.step,
            step.expected_result,
            step.actual_result,
        )


def _settle(store: Store, item: sqlite3.Row, status: Status) -> None:
    """Block what a failure blocks, then derive the run's own state from its items."""
    run = store.row("SELECT * FROM runs WHERE id = ?", item["run_id"])
    # Only Failed stops a set, and only sets have something left to stop.
    if run is not None and run["test_set_id"] and item["stop_on_fail"] and status is Status.FAILED:
        _block_the_rest(store, run, item["sequence_number"])
    derive_run(store, item["run_id"])


def _block_the_rest(store: Store, run: sqlite3.Row, failed: int) -> None:
    rows = store.rows(
        "SELECT sequence_number, status FROM run_items WHERE run_id = ? ORDER BY sequence_number",
        run["id"],
    )
    items = [Item(row["sequence_number"], row["status"]) for row in rows]
    for number in blocked_by_failure(items, failed, sequential=bool(run["is_sequential"])):
        store.write(
            "UPDATE run_items SET status = ? WHERE run_id = ? AND sequence_number = ?",
            Status.BLOCKED,
            run["id"],
            number,
        )


def derive_run(store: Store, run_id: int) -> None:
    """Write down the run's state as it follows from its items; called inside a transaction."""
    items = store.rows("SELECT * FROM run_items WHERE run_id = ?", run_id)
    statuses = [item["status"] for item in items]
    pending = Status.AWAITING in statuses
    starts = [item["date_started"] for item in items if item["date_started"]]
    ends = [item["date_finished"] for item in items if item["date_finished"]]
    spent = [item["run_time"] for item in items if item["run_time"] is not None]
    store.write(
        "UPDATE runs SET status = ?, is_pending = ?, date_started = ?, date_finished = ?,"
        " run_time = ? WHERE id = ?",
        derive_run_status(statuses),
        int(pending),
        min(starts, default=None),
        None if pending else max(ends, default=None),
        sum(spent) if spent else None,
        run_id,
    )
