"""One identity, one owner on this machine: whoever holds a host's id here, nobody else polls it.

The lock per state directory does not help where two labfleets have directories of their own and
share a token: both would run each item. So every id is locked too, in a few files per user, by a
byte whose place is made of the server's address and the id. The locks are those of an open file,
which the kernel drops when the process ends in whatever way, and which cost no descriptor each.

What outlives a process that was killed is told by its note (`identity_look.py`). Where ids can
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

from orchestrator.identity_look import Look
from orchestrator.identity_notes import OwnNote
from orchestrator.lock_folder import is_ours, private_folder

log = structlog.get_logger()

_FILES = 16
"""The kernel looks through all locks of a file: ten thousand in one take seconds."""
_FLOCK = "@hhqqi"
"""`struct flock`: kind, whence, start, length, pid. Source: fcntl(2)."""
QUIET_S = 5.0
"""After locks were removed: others that run lock theirs anew meanwhile, as they look each 2 s."""
_REMOVED = "locks were removed here, and it is waited for others to lock what is theirs anew"
_ANOTHERS = "another labfleet here has this identity, with a state_dir of its own"


class Identities:
    """The ids of one server's hosts that this process holds, from entering it to leaving it.

    What takes a lock or lets it go reads files: it belongs into a thread, and one at a time.
    """

    def __init__(self, server: str, state_dir: Path, folder: Path | None = None) -> None:
        """Lock in *folder*; without one, in that of the user."""
        self._server = server
        self._state_dir = state_dir.resolve()
        self._given = folder
        self._folder = Path()
        self._files: list[int] = []
        self._note = OwnNote(self._state_dir, server)
        self._trouble = ""
        self._quiet_until_s = 0.0
        self._held: frozenset[int] = frozenset()
        self._refused: dict[int, str] = {}

    def __enter__(self) -> Self:
        """Open the files of locks; where that cannot be, say so, and hold none until it can."""
        self._reopen()
        return self

    def __exit__(self, *_: object) -> None:
        self._note.leave()
        _close(self._files)

    @property
    def held(self) -> frozenset[int]:
        """The ids that are ours."""
        return self._held

    def refusal(self, host_id: int) -> str:
        """Say why *host_id* is not ours, as it was when it was wanted last; nothing if it is."""
        if host_id in self._held:
            return ""
        return self._refused.get(host_id, "nobody has asked yet whose this identity is")

    def hold(self, host_ids: Collection[int]) -> None:
        """Make those of *host_ids* ours that nobody else has; `refusal` tells of the others.

        Whoever calls has ended what lives and is not in the journal: others are told so.
        May take a second and more; again does no harm.
        """
        self._begin()
        wanted = set(host_ids) - self._held
        if time.monotonic() < self._quiet_until_s:
            self._refused = {each: self._trouble or self._seen(each) for each in wanted}
            return
        self._refused = {each: self._trouble or self._lock(each, fcntl.F_WRLCK) for each in wanted}
        locked = {host_id for host_id, refused in self._refused.items() if not refused}
        if not locked:
            return
        # Only now: what is seen of an owner that still lives is not its end.
        others = Look(self._state_dir, self._server, locked).at(self._folder)
        for host_id in locked:
            if refused := others.refused.get(host_id) or self._noted(host_id):
                self._refused[host_id] = refused
                self._lock(host_id, fcntl.F_UNLCK)
        taken = {host_id for host_id in locked if not self._refused[host_id]}
        self._held |= taken
        for note, ids in others.abandoned.items():
            _remove_abandoned(note, ids & taken)

    def _begin(self) -> None:
        with suppress(OSError):  # while others do not see that we run they wait, or look longer
            if not self._trouble:
                self._note.begin(self._held)

    def keep_only(self, host_ids: Collection[int]) -> None:
        """Let all others go."""
        gone = self._held - set(host_ids)
        for host_id in gone:
            self._lock(host_id, fcntl.F_UNLCK)
        self._held -= gone
        if gone and not self._trouble:
            with suppress(OSError):  # a note that names too many does no harm
                self._note.write(self._folder, self._held)

    def renew(self) -> set[int]:
        """Lock anew what is ours if somebody removed the files, for nobody sees the old ones.

        Returns the ids that another labfleet has taken meanwhile, which are not ours any more.
        """
        before = self._files
        if self._stands() or not self._reopen():
            return set()
        if before and set(before) != set(self._files):
            self._quiet_until_s = time.monotonic() + QUIET_S
        tried = {host_id: self._lock(host_id, fcntl.F_WRLCK) for host_id in self._held}
        lost = {host_id: refused for host_id, refused in tried.items() if refused}
        for host_id in lost:
            log.error("identity.shared", id=host_id)
        self.keep_only(self._held - lost.keys())
        self._refused |= lost
        return set(lost)

    def _reopen(self) -> bool:
        """Open files and note anew where they belong now; whether that was possible."""
        try:
            self._folder = self._given or private_folder()
            files = _opened(self._folder, self._files)
            try:
                # Without the note nobody knows whose tools live on after a kill.
                self._note.write(self._folder, self._held)
            except OSError:
                _close(set(files) - set(self._files))
                raise
        except OSError as error:
            self._trouble = f"identities cannot be locked: {error}"
            log.error("identity.unlocked", error=self._trouble)
            return False
        _close(set(self._files) - set(files))
        self._files, self._trouble = files, ""
        return True

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
        file, wanted = _place(self._server, host_id, kind)
        try:
            fcntl.fcntl(self._files[file], fcntl.F_OFD_SETLK, wanted)
        except (BlockingIOError, PermissionError):
            return _ANOTHERS
        except OSError as error:
            log.error("identity.unlocked", id=host_id, error=str(error))
            return f"this identity cannot be locked in {self._folder}: {error.strerror}"
        return ""

    def _seen(self, host_id: int) -> str:
        return _ANOTHERS if _is_locked(self._files, self._server, host_id) else _REMOVED

    def _noted(self, host_id: int) -> str:
        """Note that *host_id* is ours; returns why that cannot be."""
        try:
            self._note.add(host_id)
        except OSError as error:
            log.error("identity.unlocked", id=host_id, error=str(error))
            return f"this identity cannot be noted in {self._folder}: {error.strerror}"
        return ""


def held_by_others(
    server: str, host_ids: Collection[int], folder: Path | None = None
) -> dict[int, str]:
    """Return which of *host_ids* a labfleet that runs here holds, and so said; takes none.

    Raises OSError where nobody can look.
    """
    files: list[int] = []
    try:
        for path in _paths(folder or private_folder()):
            if not path.exists():
                return {}
            files.append(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
        return {each: _ANOTHERS for each in host_ids if _is_locked(files, server, each)}
    finally:
        _close(files)


def _is_locked(files: Sequence[int], server: str, host_id: int) -> bool:
    file, wanted = _place(server, host_id, fcntl.F_WRLCK)
    there = fcntl.fcntl(files[file], fcntl.F_OFD_GETLK, wanted)
    return int(struct.unpack(_FLOCK, there)[0]) != fcntl.F_UNLCK


def _place(server: str, host_id: int, kind: int) -> tuple[int, bytes]:
    """Return in which file *host_id* is locked, and what to ask of the kernel for that."""
    digest = hashlib.sha256(f"{server}\n{host_id}".encode()).digest()
    byte = int.from_bytes(digest[:8], "big") >> 2
    return digest[8] % _FILES, struct.pack(_FLOCK, kind, os.SEEK_SET, byte, 1, 0)


def _remove_abandoned(note: Path, taken: Collection[int]) -> None:
    """Remove the note of a labfleet that is gone for good, once any of its ids is *taken*."""
    for host_id in taken:
        log.warning("identity.abandoned", id=host_id, note=str(note))
    if taken:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def _paths(folder: Path) -> list[Path]:
    return [folder / f"identities-{number:02}.lock" for number in range(_FILES)]


def _opened(folder: Path, before: Sequence[int]) -> list[int]:
    """Open the files of locks in *folder*, and keep those open *before* that are still there.

    Raises OSError, also for a folder of somebody else.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not is_ours(folder):
        raise PermissionError(f"{folder} belongs to somebody else")
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
