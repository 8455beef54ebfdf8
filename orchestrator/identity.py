"""One identity, one owner on this machine: whoever holds a host's id here, nobody else polls it.

The lock per state directory does not help where two labfleets have directories of their own and
share a token: both would run each item. So every id is locked too, in a few files per user, by a
byte whose place is made of the server's address and the id. The locks are those of an open file,
which the kernel drops when the process ends in whatever way, and which cost no descriptor each.

What outlives a process that was killed is told by its note (`identity_notes.py`). Where ids can
be neither locked nor noted none is held: a host that is not polled shows, a run that is run twice
does not.
"""

import fcntl
import hashlib
import os
import struct
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import structlog

from orchestrator.identity_notes import Around, Others, OwnNote
from orchestrator.lock_folder import is_ours, private_folder

log = structlog.get_logger()

_FILES = 16
"""The kernel looks through all locks of a file: ten thousand in one take seconds."""
_LOOK_AGAIN_S = 1.0
_ANOTHERS = "another labfleet here has this identity, with a state_dir of its own"


class Identities:
    """The ids of one server's hosts that this process holds; close it to let them go."""

    def __init__(self, server: str, state_dir: Path, folder: Path | None = None) -> None:
        """Open the files of locks; where that cannot be, say so, and hold none until it can."""
        self._server = server
        self._state_dir = state_dir.resolve()
        self._given = folder
        self._folder = Path()
        self._held: set[int] = set()
        self._files: list[int] = []
        self._trouble = ""
        self._note = OwnNote(self._state_dir, server)
        self._around: Around
        self._others, self._looked_at = Others(), -_LOOK_AGAIN_S
        self._reopen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._note.leave()
        _close(self._files)

    def _reopen(self) -> bool:
        """Open files and note anew where they belong now; whether that was possible."""
        try:
            self._folder = self._given or private_folder()
            self._around = Around(self._folder, self._state_dir, self._server)
            files = _opened(self._folder, self._files)
            try:
                # Without the note nobody knows whose tools live on after a kill.
                self._note.write(self._folder, self._held)
            except OSError:
                _close(set(files) - set(self._files))
                raise
        except OSError as error:
            self._trouble = f"identities cannot be locked in {self._folder}: {error}"
            log.error("identity.unlocked", error=self._trouble)
            return False
        _close(set(self._files) - set(files))
        self._files, self._trouble = files, ""
        return True

    def hold(self, host_id: int) -> str:
        """Make *host_id* ours, and return nothing; or say why it is not. Again does no harm."""
        if host_id in self._held:
            return ""
        if refused := self._trouble or self._lock(host_id, fcntl.F_WRLCK):
            return refused
        if refused := self._left_by_others(host_id) or self._noted(host_id):
            self._lock(host_id, fcntl.F_UNLCK)
            return refused
        self._held.add(host_id)
        return ""

    def keep_only(self, host_ids: Collection[int]) -> None:
        """Let all others go."""
        gone = self._held - set(host_ids)
        for host_id in gone:
            self._lock(host_id, fcntl.F_UNLCK)
        self._held -= gone
        if gone and not self._trouble:
            with suppress(OSError):  # a note that names too many does no harm
                self._note.write(self._folder, self._held)

    @property
    def held(self) -> set[int]:
        """The ids that are ours."""
        return set(self._held)

    def renew(self) -> set[int]:
        """Lock anew what is ours if somebody removed the files, for nobody sees the old ones.

        Returns the ids that another labfleet has taken meanwhile, which are not ours any more.
        """
        if self._stands() or not self._reopen():
            return set()
        lost = {host_id for host_id in self._held if self._lock(host_id, fcntl.F_WRLCK)}
        for host_id in lost:
            log.error("identity.shared", id=host_id)
        self.keep_only(self._held - lost)
        return lost

    def _stands(self) -> bool:
        """Whether others see our locks and our note, and there is a place for them at all."""
        if self._trouble:
            return False
        with suppress(OSError):
            there = [path.stat() for path in _paths(self._given or private_folder())]
            ours = [os.fstat(file) for file in self._files]
            return self._note.stands() and all(map(os.path.samestat, there, ours))
        return False

    def _lock(self, host_id: int, kind: int) -> str:
        """Lock or unlock *host_id*; returns why that cannot be."""
        digest = hashlib.sha256(f"{self._server}\n{host_id}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") >> 2
        wanted = struct.pack("@hhqqi", kind, os.SEEK_SET, place, 1, 0)
        try:
            fcntl.fcntl(self._files[digest[8] % _FILES], fcntl.F_OFD_SETLK, wanted)
        except (BlockingIOError, PermissionError):
            return _ANOTHERS
        except OSError as error:
            log.error("identity.unlocked", id=host_id, error=str(error))
            return f"this identity cannot be locked in {self._folder}: {error.strerror}"
        return ""

    def _noted(self, host_id: int) -> str:
        """Note that *host_id* is ours; returns why that cannot be."""
        try:
            self._note.add(host_id)
        except OSError as error:
            log.error("identity.unlocked", id=host_id, error=str(error))
            return f"this identity cannot be noted in {self._folder}: {error.strerror}"
        return ""

    def _left_by_others(self, host_id: int) -> str:
        """Say what another labfleet left of *host_id*, which is locked by us now; mostly nothing.

        A note of what is gone for good goes too.
        """
        # What was seen of an owner that lived then, or before it noted the id, is not the end.
        late = time.monotonic() - self._looked_at >= _LOOK_AGAIN_S
        if late or host_id in self._others.living or self._others.seen != self._around.notes():
            self._others = self._around.look()
            self._looked_at = time.monotonic()
        if refused := self._others.refused_all or self._others.refused.get(host_id):
            return refused
        if abandoned := self._others.abandoned.pop(host_id, None):
            log.warning("identity.abandoned", id=host_id, note=str(abandoned))
            with suppress(OSError):
                abandoned.unlink(missing_ok=True)
        return ""


def _paths(folder: Path) -> list[Path]:
    return [folder / f"identities-{number:02}.lock" for number in range(_FILES)]


def _opened(folder: Path, before: Sequence[int]) -> list[int]:
    """Open the files of locks in *folder*, and keep those open *before* that are still there.

    Raises OSError, also for a folder of somebody else.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not is_ours(folder):
        raise PermissionError("it belongs to somebody else")
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    opened: list[int] = []
    try:
        for path in _paths(folder):
            opened.append(os.open(path, flags, 0o600))  # noqa: PERF401 - what is open is closed
    except OSError:
        _close(opened)
        raise
    files = [_same(new, before) for new in opened]
    _close(set(opened) - set(files))
    return files


def _same(file: int, others: Sequence[int]) -> int:
    """Return which of *others* is the same file; *file* itself if none is."""
    there = os.fstat(file)
    return next((each for each in others if os.path.samestat(os.fstat(each), there)), file)


def _close(files: Collection[int]) -> None:
    for file in files:
        os.close(file)
