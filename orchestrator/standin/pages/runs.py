"""The history of a project's runs, and one run with its items and steps."""

import json
import sqlite3

from aiohttp import web

from orchestrator.standin.errors import Refusal
from orchestrator.standin.history import RunsWanted, count_runs, find_runs
from orchestrator.standin.run_documents import steps_of
from orchestrator.standin.states import Status
from orchestrator.standin.store import Store

from .paging import PAGE_SIZE, read_paging
from .visit import Visit

# Skipped and NA are states of items only.
_RUN_STATUSES = [status for status in Status if status not in (Status.SKIPPED, Status.NA)]

_RUNS = (
    "SELECT r.*, h.host_name,"
    " (SELECT count(*) FROM run_items i WHERE i.run_id = r.id) AS items,"
    " (SELECT i.test_name FROM run_items i WHERE i.run_id = r.id"
    "  ORDER BY i.sequence_number LIMIT 1) AS first_test"
    " FROM runs r JOIN hosts h ON h.id = r.host_id"
)


async def show_history(visit: Visit) -> web.Response:
    """`GET runs?host=&status=&page=`: newest first."""
    query = visit.request.query
    wanted = _wanted(visit, query.get("host", ""), query.get("status", ""))
    paging = read_paging(visit.request, count_runs(visit.store, wanted))
    runs = visit.store.rows(
        f"{_RUNS} WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id DESC",  # noqa: S608  only our own words
        json.dumps(find_runs(visit.store, wanted, paging.offset, PAGE_SIZE)),
    )
    return visit.show(
        "runs.html",
        runs=runs,
        paging=paging,
        hosts=_hosts_with_runs(visit),
        statuses=_RUN_STATUSES,
        wanted={"host": query.get("host", ""), "status": query.get("status", "")},
    )


async def show_run(visit: Visit) -> web.Response:
    """`GET runs/{RunId}`."""
    run = require_run(visit)
    items = visit.store.rows(
        "SELECT * FROM run_items WHERE run_id = ? ORDER BY sequence_number", run["id"]
    )
    return visit.show(
        "run.html",
        run=run,
        items=items,
        steps=steps_of(visit.store, items),
        there=_tests_there(visit.store, run["id"]),
        files=_files_of(visit.store, run["id"]),
    )


def newest_on_host(visit: Visit, host_id: int, limit: int) -> list[sqlite3.Row]:
    """Return the newest runs of a host, of whatever project of this person's."""
    where = "r.host_id = ? AND r.project_id IN (SELECT value FROM json_each(?))"
    return visit.store.rows(
        f"{_RUNS} WHERE {where} ORDER BY r.id DESC LIMIT ?",
        host_id,
        json.dumps([project["id"] for project in visit.projects]),
        limit,
    )


def require_run(visit: Visit) -> sqlite3.Row:
    """Return the run of the address, with its host's name and who ordered it, or refuse: 404."""
    run = visit.store.row(
        "SELECT r.*, h.host_name, u.email FROM runs r JOIN hosts h ON h.id = r.host_id"
        " LEFT JOIN users u ON u.id = r.run_by_user_id WHERE r.id = ? AND r.project_id = ?",
        visit.id("run_id"),
        visit.here["id"],
    )
    if run is None:
        raise Refusal(404, f"Run with id {visit.id('run_id')} not found")
    return run


def _wanted(visit: Visit, host: str, status: str) -> RunsWanted:
    """Say which runs to list; what is no filter filters nothing."""
    is_id = host.isascii() and host.isdigit() and len(host) <= 18
    return RunsWanted(
        visit.here["id"],
        int(host) if is_id else None,
        status if status in _RUN_STATUSES else None,
    )


def _hosts_with_runs(visit: Visit) -> list[sqlite3.Row]:
    return visit.store.rows(
        "SELECT id, host_name FROM hosts h WHERE dept_id = ? AND EXISTS"
        " (SELECT 1 FROM runs r WHERE r.host_id = h.id AND r.project_id = ?) ORDER BY name_key",
        visit.here["dept_id"],
        visit.here["id"],
    )


def _tests_there(store: Store, run_id: int) -> set[int]:
    """Return the tests of a run that were not removed since."""
    rows = store.rows(
        "SELECT t.id FROM tests t JOIN run_items i ON i.test_id = t.id WHERE i.run_id = ?", run_id
    )
    return {row["id"] for row in rows}


def _files_of(store: Store, run_id: int) -> dict[tuple[int, str], str]:
    """Return the names of logs and reports by their item's id and their kind."""
    rows = store.rows(
        "SELECT u.* FROM uploads u JOIN run_items i ON i.id = u.item_id WHERE i.run_id = ?", run_id
    )
    return {(row["item_id"], row["kind"]): row["file_name"] for row in rows}
