"""A little disk that is held for what must be written whatever happens.

A tool may fill the disk with what goes only once its verdict is delivered, and a verdict that
found no room in the journal would then wait for ever. So the journal holds a file of no use, and
gives its room up for verdicts and for what ends them; nothing else may have it.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from orchestrator.damaged import has_no_room
from orchestrator.errors import StateError

ROOM_BYTES = 4 * 1024 * 1024
_SPARE_TIMES = 4
_T = TypeVar("_T")
_LOOK_EVERY_S = 5.0


class Room:
    """The file beside the journal; it is made where there is much more room than it takes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = False
        self._look_at = 0.0

    def hold(self) -> None:
        """Take the room where it is not held and there is plenty; most calls do not even look."""
        now = time.monotonic()
        if self._held or now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY_S
        with suppress(OSError):
            disk = os.statvfs(self._path.parent)
            if disk.f_bavail * disk.f_frsize >= _SPARE_TIMES * ROOM_BYTES or self._path.exists():
                self._make()

    def _make(self) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, ROOM_BYTES)
            self._held = True
        finally:
            os.close(file)

    def lent_to(self, write: Callable[[], _T]) -> _T:
        """Do *write*, once more without the room if it found none, and hold the room again."""
        try:
            done = write()
        except StateError as error:
            if not has_no_room(error.__cause__) or not self._give_up():
                raise
            done = write()
        self.hold()
        return done

    def _give_up(self) -> bool:
        held, self._held = self._held, False
        with suppress(OSError):
            self._path.unlink()
        return held
