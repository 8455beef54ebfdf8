"""Runs as users see them in Run History: counted, paged, with where their uploads can be read."""

import json
import sqlite3

from .dates import UtcDate
from .errors import Refusal
from .run_documents import Document, run_header, steps_of, times
from .store import Part, Store
from .uploads import drop_files

_RUNS = (
    "SELECT r.*, h.host_name, u.email FROM runs r"
    " JOIN hosts h ON h.id = r.host_id JOIN users u ON u.id = r.run_by_user_id"
)
_RUNS_IN_PROJECT = "SELECT coalesce(sum(runs), 0) FROM run_counts WHERE project_id = ?"
_RUNS_ON_HOST = "SELECT coalesce(sum(runs), 0) FROM run_counts WHERE host_id = ?"
_COUNTED = {
    "Passed": "nbr_passed",
    "Failed": "nbr_failed",
    "Blocked": "nbr_blocked",
    "Skipped": "nbr_skipped",
    "Awaiting Run": "nbr_awaiting_run",
}


def require_run(store: Store, project_id: int, run_id: int) -> sqlite3.Row:
    """Return the run. Raises Refusal 404 if the project has no such run."""
    run = store.row("SELECT * FROM runs WHERE id = ? AND project_id = ?", run_id, project_id)
    if run is None:
        raise Refusal(404, f"Run with id {run_id} not found")
    return run


def runs_of_project(
    store: Store, project_id: int, offset: int, limit: int, *, newest_first: bool = True
) -> Part:
    """List the runs of a project, with `host_name` and the `email` of who ordered them."""
    order = "DESC" if newest_first else "ASC"
    rows = store.rows(
        _RUNS + f" WHERE r.project_id = ? ORDER BY r.id {order} LIMIT ? OFFSET ?",
        project_id,
        limit,
        offset,
    )
    return Part(rows, store.number(_RUNS_IN_PROJECT, project_id))


def runs_of_host(store: Store, host_id: int, offset: int, limit: int) -> Part:
    """List the runs of a host, newest first."""
    rows = store.rows(
        _RUNS + " WHERE r.host_id = ? ORDER BY r.id DESC LIMIT ? OFFSET ?", host_id, limit, offset
    )
    return Part(rows, store.number(_RUNS_ON_HOST, host_id))


def run_in_history(store: Store, run_id: int) -> Document:
    """Show one run with its counters; it must be there."""
    return runs_in_history(store, store.rows(_RUNS + " WHERE r.id = ?", run_id))[0]


def runs_in_history(store: Store, runs: list[sqlite3.Row]) -> list[Document]:
    """Show runs as listed by one of the functions above, each with its counters."""
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


def items_of_run(store: Store, run_id: int) -> list[sqlite3.Row]:
    """Return the items of a run in order."""
    return store.rows("SELECT * FROM run_items WHERE run_id = ? ORDER BY sequence_number", run_id)


def steps_of_item(store: Store, item_id: int) -> list[sqlite3.Row]:
    """Return the step results of an item in order."""
    return store.rows("SELECT * FROM run_steps WHERE item_id = ? ORDER BY position", item_id)


def items_in_history(store: Store, items: list[sqlite3.Row]) -> list[Document]:
    """Show items with statuses, steps, and the addresses of uploads."""
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


def remove_run(store: Store, run_id: int) -> None:
    """Remove a run, whatever an agent does with it just then; its uploads go with it."""
    files = store.rows(
        "SELECT u.stored_name FROM uploads u JOIN run_items i ON i.id = u.item_id"
        " WHERE i.run_id = ?",
        run_id,
    )
    store.write("DELETE FROM runs WHERE id = ?", run_id)
    drop_files(store, [row["stored_name"] for row in files])


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
