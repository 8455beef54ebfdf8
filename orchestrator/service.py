"""The life of the process: everything is built here, and the nesting is the order of its end.

Polling stops first, then running tools may finish, then what is owed is delivered as far as it
can be, then the page, the connections and the journal close. Whatever is left stays in the
journal, and the next start takes it up: there is no other way of recovery.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import structlog
from aiohttp.web import Application
from anyio.abc import TaskStatus
from prometheus_client import CollectorRegistry

from orchestrator import __version__, web
from orchestrator.admission import Admission
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, api_of, open_session
from orchestrator.api.wire import Run
from orchestrator.control import Control
from orchestrator.database import open_database
from orchestrator.execution import NO_TOOL
from orchestrator.executors.local import LocalExecutor
from orchestrator.executors.seen import seen
from orchestrator.fleet import Counts, Fleet
from orchestrator.identity import Identities
from orchestrator.idle import Idleness
from orchestrator.intake import Intake
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.parts import Parts
from orchestrator.poller import Poller
from orchestrator.pools import Pools
from orchestrator.reloading import Reloading
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner
from orchestrator.settings import Settings
from orchestrator.status import Overview
from orchestrator.upkeep import end_started, forget_daily, tidy_up
from orchestrator.web_commands import Gate
from orchestrator.workspace import Workspaces

log = structlog.get_logger()

FLUSH_S = 5.0
"""How long, after the last tool, the reports may still take."""


class Service:
    """One running labfleet: its parts, wired; `run` is its life."""

    def __init__(
        self, settings: Settings, journal: Journal, api: Api, metrics: Metrics, held: Identities
    ) -> None:
        self.settings = settings
        self.metrics = metrics
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
            unsettled_of=self._unsettled_of,
            refusal=held.refusal,
            counts_of=self._counts,
        )
        self.reporter = Reporter(
            journal,
            self._workspaces,
            metrics,
            client_of=self.fleet.client_of,
            changed=self._note_change,
        )
        self._control = Control(journal, self.fleet, self.reporter, held, api.circuit)
        self.reloading = Reloading(metrics, lambda: self.settings, self._apply)
        self.reload = self.reloading.reload
        self._taking = anyio.Lock(fast_acquire=True)
        # Made in `run`, for they live within its task groups.
        self.runner: Runner
        self.intake: Intake
        self._tools = anyio.CancelScope()
        self._last_reports = anyio.CancelScope(shield=True)
        self._changed, self._stop = anyio.Event(), anyio.Event()
        self.idleness = Idleness()
        self._overview = Overview(
            journal, self.fleet, self.reporter, self._pools, lambda: self.runner
        )
        metrics.watch(self._overview.host_figures, self._pools.figures)
        metrics.admission_closed.labels("paused").set_function(lambda: self.fleet.all_paused)
        self._circuit = api.circuit
        self._overview.server_away = lambda: self._circuit.away
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
        async with (
            web.serve(self.settings.web, self._app()) as address,
            anyio.create_task_group() as reporting,
        ):
            with self._tools:
                async with anyio.create_task_group() as tools:
                    self.runner = Runner(self._parts(), tools)
                    self.intake = self._intake(self.metrics.runs_vanished.inc)
                    await tidy_up(self._journal, self._workspaces, self._executor)
                    await self._apply(self.settings)
                    reporting.start_soon(self.reporter.run)
                    reporting.start_soon(forget_daily, self._journal)
                    reporting.start_soon(self.runner.watch)
                    async with anyio.create_task_group() as polling:
                        polling.start_soon(self.poller.run)
                        polling.start_soon(self._control.watch, self._take_over)
                        polling.start_soon(self.intake.take_up_what_left, self._taking)
                        self._control.ready = True
                        self._tell_started(address)
                        task_status.started(address)
                        await (self._until_idle() if until_idle else self._stop.wait())
                        polling.cancel_scope.cancel()
                    self._drain()
            await self._flush()
            reporting.cancel_scope.cancel()
        left = [seen(folder) for folder in self.runner.left_behind].count("running")
        facts = {"owed": self.reporter.owed, "dead": self.reporter.dead}
        log.info("service.stopped", left_running=left, **facts)

    def _app(self) -> Application:
        seen = self._overview
        views = web.Views(seen.not_ready, seen.status, seen.hosts, seen.runs)
        commands = self._control.commands(self.reloading.again, self._stop_once)
        return web.make_app(self.metrics.registry, views, commands, Gate(self.settings.web))

    @property
    def draining(self) -> bool:
        """Whether nothing new is started any more."""
        return self._overview.draining

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

    def _stop_once(self) -> None:
        if not self._stop.is_set():
            self.stop()

    async def end_tools(self, limit_s: float) -> None:
        """End every tool that still runs, and wait until it is gone, *limit_s* at most.

        For a lab whose folders go with it; otherwise tools are left to guards and journal.
        """
        with anyio.move_on_after(limit_s, shield=True):
            await end_started(self._journal, self._workspaces, self._executor)

    def _drain(self) -> None:
        """Let running tools end within their time; nothing new is started."""
        self._overview.draining, self._control.ready = True, False
        counts = self.runner.counts().values()
        running, waiting = (sum(each) for each in zip((0, 0), *counts, strict=True))
        owed = self.reporter.owed
        log.info("service.draining", running=running, waiting=waiting, owed=owed)
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

    async def _apply(self, settings: Settings) -> None:
        """Put *settings* in force; what runs notices nothing."""
        async with self._taking:
            registered = await self._journal.credentials()
            paused, moves = await self._control.know(settings, registered)
            # Until the runner has them nothing is awaited: the journal's names are new already,
            # and by an old one a wrong host would be asked.
            self.settings = settings
            self.metrics.know_tools([*settings.tools, NO_TOOL])
            self._pools.resize(settings)
            self._circuit.pace(settings.server.poll_interval_s)
            self.fleet.apply(settings, registered, paused)
            await self.runner.use(settings, moves)
            self.reporter.retry_now()
            await self.intake.take_up()

    async def _take_over(self) -> None:
        self.reporter.retry_now()
        async with self._taking:
            await self.intake.take_up()

    async def _take(self, host: str, runs: Sequence[Run], began_at: float) -> bool:
        """Take what a poll brought, for the host that was asked: before a reload or after it."""
        asked = self.poller.hosts.get(host)
        async with self._taking:
            if self.poller.hosts.get(host) is not asked or not self.fleet.takes(host):
                return False
            return await self.intake.take(host, runs, began_at)

    def _intake(self, count_vanished: Callable[[], None]) -> Intake:
        return Intake(self._journal, self.fleet, self.reporter, self.runner, count_vanished)

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

    def _unsettled_of(self, host: str) -> int:
        return self.runner.running_of(host)

    def _counts(self) -> Counts:
        return self.runner.counts()

    def _note_change(self) -> None:
        self._changed.set()

    async def _change(self) -> None:
        self._changed = anyio.Event()
        await self._changed.wait()

    async def _until_idle(self) -> None:
        """Wait until nothing is left to do that can be done; `well` tells of the rest."""
        while not self._stop.is_set():
            if self.idleness.come(self.runner, self.reporter, self.poller):
                return
            await self._change()

    @property
    def well(self) -> bool:
        """Whether every host is polled, nothing is owed or refused, and nothing waits."""
        polled = all(view.state == "polling" for view in self.fleet.views())
        waits = self.intake.held or self.idleness.left_waiting
        return polled and not (self.reporter.owed or self.reporter.dead or waits)

    async def recent_runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest items with their verdicts, newest first."""
        return await self._overview.runs(limit)


@asynccontextmanager
async def open_service(settings: Settings, locks: Path | None = None) -> AsyncIterator[Service]:
    """Open journal and connections, and yield the service that is ready to run.

    Identities are locked in *locks*, else in the user's folder. Raises StateError when the state
    directory is in use or cannot be read, SettingsError for a certificate that cannot.
    """
    server = settings.server
    metrics = Metrics(CollectorRegistry(), __version__)
    with (
        open_database(settings.state_dir) as db,
        Identities(server.service_url, settings.state_dir, locks) as held,
    ):
        journal = Journal(db, server.service_url)
        async with open_session(server.ca_file) as session:
            yield Service(settings, journal, api_of(server, session, metrics), metrics, held)
