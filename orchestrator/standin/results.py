"""Results of tests: kept, and what follows from them for the rest of the run."""

import sqlite3
from dataclasses import dataclass

from .dates import UtcDate
from .states import Item, Status, blocked_by_failure, derive_run_status
from .store import Store


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step."""

    status: Status
    step: str | None
    expected_result: str | None
    actual_result: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one test; *steps* None: none were sent, those that are there stay."""

    status: Status
    started: UtcDate
    finished: UtcDate
    run_time_s: int
    steps: list[Step] | None


def keep_result(store: Store, item: sqlite3.Row, result: Result) -> None:
    """Write down the result of an item and what follows from it; called inside a transaction."""
    _write(store, item, result)
    _settle(store, item, result.status)


def _write(store: Store, item: sqlite3.Row, result: Result) -> None:
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
    _derive_run(store, item["run_id"])


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


def _derive_run(store: Store, run_id: int) -> None:
    """Write down the run's state as it follows from its items."""
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
