"""What each labfleet of a machine holds, noted for those that find it dead.

A labfleet that was killed leaves tools behind that nobody locks for. Its note says where its
journal is, and what it held; `identity_look.py` says what follows of that.
"""

import fcntl
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
from orchestrator.owner import owner_of
from orchestrator.regular_file import NotTaken, read_regular

_MAX_NOTE_BYTES = 8 * 1024 * 1024
"""Of 100,000 ids it has one."""
SUFFIX = ".json"
_PATIENCE_S = 0.2
"""For a journal that somebody has locked; it is asked again soon."""


@dataclass(frozen=True, slots=True)
class Note:
    """The head of a note, its first line; each other line is one more id of *server*."""

    state_dir: str
    """Quoted as in a URL, for a path need not be text."""
    server: str = ""
    """Only a note of another version does not say it, nor what follows."""
    ids: dict[str, set[int]] = field(default_factory=dict)
    """By server: what was held or not settled when the note was begun."""
    device: int = -1
    """The file system that the state directory is on, as long as the machine runs."""
    seen_from: str = ""
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
        self._device = device_of(self._state_dir)
        self._path = Path()
        self._file = -1
        self._tidy = False

    @property
    def name(self) -> str:
        """Its file's name, which tells the owner to those who cannot read it."""
        return f"{owner_of(self._state_dir)}{SUFFIX}"

    def write(self, folder: Path, held: Collection[int]) -> None:
        """Put it into *folder*, at once and whole, with the ids that are *held*; raises OSError.

        Together with what the journal is not done with, which may not be held yet.
        """
        self._path = folder / self.name
        ids = self._unsettled()
        ids[self._server] = ids.get(self._server, set()) | set(held)
        place = quote(os.fsencode(self._state_dir))
        note = Note(place, self._server, ids, self._device, seen_from())
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            _write_all(new, _NOTE.dump_json(note) + b"\n")
            if self._tidy:
                fcntl.flock(new, fcntl.LOCK_EX | fcntl.LOCK_NB)
            beside.rename(self._path)
        except OSError:
            os.close(new)
            beside.unlink(missing_ok=True)
            raise
        self.close()
        self._file = new

    def _unsettled(self) -> dict[str, set[int]]:
        ids = dict[str, set[int]]()
        try:
            ids = journals_ids(self._state_dir)
            believed = self._tidy
        except sqlite3.Error:
            believed = False
        if not believed:
            # What an earlier life noted is more than enough.
            with suppress(OSError, NotTaken, ValueError):
                for server, noted in read_note(self._path).ids.items():
                    ids[server] = ids.get(server, set()) | noted
        return ids

    def begin(self, held: Collection[int]) -> None:
        """Show, by a lock, that we run, and that nothing lives but what our journal knows.

        What an earlier life noted beyond that is not noted any more. Raises OSError.
        """
        if not self._tidy:
            self._tidy = True
            try:
                self.write(self._path.parent, held)
            except OSError:
                self._tidy = False
                raise

    def add(self, host_id: int) -> None:
        """Note one more that is held, before anything is started for it; raises OSError."""
        before_bytes = os.fstat(self._file).st_size
        try:
            _write_all(self._file, b"%d\n" % host_id)
        except OSError:
            os.ftruncate(self._file, before_bytes)  # the next id would go on with a torn one
            raise

    def stands(self) -> bool:
        """Whether others find it."""
        with suppress(OSError):
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        return False

    def leave(self) -> None:
        """Keep what is not settled noted, or remove the note if nothing is; then close it."""
        with suppress(OSError, sqlite3.Error):
            if self._tidy and not journals_ids(self._state_dir):
                self._path.unlink(missing_ok=True)
            elif self._tidy and self.stands():
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


def seen_from() -> str:
    """Return from where the processes of this one can be seen."""
    container = ""
    with suppress(OSError):  # a process that changed its user may not see its own
        container = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it leads to no path
    return f"{guard.boot_id()} {container}"


def device_of(folder: Path) -> int:
    """Return the file system of *folder*, or of what is left of the way to it; raises OSError."""
    for place in (folder, *folder.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            return place.stat().st_dev
    return 0
