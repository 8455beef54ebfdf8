"""One execution's wait for its start: it can be put off, begun anew, and given up."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import structlog

from orchestrator.backoff import full_jitter_s
from orchestrator.errors import LabfleetError

log = structlog.get_logger()

_PAUSE_CAP_S = 60.0

_T = TypeVar("_T")


class Postponed(LabfleetError):
    """It cannot be started now, and may be later: not by its own fault.

    Not sooner than in *wait_s*, which is what the server asked for.
    """

    def __init__(self, said: str, wait_s: float = 0.0) -> None:
        super().__init__(said)
        self.wait_s = wait_s


class Scarce(Postponed):
    """The machine has run out of disk, descriptors, processes or memory."""


class Interrupted(LabfleetError):
    """The tool vanished without a verdict, and is not to be started again."""


class Unlisted(LabfleetError):
    """Its slots are to be given back until a poll tells whether it is awaited still."""


class Turn:
    """The tries of one execution, until one of them is not put off."""

    def __init__(self, *, listed: bool) -> None:
        """Begin with `listed` set, or not."""
        self.listed = anyio.Event()
        """Whether the server is known to await the item still; nothing is started before."""
        if listed:
            self.listed.set()
        self.waits_for_listing = False
        self._all_tries = anyio.CancelScope()
        self._this_try = anyio.CancelScope()
        self._failures = 0
        self.scarce_s = 0.0
        """How long it was put off because the machine had run out of something."""

    async def until_listed(self) -> None:
        """Wait for a poll that says so."""
        self.waits_for_listing = True
        await self.listed.wait()
        self.waits_for_listing = False

    @property
    def given_up(self) -> bool:
        """Whether it ends, or has ended, without anything having come of it."""
        return self._all_tries.cancel_called

    def give_up(self) -> None:
        """End the tries, also the one that is under way."""
        self._all_tries.cancel()

    def begin_anew(self) -> None:
        """End the try, or the pause, that is under way, and try again at once."""
        self._this_try.cancel()

    async def take(self, once: Callable[[], Awaitable[_T]]) -> _T | None:
        """Call *once* until it does not raise Postponed; None when it was given up."""
        with self._all_tries:
            while True:
                with anyio.CancelScope() as self._this_try:
                    try:
                        return await once()
                    except Postponed as error:
                        pause_s = self._put_off(error)
                    # Outside every slot: who waits for the server must not keep others waiting.
                    await anyio.sleep(pause_s)
        return None

    def _put_off(self, error: Postponed) -> float:
        """Tell of one more try that came to nothing; return the time to the next."""
        self._failures += 1
        pause_s = full_jitter_s(self._failures, first_s=1.0, cap_s=_PAUSE_CAP_S)
        pause_s = max(pause_s, error.wait_s)
        self.scarce_s += pause_s * isinstance(error, Scarce)
        log.warning("run.postponed", error=str(error), tries=self._failures)
        return pause_s
