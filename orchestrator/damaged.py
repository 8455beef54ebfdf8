"""A journal that cannot be read any more: kept aside, with what can still be told of it.

It keeps its place until the new one is whole, with the identities in it: whatever ends labfleet
on the way, the next start finds the damage again, or the mark that the change of places was begun,
and tells the same.

Nothing but identities goes over into the new journal. A claim of which one page is lost could be
taken for one that is done with, and would then never be run; one that is forgotten is listed by
the server still, and is run again once nothing of its first tool is alive.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPANIONS = ("", "-wal", "-shm")
_NEXT, _PART = ".next", ".part"
_PRIMARY_CODE = 0xFF
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
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
    return _primary_code(error) in _DAMAGE


def has_no_room(error: BaseException | None) -> bool:
    """Whether SQLite found no room; in some places it then says that it cannot write."""
    return isinstance(error, sqlite3.Error) and _primary_code(error) in _NO_ROOM


def _primary_code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & _PRIMARY_CODE


def damage_of(db: sqlite3.Connection) -> str:
    """Look through the whole file and say what is wrong with it, or nothing."""
    # Not the quick one, which takes as long and lets an index pass that does not fit its table.
    [said] = db.execute("PRAGMA integrity_check(1)").fetchone()
    # The first line may name the database, which is always the same.
    lines = [line for line in str(said).splitlines() if not line.startswith("***")]
    return "" if said == "ok" else "; ".join(lines)


def found(path: Path) -> str:
    """Look through the file, leave it as it is, and say what is damaged; or nothing.

    Raises OSError or sqlite3.Error where it cannot be read now.
    """
    if unfinished(path):
        return f"{path} is damaged, and not all of a new one is there"
    if not _filled(path):
        return lost(path)
    try:
        with read_only(path) as db:
            said = damage_of(db)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        said = str(error)
    return f"{path} is damaged: {said}" if said else ""


def lost(path: Path) -> str:
    """Say it where the file holds nothing although there is more that goes with it."""
    log, attempts = Path(f"{path}-wal"), path.parent / "attempts"
    if _filled(path):
        return ""
    how = "empty" if path.exists() else "gone"
    if _filled(log):
        return f"{path} is {how}, while the log of its last writes is there still"
    if attempts.is_dir() and any(attempts.iterdir()):
        return f"{path} is {how}, while folders of its runs are there still, in {attempts}"
    return ""


def _filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def read_only(path: Path) -> closing[sqlite3.Connection]:
    """Open the file to look at it; what stands in the log of writes is seen too.

    Not for a file that is empty: SQLite would remove the log that goes with it.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    return closing(sqlite3.connect(address, uri=True))


def keep_aside(path: Path) -> Path:
    """Give the file, and what SQLite keeps beside it, a second name, and return that.

    One that an earlier start has given is used again.
    """
    aside = _earlier_name(path) or _free_name(path)
    for end in _COMPANIONS:
        here, there = Path(f"{path}{end}"), Path(f"{aside}{end}")
        if here.exists() and not (there.exists() and there.samefile(here)):
            there.unlink(missing_ok=True)
            there.hardlink_to(here)
    return aside


def kept(aside: Path) -> str:
    """Name the files that are kept as *aside*; there are none of a journal that was removed."""
    there = [name for end in _COMPANIONS if (name := f"{aside}{end}") and Path(name).exists()]
    return ", ".join(there) or "nothing, for there was nothing left of it"


def _earlier_name(path: Path) -> Path | None:
    names = path.parent.glob(f"{path.name}.damaged-*") if path.exists() else ()
    return next((name for name in names if name.samefile(path)), None)


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside, number = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while any(Path(f"{aside}{end}").exists() for end in (*_COMPANIONS, _NEXT)):
        aside, number = path.with_name(f"{path.name}.damaged-{stamp}-{number}"), number + 1
    return aside


def unfinished(path: Path) -> Path | None:
    """Return where a damaged journal is kept whose place was to be given to a new one."""
    for mark in sorted(path.parent.glob(f"{path.name}.damaged-*{_NEXT}")):
        aside = mark.with_name(mark.name.removesuffix(_NEXT))
        # Else somebody has put a journal there meanwhile.
        if not path.exists() or (aside.exists() and aside.samefile(path)):
            return aside
    return None


def place_to_begin(aside: Path) -> Path:
    """Return where the successor of *aside* is to be made; what was begun there is removed."""
    part = Path(f"{aside}{_PART}")
    for end in _COMPANIONS:
        Path(f"{part}{end}").unlink(missing_ok=True)
    return part


def put_in_place(aside: Path, path: Path) -> None:
    """Let the whole successor of *aside* take the place of *path*.

    Its name is the mark of what was begun here. Nothing is written to the old log by then, and
    yet it must go before the new file comes: SQLite would take it for the new one's.
    """
    mark = Path(f"{aside}{_PART}").rename(f"{aside}{_NEXT}")
    _sync(path.parent)
    for end in _COMPANIONS:
        Path(f"{path}{end}").unlink(missing_ok=True)
    mark.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def in_doubt(aside: Path) -> list[InDoubt]:
    """Return what can be read of the items that were not done with."""
    found: dict[tuple[str, int, int], InDoubt] = {}
    for order in ("ASC", "DESC"):
        for row in readable(aside, _OPEN_RUNS.format(order)):
            # Of a page that is lost there may be a row without values.
            if tuple(map(type, row)) == _KINDS:
                one = InDoubt(*row)
                found[one.server, one.run, one.item] = one
    return sorted(found.values())


def save_identities(aside: Path, db: sqlite3.Connection) -> int:
    """Take over what is known of hosts, as far as it can be read; return how many rows those are.

    Those are the tokens that registration brought, and which hosts are paused. Raises
    sqlite3.Error where there is no room for them.
    """
    saved = 0
    for table in ("credentials", "hosts"):
        for row in readable(aside, f"SELECT * FROM {table}"):  # noqa: S608 - of the line above
            marks = ", ".join("?" * len(row))
            try:
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608
                saved += 1
            except sqlite3.Error as error:
                if has_no_room(error):
                    raise
    return saved


def lost_tokens(aside: Path, db: sqlite3.Connection) -> list[str]:
    """Return the hosts whose tokens *aside* had and *db* has not, as far as their names are left.

    The names stand in the index too, so a page that took the token need not have taken the name.
    """
    named = readable(aside, "SELECT server, host FROM credentials")
    saved = set(db.execute("SELECT server, host FROM credentials"))
    return sorted({host for server, host in named if (server, host) not in saved})


def readable(aside: Path, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield rows up to the first that cannot be read; the file stays as it is."""
    if not _filled(aside):
        return
    with suppress(sqlite3.Error), read_only(aside) as db:
        # Else a file that was cut short is not read at all. Source: SQLite, lockBtree().
        db.execute("PRAGMA writable_schema = ON")
        yield from db.execute(sql, parameters)
