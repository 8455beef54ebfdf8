"""The journal of a labfleet that need not be there, looked at and left as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

from orchestrator.errors import StateError
from orchestrator.journal.overview import recent


def look_up(
    state_dir: Path, server: str, limit: int, *, dead: bool = False
) -> list[dict[str, object]]:
    """Return what `Journal.recent` does, without a lock, a repair or a new file.

    What stands in the log of writes is seen too. Raises StateError where there is no journal, or
    where it cannot be read.
    """
    path = (state_dir / "journal.db").absolute()
    if not path.is_file():
        raise StateError(f"there is no journal in {state_dir}")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            return recent(db, server, limit, dead=dead)
    except sqlite3.Error as error:
        raise StateError(f"{path} cannot be read: {error}") from error
