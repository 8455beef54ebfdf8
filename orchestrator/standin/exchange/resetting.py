"""Reset: away with what was tested, or with everything."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from orchestrator.standin.store import Store, open_store
from orchestrator.standin.uploads import drop_files

from .form import KEPT_BY_RESET, TABLES

_TOLD = ("hosts", "tests", "test_sets", "runs")
_TOLD_OF_EVERYTHING = ("departments", "users", "projects")


def reset_data(data_dir: Path, *, everything: bool = False) -> dict[str, int]:
    """Remove hosts, tests, test sets and runs, and their files.

    Who may sign in, and projects with their configurations and releases, stay unless *everything*.
    Ids are not given again: agents remember runs. Returns how many were removed, by what they are.
    Raises OSError or DataError.
    """
    with closing(open_store(data_dir)) as store:
        with store.transaction():
            files = stored_names(store)
            told = (*_TOLD, *_TOLD_OF_EVERYTHING) if everything else _TOLD
            removed = _counted(store, told)
            empty_tables(store, kept=() if everything else KEPT_BY_RESET)
        drop_files(store, files)
    return {**removed, "files": len(files)}


def empty_tables(store: Store, *, kept: tuple[str, ...] = ()) -> None:
    """Delete all rows but those of tables that are *kept*; called inside a transaction."""
    for table in reversed(TABLES):
        if table.name not in kept:
            store.write(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
    store.write("DELETE FROM run_counts")


def stored_names(store: Store) -> set[str]:
    """Return the names of all files that rows name."""
    rows = store.rows(
        "SELECT stored_name FROM automations WHERE stored_name IS NOT NULL"
        " UNION SELECT stored_name FROM uploads"
    )
    return {row["stored_name"] for row in rows}


def _counted(store: Store, tables: Iterable[str]) -> dict[str, int]:
    return {name: store.number(f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608 - our own names
