"""Runs as users see them in Run History: counted, paged, with where their uploads can be read."""

import json
import sqlite3
from typing import NamedTuple

from .dates import UtcDate
from .errors import Refusal
from .run_documents import Document, run_header, steps_of, times
from .store import Part, Store, Value
from .uploads import drop_files

_RUNS = (
    "SELECT r.*, h.host_name, u.email FROM runs r"
    " JOIN hosts h ON h.id = r.host_id JOIN users u ON u.id = r.run_by_user_id"
    " WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id"
)
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


class RunsWanted(NamedTuple):
    """Which runs: those of a project; of one host and in one status only, unless None."""

    project_id: int
    host_id: int | None = None
    status: str | None = None


def count_runs(store: Store, wanted: RunsWanted) -> int:
    """Return how many there are; from counters, as counting rows takes longer with each run."""
    where, values = _conditions(wanted)
    sql = f"SELECT coalesce(sum(runs), 0) FROM run_counts WHERE {where}"  # noqa: S608 - our own words
    return store.number(sql, *values)


def find_runs(
    store: Store, wanted: RunsWanted, offset: int, limit: int, *, newest_first: bool = True
) -> list[int]:
    """Return the ids of one page. What the offset skips is skipped in an index, unread."""
    where, values = _conditions(wanted)
    order = "DESC" if newest_first else "ASC"
    rows = store.rows(
        f"SELECT id FROM runs WHERE {where} ORDER BY id {order} LIMIT ? OFFSET ?",  # noqa: S608 - our own words
        *values,
        limit,
        offset,
    )
    return [row["id"] for row in rows]


def runs_of_project(
    store: Store, project_id: int, offset: int, limit: int, *, newest_first: bool = True
) -> Part:
    """List the runs of a project, with `host_name` and the `email` of who ordered them."""
    wanted = RunsWanted(project_id)
    ids = find_runs(store, wanted, offset, limit, newest_first=newest_first)
    found = store.rows(_RUNS, json.dumps(ids))
    return Part(found[::-1] if newest_first else found, count_runs(store, wanted))


def _conditions(wanted: RunsWanted) -> tuple[str, list[Value]]:
    given = {name: value for name, value in wanted._asdict().items() if value is not None}
    return " AND ".join(f"{name} = ?" for name in given), list(given.values())


def run_in_history(store: Store, run_id: int) -> Document:
    """Show one run with its counters; it must be there."""
    return runs_in_history(store, store.rows(_RUNS, json.dumps([run_id])))[0]


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
