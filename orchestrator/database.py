"""The SQLite file in the state directory: one process, one transaction at a time, on disk."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.resources import files
from pathlib import Path

from orchestrator.errors import StateError

_STEPS = ("schema.sql", "schema_2.sql")
"""What made each version of the schema of the one before; none is changed once it was released."""
SCHEMA_VERSION = len(_STEPS)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Hold one transaction around the block; nothing of it stays when it raises.

    A full disk shows at the commit too, and some errors end the transaction by themselves.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def open_database(state_dir: Path, *, alone: bool = True) -> Iterator[sqlite3.Connection]:
    """Open the database in *state_dir*; *alone* keeps every other labfleet from running on it.

    Raises StateError when another labfleet holds it, or when it cannot be read.
    """
    _make(state_dir)
    with _lock(state_dir) if alone else nullcontext():
        db = _connect(state_dir / "journal.db")
        try:
            yield db
        finally:
            db.close()


@contextmanager
def _lock(state_dir: Path) -> Iterator[None]:
    """Hold the state directory: two processes on one journal would run things twice.

    The lock is on the directory itself: a file in it could be removed, and made anew.
    """
    try:
        folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StateError(f"state_dir {state_dir} cannot be used: {error.strerror}") from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(f"another labfleet is using {state_dir}; stop it first") from error
        except OSError as error:
            raise StateError(f"{state_dir} cannot be locked: {error.strerror}") from error
        yield
    finally:
        os.close(folder)


def _make(state_dir: Path) -> None:
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StateError(f"state_dir {state_dir} cannot be made: {error.strerror}") from error


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.touch(mode=0o600)
        # It holds tokens; the files that SQLite puts beside it take its mode.
        path.chmod(0o600)
        # Transactions are ours to begin; calls come from a worker thread, one at a time.
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} cannot be opened: {error}") from error
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        _migrate(db, path)
    except sqlite3.DatabaseError as error:
        db.close()
        raise StateError(
            f"{path} cannot be read ({error}); keep it aside and start with a new one"
        ) from error
    except StateError:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StateError(f"{path} was written by a newer labfleet (schema {version})")
    for number, step in enumerate(_STEPS[version:], version + 1):
        schema = files("orchestrator").joinpath(step).read_text("utf-8")
        db.executescript(f"BEGIN;{schema}PRAGMA user_version = {number};COMMIT;")
