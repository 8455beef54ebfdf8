"""Export: everything in a data folder, as one zip file."""

import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from orchestrator.standin.store import Store, open_store
from orchestrator.standin.versions import VERSION

from .form import DOCUMENT, FOLDER, FORMAT, TABLES, Table

# Always the same, so that the same data make the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_LEVEL = 1  # most of it is compressed already


def export_data(data_dir: Path, target: Path, *, secrets: bool = False) -> None:
    """Write all data to the zip file *target*, readable by its owner only.

    Hashes of passwords and tokens of hosts are left out unless *secrets*. A server may be at work
    on the folder meanwhile: what is written is how it was at one moment.
    Raises OSError if *target* cannot be written, DataError if *data_dir* cannot be read.
    """
    with closing(open_store(data_dir)) as store:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with (
                os.fdopen(handle, "wb") as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
                store.snapshot(),
            ):
                _write(archive, store, secrets=secrets)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _write(archive: zipfile.ZipFile, store: Store, *, secrets: bool) -> None:
    """Write files first: only those that were still there are named in the document."""
    present = {name for name in _stored_names(store) if _copy(archive, store, name)}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "secrets": secrets,
        "ids": {row["name"]: row["seq"] for row in store.rows(_SEQUENCES)},
    }
    with archive.open(_entry(DOCUMENT), "w") as document:
        # One row in each line, and never more than one in memory.
        document.write(json.dumps(header, ensure_ascii=False)[:-1].encode())
        document.write(b',\n"tables": {')
        for number, table in enumerate(TABLES):
            document.write(b",\n" if number else b"\n")
            document.write(f'"{table.name}": ['.encode())
            for place, row in enumerate(_rows(store, table, present, secrets=secrets)):
                document.write(b",\n" if place else b"\n")
                document.write(json.dumps(row, ensure_ascii=False).encode())
            document.write(b"]")
        document.write(b"}}\n")


_SEQUENCES = "SELECT name, seq FROM sqlite_sequence ORDER BY name"


def _rows(
    store: Store, table: Table, present: set[str], *, secrets: bool
) -> Iterator[dict[str, object]]:
    for row in store.each(f"SELECT * FROM {table.name} ORDER BY {table.key}"):  # noqa: S608 - our own names
        shown = _without_missing(row, present)
        if shown is not None:
            yield {name: shown[name] for name in shown if secrets or name != table.secret}


def _without_missing(row: sqlite3.Row, present: set[str]) -> dict[str, object] | None:
    """Show a row without a file that is not there; an upload is nothing but its file."""
    shown = dict(row)
    stored_name = shown.get("stored_name")
    if stored_name is None or stored_name in present:
        return shown
    return None if "kind" in shown else {**shown, "stored_name": None, "file_name": None}


def _stored_names(store: Store) -> list[str]:
    rows = store.rows(
        "SELECT stored_name FROM automations WHERE stored_name IS NOT NULL"
        " UNION SELECT stored_name FROM uploads ORDER BY 1"
    )
    return [row["stored_name"] for row in rows]


def _copy(archive: zipfile.ZipFile, store: Store, name: str) -> bool:
    """Copy a file; one that was replaced or removed meanwhile is not copied."""
    try:
        source = (store.files / name).open("rb")
    except FileNotFoundError:
        return False
    with source, archive.open(_entry(FOLDER + name), "w") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
    return True


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
