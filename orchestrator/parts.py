"""What executions work with, in one bundle."""

from collections.abc import Callable
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
