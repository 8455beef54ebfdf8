"""What each labfleet of a machine holds, noted for those that find it dead.

A labfleet that was killed leaves tools behind that nobody locks for. Its note says where its
journal is, and that says of which hosts a tool may be alive or a verdict is not told. Where the
journal does not answer, the note itself says what was held, and none of that may be taken over:
unless the journal is gone for good. Then nobody will ever tell of those verdicts, and whether a
tool is alive can be seen by what it carries.
"""

import os
import sqlite3
import stat
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from pydantic import TypeAdapter

from orchestrator import guard
from orchestrator.journal import hosts
from orchestrator.owner import Origin, marks_in, origins, owner_of
from orchestrator.regular_file import NotTaken, read_regular

_MAX_NOTE_BYTES = 8 * 1024 * 1024
"""Of 100,000 ids it has one."""
_SUFFIX = ".json"
_PATIENCE_S = 0.2
"""For a journal that somebody has locked; it is asked again soon."""


@dataclass(frozen=True, slots=True)
class Note:
    """The head of a note, its first line; each other line is one more id of *server*."""

    state_dir: str
    """Quoted as in a URL, for a path need not be text."""
    server: str
    ids: dict[str, set[int]]
    """By server: what was held or not settled when the note was begun."""
    device: int
    """The file system that the state directory is on, as long as the machine runs."""
    seen_from: str
    """From where its processes can be seen: this boot of the machine, and its container."""

    @property
    def place(self) -> Path:
        """The state directory."""
        return Path(os.fsdecode(unquote_to_bytes(self.state_dir)))


_NOTE = TypeAdapter(Note)


def read_note(path: Path) -> Note:
    """Read a note; raises OSError, NotTaken or ValueError."""
    data = read_regular(path, _MAX_NOTE_BYTES)
    if not data:
        raise ValueError("is empty")
    head, *more = data.splitlines()
    note = _NOTE.validate_json(head)
    note.ids.setdefault(note.server, set()).update(map(int, more))
    return note


def journals_ids(state_dir: Path) -> dict[str, set[int]]:
    """Return by server which ids the journal in *state_dir* is not done with.

    Raises sqlite3.Error where it does not say, also when there is none.
    """
    path = state_dir / "journal.db"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise sqlite3.OperationalError("not a regular file")  # a pipe would be waited on
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
    address = f"file:{quote(os.fsencode(path))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_S)) as db:
        return hosts.alive(db)


class OwnNote:
    """The note of the labfleet in *state_dir*, which polls hosts of *server*."""

    def __init__(self, state_dir: Path, server: str) -> None:
        self._state_dir = state_dir.resolve()
        self._server = server
        self._device = _device(self._state_dir)
        self._path = Path()
        self._file = -1

    @property
    def name(self) -> str:
        """Its file's name, which tells the owner to those who cannot read it."""
        return f"{owner_of(self._state_dir)}{_SUFFIX}"

    def write(self, folder: Path, held: Collection[int]) -> None:
        """Put it into *folder*, at once and whole, with the ids that are *held*; raises OSError.

        Together with what the journal is not done with, which may not be held yet.
        """
        self._path = folder / self.name
        ids = self._unsettled()
        ids[self._server] = ids.get(self._server, set()) | set(held)
        place = quote(os.fsencode(self._state_dir))
        note = Note(place, self._server, ids, self._device, _seen_from())
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            _write_all(new, _NOTE.dump_json(note) + b"\n")
            beside.rename(self._path)
        except OSError:
            os.close(new)
            beside.unlink(missing_ok=True)
            raise
        self.close()
        self._file = new

    def _unsettled(self) -> dict[str, set[int]]:
        try:
            return journals_ids(self._state_dir)
        except sqlite3.Error:
            # What an earlier life noted is more than enough.
            with suppress(OSError, NotTaken, ValueError):
                return read_note(self._path).ids
            return {}

    def add(self, host_id: int) -> None:
        """Note one more that is held, before anything is started for it; raises OSError."""
        _write_all(self._file, b"%d\n" % host_id)

    def stands(self) -> bool:
        """Whether others find it."""
        with suppress(OSError):
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        return False

    def leave(self) -> None:
        """Keep what is not settled noted, or remove the note if nothing is; then close it."""
        with suppress(OSError, sqlite3.Error):
            if not journals_ids(self._state_dir):
                self._path.unlink(missing_ok=True)
            elif self.stands():
                self.write(self._path.parent, ())
        self.close()

    def close(self) -> None:
        """Let the file go; the note stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _seen_from() -> str:
    container = ""
    with suppress(OSError):  # a process that changed its user may not see its own
        container = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it leads to no path
    return f"{guard.boot_id()} {container}"


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
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            if path.stem != owner_of(self._state_dir):
                self._take(path)
        return self._others

    def _take(self, path: Path) -> None:
        try:
            note = read_note(path)
        except (OSError, NotTaken, ValueError) as error:
            if left := self._left(path):
                self._refuse(
                    self._wanted,
                    f"{path} cannot be read ({error}), and a tool of the labfleet that wrote it is"
                    f" alive: wait for the end of process {left}",
                )
            return
        if self._server not in note.ids:
            return
        try:
            unsettled = journals_ids(note.place).get(self._server, set())
        except sqlite3.Error as error:
            self._doubt(path, note, error)
            return
        self._refuse(
            unsettled,
            f"{note.place} has runs of this identity that are not settled: start labfleet there"
            " until they are",
        )

    def _doubt(self, path: Path, note: Note, error: sqlite3.Error) -> None:
        """Judge a note whose journal is silent: its ids are free only where both are gone."""
        noted = note.ids[self._server] & self._wanted
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


def _is_gone(note: Note) -> bool:
    """Whether the journal was removed, and not only is out of reach: on a disk that is away, say.

    Nor is it known of one whose processes cannot be seen from here.
    """
    try:
        (note.place / "journal.db").lstat()
    except (FileNotFoundError, NotADirectoryError):
        if note.seen_from.split()[:1] != _seen_from().split()[:1]:
            return True  # nothing outlives the machine's start, which may number disks anew
        return (note.seen_from, note.device) == (_seen_from(), _device(note.place))
    except OSError:
        pass
    return False


def _device(folder: Path) -> int:
    """Return the file system of *folder*, or of what is left of the way to it; raises OSError."""
    for place in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            return place.stat().st_dev
    return 0
