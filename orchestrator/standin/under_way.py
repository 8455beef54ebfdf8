"""Which items a server with states of its own calls In Progress: those it told an agent of.

Its table is made where a switch needs it and is no part of the data's form: exports leave it out,
and an item that is deleted, by a reset or an import in whatever process, takes its row along.
"""

from collections.abc import Iterable

from .quirks import Quirks
from .store import Store

_SWITCHES = ("in-progress", "read-in-progress")
_TABLE = """
    CREATE TABLE IF NOT EXISTS under_way (
      item_id INTEGER PRIMARY KEY REFERENCES run_items (id) ON DELETE CASCADE
    ) STRICT
"""


def note_under_way(store: Store, quirks: Quirks, switch: str, items: Iterable[int]) -> None:
    """Note the ids of *items* where *switch* is on."""
    if switch not in quirks.names:
        return
    known = under_way(store, quirks)
    for item_id in items:
        if item_id not in known:
            store.write("INSERT OR IGNORE INTO under_way VALUES (?)", item_id)


def under_way(store: Store, quirks: Quirks) -> frozenset[int]:
    """Return the ids of all items noted; none where no switch needs them."""
    if quirks.names.isdisjoint(_SWITCHES):
        return frozenset()
    store.write(_TABLE)
    return frozenset(row["item_id"] for row in store.rows("SELECT item_id FROM under_way"))
