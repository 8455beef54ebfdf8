"""What executions work with, in one bundle."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from orchestrator.admission import Admission
from orchestrator.api.client import HostClient
from orchestrator.executors import Executor
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.pools import Pools
from orchestrator.settings import Settings
from orchestrator.workspace import Workspaces


@dataclass(slots=True)
class Parts:
    """What executions work with; the runner keeps the last two up to date."""

    journal: Journal
    executor: Executor
    workspaces: Workspaces
    pools: Pools
    admission: Admission
    metrics: Metrics
    client_of: Callable[[str], HostClient | None]
    """The client of a host by its key; None when it has no identity."""
    settled: Callable[[], None]
    """Called after each outcome in the journal: something is owed now."""
    settings: Settings
    draining: bool = False

    @asynccontextmanager
    async def slots(
        self, host: str, tool: str, seats: Iterable[str], *, admitted: bool
    ) -> AsyncIterator[None]:
        """Hold all slots of a run, and begin only while admission is open or if it is *admitted*.

        One whose tool may be running already is.
        """
        async with AsyncExitStack() as held:
            with self.metrics.runs_waiting.labels(tool).track_inprogress():
                while True:
                    if not admitted:
                        await self.admission.until_open()
                    await held.enter_async_context(self.pools.slots(host, tool, seats))
                    if admitted or not self.admission.closed:
                        break
                    # It closed while this one waited for its slots, and may stay so for long.
                    await held.aclose()
            yield
