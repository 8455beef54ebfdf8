"""One claim's way to its verdict: slots, script, tool, results, journal.

Whatever goes wrong on the way becomes a Blocked outcome that says so, in one place: `carry_out`.
What is cut short by our own end stays in the journal, where the next process finds it.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import structlog

from adapters.base import AdapterError, Outcome, Verdict
from orchestrator import attempt as stages
from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.attempt import in_thread
from orchestrator.backoff import full_jitter_s
from orchestrator.choice import Choice, candidates, chosen_before
from orchestrator.errors import (
    ApiError,
    LabfleetError,
    PermanentApiError,
    StateError,
)
from orchestrator.executors import Executor, Exit
from orchestrator.item_result import make_result
from orchestrator.journal import Claim, Journal, Settled
from orchestrator.logs import redact
from orchestrator.metrics import Metrics
from orchestrator.pools import Pools
from orchestrator.settings import Settings
from orchestrator.workspace import Attempt, Workspaces

log = structlog.get_logger()

NO_TOOL = "none"
_SCRIPT_TRIES = 5
_PAUSE_CAP_S = 60.0


class Interrupted(LabfleetError):
    """The tool vanished without a verdict, and is not to be started again."""


@dataclass(slots=True)
class Parts:
    """What executions work with; the runner keeps the last two up to date."""

    journal: Journal
    executor: Executor
    workspaces: Workspaces
    pools: Pools
    metrics: Metrics
    client_of: Callable[[str], HostClient | None]
    """The client of a host by its key; None when it has no identity."""
    settled: Callable[[], None]
    """Called after each outcome in the journal: something is owed now."""
    settings: Settings
    draining: bool = False


class Execution:
    """One claim under way; *started* says that an earlier process may have started its tool."""

    def __init__(self, parts: Parts, claim: Claim, *, started: bool) -> None:
        self._parts = parts
        self.started = started
        self._seen_at = anyio.current_time()
        self._until_started = anyio.CancelScope()
        self.claim = claim
        self.phase = "waiting"
        self.tool = NO_TOOL

    @property
    def who(self) -> dict[str, object]:
        """The facts that every line about it carries."""
        assignment = self.claim.assignment
        return {"host": assignment.host, "run": assignment.run_id, "item": assignment.item}

    def give_up_waiting(self) -> None:
        """Leave it to the journal, unless its tool runs or has run."""
        if self.phase in {"waiting", "preparing"}:
            self._until_started.cancel()

    async def carry_out(self) -> Verdict | None:
        """Bring the claim to its verdict; None when it stays in the journal without one."""
        with structlog.contextvars.bound_contextvars(**self.who), self._until_started:
            try:
                return await self._try_tools()
            except (LabfleetError, AdapterError, OSError) as error:
                return await self._block(str(error))
            except Exception as error:
                log.exception("run.crashed")
                return await self._block(f"labfleet failed: {type(error).__name__}")
        return None

    async def _try_tools(self) -> Verdict | None:
        assignment = self.claim.assignment
        if assignment.problem:
            raise LabfleetError(assignment.problem)
        if self.started:
            choices = [chosen_before(self._parts.settings, assignment, self.claim.tool)]
        else:
            choices = candidates(self._parts.settings, assignment)
        for choice in choices[:-1]:
            try:
                return await self._run(choice)
            except PermanentApiError as error:
                # The server named no agent; this tool has no script of the test.
                if error.status != 404:
                    raise
        return await self._run(choices[-1])

    async def _run(self, choice: Choice) -> Verdict | None:
        """Run the tool to its end under its slots, then settle what came of it."""
        self.tool = choice.key
        async with self._slots(choice):
            while True:
                if not self.started and not await self._start(choice):
                    return None
                exit_ = await self._wait()
                if exit_ is not None:
                    break
                if self._parts.draining:
                    return None
                self._go_on_or_raise()
        return await self._settle(choice, exit_)

    @asynccontextmanager
    async def _slots(self, choice: Choice) -> AsyncIterator[None]:
        host = self.claim.assignment.host
        async with AsyncExitStack() as held:
            with self._parts.metrics.runs_waiting.labels(choice.key).track_inprogress():
                slots = self._parts.pools.slots(host, choice.key, choice.tool.seats)
                await held.enter_async_context(slots)
            yield

    async def _start(self, choice: Choice) -> bool:
        """Bring the script and start the tool; False when the item is not to be run any more."""
        self.phase = "preparing"
        claim, parts = self.claim, self._parts
        name = claim.next_attempt_name
        attempt = await in_thread(partial(stages.prepare_folder, parts.workspaces, name))
        with parts.metrics.stage("script"):
            fetched = await self._script(claim, choice, attempt)
        with parts.metrics.stage("unpack"):
            folder = await in_thread(partial(stages.lay_out, fetched, attempt))
            order = await in_thread(
                partial(stages.make_order, self._parts.settings, claim, choice, attempt, folder)
            )
        self.phase = "running"
        # Once the journal says that the tool may live, the guard is started without a pause.
        with anyio.CancelScope(shield=True):
            begun = await parts.journal.start(claim, choice.key)
            if begun is None:
                return False
            self.claim, self.started = begun, True
            await parts.executor.start(attempt.folder, order)
        self._note_start(choice)
        return True

    def _note_start(self, choice: Choice) -> None:
        waited_s = anyio.current_time() - self._seen_at
        self._parts.metrics.run_wait.labels(choice.key).observe(waited_s)
        log.info(
            "run.started",
            tool=choice.key,
            attempt=self.claim.attempt,
            waited_s=round(waited_s, 3),
        )

    async def _script(self, claim: Claim, choice: Choice, attempt: Attempt) -> Path | Reference:
        """Fetch the script, patiently while it is the server that fails.

        A script that cannot be had from a server that works is the test's fault, and raised.
        """
        client = self._parts.client_of(claim.assignment.host)
        if client is None:
            raise LabfleetError("its host has no identity any more")
        rules = Rules(self._parts.settings.server.script_hosts)
        failures = 0
        while True:
            try:
                return await stages.fetch_script(client, claim.assignment, choice, attempt, rules)
            except ApiError as error:
                failures += 1
                final = isinstance(error, PermanentApiError) and error.status not in {401, 403}
                # A server in maintenance says 404 to everything: then it is not the script.
                if (final or failures >= _SCRIPT_TRIES) and await _serves(client):
                    raise
                log.warning("script.postponed", error=str(error), tries=failures)
            await anyio.sleep(full_jitter_s(failures, first_s=1.0, cap_s=_PAUSE_CAP_S))

    async def _wait(self) -> Exit | None:
        """Wait for the tool's end; None when it vanished."""
        self.phase = "running"
        folder = self._parts.workspaces.attempt(self.claim.attempt_name).folder
        with self._parts.metrics.runs_in_progress.labels(self.tool).track_inprogress():
            return await self._parts.executor.wait(folder)

    def _go_on_or_raise(self) -> None:
        """Let an interrupted item be started again, or raise Interrupted where policy says so."""
        attempt = self.claim.attempt
        log.warning("run.interrupted", tool=self.tool, attempt=attempt)
        if self._parts.settings.on_interrupted == "block":
            raise Interrupted("the tool was cut off before it gave a verdict")
        if attempt >= self._parts.settings.max_attempts:
            raise Interrupted(f"the tool was cut off before it gave a verdict, {attempt} times")
        self.started = False

    async def _settle(self, choice: Choice, exit_: Exit) -> Verdict | None:
        """Read the results, write the reports and put the outcome into the journal."""
        self.phase = "reporting"
        claim, metrics = self.claim, self._parts.metrics
        self._count_processes(exit_)
        metrics.run_duration.labels(choice.key).observe(exit_.seconds)
        metrics.run_stage.labels("execute").observe(exit_.seconds)
        attempt = self._parts.workspaces.attempt(claim.attempt_name)
        outcome = await stages.conclude(choice, exit_, attempt, metrics)
        with metrics.stage("report"):
            files = await stages.write_reports(claim, choice, exit_, outcome, attempt)
        return await self._finish(outcome, stages.times(exit_), files)

    def _count_processes(self, exit_: Exit) -> None:
        if exit_.kills:
            self._parts.metrics.process_kills.labels(exit_.reason or "leftover").inc(exit_.kills)
            log.warning("tool.killed", processes=exit_.kills, reason=exit_.reason or "leftover")
        if exit_.survivors:
            self._parts.metrics.process_survivors.inc(len(exit_.survivors))
            log.error("tool.survived", processes=exit_.survivors)

    async def _block(self, reason: str) -> Verdict | None:
        """Settle an item that got no verdict from its tool."""
        claim = self.claim
        if self.phase == "running" and self.started:
            # Whatever went wrong here, its tool must not go on unowned.
            self._parts.executor.stop(self._parts.workspaces.attempt(claim.attempt_name).folder)
        now = datetime.now(UTC)
        return await self._finish(Outcome(Verdict.BLOCKED, (), reason), (now, now), {})

    async def _finish(
        self,
        outcome: Outcome,
        times: tuple[datetime, datetime],
        files: Mapping[str, str],
    ) -> Verdict | None:
        started_at, finished_at = times
        result = make_result(outcome, started_at, finished_at)
        settled = Settled(
            verdict=outcome.verdict,
            reason=redact(outcome.reason),
            tool=self.tool,
            finished_at=finished_at.timestamp(),
            owed={"result": result.model_dump_json(), **files},
        )
        if not await self._write_down(self.claim, settled):
            return None
        self._parts.metrics.runs.labels(self.tool, outcome.verdict.lower()).inc()
        seconds = round((finished_at - started_at).total_seconds(), 3)
        log.info(
            "run.blocked" if outcome.verdict is Verdict.BLOCKED else "run.finished",
            verdict=outcome.verdict.value,
            tool=self.tool,
            cases=len(outcome.cases),
            seconds=seconds,
            reason=outcome.reason,
        )
        self._parts.settled()
        return outcome.verdict

    async def _write_down(self, claim: Claim, settled: Settled) -> bool:
        """Put the outcome into the journal, however long its disk stays full."""
        failures = 0
        while True:
            try:
                return await self._parts.journal.finish(claim, settled)
            except StateError as error:
                failures += 1
                log.error("run.postponed", error=str(error))
            await anyio.sleep(full_jitter_s(failures, first_s=0.5, cap_s=_PAUSE_CAP_S))


async def _serves(client: HostClient) -> bool:
    """Whether the server answers this host at all."""
    try:
        await client.get_host()
    except ApiError:
        return False
    return True
