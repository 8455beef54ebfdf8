"""Test sets: which tests run one after the other, and whose failure ends the set."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from .errors import Refusal
from .library import require_test
from .store import Part, Store


class SetItem(NamedTuple):
    """A test in a set; its place in the list is its sequence number, from 1.

    One that is not *is_active* is left out of runs, which then have a gap in their numbers.
    """

    test_id: int
    stop_on_fail: bool = False
    is_active: bool = True

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "SetItem":
        """Read an item as it is now."""
        return cls(row["test_id"], bool(row["stop_on_fail"]), bool(row["is_active"]))


def require_set(store: Store, project_id: int, set_id: int, *, status: int = 404) -> sqlite3.Row:
    """Return a set of that project. Raises Refusal *status* if there is none."""
    found = store.row("SELECT * FROM test_sets WHERE id = ? AND project_id = ?", set_id, project_id)
    if found is None:
        raise Refusal(status, f"Test set with id {set_id} not found")
    return found


def sets_of(store: Store, project_id: int, offset: int, limit: int) -> Part:
    """List test sets in ascending order of id."""
    rows = store.rows(
        "SELECT * FROM test_sets WHERE project_id = ? ORDER BY id LIMIT ? OFFSET ?",
        project_id,
        limit,
        offset,
    )
    total = store.number("SELECT count(*) FROM test_sets WHERE project_id = ?", project_id)
    return Part(rows, total)


def items_of_set(store: Store, set_id: int) -> list[sqlite3.Row]:
    """Return the items of a set in order, each with the `title` of its test."""
    return store.rows(
        "SELECT i.*, t.title FROM test_set_items i JOIN tests t ON t.id = i.test_id"
        " WHERE i.test_set_id = ? ORDER BY i.sequence_number",
        set_id,
    )


def add_set(
    store: Store, project_id: int, name: str, sequential: bool, items: Sequence[SetItem] = ()
) -> int:
    """Add a set and return its id. Raises Refusal 400 if a test is not one of the project's."""
    _require_tests(store, project_id, items)
    with store.transaction():
        set_id = store.write(
            "INSERT INTO test_sets (project_id, name, is_sequential) VALUES (?, ?, ?)",
            project_id,
            name,
            int(sequential),
        )
        _insert_items(store, set_id, items)
    return set_id


def change_set(
    store: Store,
    set_id: int,
    name: str,
    sequential: bool,
    items: Sequence[SetItem] | None = None,
) -> None:
    """Rename and reorder a set; *items*, unless None, replace those it has. Runs stay as they are.

    Raises Refusal 400 if a test is not one of the project's, 404 if there is no such set.
    """
    row = store.row("SELECT project_id FROM test_sets WHERE id = ?", set_id)
    if row is None:
        raise Refusal(404, f"Test set with id {set_id} not found")
    _require_tests(store, row["project_id"], items or ())
    with store.transaction():
        store.write(
            "UPDATE test_sets SET name = ?, is_sequential = ? WHERE id = ?",
            name,
            int(sequential),
            set_id,
        )
        if items is not None:
            store.write("DELETE FROM test_set_items WHERE test_set_id = ?", set_id)
            _insert_items(store, set_id, items)


def remove_set(store: Store, set_id: int) -> None:
    """Remove a set; its tests and its runs stay."""
    with store.transaction():
        store.write("DELETE FROM test_set_items WHERE test_set_id = ?", set_id)
        store.write("DELETE FROM test_sets WHERE id = ?", set_id)


def _require_tests(store: Store, project_id: int, items: Sequence[SetItem]) -> None:
    for item in items:
        require_test(store, project_id, item.test_id, status=400)


def _insert_items(store: Store, set_id: int, items: Sequence[SetItem]) -> None:
    for number, item in enumerate(items, start=1):
        store.write(
            "INSERT INTO test_set_items (test_set_id, sequence_number, test_id, stop_on_fail,"
            " is_active) VALUES (?, ?, ?, ?, ?)",
            set_id,
            number,
            item.test_id,
            int(item.stop_on_fail),
            int(item.is_active),
        )
