"""The folders of each attempt: made, looked into and removed.

A tool may leave anything behind: links that lead out, folders nobody may read, trees deeper than
a path can be long. Nothing here follows a link. All of it blocks; the runner calls it in a thread.
The neighbours: `script/` finds and unpacks what is to be run, `results.py` collects what the tool
left.
"""

import contextlib
import os
import re
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import gettempdir

from orchestrator.errors import ScriptError, StateError

LONGEST_TMP_BYTES = 60
"""Chromium 156 puts a socket 47 characters below TMPDIR, and a socket's path has at most 107.

Measured: with 60 a browser starts, with 65 it ends at once. Source of the 107: unix(7).
"""
LISTED_FILES = 20_000
"""No script archive holds more."""
_LINK_PREFIX = "labfleet-"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The folder of one attempt and the places in it."""

    folder: Path

    @property
    def script(self) -> Path:
        """The folder that the archive is unpacked into."""
        return self.folder / "script"

    @property
    def results(self) -> Path:
        """The folder that only this attempt's tool writes results to."""
        return self.folder / "results"

    @property
    def tmp(self) -> Path:
        """TMPDIR of the tool, so that what it forgets there goes with the workspace."""
        return self.folder / "tmp"

    @property
    def short_tmp(self) -> Path:
        """The same folder by a path that sockets fit below, where that can be had."""
        link = self.tmp_link
        return link if link.is_symlink() and link.readlink() == self.tmp else self.tmp

    @property
    def tmp_link(self) -> Path:
        """The link that leads to `tmp` where its own path is too long."""
        return Path(gettempdir()) / f"{_LINK_PREFIX}{self.folder.name}"

    @property
    def archive(self) -> Path:
        """The script as downloaded."""
        return self.folder / "script.zip"

    @property
    def output(self) -> Path:
        """What the tool wrote to its standard output and error."""
        return self.folder / "output.log"

    @property
    def report(self) -> Path:
        """The MHT report to upload."""
        return self.folder / "report.mht"

    @property
    def log(self) -> Path:
        """The XML log to upload."""
        return self.folder / "log.xml"


class Workspaces:
    """All attempts' folders, under one *root* that belongs to labfleet alone."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.uncleared = set[str]()
        """Folders that the journal does not know and of whose tools something may live still."""

    @property
    def state_dir(self) -> Path:
        """The folder that *root* lies in."""
        return self._root.parent

    def create(self, name: str) -> Attempt:
        """Make the folders of a new attempt, open to this user only.

        Raises StateError if *name* is there already, whatever it is: results of an earlier
        attempt must never be taken for this one's.
        """
        attempt = self.attempt(name)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            attempt.folder.mkdir(mode=0o700)
        except FileExistsError as error:
            raise StateError(f"the workspace {attempt.folder} exists already") from error
        for folder in (attempt.script, attempt.results, attempt.tmp):
            folder.mkdir(mode=0o700)
        if len(os.fsencode(attempt.tmp)) > LONGEST_TMP_BYTES:
            # Without it, only what needs a socket does without.
            with contextlib.suppress(OSError):
                attempt.tmp_link.symlink_to(attempt.tmp)
        return attempt

    def attempt(self, name: str) -> Attempt:
        """Return the attempt called *name*, without looking whether it is there."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a workspace name: {name!r}")
        return Attempt(self._root / name)

    def names(self) -> list[str]:
        """Return the names of all workspaces there are, sorted."""
        if not self._root.exists():
            return []
        with os.scandir(self._root) as entries:
            return sorted(entry.name for entry in entries if _NAME.fullmatch(entry.name))

    def clear_tmp(self, attempt: Attempt) -> list[str]:
        """Delete the attempt's temporary folder; returns what would not go."""
        _remove_link(attempt)
        if attempt.tmp.is_symlink():
            # Put there by the tool: what it leads to is not ours.
            attempt.tmp.unlink()
            return []
        return _remove_tree(attempt.tmp) if attempt.tmp.is_dir() else []

    def remove(self, name: str) -> None:
        """Delete the workspace *name* with all that is in it; fine if it is gone already.

        Raises StateError naming the first thing that would not go, after deleting the others.
        """
        attempt = self.attempt(name)
        _remove_link(attempt)
        top = attempt.folder
        if top.is_symlink():
            top.unlink()
        refused = _remove_tree(top) if top.exists() else []
        if refused:
            raise StateError(f"the workspace {top} cannot be removed: {refused[0]}")


def remove_dead_links() -> None:
    """Delete the links of attempts whose folders somebody else removed."""
    for link in Path(gettempdir()).glob(f"{_LINK_PREFIX}*"):
        with contextlib.suppress(OSError):
            if link.is_symlink() and not link.exists():
                link.unlink()


def _remove_link(attempt: Attempt) -> None:
    if attempt.short_tmp != attempt.tmp:
        with contextlib.suppress(OSError):
            attempt.tmp_link.unlink()


def listing(folder: Path, *, limit: int = LISTED_FILES) -> tuple[tuple[PurePath, ...], bool]:
    """Return the files below *folder*, relative to it, and whether these are not all.

    The shallowest come first, then it goes by name. A link is listed by its own name and not
    followed. At most *limit* files are returned, and as many folders looked into; one that may
    not be read counts as empty. Raises ScriptError if *folder* itself cannot be read.
    """
    try:
        names, folders = _children(folder)
    except OSError as error:
        raise ScriptError(f"the script folder {folder} cannot be read: {error.strerror}") from error
    found = [PurePath(name) for name in names]
    pending = deque(PurePath(name) for name in folders)
    for _ in range(limit):
        if not pending or len(found) > limit:
            break
        inside = pending.popleft()
        with contextlib.suppress(OSError):
            names, folders = _children(folder / inside)
            found.extend(inside / name for name in names)
            pending.extend(inside / name for name in folders)
    return tuple(found[:limit]), len(found) > limit or bool(pending)


def _children(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the files and of the folders in *folder*, each sorted."""
    with os.scandir(folder) as entries:
        kinds = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    kinds.sort()
    return [n for n, is_folder in kinds if not is_folder], [
        n for n, is_folder in kinds if is_folder
    ]


def _remove_tree(top: Path) -> list[str]:
    """Delete the folder *top* with what is in it, and return what would not go.

    A nested folder is moved up into *top* before it is emptied: neither the longest path nor
    Python's stack then limits how deep a tree may be.
    """
    refused: list[str] = []
    pending = [top]
    while pending:
        folder = pending.pop()
        with _noting(folder, refused):
            pending += _emptied(folder, top, refused)
            if folder != top:
                folder.rmdir()
    with _noting(top, refused):
        top.rmdir()
    return refused


def _emptied(folder: Path, top: Path, refused: list[str]) -> list[Path]:
    """Delete the files of *folder* and return its folders, moved up into *top*."""
    folder.chmod(0o700)
    folders: list[Path] = []
    for path in list(folder.iterdir()):
        with _noting(path, refused):
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            else:
                # Moving a folder rewrites its "..", so it must be writable itself.
                path.chmod(0o700)
                folders.append(path if folder == top else path.rename(top / uuid.uuid4().hex))
    return folders


@contextlib.contextmanager
def _noting(path: Path, refused: list[str]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        refused.append(f"{path}: {error.strerror}")
