"""A tool's own log or report, taken for an upload in place of ours."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from orchestrator.redaction import byte_forms
from orchestrator.regular_file import NotTaken, open_regular

_CHUNK_BYTES = 1024 * 1024
_MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
_LINE_ENDS = b"\r\n"


def take(source: Path, target: Path, key: str) -> None:
    """Copy *source* to *target*, a new file.

    Raises OSError, and NotTaken when it is no regular file or when it tells the licence *key*,
    as it is or in base64: a tool knows its key, and nobody can mask it inside a foreign file.
    """
    with open_regular(source) as file, target.open("xb") as copy:
        if key and _tells(file, key):
            raise NotTaken("holds the licence key")
        file.seek(0)
        shutil.copyfileobj(file, copy)


def _tells(file: IO[bytes], key: str) -> bool:
    wanted = byte_forms(key)
    if _holds(file, wanted):
        return True
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            # Told sizes are not exceeded: zipfile stops there and finds the checksum wrong.
            if sum(info.file_size for info in members) > _MAX_UNPACKED_BYTES:
                return True
            return any(_holds(archive.open(info), wanted) for info in members)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        # What cannot be looked into may hold it.
        return True


def _holds(file: IO[bytes], wanted: list[bytes]) -> bool:
    overlap = max(map(len, wanted))
    before = b""
    for chunk in _chunks(file):
        # Base64 in mails is cut into lines wherever it comes.
        text = before + chunk.translate(None, _LINE_ENDS)
        if any(form in text for form in wanted):
            return True
        before = text[-overlap:]
    return False


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
