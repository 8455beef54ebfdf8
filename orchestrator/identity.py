"""One identity, one owner on this machine: whoever holds a host's id here, nobody else polls it.

The lock per state directory does not help where two labfleets have directories of their own and
share a token: both would run each item. So every id is locked too, in a few files per user, by a
byte whose place is made of the server's address and the id. The locks are those of an open file,
which the kernel drops when the process ends in whatever way, and which cost no descriptor each.

A labfleet that was killed leaves tools behind that nobody locks for. So each notes where its
journal is, and an id is not taken over while another journal has a tool of it that may be alive,
or a verdict that the server has not been told.
"""

import fcntl
import hashlib
import json
import os
import sqlite3
import struct
import time
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Self
from urllib.parse import quote

import structlog

from orchestrator.journal import hosts

log = structlog.get_logger()

_FILES = 16
"""The kernel looks through all locks of a file: ten thousand in one take seconds."""
_LOOK_AGAIN_S = 1.0


def private_folder() -> Path:
    """Return the folder for locks of this user: not on a network, and the same for each session.

    TMPDIR and the runtime directory are not; and a service may have a /tmp of its own.
    """
    shared = Path("/dev/shm")  # noqa: S108 - what is made there is checked to be ours
    return (shared if shared.is_dir() else Path(gettempdir())) / f"labfleet-{os.geteuid()}"


class Identities:
    """The ids of one server's hosts that this process holds; close it to let them go."""

    def __init__(self, server: str, state_dir: Path, folder: Path | None = None) -> None:
        """Open the file of locks; where that cannot be, say so and hold everything unlocked."""
        self._server = server
        self._state_dir = state_dir.resolve()
        self._folder = folder or private_folder()
        self._held: set[int] = set()
        self._files: list[int] = []
        self._looked_at = -_LOOK_AGAIN_S
        self._busy: dict[int, str] = {}
        name = hashlib.sha256(os.fsencode(self._state_dir)).hexdigest()[:16]
        self._note = self._folder / f"{name}.json"
        try:
            self._files = self._open()
        except OSError as error:
            log.warning("identity.unlocked", error=str(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            if not _journals_ids(self._state_dir, None):
                self._note.unlink(missing_ok=True)
        _close(self._files)

    def _open(self) -> list[int]:
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)
        there = self._folder.lstat()
        if there.st_uid != os.geteuid() or not self._folder.is_dir() or self._folder.is_symlink():
            raise PermissionError(f"{self._folder} belongs to somebody else")
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        opened: list[int] = []
        try:
            opened += [os.open(path, flags, 0o600) for path in self._paths]
        except OSError:
            _close(opened)
            raise
        # Without the note nobody knows whose tools live on after a kill.
        self._note.write_text(json.dumps({"state_dir": str(self._state_dir)}), "utf-8")
        return opened

    @property
    def _paths(self) -> list[Path]:
        return [self._folder / f"identities-{number:02}.lock" for number in range(_FILES)]

    def hold(self, host_id: int) -> str:
        """Make *host_id* ours, and return nothing; or say who has it. Again does no harm."""
        if host_id in self._held or not self._files:
            return ""
        if not self._lock(host_id, fcntl.F_WRLCK):
            return "another labfleet here has this identity, with a state_dir of its own"
        if busy := self._other_journals().get(host_id):
            self._lock(host_id, fcntl.F_UNLCK)
            return (
                f"{busy} has runs of this identity that are not settled: start labfleet there"
                " until they are, or remove that folder"
            )
        self._held.add(host_id)
        return ""

    def keep_only(self, host_ids: Collection[int]) -> None:
        """Let all others go."""
        for host_id in self._held - set(host_ids):
            self._lock(host_id, fcntl.F_UNLCK)
            self._held.discard(host_id)

    @property
    def held(self) -> set[int]:
        """The ids that are ours."""
        return set(self._held)

    def renew(self) -> None:
        """Lock anew what is ours if somebody removed the file, for nobody sees the old one."""
        if not self._files:
            return
        ours = [os.fstat(file).st_ino for file in self._files]
        with suppress(OSError):
            if [path.stat().st_ino for path in self._paths] == ours and self._note.exists():
                return
        try:
            old, self._files = self._files, self._open()
        except OSError as error:
            log.warning("identity.unlocked", error=str(error))
            return
        _close(old)
        for host_id in self._held:
            if not self._lock(host_id, fcntl.F_WRLCK):
                log.error("identity.shared", id=host_id)

    def _lock(self, host_id: int, kind: int) -> bool:
        digest = hashlib.sha256(f"{self._server}\n{host_id}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") >> 2
        wanted = struct.pack("@hhqqi", kind, os.SEEK_SET, place, 1, 0)
        try:
            fcntl.fcntl(self._files[digest[8] % _FILES], fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError:
            return False
        except OSError as error:
            log.warning("identity.unlocked", id=host_id, error=str(error))
        return True

    def _other_journals(self) -> dict[int, str]:
        """Return which ids other state directories have unsettled, as far as they are noted."""
        if time.monotonic() - self._looked_at < _LOOK_AGAIN_S:
            return self._busy
        self._busy = {}
        for note in self._folder.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                state_dir = Path(json.loads(note.read_bytes())["state_dir"])
                if state_dir == self._state_dir:
                    continue
                if not (state_dir / "journal.db").exists():
                    note.unlink(missing_ok=True)
                    continue
                self._busy |= dict.fromkeys(_journals_ids(state_dir, self._server), str(state_dir))
        self._looked_at = time.monotonic()
        return self._busy


def _close(files: Sequence[int]) -> None:
    for file in files:
        os.close(file)


def _journals_ids(state_dir: Path, server: str | None) -> set[int]:
    """Read the journal in *state_dir*; one that cannot be read says nothing."""
    address = f"file:{quote(str(state_dir / 'journal.db'))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=1)) as db:
            return hosts.alive(db, server)
    except sqlite3.Error:
        return set()
