"""Side door: runs as users see them in Run History, and their removal."""

import json
import sqlite3

from aiohttp import web

from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.errors import Refusal
from orchestrator.standin.run_documents import Document, run_header, steps_of, times
from orchestrator.standin.store import STORE, Store
from orchestrator.standin.uploads import drop_files

from .library import require_project

_RUNS = (
    "SELECT r.*, h.host_name, u.email FROM runs r"
    " JOIN hosts h ON h.id = r.host_id JOIN users u ON u.id = r.run_by_user_id"
)
_COUNTED = {
    "Passed": "nbr_passed",
    "Failed": "nbr_failed",
    "Blocked": "nbr_blocked",
    "Skipped": "nbr_skipped",
    "Awaiting Run": "nbr_awaiting_run",
}


async def list_test_runs(request: web.Request) -> web.Response:
    """`GET testruns`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request)
    store = request.app[STORE]
    total = store.number("SELECT count(*) FROM runs WHERE project_id = ?", project["id"])
    runs = store.rows(
        _RUNS + " WHERE r.project_id = ? ORDER BY r.id LIMIT ? OFFSET ?",
        project["id"],
        page.limit,
        page.offset,
    )
    return answer(request, envelope(page, _documents(store, runs), total=total, acl=7))


async def get_test_run(request: web.Request) -> web.Response:
    """`GET testruns/{Id}`: one run with its counters."""
    _, project = require_project(request)
    run = require_run(request, project)
    return answer(request, run_in_history(request.app[STORE], run["id"]))


async def list_test_run_items(request: web.Request) -> web.Response:
    """`GET testruns/{Id}/items`: statuses, steps, and where uploads can be read."""
    _, project = require_project(request)
    run = require_run(request, project)
    page = read_page(request)
    store = request.app[STORE]
    items = store.rows(
        "SELECT * FROM run_items WHERE run_id = ? ORDER BY sequence_number", run["id"]
    )
    part = items[page.offset : page.offset + page.limit]
    return answer(request, envelope(page, _items(store, part), total=len(items), acl=7))


async def delete_test_run(request: web.Request) -> web.Response:
    """`DELETE testruns/{Id}`: gone, whatever an agent does with it just then."""
    _, project = require_project(request)
    run = require_run(request, project)
    store = request.app[STORE]
    files = store.rows(
        "SELECT u.stored_name FROM uploads u JOIN run_items i ON i.id = u.item_id"
        " WHERE i.run_id = ?",
        run["id"],
    )
    store.write("DELETE FROM runs WHERE id = ?", run["id"])
    drop_files(store, [row["stored_name"] for row in files])
    return answer(request, {})


def require_run(request: web.Request, project: sqlite3.Row) -> sqlite3.Row:
    """Return the run in the path. Raises Refusal 404 if the project has no such run."""
    run_id = int(request.match_info["run_id"])
    run = request.app[STORE].row(
        "SELECT * FROM runs WHERE id = ? AND project_id = ?", run_id, project["id"]
    )
    if run is None:
        raise Refusal(404, f"Run with id {run_id} not found")
    return run


def run_in_history(store: Store, run_id: int) -> Document:
    """Show one run as `GET testruns/{Id}` shows it."""
    return _documents(store, store.rows(_RUNS + " WHERE r.id = ?", run_id))[0]


def upload_links(store: Store, item_ids: list[int]) -> dict[tuple[int, str], str]:
    """Say where the uploads of items can be read, by item id and kind."""
    rows = store.rows(
        "SELECT u.item_id, u.kind, i.run_id, i.sequence_number FROM uploads u"
        " JOIN run_items i ON i.id = u.item_id"
        " WHERE u.item_id IN (SELECT value FROM json_each(?))",
        json.dumps(item_ids),
    )
    return {
        (row["item_id"], row["kind"]): (
            f"/standin/runs/{row['run_id']}/items/{row['sequence_number']}/{row['kind']}"
        )
        for row in rows
    }


def _documents(store: Store, runs: list[sqlite3.Row]) -> list[Document]:
    counts = _counts(store, [run["id"] for run in runs])
    return [
        {
            **run_header(run),
            "execution_type": "Automated",
            "run_by_user_id": run["run_by_user_id"],
            "run_by_user_name": run["email"],
            "run_by_host_id": run["host_id"],
            "run_by_host_name": run["host_name"],
            "date_created": UtcDate(run["date_created"]),
            **times(run),
            **counts[run["id"]],
        }
        for run in runs
    ]


def _counts(store: Store, run_ids: list[int]) -> dict[int, dict[str, int]]:
    counts = {run_id: dict.fromkeys(("nbr_tests", *_COUNTED.values()), 0) for run_id in run_ids}
    rows = store.rows(
        "SELECT run_id, status, count(*) AS items FROM run_items"
        " WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id, status",
        json.dumps(run_ids),
    )
    for row in rows:
        counted = counts[row["run_id"]]
        counted["nbr_tests"] += row["items"]
        if row["status"] in _COUNTED:  # NA is in none of the counters
            counted[_COUNTED[row["status"]]] += row["items"]
    return counts


def _items(store: Store, items: list[sqlite3.Row]) -> list[Document]:
    steps = steps_of(store, items)
    links = upload_links(store, [item["id"] for item in items])
    return [
        {
            "id": item["id"],
            "test_run_id": item["run_id"],
            "sequence_number": item["sequence_number"],
            "stop_on_fail": bool(item["stop_on_fail"]),
            "test_id": item["test_id"],
            "test_name": item["test_name"],
            "automated": True,
            "status": item["status"],
            **times(item),
            "log": links.get((item["id"], "log")),
            "report": links.get((item["id"], "report")),
            "test_run_results": steps[item["id"]],
        }
        for item in items
    ]
