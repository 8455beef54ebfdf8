"""The stand-in's memory: one SQLite file and one folder of files.

SQLite is called straight from the event loop: one process, one connection, short statements on
indexed columns. A transaction never awaits, so no other request can step into it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from .errors import Handler, Refusal
from .versions import DataError, bring_up_to_date

_RETRY_AFTER_S = 2

Value = str | int | None


class Part(NamedTuple):
    """Some rows of a list, and how long the whole list is."""

    rows: list[sqlite3.Row]
    total: int


class Store:
    """An open database and the folder that holds uploaded files."""

    def __init__(self, db: sqlite3.Connection, files: Path) -> None:
        self._db = db
        self.files = files
        self._is_replaced = False

    def rows(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Return every row that *sql* finds."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Value) -> sqlite3.Row | None:
        """Return the first row that *sql* finds, or None if it finds nothing."""
        found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return found

    def each(self, sql: str, *values: Value) -> Iterator[sqlite3.Row]:
        """Yield every row that *sql* finds, one at a time."""
        rows: Iterator[sqlite3.Row] = self._db.execute(sql, values)
        yield from rows

    def number(self, sql: str, *values: Value) -> int:
        """Return the integer that *sql*, such as a count, answers."""
        return int(self._db.execute(sql, values).fetchone()[0])

    def write(self, sql: str, *values: Value) -> int:
        """Change something; answer the id of the new row, if *sql* made one.

        Raises Refusal 503 while all data are replaced: waiting would hold up every other call.
        """
        self.refuse_while_replaced()
        return self._db.execute(sql, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written inside, or nothing of it. Raises Refusal 503 as write does."""
        self.refuse_while_replaced()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as it was at one moment, whoever writes meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    @contextmanager
    def replaced(self) -> Iterator[None]:
        """Say that another connection replaces all data, an import or a reset."""
        self.refuse_while_replaced()
        self._is_replaced = True
        try:
            yield
        finally:
            self._is_replaced = False

    def refuse_while_replaced(self) -> None:
        """Raise Refusal 503 with `Retry-After` while all data are replaced."""
        if self._is_replaced:
            headers = {"Retry-After": str(_RETRY_AFTER_S)}
            raise Refusal(503, "All data are being replaced: try again soon", headers=headers)

    def close(self) -> None:
        """Let go of the database file."""
        self._db.close()


STORE = web.AppKey("standin.store", Store)


@web.middleware
async def refuse_while_replaced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer no call while an import or a reset is on: what it found would be gone at once."""
    request.app[STORE].refuse_while_replaced()
    return await handler(request)


def open_store(data_dir: Path) -> Store:
    """Open, and where needed make, the database `standin.db` and the folder `files` in *data_dir*.

    Raises OSError if *data_dir* cannot be used, DataError if what lies in it cannot.
    """
    files = data_dir / "files"
    # Tokens lie here as they are: nobody else on this machine may read them.
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.mkdir(mode=0o700, exist_ok=True)
    files.chmod(0o700)
    (data_dir / "standin.db").touch(mode=0o600)
    (data_dir / "standin.db").chmod(0o600)
    try:
        db = sqlite3.connect(data_dir / "standin.db", isolation_level=None, timeout=10)
    except sqlite3.Error as error:
        raise DataError(f"{data_dir}: {error}") from error
    db.row_factory = sqlite3.Row
    try:
        # A killed process loses nothing in this mode; only a power cut could.
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        bring_up_to_date(db)
        db.execute("PRAGMA foreign_keys = ON")
    except (sqlite3.Error, DataError) as error:
        db.close()
        raise DataError(f"{data_dir}: {error}") from error
    except BaseException:
        db.close()
        raise
    return Store(db, files)
