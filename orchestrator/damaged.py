"""A journal that cannot be read any more: kept aside, with what can still be told of it.

Nothing but identities goes over into the new journal. A claim of which one page is lost could be
taken for one that is done with, and would then never be run; one that is forgotten is listed by
the server still, and is run again once nothing of its first tool is alive.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPANIONS = ("", "-wal", "-shm")
_PRIMARY_CODE = 0xFF
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# From both ends: a page that is lost then hides nothing but itself.
_OPEN_RUNS = (
    "SELECT server, run_id, item, host, state, verdict FROM assignments NOT INDEXED"
    " WHERE state IN ('claimed', 'started', 'finished') ORDER BY id {}"
)

_KINDS = (str, int, int, str, str, str)


@dataclass(frozen=True, slots=True, order=True)
class InDoubt:
    """One item that the lost journal held and was not done with, as it was last written there."""

    server: str
    run: int
    item: int
    host: str
    state: str
    verdict: str
    """What it had ended with, if it had; it may never have been delivered."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether *error* says that the file itself is no good, not only its disk for now."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return code & _PRIMARY_CODE in _DAMAGE


def damage_of(db: sqlite3.Connection) -> str:
    """Look through the whole file and say what is wrong with it, or nothing."""
    [said] = db.execute("PRAGMA quick_check(1)").fetchone()
    return "" if said == "ok" else str(said)


def was_emptied(path: Path) -> bool:
    """Whether the file holds nothing although there is more that goes with it."""
    if path.exists() and path.stat().st_size > 0:
        return False
    wal, attempts = Path(f"{path}-wal"), path.parent / "attempts"
    return (wal.exists() and wal.stat().st_size > 0) or (
        attempts.is_dir() and any(attempts.iterdir())
    )


def keep_aside(path: Path) -> Path:
    """Give the file, and what SQLite keeps beside it, a new name, and return that."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside, number = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while any(Path(f"{aside}{end}").exists() for end in _COMPANIONS):
        aside, number = path.with_name(f"{path.name}.damaged-{stamp}-{number}"), number + 1
    for end in _COMPANIONS:
        with suppress(FileNotFoundError):
            Path(f"{path}{end}").rename(f"{aside}{end}")
    return aside


def in_doubt(aside: Path) -> list[InDoubt]:
    """Return what can be read of the items that were not done with."""
    found: dict[tuple[str, int, int], InDoubt] = {}
    for order in ("ASC", "DESC"):
        for row in _readable(aside, _OPEN_RUNS.format(order)):
            # Of a page that is lost there may be a row without values.
            if tuple(map(type, row)) == _KINDS:
                one = InDoubt(*row)
                found[one.server, one.run, one.item] = one
    return sorted(found.values())


def save_identities(aside: Path, db: sqlite3.Connection) -> int:
    """Take over what is known of hosts, as far as it can be read; return how many rows those are.

    Those are the tokens that registration brought, and which hosts are paused.
    """
    saved = 0
    for table in ("credentials", "hosts"):
        for row in _readable(aside, f"SELECT * FROM {table}"):  # noqa: S608 - of the line above
            with suppress(sqlite3.Error):
                marks = ", ".join("?" * len(row))
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608
                saved += 1
    return saved


def _readable(aside: Path, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows up to the first that cannot be read; the file stays as it is."""
    if not aside.exists() or aside.stat().st_size == 0:
        return  # SQLite would remove the log that goes with it
    with suppress(sqlite3.Error):
        address = f"{aside.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as db:
            # Else a file that was cut short is not read at all. Source: SQLite, lockBtree().
            db.execute("PRAGMA writable_schema = ON")
            yield from db.execute(sql)
