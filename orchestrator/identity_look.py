"""Who finds the note of a labfleet that is dead: which hosts may be taken over from it.

Its journal says of which hosts a tool may be alive or a verdict is not told. A journal can be
older than the tool, or be begun anew: so while its labfleet does not run, and anything that it
started is alive, what was noted as held may not be taken over, whatever the journal says. Nor may
it where the journal does not answer: unless it is gone for good. Then nobody will ever tell of
those verdicts, and whether a tool is alive can be seen by what it carries.
"""

import fcntl
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.identity_notes import (
    SUFFIX,
    Note,
    device_of,
    journals_ids,
    read_note,
    seen_from,
)
from orchestrator.owner import Origin, marks_in, origins, owner_of
from orchestrator.regular_file import NotTaken


@dataclass(slots=True)
class Others:
    """What other labfleets left of some ids."""

    refused: dict[int, str] = field(default_factory=dict)
    """Which may not be taken over, and why."""
    abandoned: dict[Path, set[int]] = field(default_factory=dict)
    """Which may be although they are noted, by note: its journal is gone, and so are its tools."""


class Look:
    """One look at others' notes, for those ids of *server* that are *wanted*.

    Takes a second and more where journals are locked or processes have to be looked at.
    """

    def __init__(self, state_dir: Path, server: str, wanted: Collection[int]) -> None:
        """Look for the labfleet in *state_dir*."""
        self._state_dir = state_dir
        self._server = server
        self._wanted = set(wanted)
        self._others = Others()
        self._alive: list[Origin] | None = None

    def at(self, folder: Path) -> Others:
        """Read all notes in *folder* but our own."""
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            if path.stem != owner_of(self._state_dir):
                self._take(path)
        return self._others

    def _take(self, path: Path) -> None:
        try:
            note = read_note(path)
        except FileNotFoundError:
            return  # its labfleet has just ended, and left nothing
        except (OSError, NotTaken, ValueError) as error:
            wait = (
                f": wait for the end of process {left}, then" if (left := self._left(path)) else ":"
            )
            self._refuse(
                self._wanted,
                f"{path} cannot be read ({error}), and may be of a labfleet that had this identity"
                f"{wait} start that once, or remove the file",
            )
            return
        noted = self._wanted & note.ids.get(self._server, set()) if note.server else self._wanted
        try:
            unsettled = self._wanted & journals_ids(note.place).get(self._server, set())
        except sqlite3.Error as error:
            self._doubt(path, note, noted, error)
            return
        self._refuse(
            unsettled,
            f"{note.place} has runs of this identity that are not settled: start labfleet there"
            " until they are",
        )
        noted -= unsettled
        if noted and not _runs(path) and (left := self._left(path)):
            self._refuse(
                noted,
                f"{note.place} had this identity, and does not run, but a tool of it is alive:"
                f" start labfleet there, or wait for the end of process {left}",
            )

    def _doubt(self, path: Path, note: Note, noted: set[int], error: sqlite3.Error) -> None:
        """Judge a note whose journal is silent: its ids are free only where both are gone."""
        if not noted:
            return
        if not _is_gone(note):
            self._refuse(
                noted,
                f"{note.place} had this identity, and its journal does not say whether its runs"
                f" are settled ({error}): let this user read it, or start labfleet there once",
            )
        elif left := self._left(path):
            self._refuse(
                noted,
                f"{note.place} had this identity and is gone, but a tool of it is alive: wait for"
                f" the end of process {left}",
            )
        else:
            self._others.abandoned[path] = noted

    def _refuse(self, ids: Collection[int], said: str) -> None:
        self._others.refused |= dict.fromkeys(self._wanted.intersection(ids), said)

    def _left(self, path: Path) -> str:
        """Name a process that whoever wrote *path* has left; one of ours it was, if it moved."""
        if self._alive is None:
            ours = marks_in(self._state_dir)
            self._alive = [each for each in origins() if not each.is_one_of(ours)]
        left = (each.process.label for each in self._alive if each.is_of(path.stem))
        return next(left, "")


def _runs(path: Path) -> bool:
    """Whether the labfleet that wrote *path* runs, and has ended what it does not know."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_gone(note: Note) -> bool:
    """Whether the journal was removed, and not only is out of reach: on a disk that is away, say.

    Nor is it known of one whose processes cannot be seen from here.
    """
    try:
        (note.place / "journal.db").lstat()
    except (FileNotFoundError, NotADirectoryError):
        if note.seen_from and note.seen_from.split()[:1] != seen_from().split()[:1]:
            return True  # nothing outlives the machine's start, which may number disks anew
        return (note.seen_from, note.device) == (seen_from(), device_of(note.place))
    except OSError:
        pass
    return False
