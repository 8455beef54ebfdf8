"""Ask for the pending runs of every identity, on one schedule.

There is one heap of due times and no task per host: a sleeping task each would cost 2 to 7 kB
and, from some ten thousand on, delay every poll. The poller knows neither journal nor runner:
what a poll brings goes to *take*, which says whether any of it was new. A host that
cannot be asked backs off, one that is refused is asked again rarely, and neither delays the others.
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

from orchestrator.api.client import HostClient
from orchestrator.api.wire import Run
from orchestrator.errors import ApiError, LabfleetError, PermanentApiError, TransientApiError
from orchestrator.metrics import Metrics

log = structlog.get_logger()

POLLS_IN_FLIGHT = 32
_SOON_S = 1.0
"""After work was found: more may have come, or been listed on a page that moved."""
_BACK_OFF_CAP_S = 600.0

Take = Callable[[str, Sequence[Run]], Awaitable[bool]]


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
    last_poll_at: float = 0.0
    """Unix seconds of the last answer."""
    problems: set[str] = field(default_factory=set)


class Poller:
    """The schedule; `run` works it off until it is cancelled."""

    def __init__(
        self, *, interval_s: float, take: Take, polled: Callable[[], None], metrics: Metrics
    ) -> None:
        self.interval_s = interval_s
        self._take = take
        self._polled = polled
        self._metrics = metrics
        self.hosts: dict[str, Polled] = {}
        self._heap: list[tuple[float, int, Polled]] = []
        self._order = itertools.count()
        self._changed = anyio.Event()
        self._flight = anyio.CapacityLimiter(POLLS_IN_FLIGHT)

    def add(self, key: str, client: HostClient) -> None:
        """Put a host on the schedule, at a random moment of the first interval."""
        host = Polled(key, client)
        self.hosts[key] = host
        self._schedule(host, random.random() * self.interval_s)

    def remove(self, key: str) -> None:
        """Take a host off the schedule; a poll under way ends, and what it brings is kept."""
        self.hosts.pop(key, None)

    def _schedule(self, host: Polled, delay_s: float) -> None:
        host.due = anyio.current_time() + delay_s
        heapq.heappush(self._heap, (host.due, next(self._order), host))
        self._changed.set()

    async def run(self) -> None:
        """Poll for ever."""
        async with anyio.create_task_group() as polls:
            while True:
                host = await self._next_due()
                await self._flight.acquire_on_behalf_of(host)
                host.polling = True
                self._metrics.poll_lateness.observe(anyio.current_time() - host.due)
                polls.start_soon(self._poll, host)

    async def _next_due(self) -> Polled:
        """Wait for the next host whose time has come."""
        while True:
            self._changed = anyio.Event()
            wait_s = self._heap[0][0] - anyio.current_time() if self._heap else math.inf
            if wait_s <= 0:
                due, _, host = heapq.heappop(self._heap)
                # An entry that was overtaken, or whose host is gone, has lost its meaning.
                if self.hosts.get(host.key) is host and host.due == due and not host.polling:
                    return host
                continue
            with anyio.move_on_after(wait_s):
                await self._changed.wait()

    async def _poll(self, host: Polled) -> None:
        with structlog.contextvars.bound_contextvars(host=host.key):
            began = anyio.current_time()
            try:
                delay_s = await self._ask(host, began)
            except ApiError as error:
                delay_s = self._failed(host, error, began)
            except LabfleetError as error:
                # Ours, such as a full disk: the runs stay listed and are asked for again.
                log.error("host.unreachable", error=str(error))
                delay_s = self.interval_s
            finally:
                host.polling = False
                self._flight.release_on_behalf_of(host)
            if self.hosts.get(host.key) is host:
                self._schedule(host, delay_s)
            self._polled()

    async def _ask(self, host: Polled, began: float) -> float:
        """Ask once; return the time until the next poll."""
        runs, problems = await host.client.pending_runs()
        self._answered(host, problems)
        if await self._take(host.key, runs):
            return min(_SOON_S, self.interval_s)
        host.asked = began
        return self.interval_s * random.uniform(0.9, 1.1)

    def _answered(self, host: Polled, problems: Sequence[str]) -> None:
        host.last_poll_at = time.time()
        if host.state != "polling":
            log.info("host.reachable", after_failures=host.failures)
        host.state, host.error, host.failures = "polling", "", 0
        for problem in set(problems) - host.problems:
            log.error("run.abandoned", reason=f"the server's answer is not readable: {problem}")
        host.problems = set(problems)

    def _failed(self, host: Polled, error: ApiError, began: float) -> float:
        """Note the failure, tell of it once on the way down; return the time to the next try."""
        host.failures += 1
        host.error = str(error)
        refused = isinstance(error, PermanentApiError)
        state = "refused" if refused else "backing_off"
        if host.state != state:
            log.error("host.refused" if refused else "host.unreachable", error=host.error)
        host.state = state
        longest_s = max(self.interval_s, min(10 * self.interval_s, _BACK_OFF_CAP_S))
        if refused:
            host.asked = began
            return longest_s
        doubled_s = min(longest_s, self.interval_s * 2.0 ** min(host.failures - 1, 8))
        wanted_s = error.retry_after_s if isinstance(error, TransientApiError) else None
        return max(doubled_s * random.uniform(1.0, 1.25), wanted_s or 0.0)
