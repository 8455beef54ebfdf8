"""Import: what an export holds takes the place of all that is in a data folder."""

import errno
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from orchestrator.standin.store import Store, open_store
from orchestrator.standin.uploads import drop_files, new_incoming
from orchestrator.standin.versions import VERSION, DataError

from .checking import Row, check_row, is_number
from .form import DOCUMENT, FOLDER, FORMAT, TABLES
from .keeping import Kept
from .resetting import empty_tables, stored_names

_DOCUMENT_LIMIT_BYTES = 500_000_000
_FILES_LIMIT_BYTES = 4_000_000_000
_CHUNK_BYTES = 1 << 20
# What the library raises for archives that are none, are cut off, or were changed.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Imported(NamedTuple):
    """What an export without secrets leaves to be done, as counts.

    *without_password*: users who cannot sign in until they are given a password;
    *with_new_token*: hosts whose agents need the new token.
    """

    runs: int
    without_password: int
    with_new_token: int


class _Content(NamedTuple):
    tables: Mapping[str, list[Row]]
    ids: Mapping[str, int]


def import_data(data_dir: Path, source: Path, *, called: str = "") -> Imported:
    """Put the export *source* in place of all data, or change nothing.

    *called* is how messages name it; without that they do by its file name.

    An export without secrets keeps the passwords and tokens of users and hosts that are there
    already. Ids that were ever given here are not given again to new things.
    Raises OSError if *source* or *data_dir* cannot be used, DataError if *source* is no export,
    or one that cannot be read here.
    """
    called = called or source.name
    with closing(open_store(data_dir)) as store:
        try:
            with zipfile.ZipFile(source) as archive:
                return _replace_all(archive, store, _read(archive, store))
        except sqlite3.Error as error:
            raise DataError(f"{called} does not fit together: {error}") from error
        except _DAMAGED as error:
            raise DataError(f"{called} is not an export, or damaged: {error}") from error
        except OSError as error:
            # What seeking to where a damaged archive points to ends in.
            if error.errno != errno.EINVAL:
                raise
            raise DataError(f"{called} is not an export, or damaged") from error


def _read(archive: zipfile.ZipFile, store: Store) -> _Content:
    entry = _entry(archive, DOCUMENT)
    if entry is None:
        raise DataError(f"it has no {DOCUMENT}: not an export of a stand-in")
    if entry.file_size > _DOCUMENT_LIMIT_BYTES:
        raise DataError(f"{DOCUMENT} has more than {_DOCUMENT_LIMIT_BYTES} bytes")
    try:
        document = json.loads(archive.read(entry))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{DOCUMENT} is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DataError(f"{DOCUMENT} is not that of a stand-in")
    if document.get("version") != VERSION:
        raise DataError(
            f"the export is of version {document.get('version')}, this stand-in reads {VERSION}"
        )
    return _Content(_tables(document, store), _ids(document))


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    """Find an entry; one packed in a way that exports never use is none."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        return None
    return entry if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else None


def _tables(document: dict[str, object], store: Store) -> dict[str, list[Row]]:
    given = document.get("tables")
    if not isinstance(given, dict) or set(given) != {table.name for table in TABLES}:
        raise DataError("the export does not hold the tables that it should")
    checked: dict[str, list[Row]] = {}
    for name, rows in given.items():
        columns = {row["name"] for row in store.rows("SELECT name FROM pragma_table_info(?)", name)}
        if not isinstance(rows, list):
            raise DataError(f"{name} is not a list")
        checked[name] = [check_row(name, row, columns) for row in rows]
    return checked


def _ids(document: dict[str, object]) -> dict[str, int]:
    given = document.get("ids")
    known = {table.name for table in TABLES}
    if not isinstance(given, dict) or not set(given) <= known:
        raise DataError("ids must be those of known tables")
    if not all(is_number(value) for value in given.values()):
        raise DataError("ids must be whole numbers")
    return given


def _replace_all(archive: zipfile.ZipFile, store: Store, content: _Content) -> Imported:
    """Unpack beside, write rows, and move files into place last, when little can go wrong."""
    names = _named(content)
    unpacked: dict[Path, Path] = {}
    try:
        _unpack(archive, store, names, unpacked)
        with store.transaction():
            old = stored_names(store)
            imported = _fill(store, content)
            for incoming, target in unpacked.items():
                incoming.replace(target)
    finally:
        for incoming in unpacked:
            incoming.unlink(missing_ok=True)
    drop_files(store, old - names)
    return imported


def _named(content: _Content) -> set[str]:
    rows = [*content.tables["automations"], *content.tables["uploads"]]
    return {name for row in rows if isinstance(name := row.get("stored_name"), str)}


def _unpack(
    archive: zipfile.ZipFile, store: Store, names: set[str], unpacked: dict[Path, Path]
) -> None:
    """Unpack files under passing names, noted in *unpacked* with where they belong."""
    left_bytes = _FILES_LIMIT_BYTES
    for name in sorted(names):
        incoming = new_incoming(store)
        unpacked[incoming] = store.files / name
        left_bytes -= _unpack_one(archive, name, incoming, left_bytes)


def _unpack_one(archive: zipfile.ZipFile, name: str, incoming: Path, limit_bytes: int) -> int:
    entry = _entry(archive, FOLDER + name)
    if entry is None:
        raise DataError(f"it names the file {name} and does not hold it")
    taken = 0
    with archive.open(entry) as source, incoming.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            taken += len(chunk)
            if taken > limit_bytes:
                raise DataError(f"its files have more than {_FILES_LIMIT_BYTES} bytes")
            file.write(chunk)
    return taken


def _fill(store: Store, content: _Content) -> Imported:
    kept = Kept.read(store)
    users, no_password = kept.with_passwords(content.tables["users"])
    hosts, new_tokens = kept.with_tokens(content.tables["hosts"])
    empty_tables(store)
    for table in TABLES:
        rows = {"users": users, "hosts": hosts}.get(table.name, content.tables[table.name])
        for row in rows:
            _insert(store, table.name, row)
    for name, last in content.ids.items():
        store.write("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", last, name)
        store.write(
            "INSERT INTO sqlite_sequence SELECT ?, ? WHERE NOT EXISTS"
            " (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            name,
            last,
            name,
        )
    return Imported(len(content.tables["runs"]), no_password, new_tokens)


def _insert(store: Store, table: str, row: Row) -> None:
    """Insert a row; its columns were compared with those of the table."""
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names were checked
    store.write(sql, *row.values())
