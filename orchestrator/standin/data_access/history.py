"""Runs as the data-access API lists, shows, corrects and removes them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import history
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.dates import UtcDate, now
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.results import Result, Step, keep_result
from orchestrator.standin.states import Status, read_status
from orchestrator.standin.store import STORE, Store

from .in_path import id_in_path, require_project, require_project_run


async def list_test_runs(request: web.Request) -> web.Response:
    """`GET testruns`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request)
    store = request.app[STORE]
    found = history.runs_of_project(
        store, project["id"], page.offset, page.limit, newest_first=False
    )
    shown = history.runs_in_history(store, found.rows)
    return answer(request, envelope(page, shown, total=found.total, acl=7))


async def get_test_run(request: web.Request) -> web.Response:
    """`GET testruns/{Id}`: one run with its counters."""
    run = require_project_run(request)
    return answer(request, history.run_in_history(request.app[STORE], run["id"]))


async def list_test_run_items(request: web.Request) -> web.Response:
    """`GET testruns/{Id}/items`: statuses, steps, and where uploads can be read."""
    run = require_project_run(request)
    page = read_page(request)
    store = request.app[STORE]
    items = history.items_of_run(store, run["id"])
    part = items[page.offset : page.offset + page.limit]
    shown = history.items_in_history(store, part)
    return answer(request, envelope(page, shown, total=len(items), acl=7))


async def get_test_run_item(request: web.Request) -> web.Response:
    """`GET testruns/{Id}/items/{ItemId}`: one item, by its id and not its sequence number."""
    item = _item(request, require_project_run(request))
    return answer(request, history.items_in_history(request.app[STORE], [item])[0])


async def update_test_run_item(request: web.Request) -> web.Response:
    """`PATCH testruns/{Id}/items/{ItemId}`: a user's result; StatusCode, RunTime, Steps.

    What follows for the rest of the run is as if an agent had reported it.
    """
    run = require_project_run(request)
    fields = await read_fields(request)
    store = request.app[STORE]
    with store.transaction():
        item = _item(request, run)
        keep_result(store, item, _read_result(store, item, fields))
    return answer(request, history.items_in_history(store, [_item(request, run)])[0])


async def delete_test_run(request: web.Request) -> web.Response:
    """`DELETE testruns/{Id}`: gone, whatever an agent does with it just then."""
    run = require_project_run(request)
    history.remove_run(request.app[STORE], run["id"])
    return answer(request, {})


def _item(request: web.Request, run: sqlite3.Row) -> sqlite3.Row:
    item_id = id_in_path(request, "item_id")
    item = request.app[STORE].row(
        "SELECT * FROM run_items WHERE id = ? AND run_id = ?", item_id, run["id"]
    )
    if item is None:
        raise Refusal(404, f"Item with id {item_id} not found in run {run['id']}")
    return item


def _read_result(store: Store, item: sqlite3.Row, fields: Fields) -> Result:
    """Read a result, which carries no dates: it starts as the item did, and ends now."""
    finished = now()
    run_time_s = fields.number("run_time")
    return Result(
        _status(fields),
        UtcDate(item["date_started"] or finished),
        finished,
        (item["run_time"] or 0) if run_time_s is None else run_time_s,
        _read_steps(store, item, fields),
    )


def _read_steps(store: Store, item: sqlite3.Row, fields: Fields) -> list[Step] | None:
    """Lay the steps sent over those that are there; Seq is the place, from 1."""
    given = fields.objects("steps")
    if given is None:
        return None
    steps = [_kept(row) for row in history.steps_of_item(store, item["id"])]
    for place, step in enumerate(given, start=1):
        index = (step.number("seq") or place) - 1
        if index > len(steps):
            raise Refusal(400, f"seq {index + 1} leaves a gap: there are {len(steps)} steps")
        old = steps[index] if index < len(steps) else None
        steps[index : index + 1] = [_laid_over(old, step)]
    return steps


def _kept(row: sqlite3.Row) -> Step:
    return Step(Status(row["status"]), row["step"], row["expected_result"], row["actual_result"])


def _laid_over(old: Step | None, fields: Fields) -> Step:
    before = old or Step(Status.AWAITING, None, None, None)
    name, expected = fields.text("step_name"), fields.text("expected_result")
    actual = fields.text("actual_result")
    return Step(
        _status(fields),
        before.step if name is None else name,
        before.expected_result if expected is None else expected,
        before.actual_result if actual is None else actual,
    )


def _status(fields: Fields) -> Status:
    try:
        return read_status(fields.required_text("status_code"))
    except ValueError as error:
        raise Refusal(400, str(error)) from error
