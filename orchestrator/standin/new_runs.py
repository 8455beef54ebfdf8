"""How a run comes to be: what was ordered, frozen into rows that wait for their host."""

import sqlite3
from dataclasses import dataclass

from .dates import now
from .states import Status
from .store import Store


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item to be: which test, and whether its failure stops the set."""

    sequence_number: int
    test_id: int
    stop_on_fail: bool

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "PlannedItem":
        """Read an item of a test set, or of an earlier run."""
        return cls(row["sequence_number"], row["test_id"], bool(row["stop_on_fail"]))


@dataclass(frozen=True, slots=True)
class Named:
    """A test set, a configuration or a release, as it is called when the run is made."""

    id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run to be; a *test_set* with the id 0 is a single test."""

    project_id: int
    host_id: int
    user_id: int
    test_set: Named
    configuration: Named
    release: Named
    is_sequential: bool
    items: list[PlannedItem]


def make_run(store: Store, planned: PlannedRun) -> int:
    """Make the run with all its items and steps, each Awaiting Run; return its id."""
    with store.transaction():
        run_id = _insert_run(store, planned)
        for item in planned.items:
            _insert_item(store, run_id, item)
    return run_id


def _insert_run(store: Store, planned: PlannedRun) -> int:
    return store.write(
        "INSERT INTO runs (project_id, host_id, run_by_user_id, test_set_id, test_set_name,"
        " test_config_id, configuration_name, release_id, release_name, is_sequential,"
        " status, is_pending, date_created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        planned.project_id,
        planned.host_id,
        planned.user_id,
        planned.test_set.id,
        planned.test_set.name,
        planned.configuration.id,
        planned.configuration.name,
        planned.release.id,
        planned.release.name,
        int(planned.is_sequential),
        Status.AWAITING,
        now(),
    )


def _insert_item(store: Store, run_id: int, item: PlannedItem) -> None:
    """Insert the item, and a step result for each step that its test has in the library now."""
    item_id = store.write(
        "INSERT INTO run_items (run_id, sequence_number, stop_on_fail, test_id, test_name, status)"
        " SELECT ?, ?, ?, id, title, ? FROM tests WHERE id = ?",
        run_id,
        item.sequence_number,
        int(item.stop_on_fail),
        Status.AWAITING,
        item.test_id,
    )
    store.write(
        "INSERT INTO run_steps (item_id, position, status, step, expected_result)"
        " SELECT ?, position, ?, step, expected_result FROM test_steps WHERE test_id = ?",
        item_id,
        Status.AWAITING,
        item.test_id,
    )
