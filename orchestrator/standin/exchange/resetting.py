"""Reset: away with what was tested, or with everything."""

from contextlib import closing
from pathlib import Path

from orchestrator.standin.store import Store, open_store
from orchestrator.standin.uploads import drop_files

from .form import KEPT_BY_RESET, TABLES


def reset_data(data_dir: Path, *, everything: bool = False) -> None:
    """Remove hosts, tests, test sets and runs, and their files.

    Who may sign in, and projects with their configurations and releases, stay unless *everything*.
    Ids are not given again: agents remember runs. Raises OSError or DataError.
    """
    with closing(open_store(data_dir)) as store:
        with store.transaction():
            files = stored_names(store)
            empty_tables(store, kept=() if everything else KEPT_BY_RESET)
        drop_files(store, files)


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
