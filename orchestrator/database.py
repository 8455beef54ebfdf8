"""The SQLite file in the state directory: one process, one transaction at a time, on disk."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import structlog

from orchestrator import damaged
from orchestrator.errors import StateError

log = structlog.get_logger()

_TOLD = 1000
"""How many items in doubt have a line of their own."""
_MEANS = (
    "what the server still lists is taken as new, and run again once nothing of its first tool is"
    " alive; verdicts that were not delivered are lost with it"
)
_REGISTER = "hosts whose tokens are lost have to be registered again: `labfleet register`"
_STEPS = ("schema.sql", "schema_2.sql")
"""What made each version of the schema of the one before; none is changed once it was released."""
SCHEMA_VERSION = len(_STEPS)


_START = "it is left as it is: start labfleet, which keeps it aside and begins a new one"


class DamagedError(StateError):
    """The file itself is no good; the next `labfleet run` keeps it aside."""


class HeldError(StateError):
    """Another labfleet runs on this state directory."""


def journal_in(state_dir: Path) -> Path:
    """Return where the journal of *state_dir* is."""
    return state_dir / "journal.db"


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
def open_database(
    state_dir: Path, *, alone: bool = True, replace: bool = True
) -> Iterator[sqlite3.Connection]:
    """Open the database in *state_dir*; *alone* keeps every other labfleet from running on it.

    A damaged file is kept aside and a new one begun by who is alone and has come to *replace* it:
    for everybody who reads the log must see it told.
    Raises StateError when another labfleet holds it, when a newer one has written it, when it
    cannot be read now, or when it is damaged and is not ours to put aside.
    """
    _make(state_dir)
    with _lock(state_dir) if alone else nullcontext():
        db = _sound(journal_in(state_dir)) if alone and replace else _examined(state_dir)
        try:
            yield db
        finally:
            db.close()


@contextmanager
def _lock(state_dir: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the state directory: two processes on one journal would run things twice.

    The lock is on the directory itself: a file in it could be removed, and made anew.
    """
    try:
        folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StateError(f"state_dir {state_dir} cannot be used: {error.strerror}") from error
    try:
        try:
            fcntl.flock(folder, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HeldError(f"another labfleet is using {state_dir}; stop it first") from error
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


def _sound(path: Path) -> sqlite3.Connection:
    """Open the file, or a new one in the place of a file that is damaged."""
    aside = damaged.unfinished(path)
    try:
        if aside is None:
            return _opened(path)
        said = f"{path} was damaged, and labfleet ended before a new one had its place"
    except DamagedError as error:
        said = str(error)
    try:
        aside = aside or damaged.keep_aside(path)
        _replace(path, aside, said)
    except OSError as error:
        raise StateError(f"{said}, and it cannot be kept aside: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StateError(f"{said}, and no new one can be made: {error}") from error
    return _connect(path)


def _replace(path: Path, aside: Path, said: str) -> None:
    """Tell of the damaged journal, and put a new one in its place once all is told.

    Whoever is killed in here leaves it to the next start, which begins anew with the telling.
    """
    log.error("journal.damaged", error=said, kept_as=damaged.kept(aside))
    found = damaged.in_doubt(aside)
    for one in found[:_TOLD]:
        log.error("run.in_doubt", **asdict(one))
    with closing(_connect(damaged.place_to_begin(aside))) as db:
        saved = damaged.save_identities(aside, db)
        lost = damaged.lost_tokens(aside, db)
        # Back to a lone file, that can be renamed: this raises where it cannot be.
        db.execute("PRAGMA journal_mode = DELETE")
    means = f"{_MEANS}; {_REGISTER}" if lost else _MEANS
    facts = {"host_rows_saved": saved, "tokens_lost_of": lost[:_TOLD]}
    log.error("journal.begun", runs_in_doubt=len(found), **facts, means=means)
    damaged.put_in_place(aside, path)


def _opened(path: Path) -> sqlite3.Connection:
    if said := damaged.lost(path):
        raise DamagedError(said)
    return _connect(path, look_through=True)


def _examined(state_dir: Path) -> sqlite3.Connection:
    examine(state_dir)
    return _connect(journal_in(state_dir))


def examine(state_dir: Path) -> None:
    """Look through the journal in *state_dir* and change nothing; fine if there is none yet.

    Raises DamagedError for one that the next start keeps aside, and StateError for one that it
    would refuse, or that cannot be read now.
    """
    path = journal_in(state_dir)
    try:
        if said := damaged.found(path):
            raise DamagedError(f"{said}; {_START}")
        if path.exists() and path.stat().st_size > 0:
            with damaged.read_only(path) as db:
                _refuse_newer(db, path)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} cannot be read now: {error}") from error


def is_held(state_dir: Path) -> bool:
    """Whether a labfleet runs on *state_dir* now; raises StateError where nobody knows."""
    if not state_dir.exists():
        return False
    try:
        with _lock(state_dir, fcntl.LOCK_SH):
            return False
    except HeldError:
        return True


def _connect(path: Path, *, look_through: bool = False) -> sqlite3.Connection:
    try:
        path.touch(mode=0o600)
        # It holds tokens; the files that SQLite puts beside it take its mode.
        path.chmod(0o600)
        # Transactions are ours to begin; calls come from a worker thread, one at a time.
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} cannot be opened: {error}") from error
    try:
        _refuse_newer(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        _migrate(db)
        if look_through and (said := damaged.damage_of(db)):
            raise DamagedError(f"{path} is damaged: {said}")
    except sqlite3.Error as error:
        db.close()
        if damaged.is_damage(error):
            raise DamagedError(f"{path} is damaged: {error}") from error
        raise StateError(
            f"{path} cannot be used now ({error}): is its disk full, or not writable?"
        ) from error
    except StateError:
        db.close()
        raise
    return db


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    version = _version(db)
    if version > SCHEMA_VERSION:
        raise StateError(
            f"{path} was written by a newer labfleet (schema {version}, this one knows"
            f" {SCHEMA_VERSION}), and is left as it is; start that version, or give this one"
            " another state_dir"
        )


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _migrate(db: sqlite3.Connection) -> None:
    version = _version(db)
    for number, step in enumerate(_STEPS[version:], version + 1):
        schema = files("orchestrator").joinpath(step).read_text("utf-8")
        db.executescript(f"BEGIN;{schema}PRAGMA user_version = {number};COMMIT;")
