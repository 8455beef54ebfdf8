"""One pause for a whole server that is away, in place of a try by everyone who wants something.

After a few failures in a row, with no answer to anybody between them, nothing is sent any more
but one call at a time, after pauses that grow up to half a minute. The first answer lets everybody
in again. One host that fails alone never gets here, if there are others: the server is not away
for them.
"""

import math
from collections.abc import Callable, Sequence

import anyio
import structlog

from orchestrator.backoff import full_jitter_s, wanted_pause_s
from orchestrator.errors import ServerAwayError

log = structlog.get_logger()

FAILURES = 4
"""In a row: fewer are an accident of the network."""
_FIRST_S, _LONGEST_S = 2.0, 30.0


class Circuit:
    """What is known of one server; pauses are short beside *interval_s*, that between polls."""

    def __init__(self, interval_s: float, *, failures: float = FAILURES) -> None:
        """Count it as away after so many *failures* in a row."""
        self.interval_s = interval_s
        self._most_failures = failures
        self.away = False
        self.returned: Sequence[Callable[[], None]] = ()
        """Called when the server answers again."""
        self._failures = 0
        self._callers: set[str] = set()
        self._failed: set[str] = set()
        """Who failed since the last answer to anybody."""
        self._probing = False
        # On the event loop's clock.
        self._closed_until = self._wanted_until = -math.inf

    @property
    def _first_s(self) -> float:
        return min(_FIRST_S, self.interval_s / 30)

    def admit(self, operation: str, *, big: bool) -> bool:
        """Return whether this call is the one that finds out if the server is back.

        Such a one has to be ended by `note`. A *big* one, whose failure may be its own, is none.
        Raises ServerAwayError for a call that is not to be sent now.
        """
        if not self.away:
            return False
        left_s = self._closed_until - anyio.current_time()
        if left_s <= 0 and not self._probing and not big:
            self._probing = True
            return True
        raise ServerAwayError(
            operation,
            "not asked, since the server is away",
            retry_after_s=max(left_s, self._first_s),
        )

    def note(
        self, alive: bool | None, said: str, *, probe: bool, wanted_s: float | None, who: str = ""
    ) -> None:
        """Take in what became of the call of *who*; None when it says nothing of the whole server.

        *wanted_s* is the pause that the server itself asked for.
        """
        self._callers.add(who)
        if probe:
            self._probing = False
        if alive:
            self._failures = 0
            self._failed.clear()
            if self.away:
                self._come_back()
        elif alive is False and (probe or not self.away):
            self._failed.add(who)
            self._fail(said, wanted_pause_s(wanted_s))

    def pace(self, interval_s: float) -> None:
        """Go by another interval from now on, and let one call find out how the server is."""
        self.interval_s = interval_s
        self.hurry()

    def hurry(self) -> None:
        """Let one call find out now: the way to the server may have changed."""
        self._closed_until = self._wanted_until = -math.inf

    def _come_back(self) -> None:
        self.away = False
        self.hurry()
        log.info("server.back")
        for resume in self.returned:
            resume()

    def _fail(self, said: str, wanted_s: float) -> None:
        now = anyio.current_time()
        self._wanted_until = max(self._wanted_until, now + wanted_s)
        self._failures += 1
        alone = len(self._failed) == 1 and len(self._callers) > 1
        if self._failures < self._most_failures or (alone and not self.away):
            return
        longest_s = min(_LONGEST_S, self.interval_s / 2)
        tries = self._failures - int(self._most_failures) + 1
        pause_s = full_jitter_s(tries, first_s=self._first_s, cap_s=longest_s)
        self._closed_until = max(now + pause_s, self._wanted_until)
        if not self.away:
            self.away = True
            log.error("server.away", error=said)
