"""Find what is to be read: files by name, and of a folder those that may be reports."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters.formats.tclogx.folder import DESCRIPTION, SUMMARY, TREE
from orchestrator.plain_text import plain

STDIN = "-"
MAX_FILES = 5000
"""As in a run; a folder that holds more is named as not read to its end."""
SUFFIXES = (".xml", ".trx", ".tclogx")
"""What a report is called; of a folder, nothing else is opened."""
LOG_FOLDER = frozenset(name.casefold() for name in (DESCRIPTION, SUMMARY, TREE))
"""One of these makes a folder a log of TestComplete, which is one report."""


class Kind(StrEnum):
    """How to read a source."""

    STDIN = "stdin"
    FILE = "file"
    FOUND = "found"
    """A file that was found and not named: it need not be a report at all."""
    LOG_FOLDER = "log folder"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to read, or why it cannot be read."""

    name: str
    path: Path
    kind: Kind
    error: str = ""


def find(names: Sequence[str]) -> list[Source]:
    """Give each name as a source, a folder as the sources below it."""
    found: list[Source] = []
    for name in names:
        path = Path(name)
        if name == STDIN:
            found.append(Source("standard input", path, Kind.STDIN))
        elif path.is_dir():
            found.extend(_of_folder(path))
        else:
            found.append(Source(shown(name), path, Kind.FILE))
    return found


def shown(name: str) -> str:
    """Return a file's *name* as one line of text: it need not be UTF-8, and may hold anything."""
    return " ".join(plain(os.fsencode(name).decode("utf-8", "replace")).split("\n"))


def _of_folder(folder: Path) -> Iterator[Source]:
    count = 0
    for source in _walk(folder):
        count += 1
        if count > MAX_FILES:
            yield _unread(folder, f"holds more than the {MAX_FILES} files that are read at most")
            return
        yield source
    if not count:
        yield _unread(folder, f"holds no file whose name ends in {', '.join(SUFFIXES)}")


def _walk(folder: Path) -> Iterator[Source]:
    """Walk in order of names, without following links to folders."""
    errors: list[OSError] = []
    for inside, folders, names in os.walk(folder, onerror=errors.append):
        folders.sort()
        if LOG_FOLDER & {name.casefold() for name in names}:
            yield Source(shown(inside), Path(inside), Kind.LOG_FOLDER)
            continue
        for name in sorted(names):
            if name.casefold().endswith(SUFFIXES):
                path = Path(inside, name)
                yield Source(shown(str(path)), path, Kind.FOUND)
    for error in errors:
        yield _unread(Path(error.filename), str(error.strerror))


def _unread(folder: Path, why: str) -> Source:
    return Source(shown(str(folder)), folder, Kind.FOUND, error=why)
