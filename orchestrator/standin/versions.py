"""The form of the database over time: made new, brought up to date, or refused."""

import sqlite3
from pathlib import Path

VERSION = 2
_HERE = Path(__file__).parent


class DataError(Exception):
    """A data folder that cannot be used; the message says which and why."""


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Make the tables in an empty database, or bring those of a former stand-in up to date.

    Foreign keys must be off. Raises DataError for a database of a newer stand-in, sqlite3.Error
    for one that is none; either way nothing has changed.
    """
    if _version(db) == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # Asked again inside: another process may be at the same folder.
        for script in _scripts(_version(db)):
            _run(db, script.read_text(encoding="utf-8"))
        db.execute(f"PRAGMA user_version = {VERSION:d}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    """Return the version, 0 for an empty database. The first stand-in did not write its own."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'runs'").fetchone():
        return 1
    return version


def _scripts(before: int) -> list[Path]:
    if before > VERSION:
        raise DataError(
            f"the data was written by a newer stand-in (version {before} of its form, this one"
            f" knows {VERSION}): use that one, or another folder"
        )
    if before == 0:
        return [_HERE / "schema.sql"]
    return [_HERE / "upgrades" / f"{number}.sql" for number in range(before + 1, VERSION + 1)]


def _run(db: sqlite3.Connection, script: str) -> None:
    """Run statements one by one: executescript would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
