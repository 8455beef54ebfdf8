"""Every metric in one place.

Label values come only from closed sets: tools, pools and hosts of the settings, verdicts,
operations. Series exist from the start at zero, so that `rate()` sees the first increase.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from adapters.base import Verdict

OPERATIONS = (
    "list_departments", "register_host", "find_host", "get_host", "update_host",
    "current_runs", "update_item", "upload_log", "upload_report", "get_script",
)  # fmt: skip
OUTCOMES = ("2xx", "3xx", "4xx", "5xx", "timeout", "connection", "decode")
HOST_STATES = ("polling", "backing_off", "refused", "paused", "draining")
STAGES = ("script", "unpack", "execute", "collect", "report")
KILL_REASONS = ("deadline", "stopped", "prompt", "leftover")
ADMISSION_REASONS = ("disk", "memory", "load", "paused")
RELOAD_RESULTS = ("success", "failure")

_RUN_SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)
_WAIT_SECONDS = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400)
_CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LATENESS_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)


@dataclass(frozen=True, slots=True)
class HostFigures:
    """What one scrape says of one configured host."""

    host: str
    state: str
    last_poll_at: float
    """Unix seconds; 0 before the first poll was answered."""
    runs: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """What one scrape says of one pool."""

    pool: str
    slots: int
    used: int
    waiting: int


class Metrics:
    """What labfleet counts, over a registry of its own."""

    def __init__(self, registry: CollectorRegistry, version: str) -> None:
        self.registry = registry
        # The series `_created` double the exposition and say nothing that a restart does not.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types
        runs = ("tool", "verdict")
        self.runs = self._counter("runs", "Items that got a verdict.", runs)
        self.run_duration = self._histogram(
            "run_duration_seconds", "From a tool's start to its end.", ("tool",), _RUN_SECONDS
        )
        self.run_wait = self._histogram(
            "run_wait_seconds", "From a run seen in a poll to its tool's start.", ("tool",),
            _WAIT_SECONDS,
        )  # fmt: skip
        self.run_stage = self._histogram(
            "run_stage_seconds", "Where a run's time goes.", ("stage",), _RUN_SECONDS
        )
        self.runs_vanished = self._counter(
            "runs_vanished", "Items settled or removed by somebody else while they were ours."
        )
        self.runs_in_progress = self._gauge("runs_in_progress", "Tools running now.", ("tool",))
        self.runs_waiting = self._gauge("runs_waiting", "Runs waiting for a slot.", ("tool",))
        calls = ("operation", "outcome")
        self.api_requests = self._counter("api_requests", "Calls to the API.", calls)
        self.api_duration = self._histogram(
            "api_request_duration_seconds", "How long calls to the API took.", ("operation",),
            _CALL_SECONDS,
        )  # fmt: skip
        self.poll_lateness = self._histogram(
            "poll_lateness_seconds", "How long after its due time a poll began.", (),
            _LATENESS_SECONDS,
        )  # fmt: skip
        self.server_away = self._gauge(
            "server_away", "1 while the server answers nobody, and is asked by one call at a time."
        )
        self.outbox_deliveries = self._gauge("outbox_deliveries", "Reports owed to the server.")
        self.outbox_oldest_age = self._gauge(
            "outbox_oldest_age_seconds", "Age of the oldest report owed."
        )
        self.deliveries_dead = self._counter("deliveries_dead", "Reports the server refused.")
        self.dead_letters = self._gauge(
            "dead_letters", "Reports that the server refused and nobody has sent again."
        )
        self.process_kills = self._counter(
            "process_kills", "Processes that had to be ended.", ("reason",)
        )
        self.process_survivors = self._counter(
            "process_survivors", "Processes of a tool that could not be ended."
        )
        self.admission_closed = self._gauge(
            "admission_closed",
            "1 while nothing new is started, or asked for where every host is paused.",
            ("reason",),
        )
        self.config_reloads = self._counter("config_reloads", "Reloads of the file.", ("result",))
        self.config_last_reload_successful = self._gauge(
            "config_last_reload_successful", "1 while the file on disk is the one in use."
        )
        Info("labfleet_build", "What runs here.", registry=registry).info(
            {"version": version, "python": platform.python_version()}
        )
        self._start_at_zero()

    def _counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(f"labfleet_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(f"labfleet_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(f"labfleet_{name}", text, labels, buckets=buckets, registry=self.registry)

    def _start_at_zero(self) -> None:
        for operation in OPERATIONS:
            self.api_duration.labels(operation)
            for outcome in OUTCOMES:
                self.api_requests.labels(operation, outcome)
        for metric, values in (
            (self.run_stage, STAGES),
            (self.process_kills, KILL_REASONS),
            (self.admission_closed, ADMISSION_REASONS),
            (self.config_reloads, RELOAD_RESULTS),
        ):
            for value in values:
                metric.labels(value)
        self.config_last_reload_successful.set(1)

    def know_tools(self, tools: Iterable[str]) -> None:
        """Let the series of every configured tool exist before its first run."""
        for tool in tools:
            self.run_duration.labels(tool)
            self.run_wait.labels(tool)
            self.runs_in_progress.labels(tool)
            self.runs_waiting.labels(tool)
            for verdict in Verdict:
                self.runs.labels(tool, verdict.lower())

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Time one stage of a run."""
        with self.run_stage.labels(stage).time():
            yield

    def api_call(self, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to the API; an outcome of no known kind is an answer without meaning."""
        if outcome not in OUTCOMES:
            outcome = "decode"
        self.api_requests.labels(operation, outcome).inc()
        self.api_duration.labels(operation).observe(seconds)

    def watch(
        self,
        hosts: Callable[[], Sequence[HostFigures]],
        pools: Callable[[], Sequence[PoolFigures]],
    ) -> None:
        """Read hosts and pools at each scrape instead of keeping children for each of them.

        At 10,000 hosts three labelled children a host cost 353 ms a scrape, this 63 ms.
        """
        self.registry.register(_LiveCollector(hosts, pools))


class _LiveCollector(Collector):
    """Series made from live objects at the moment of a scrape."""

    def __init__(
        self,
        hosts: Callable[[], Sequence[HostFigures]],
        pools: Callable[[], Sequence[PoolFigures]],
    ) -> None:
        self._hosts = hosts
        self._pools = pools

    @override
    def collect(self) -> Iterator[Metric]:
        hosts = self._hosts()
        yield _host_states(hosts)
        last_poll = GaugeMetricFamily(
            "labfleet_host_last_poll_timestamp_seconds",
            "When a poll of this host was last answered.",
            labels=("host",),
        )
        runs = CounterMetricFamily(
            "labfleet_host_runs", "Items of this host that got a verdict.",
            labels=("host", "verdict"),
        )  # fmt: skip
        for host in hosts:
            # One that is paused is not late, and alerts look here.
            if host.state != "paused":
                last_poll.add_metric((host.host,), host.last_poll_at)
            for verdict in Verdict:
                runs.add_metric((host.host, verdict.lower()), host.runs.get(verdict, 0))
        yield last_poll
        yield runs
        yield from _pool_gauges(self._pools())


def _host_states(hosts: Sequence[HostFigures]) -> Metric:
    family = GaugeMetricFamily("labfleet_hosts", "Hosts by state.", labels=("state",))
    for state in HOST_STATES:
        family.add_metric((state,), sum(host.state == state for host in hosts))
    return family


def _pool_gauges(pools: Sequence[PoolFigures]) -> Iterator[Metric]:
    for name, text, figures in (
        ("pool_slots", "Slots of a pool.", [p.slots for p in pools]),
        ("pool_slots_used", "Slots of a pool in use.", [p.used for p in pools]),
        ("pool_waiting", "Runs waiting for a slot of this pool.", [p.waiting for p in pools]),
    ):
        family = GaugeMetricFamily(f"labfleet_{name}", text, labels=("pool",))
        for pool, figure in zip(pools, figures, strict=True):
            family.add_metric((pool.pool,), figure)
        yield family
