"""Read one source into a report, or say why there is none."""

import os
import stat
import sys
from dataclasses import dataclass
from typing import BinaryIO

from adapters.base import Report, UnreadableReport
from adapters.formats import ZIP, OtherDocument, reader_of, tclogx
from adapters.formats import read as read_report
from adapters.formats.xml_events import root_name
from orchestrator.parse.log_folder import FolderFiles
from orchestrator.parse.sources import Kind, Source
from orchestrator.regular_file import NotTaken, open_regular

MAX_FILE_BYTES = 256 * 1024 * 1024
"""As in a run."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one source: a report, or why there is none."""

    name: str
    report: Report | None = None
    error: str = ""
    """Why it could not be read."""
    left_aside: str = ""
    """Why it is no test report, with nothing wrong with it."""


def read(source: Source) -> Read:
    """Read one source; what cannot be read says why. Never raises."""
    try:
        return _read(source)
    except OtherDocument as error:
        return Read(source.name, left_aside=str(error))
    except (UnreadableReport, NotTaken) as error:
        return Read(source.name, error=str(error))
    except OSError as error:
        return Read(source.name, error=str(error.strerror))


def _read(source: Source) -> Read:
    if source.error:
        raise NotTaken(source.error)
    if source.kind is Kind.LOG_FOLDER:
        return Read(source.name, tclogx.read_folder(FolderFiles(source.path, MAX_FILE_BYTES)))
    data = _content(source)
    if source.kind is Kind.FOUND and (other := _other_root(data)):
        return Read(source.name, left_aside=f"root element is <{other[:80]}>")
    return Read(source.name, read_report(data))


def _content(source: Source) -> bytes:
    """Return all of a source's bytes; raises NotTaken or OSError."""
    if source.kind is Kind.STDIN:
        if sys.stdin is None:
            raise NotTaken("it is closed")
        return _all_of(sys.stdin.buffer)
    if source.kind is Kind.FOUND:
        with open_regular(source.path) as file:
            return _all_of(file)
    with source.path.open("rb") as file:
        return _all_of(file)


def _all_of(file: BinaryIO) -> bytes:
    state = os.fstat(file.fileno())
    known_bytes = state.st_size if stat.S_ISREG(state.st_mode) else 0
    data = file.read(MAX_FILE_BYTES + 1) if known_bytes <= MAX_FILE_BYTES else b""
    if max(known_bytes, len(data)) > MAX_FILE_BYTES:
        raise NotTaken(f"larger than the {MAX_FILE_BYTES:,} bytes that are read of a file")
    return data


def _other_root(data: bytes) -> str:
    """Name the root element of a document that no reader is for; empty for a report."""
    if data.startswith(ZIP) or not data or data.isspace():
        return ""
    root = root_name(data)
    return "" if reader_of(root) else root
