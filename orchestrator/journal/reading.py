"""The journal of a labfleet that need not be there, looked at and left as it is."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.damaged import read_only, readable
from orchestrator.database import journal_in
from orchestrator.errors import StateError
from orchestrator.journal.overview import recent


def look_up(
    state_dir: Path, server: str, limit: int, *, dead: bool = False
) -> list[dict[str, object]]:
    """Return what `Journal.recent` does, without a lock, a repair or a new file.

    What stands in the log of writes is seen too. Raises StateError where there is no journal, or
    where it cannot be read.
    """
    path = journal_in(state_dir)
    if not path.is_file():
        raise StateError(f"there is no journal in {state_dir}")
    try:
        with read_only(path) as db:
            return recent(db, server, limit, dead=dead)
    except sqlite3.Error as error:
        raise StateError(f"{path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Known:
    """What a journal knows that a start will meet, as far as it can be read."""

    there: bool = False
    credentials: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """By host: id and token that registration brought."""
    paused: frozenset[str] = frozenset()
    dead: int = 0
    """Deliveries that the server refused for good."""


def known(state_dir: Path, server: str) -> Known:
    """Look at what is kept for *server*; a damaged journal tells what it can."""
    path = journal_in(state_dir)
    tokens = "SELECT host, host_id, token FROM credentials WHERE server = ?"
    paused = "SELECT host FROM hosts WHERE server = ? AND paused"
    dead = (
        "SELECT outbox.id FROM outbox JOIN assignments a ON a.id = assignment_id"
        " WHERE outbox.state = 'dead' AND server = ?"
    )
    return Known(
        path.is_file(),
        {host: (host_id, token) for host, host_id, token in readable(path, tokens, [server])},
        frozenset(host for (host,) in readable(path, paused, [server])),
        sum(1 for _ in readable(path, dead, [server])),
    )
