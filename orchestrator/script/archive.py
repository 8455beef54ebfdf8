"""A script archive, unpacked as if it were hostile.

Everything that the archive's directory says is judged before the first byte is written; what it
says of sizes is not believed but counted again while copying. Whatever is refused leaves nothing
behind and nothing is ever written outside the target.
"""

import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from orchestrator.errors import ScriptError
from orchestrator.script.entries import DEFAULT_LIMITS, Entry, Limits, judge, too_many
from orchestrator.script.kind import directory_bytes, looks_like

_CHUNK_BYTES = 256 * 1024
# More than any real entry takes on average; keeps a directory of millions from being read at all.
_DIRECTORY_BYTES_PER_ENTRY = 512
_RATIO_COUNTS_FROM_BYTES = 16 * 1024 * 1024
# What zipfile and zlib raise for bytes that are not what they say; RuntimeError covers
# NotImplementedError, for a zip of a later version.
_CORRUPT = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)


def unpack(archive: Path, into: Path, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Unpack the zip file *archive* into *into*, which must be absent or empty.

    Names that differ only in case are two files, as this machine's file systems hold them; where
    one does not, the second is refused, since an existing file is never overwritten. Of an
    entry's mode only the executable bit is kept.
    Raises ScriptError, and only that, with what is wrong and how to mend it.
    """
    try:
        _unpack(archive, into, limits)
    except _CORRUPT as error:
        raise ScriptError(f"the script archive is corrupt: {error}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScriptError(f"the script archive could not be unpacked: {reason}") from error


def _unpack(archive: Path, into: Path, limits: Limits) -> None:
    with archive.open("rb") as file:
        size_bytes = _refuse_other_files(file, limits)
        with zipfile.ZipFile(file) as opened:
            entries = judge(opened, limits)
            allowed_bytes = _allowance(size_bytes, limits)
            _refuse_size(sum(e.info.file_size for e in entries), allowed_bytes, size_bytes)
            _refuse_content(into)
            try:
                _copy_all(opened, entries, into, allowed_bytes)
            except BaseException:
                shutil.rmtree(into, ignore_errors=True)
                raise


def _refuse_other_files(file: BinaryIO, limits: Limits) -> int:
    size_bytes = file.seek(0, os.SEEK_END)
    kind = looks_like(file)
    if kind:
        raise ScriptError(f"the script is not a zip archive: it {kind}")
    if directory_bytes(file) > limits.max_entries * _DIRECTORY_BYTES_PER_ENTRY:
        raise ScriptError(too_many(limits))
    file.seek(0)
    return size_bytes


def _allowance(size_bytes: int, limits: Limits) -> int:
    by_ratio = max(_RATIO_COUNTS_FROM_BYTES, limits.max_ratio * size_bytes)
    return min(limits.max_unpacked_bytes, by_ratio)


def _refuse_size(unpacked_bytes: int, allowed_bytes: int, size_bytes: int) -> None:
    if unpacked_bytes > allowed_bytes:
        raise ScriptError(
            f"the script archive of {size_bytes:,} bytes unpacks to {unpacked_bytes:,} bytes;"
            f" {allowed_bytes:,} are allowed, pack less into it"
        )


def _refuse_content(into: Path) -> None:
    into.mkdir(mode=0o700, exist_ok=True)
    if any(into.iterdir()):
        raise ScriptError(f"the script folder {into} is not empty")


def _copy_all(
    opened: zipfile.ZipFile, entries: Sequence[Entry], into: Path, allowed_bytes: int
) -> None:
    made: set[tuple[str, ...]] = {()}
    left_bytes = allowed_bytes
    for entry in entries:
        _make_folders(into, entry.parts if entry.folder else entry.parts[:-1], made)
        if not entry.folder:
            left_bytes = _copy(opened, entry, into, left_bytes)


def _make_folders(into: Path, parts: tuple[str, ...], made: set[tuple[str, ...]]) -> None:
    for n in range(1, len(parts) + 1):
        if parts[:n] not in made:
            into.joinpath(*parts[:n]).mkdir(mode=0o700)
            made.add(parts[:n])


def _copy(opened: zipfile.ZipFile, entry: Entry, into: Path, left_bytes: int) -> int:
    """Write one file and return what is left of the allowance."""
    executable = (entry.info.external_attr >> 16) & 0o111
    # O_EXCL: whatever is there already, a link above all, is neither followed nor overwritten.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    number = os.open(into.joinpath(*entry.parts), flags, 0o700 if executable else 0o600)
    with os.fdopen(number, "wb") as target:
        for chunk in _chunks(opened, entry.info):
            left_bytes -= len(chunk)
            if left_bytes < 0:
                raise ScriptError("the script archive unpacks to more than it says; it is refused")
            target.write(chunk)
    return left_bytes


def _chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened.open(info) as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
