"""Ask for the pending runs of every identity, on one schedule.

Due times are in a heap and there is no task per host: a sleeping task each would cost 2 to 7 kB
and, from some ten thousand on, delay every poll. The poller knows neither journal nor runner:
what a poll brings goes to *take*, which says whether any of it was new. A host that cannot be
asked backs off, one that is refused is asked again rarely, and neither delays the others: hosts
that failed last time have a heap and a few slots of their own. So a host that hangs can hold up
those that answer by one poll, however many hang.
"""

import heapq
import itertools
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskGroup

from orchestrator.api.client import HostClient
from orchestrator.api.wire import Run
from orchestrator.backoff import wanted_pause_s
from orchestrator.errors import (
    LabfleetError,
    PermanentApiError,
    ServerAwayError,
    TransientApiError,
)
from orchestrator.metrics import Metrics

log = structlog.get_logger()

POLLS_IN_FLIGHT = 32
SUSPECTS_IN_FLIGHT = 8
"""Of these, polls of hosts that failed last time: they may hang for as long as a poll may take."""
_SOON_S = 1.0
"""After work was found: more may have come, or been listed on a page that moved."""
_BACK_OFF_CAP_S = 600.0

Take = Callable[[str, Sequence[Run], float], Awaitable[bool]]
"""Gets the host's key, its pending runs and when the poll began, in Unix seconds."""


@dataclass(slots=True, eq=False)
class Polled:
    """One identity on the schedule."""

    key: str
    client: HostClient
    state: str = "polling"
    error: str = ""
    failures: int = 0
    due: float = 0.0
    """On the event loop's clock, like *asked*."""
    polling: bool = False
    asked: float = -math.inf
    """When the last poll that brought nothing new began; a refused one counts."""
    unanswered: int = 0
    """How many polls in a row brought no answer, or were not sent as the server is away."""
    tried: float = -math.inf
    """When the last poll began."""
    not_before: float = -math.inf
    """Until then the server wants to be left alone by this host."""
    told: bool = False
    """Whether its state now stands in the log."""
    last_poll_at: float = 0.0
    """Unix seconds of the last answer."""
    problems: set[str] = field(default_factory=set)
    disowned: bool = False
    """Whether the key has another identity now, or none."""


class _Lane:
    """Hosts by due time, and how many of them may be asked at once."""

    def __init__(self, slots: int) -> None:
        self.flight = anyio.CapacityLimiter(slots)
        self._heap: list[tuple[float, int, Polled]] = []
        self._order = itertools.count()
        self._changed = anyio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, host: Polled) -> None:
        """Put *host* in at its due time."""
        heapq.heappush(self._heap, (host.due, next(self._order), host))
        self._changed.set()

    def keep(self, alive: Callable[[float, Polled], bool]) -> None:
        """Drop the entries that have lost their meaning."""
        self._heap = [entry for entry in self._heap if alive(entry[0], entry[2])]
        heapq.heapify(self._heap)

    async def next_due(self) -> tuple[float, Polled]:
        """Wait for the next entry whose time has come."""
        while True:
            self._changed = anyio.Event()
            wait_s = self._heap[0][0] - anyio.current_time() if self._heap else math.inf
            if wait_s <= 0:
                due, _, host = heapq.heappop(self._heap)
                return due, host
            with anyio.move_on_after(wait_s):
                await self._changed.wait()


class Poller:
    """The schedule; `run` works it off until it is cancelled."""

    def __init__(
        self,
        *,
        interval_s: float,
        take: Take,
        polled: Callable[[], None],
        metrics: Metrics,
        longest_poll_s: float = 300.0,
    ) -> None:
        """*longest_poll_s* is for all pages of a poll; each request has a limit of its own."""
        self.interval_s = interval_s
        self._longest_poll_s = longest_poll_s
        self._take = take
        self._polled = polled
        self._metrics = metrics
        self.hosts: dict[str, Polled] = {}
        self._under_way: set[Polled] = set()
        """Those that are asked just now; a pause may have taken them off the schedule."""
        self._healthy = _Lane(POLLS_IN_FLIGHT - SUSPECTS_IN_FLIGHT)
        self._suspect = _Lane(SUSPECTS_IN_FLIGHT)

    def __len__(self) -> int:
        """Return how many entries the schedule holds, those without meaning included."""
        return len(self._healthy) + len(self._suspect)

    def add(self, key: str, client: HostClient) -> None:
        """Put a host on the schedule, at a random moment of the first interval."""
        host = Polled(key, client)
        self.hosts[key] = host
        self._schedule(host, random.random() * self.interval_s)

    def remove(self, key: str) -> None:
        """Take a host off the schedule; a poll under way ends, and what it brings is kept."""
        self.hosts.pop(key, None)

    def disown(self, key: str) -> None:
        """Take a host off the schedule whose identity is not that of *key* any more.

        What a poll under way brings is left alone: it is listed still.
        """
        self.hosts.pop(key, None)
        for host in self._under_way:
            host.disowned |= host.key == key

    def pace(self, interval_s: float) -> None:
        """Poll every *interval_s* from now on, also those who would have waited longer."""
        self.interval_s = interval_s
        latest = anyio.current_time() + 1.1 * interval_s
        for host in self.hosts.values():
            if host.state == "polling" and not host.polling and host.due > latest:
                self._schedule(host, random.random() * interval_s)

    def resume(self) -> None:
        """Ask those soon that could not be asked: the server as a whole is back.

        Spread over an interval, and none sooner than one after its last try.
        """
        now = anyio.current_time()
        for host in self.hosts.values():
            soonest = max(host.not_before, host.tried + self.interval_s, now)
            due = soonest + random.random() * self.interval_s
            if host.state == "backing_off" and not host.polling and host.due > due:
                self._schedule(host, due - now)

    def _schedule(self, host: Polled, delay_s: float) -> None:
        host.due = anyio.current_time() + delay_s
        lane = self._suspect if host.failures else self._healthy
        if len(lane) > 2 * len(self.hosts) + POLLS_IN_FLIGHT:
            lane.keep(self._alive)
        lane.push(host)

    def _alive(self, due: float, host: Polled) -> bool:
        """Whether an entry still means something: not overtaken, and its host not gone."""
        return self._is_ours(host) and host.due == due and not host.polling

    def _is_ours(self, host: Polled) -> bool:
        return self.hosts.get(host.key) is host

    async def run(self) -> None:
        """Poll for ever."""
        async with anyio.create_task_group() as polls:
            polls.start_soon(self._work_off, self._healthy, polls)
            polls.start_soon(self._work_off, self._suspect, polls)

    async def _work_off(self, lane: _Lane, polls: TaskGroup) -> None:
        while True:
            due, host = await lane.next_due()
            if not self._alive(due, host):
                continue
            await lane.flight.acquire_on_behalf_of(host)
            if not self._alive(due, host):
                # It left, or got a new token, while it waited for a slot.
                lane.flight.release_on_behalf_of(host)
                continue
            host.polling = True
            self._under_way.add(host)
            self._metrics.poll_lateness.observe(anyio.current_time() - due)
            polls.start_soon(self._poll, host, lane)

    async def _poll(self, host: Polled, lane: _Lane) -> None:
        with structlog.contextvars.bound_contextvars(host=host.key):
            try:
                delay_s = await self._ask(host)
            finally:
                host.polling = False
                self._under_way.discard(host)
                lane.flight.release_on_behalf_of(host)
            if self._is_ours(host):
                self._schedule(host, delay_s)
            self._polled()

    async def _ask(self, host: Polled) -> float:
        """Ask once, take what came, and return the time until the next poll."""
        began, began_at = anyio.current_time(), time.time()
        before, host.tried = host.tried, began
        try:
            runs = await self._pending(host)
            found = not host.disowned and await self._take(host.key, runs, began_at)
        except ServerAwayError as error:
            host.tried = before
            return self._not_asked(host, error)
        except LabfleetError as error:
            # Also what is ours, such as a full disk: the runs stay listed and are asked for again.
            if isinstance(error, PermanentApiError):
                host.asked = began
            return self._failed(host, error)
        except Exception as error:
            # One host's odd answer must not end the night of all the others.
            log.exception("poll.crashed")
            return self._failed(host, LabfleetError(f"labfleet failed: {type(error).__name__}"))
        self._succeeded(host)
        if found:
            return min(_SOON_S, self.interval_s)
        host.asked = began
        return self.interval_s * random.uniform(0.9, 1.1)

    async def _pending(self, host: Polled) -> Sequence[Run]:
        with anyio.move_on_after(self._longest_poll_s):
            runs, problems = await host.client.pending_runs()
            host.last_poll_at = time.time()
            for problem in set(problems) - host.problems:
                reason = f"the server's answer is not readable: {problem}"
                log.error("run.abandoned", reason=reason)
            host.problems = set(problems)
            return runs
        raise TransientApiError("current_runs", f"no end within {self._longest_poll_s:.0f} s")

    def _succeeded(self, host: Polled) -> None:
        if host.told and self._is_ours(host):
            log.info("host.reachable", after_failures=host.failures)
        host.state, host.error, host.failures, host.told = "polling", "", 0, False
        host.unanswered = 0

    def _not_asked(self, host: Polled, error: ServerAwayError) -> float:
        """Wait an interval; that the server is away is told once for all hosts."""
        if host.state == "polling":
            host.state = "backing_off"
        host.error = str(error)
        host.unanswered += 1
        return max(self.interval_s, host.not_before - anyio.current_time())

    def _failed(self, host: Polled, error: LabfleetError) -> float:
        """Note the failure, tell of it once on the way down; return the time to the next try."""
        host.failures += 1
        host.error = str(error)
        refused = isinstance(error, PermanentApiError)
        host.unanswered = 0 if refused else host.unanswered + 1
        state = "refused" if refused else "backing_off"
        # A host that was removed or has a new token meanwhile is nobody's concern.
        if host.state != state and self._is_ours(host):
            log.error("host.refused" if refused else "host.unreachable", error=host.error)
            host.told = True
        host.state = state
        longest_s = max(self.interval_s, min(10 * self.interval_s, _BACK_OFF_CAP_S))
        doubled_s = self.interval_s * 2.0 ** min(host.failures - 1, 8)
        bound_s = longest_s if refused else min(longest_s, doubled_s)
        wait_s = max(self.interval_s, bound_s * random.uniform(0.8, 1.0))
        asked_s = error.retry_after_s if isinstance(error, TransientApiError) else None
        wanted_s = wanted_pause_s(asked_s)
        host.not_before = anyio.current_time() + wanted_s
        return max(wait_s, wanted_s)
