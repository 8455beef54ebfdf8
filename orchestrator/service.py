"""The life of the process: everything is built here, and the nesting is the order of its end.

Polling stops first, then running tools may finish, then what is owed is delivered as far as it
can be, then the page, the connections and the journal close. Whatever is left stays in the
journal, and the next start takes it up: there is no other way of recovery.
"""

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskStatus
from prometheus_client import CollectorRegistry

from adapters.base import Verdict
from orchestrator import __version__, web
from orchestrator.admission import Admission
from orchestrator.api.circuit import Circuit
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, api_of, open_session
from orchestrator.api.wire import Run
from orchestrator.database import open_database
from orchestrator.errors import LabfleetError, SettingsError
from orchestrator.execution import NO_TOOL
from orchestrator.executors.local import LocalExecutor
from orchestrator.fleet import Fleet
from orchestrator.intake import Intake
from orchestrator.journal import Journal
from orchestrator.metrics import HostFigures, Metrics
from orchestrator.parts import Parts
from orchestrator.poller import Poller
from orchestrator.pools import Pools
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner
from orchestrator.settings import Settings
from orchestrator.settings.reload import check_reloadable
from orchestrator.status import hosts_document, runs_document, status_document
from orchestrator.upkeep import forget_daily, tidy_up
from orchestrator.workspace import Workspaces

log = structlog.get_logger()

FLUSH_S = 5.0
"""How long, after the last tool, the reports may still take."""


class Service:
    """One running labfleet: its parts, wired; `run` is its life."""

    def __init__(self, settings: Settings, journal: Journal, api: Api, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.draining = False
        self._journal = journal
        self._pools = Pools(settings)
        self._workspaces = Workspaces(settings.state_dir / "attempts")
        self._executor = LocalExecutor()
        self.poller = Poller(
            interval_s=settings.server.poll_interval_s,
            take=self._take,
            polled=self._note_change,
            metrics=metrics,
        )
        self.fleet = Fleet(
            self.poller,
            connect=lambda host_id, token: HostClient(api, host_id, token),
            running_of=self._running_of,
        )
        self.reporter = Reporter(
            journal,
            self._workspaces,
            metrics,
            client_of=self.fleet.client_of,
            changed=self._note_change,
        )
        # Made in `run`, for they live within its task groups.
        self.runner: Runner
        self.intake: Intake
        self._tools = anyio.CancelScope()
        self._last_reports = anyio.CancelScope(shield=True)
        self._changed = anyio.Event()
        self._stop = anyio.Event()
        self._last_work_at = -math.inf
        self._started_at = time.time()
        metrics.watch(self._host_figures, self._pools.figures)
        self._circuit = api.circuit or Circuit(settings.server.poll_interval_s)
        self._circuit.returned = (self.poller.resume, self.reporter.resume)

    async def run(
        self,
        *,
        until_idle: bool = False,
        task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Work until `stop`, or with *until_idle* until nothing is left to do.

        Reports its own address as started once hosts are polled.
        """
        app = web.make_app(self.metrics.registry, self._views())
        async with (
            web.serve(self.settings.web, app) as address,
            anyio.create_task_group() as reporting,
        ):
            with self._tools:
                async with anyio.create_task_group() as tools:
                    self.runner = Runner(self._parts(), tools)
                    self.intake = Intake(self._journal, self.fleet, self.reporter, self.runner)
                    await tidy_up(self._journal, self._workspaces, self._executor)
                    await self._apply(self.settings)
                    reporting.start_soon(self.reporter.run)
                    reporting.start_soon(forget_daily, self._journal)
                    reporting.start_soon(self.runner.watch)
                    async with anyio.create_task_group() as polling:
                        polling.start_soon(self.poller.run)
                        self._tell_started(address)
                        task_status.started(address)
                        await (self._until_idle() if until_idle else self._stop.wait())
                        polling.cancel_scope.cancel()
                    self._drain()
            await self._flush()
            reporting.cancel_scope.cancel()
        log.info("service.stopped", owed=self.reporter.owed)

    def _tell_started(self, address: str) -> None:
        within_s = self.settings.server.poll_interval_s
        hosts = len(self.fleet.views())
        log.info("service.started", hosts=hosts, url=address, first_polls_within_s=within_s)

    def stop(self) -> None:
        """End in good order; asked again, end now and leave running tools to their guards."""
        if self._stop.is_set():
            self._tools.cancel()
            self._last_reports.cancel()
        self._stop.set()
        self._note_change()

    async def end_tools(self, limit_s: float) -> None:
        """End every tool that still runs, and wait until it is gone, *limit_s* at most.

        For a lab whose folders go with it; otherwise tools are left to guards and journal.
        """
        with anyio.move_on_after(limit_s, shield=True):
            for claim, started in await self._journal.open_claims():
                folder = self._workspaces.attempt(claim.attempt_name).folder
                if started:
                    self._executor.stop(folder)
                    await self._executor.wait(folder)

    def _drain(self) -> None:
        """Let running tools end within their time; nothing new is started."""
        self.draining = True
        log.info("service.draining", running=len(self.runner.active), owed=self.reporter.owed)
        self.runner.drain()
        self._tools.deadline = anyio.current_time() + self.settings.drain_s

    async def _flush(self) -> None:
        """Give what is owed one more chance; the outbox keeps what the server does not take."""
        self._last_reports.deadline = anyio.current_time() + FLUSH_S
        with self._last_reports:
            self._circuit.hurry()
            self.reporter.retry_now()
            while not self.reporter.idle:
                await self._change()

    async def reload(self, load: Callable[[], Settings]) -> bool:
        """Read the settings again; keep the ones in force, and say why, if they cannot be used."""
        try:
            settings = await to_thread.run_sync(_loaded, load)
            check_reloadable(self.settings, settings)
            await self._apply(settings)
        except LabfleetError as error:
            log.error("service.reload_refused", error=str(error))
            self.metrics.config_reloads.labels("failure").inc()
            self.metrics.config_last_reload_successful.set(0)
            return False
        self.metrics.config_reloads.labels("success").inc()
        self.metrics.config_last_reload_successful.set(1)
        log.info("service.reloaded", hosts=len(settings.hosts))
        return True

    async def _apply(self, settings: Settings) -> None:
        """Put *settings* in force; what runs notices nothing."""
        registered = await self._journal.credentials()
        self.settings = settings
        self.metrics.know_tools([*settings.tools, NO_TOOL])
        self._pools.resize(settings)
        await self.runner.use(settings)
        self._circuit.pace(settings.server.poll_interval_s)
        self.fleet.apply(settings, registered)
        self.reporter.retry_now()
        await self.intake.take_up(self.runner.settings)

    async def _take(self, host: str, runs: Sequence[Run], began_at: float) -> bool:
        return await self.intake.take(host, runs, began_at)

    def _parts(self) -> Parts:
        return Parts(
            journal=self._journal,
            executor=self._executor,
            workspaces=self._workspaces,
            pools=self._pools,
            admission=Admission(self.settings.state_dir, self.settings.limits, self.metrics),
            metrics=self.metrics,
            client_of=self.fleet.client_of,
            settled=self.reporter.wake,
            settings=self.settings,
        )

    def _running_of(self, host: str) -> int:
        return self.runner.running_of(host)

    def _note_change(self) -> None:
        self._changed.set()

    async def _change(self) -> None:
        self._changed = anyio.Event()
        await self._changed.wait()

    async def _until_idle(self) -> None:
        """Wait until every host was asked in vain since the last work was done.

        What the server does not take now is no work: it stays owed, and `well` says so.
        """
        owed = -1
        while not self._stop.is_set():
            if self.runner.active or self.reporter.owed != owed:
                owed, self._last_work_at = self.reporter.owed, anyio.current_time()
            elif self.reporter.idle and all(
                host.asked > self._last_work_at for host in self.poller.hosts.values()
            ):
                return
            await self._change()

    @property
    def well(self) -> bool:
        """Whether every host is polled, nothing is owed, and nothing waits for what is gone."""
        polled = all(view.state == "polling" for view in self.fleet.views())
        return polled and self.reporter.owed == 0 and not self.intake.held

    def _views(self) -> web.Views:
        return web.Views(
            not_ready=self._not_ready,
            status=lambda: (
                status_document(
                    self.fleet.views(),
                    list(self.runner.active.values()),
                    self._pools.figures(),
                    owed=self.reporter.owed,
                    draining=self.draining,
                    started_at=self._started_at,
                )
                | {"admission_closed": self.runner.closed}
            ),
            hosts=lambda: hosts_document(self.fleet.views()),
            runs=self.recent_runs,
        )

    async def recent_runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest items with their verdicts, newest first."""
        return runs_document(await self._journal.recent(limit), list(self.runner.active.values()))

    def _not_ready(self) -> str:
        if self.draining:
            return "draining"
        if self.poller.hosts and not any(h.last_poll_at for h in self.poller.hosts.values()):
            return "no host has been polled yet"
        return ""

    def _host_figures(self) -> list[HostFigures]:
        none: Counter[Verdict] = Counter()
        return [
            HostFigures(v.key, v.state, v.last_poll_at, self.runner.verdicts.get(v.key, none))
            for v in self.fleet.views()
        ]


def _loaded(load: Callable[[], Settings]) -> Settings:
    """Load settings; whatever is wrong with them, it is a SettingsError."""
    try:
        return load()
    except LabfleetError:
        raise
    except Exception as error:
        # Such as a file nested too deep for its reader: the settings in force must outlive it.
        raise SettingsError(f"the settings cannot be read ({type(error).__name__})") from error


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Open journal and connections, and yield the service that is ready to run.

    Raises StateError when the state directory is in use or cannot be read, SettingsError for a
    certificate that cannot.
    """
    server = settings.server
    metrics = Metrics(CollectorRegistry(), __version__)
    with open_database(settings.state_dir) as db:
        journal = Journal(db, server.service_url)
        async with open_session(server.ca_file) as session:
            yield Service(settings, journal, api_of(server, session, metrics), metrics)
