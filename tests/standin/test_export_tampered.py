"""Exports that were made by hand: refused, and nothing has changed."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.standin import DataError, export_data, import_data
from orchestrator.standin.exchange.checking import check_row, is_number
from tests.standin.exports import dump, files


def spoil(export: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write the export again with its document changed."""
    document = dump(export)
    change(document)
    with zipfile.ZipFile(export) as old, zipfile.ZipFile(export.with_name("bad.zip"), "w") as new:
        for name in old.namelist():
            new.writestr(name, json.dumps(document) if name == "standin.json" else old.read(name))
    return export.with_name("bad.zip")


def cell(table: str, name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["tables"][table][0].update({name: value})


SPOILS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another format": (lambda d: d.update(format="x"), "not that of a stand-in"),
    "a newer version": (lambda d: d.update(version=99), "version 99"),
    "a missing table": (lambda d: d["tables"].pop("runs"), "tables"),
    "a foreign table": (lambda d: d["tables"].update(sqlite_schema=[]), "tables"),
    "no list": (lambda d: d["tables"].update(runs={}), "not a list"),
    "a foreign column": (cell("runs", "id) --", 1), "columns"),
    "an object in a cell": (cell("runs", "status", {}), "text, a whole number"),
    "a truth in a cell": (cell("runs", "status", True), "text, a whole number"),
    "a huge number": (cell("runs", "id", 10**30), "text, a whole number"),
    "half a character": (cell("runs", "status", "\ud800"), "text, a whole number"),
    "a wrong type": (cell("runs", "id", "x"), "fit together"),
    "a parent missing": (cell("runs", "host_id", 99), "fit together"),
    "a row twice": (lambda d: d["tables"]["runs"].extend(d["tables"]["runs"]), "fit together"),
    "a file elsewhere": (cell("uploads", "stored_name", "../standin.db"), "stored_name"),
    "a file not in it": (cell("uploads", "stored_name", "0" * 32), "does not hold it"),
    "a second header line": (cell("automations", "link", "/a\r\nX: y"), "link"),
    "agents that are none": (cell("hosts", "agents", "{}"), "agents"),
    "a hash that is none": (cell("users", "password_hash", "zz$"), "password_hash"),
    "ids of the database": (lambda d: d["ids"].update(sqlite_schema=1), "known tables"),
    "ids that are none": (lambda d: d["ids"].update(runs="1"), "whole numbers"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_an_export_that_was_tampered_with_changes_nothing(exported: Path, name: str) -> None:
    change, said = SPOILS[name]
    with pytest.raises(DataError, match=said):
        import_data(exported.parent / "a", spoil(exported, change))

    export_data(exported.parent / "a", exported.with_name("again.zip"), secrets=True)
    assert exported.with_name("again.zip").read_bytes() == exported.read_bytes()
    assert list(files(exported.parent / "a")) == ["a" * 32]


def test_a_damaged_export_is_refused_or_good_and_never_half(exported: Path, tmp_path: Path) -> None:
    """Each single change of 60, and each cut of 20, over the whole length of the file."""
    whole, data = exported.read_bytes(), tmp_path / "a"
    shutil.copytree(exported.parent / "a", data)
    step = len(whole) // 60
    wounds = [
        whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        for at in range(7, len(whole), step)
    ]
    refused = 0
    for damaged in [*wounds, *(whole[:at] for at in range(0, len(whole), step * 3))]:
        (tmp_path / "bad.zip").write_bytes(damaged)
        try:
            import_data(data, tmp_path / "bad.zip")
        except DataError:
            refused += 1
        export_data(data, tmp_path / "again.zip", secrets=True)
        assert (tmp_path / "again.zip").read_bytes() == whole
    assert refused > 60


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", None])
def test_what_is_no_export_is_refused(
    exported: Path, tmp_path: Path, content: bytes | None
) -> None:
    source = tmp_path / "x.zip"
    if content is None:
        with zipfile.ZipFile(source, "w") as archive:
            archive.writestr("readme.txt", "hello")
    else:
        source.write_bytes(content)
    with pytest.raises(DataError, match="not an export"):
        import_data(exported.parent / "a", source)


@pytest.mark.parametrize(
    ("hashed", "taken"), [("", True), ("0a$1b", True), ("0a1$1b", False), ("x", False)]
)
def test_a_hash_is_empty_or_whole_bytes(hashed: str, taken: bool) -> None:
    row = {"password_hash": hashed}
    if taken:
        assert check_row("users", row, {"password_hash"}) == row
    else:
        with pytest.raises(DataError):
            check_row("users", row, {"password_hash"})


def test_no_id_is_so_large_that_nothing_could_follow_it() -> None:
    assert is_number(2**53 - 1)
    assert not is_number(2**53)
