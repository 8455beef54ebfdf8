"""From a claim to a settled verdict.

Each claim is carried through waiting, script, tool and reading to one outcome, which goes into
the journal together with everything that is owed to the server for it. Whatever goes wrong on
the way becomes a Blocked outcome that says so, in one place: `_carry_out`. What is cut short by
our own end stays in the journal, where the next process finds it.
"""

from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup

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
    TransientApiError,
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


@dataclass(slots=True, eq=False)
class Active:
    """A claim on its way, as people see it."""

    claim: Claim
    started: bool
    """Its tool may be running already: an earlier process started it."""
    seen_at: float
    """On the event loop's clock."""
    phase: str = "waiting"
    tool: str = NO_TOOL
    until_started: anyio.CancelScope = field(default_factory=anyio.CancelScope)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the runner works with."""

    journal: Journal
    executor: Executor
    workspaces: Workspaces
    pools: Pools
    metrics: Metrics
    client_of: Callable[[str], HostClient | None]
    """The client of a host by its key; None when it has no identity."""
    settled: Callable[[], None]
    """Called after each verdict: something is owed."""


class Runner:
    """Carries claims out in *tasks*, each until its verdict stands in the journal."""

    def __init__(self, parts: Parts, tasks: TaskGroup, settings: Settings) -> None:
        self._parts = parts
        self._tasks = tasks
        self.settings = settings
        self.active: dict[int, Active] = {}
        self.verdicts: dict[str, Counter[Verdict]] = {}
        self._chains: dict[int, deque[Active]] = {}
        self._draining = False

    def accept(self, claims: Sequence[Claim], *, started: bool = False) -> None:
        """Begin to carry *claims* out; *started* says that their tools may be running already."""
        for claim in claims:
            if self._draining or claim.id in self.active:
                continue
            active = Active(claim, started, anyio.current_time())
            self.active[claim.id] = active
            log.info("run.claimed", **_who(claim), test=claim.assignment.test_name)
            if not claim.assignment.in_order:
                self._tasks.start_soon(self._carry_out, active)
            elif claim.assignment.run_id in self._chains:
                self._chains[claim.assignment.run_id].append(active)
            else:
                self._chains[claim.assignment.run_id] = deque([active])
                self._tasks.start_soon(self._in_order, claim.assignment.run_id)

    def use(self, settings: Settings) -> None:
        """Take new settings; hosts and tools that left stay known for the runs that need them."""
        kept = {
            "hosts": {**self.settings.hosts, **settings.hosts},
            "tools": {**self.settings.tools, **settings.tools},
        }
        self.settings = settings.model_copy(update=kept)

    def drain(self) -> None:
        """Start nothing more: what waits stays in the journal, what runs may end."""
        self._draining = True
        for active in self.active.values():
            if active.phase != "running":
                active.until_started.cancel()

    def running_of(self, host: str) -> int:
        """Return how many claims of *host* are not settled yet."""
        return sum(active.claim.assignment.host == host for active in self.active.values())

    async def _in_order(self, run_id: int) -> None:
        """Carry out the items of one run one after another, until one of them stops it."""
        chain = self._chains[run_id]
        stopped = False
        while chain:
            active = chain.popleft()
            if stopped or self._draining:
                del self.active[active.claim.id]
                continue
            verdict = await self._carry_out(active)
            if verdict is Verdict.FAILED and active.claim.assignment.stop_on_fail:
                # The journal took the rest off the list together with this verdict.
                log.info("run.abandoned", **_who(active.claim), reason="a failure stops this run")
                stopped = True
        del self._chains[run_id]

    async def _carry_out(self, active: Active) -> Verdict | None:
        """Bring one claim to its verdict; None when it stays in the journal without one."""
        with structlog.contextvars.bound_contextvars(**_who(active.claim)), active.until_started:
            try:
                return await self._try_tools(active)
            except (LabfleetError, AdapterError, OSError) as error:
                return await self._block(active, str(error))
            except Exception as error:
                log.exception("run.crashed")
                return await self._block(active, f"labfleet failed: {type(error).__name__}")
            finally:
                del self.active[active.claim.id]
        return None

    async def _try_tools(self, active: Active) -> Verdict | None:
        assignment = active.claim.assignment
        if assignment.problem:
            raise LabfleetError(assignment.problem)
        if active.started:
            choices = [chosen_before(self.settings, assignment, active.claim.tool)]
        else:
            choices = candidates(self.settings, assignment)
        for choice in choices[:-1]:
            try:
                return await self._run(active, choice)
            except PermanentApiError as error:
                # The server named no agent; this tool has no script of the test.
                if error.status != 404:
                    raise
        return await self._run(active, choices[-1])

    async def _run(self, active: Active, choice: Choice) -> Verdict | None:
        """Run the tool to its end under its slots, then settle what came of it."""
        active.tool = choice.key
        async with self._slots(active, choice):
            while True:
                if not active.started and not await self._start(active, choice):
                    return None
                exit_ = await self._wait(active)
                if exit_ is not None:
                    break
                if self._draining:
                    return None
                self._go_on_or_raise(active)
        return await self._settle(active, choice, exit_)

    @asynccontextmanager
    async def _slots(self, active: Active, choice: Choice) -> AsyncIterator[None]:
        host = active.claim.assignment.host
        async with AsyncExitStack() as held:
            with self._parts.metrics.runs_waiting.labels(choice.key).track_inprogress():
                slots = self._parts.pools.slots(host, choice.key, choice.tool.seats)
                await held.enter_async_context(slots)
            yield

    async def _start(self, active: Active, choice: Choice) -> bool:
        """Bring the script and start the tool; False when the item is not to be run any more."""
        active.phase = "preparing"
        claim, parts = active.claim, self._parts
        name = claim.next_attempt_name
        attempt = await in_thread(partial(stages.prepare_folder, parts.workspaces, name))
        with parts.metrics.stage("script"):
            fetched = await self._script(claim, choice, attempt)
        with parts.metrics.stage("unpack"):
            folder = await in_thread(partial(stages.lay_out, fetched, attempt))
            order = await in_thread(
                partial(stages.make_order, self.settings, claim, choice, attempt, folder)
            )
        active.phase = "running"
        # Once the journal says that the tool may live, the guard is started without a pause.
        with anyio.CancelScope(shield=True):
            begun = await parts.journal.start(claim, choice.key)
            if begun is None:
                return False
            active.claim, active.started = begun, True
            await parts.executor.start(attempt.folder, order)
        self._note_start(active, choice)
        return True

    def _note_start(self, active: Active, choice: Choice) -> None:
        waited_s = anyio.current_time() - active.seen_at
        self._parts.metrics.run_wait.labels(choice.key).observe(waited_s)
        log.info(
            "run.started",
            tool=choice.key,
            attempt=active.claim.attempt,
            waited_s=round(waited_s, 3),
        )

    async def _script(self, claim: Claim, choice: Choice, attempt: Attempt) -> Path | Reference:
        """Fetch the script, patiently while it is the server that fails.

        A script that cannot be had from a server that works is the test's fault, and raised.
        """
        client = self._parts.client_of(claim.assignment.host)
        if client is None:
            raise LabfleetError("its host has no identity any more")
        rules = Rules(self.settings.server.script_hosts)
        failures = 0
        while True:
            try:
                return await stages.fetch_script(client, claim.assignment, choice, attempt, rules)
            except ApiError as error:
                failures += 1
                asking_helps = isinstance(error, TransientApiError) or error.status in {401, 403}
                if not asking_helps or (failures >= _SCRIPT_TRIES and await _serves(client)):
                    raise
                log.warning("script.postponed", error=str(error), tries=failures)
            await anyio.sleep(full_jitter_s(failures, first_s=1.0, cap_s=_PAUSE_CAP_S))

    async def _wait(self, active: Active) -> Exit | None:
        """Wait for the tool's end; None when it vanished."""
        active.phase = "running"
        folder = self._parts.workspaces.attempt(active.claim.attempt_name).folder
        with self._parts.metrics.runs_in_progress.labels(active.tool).track_inprogress():
            return await self._parts.executor.wait(folder)

    def _go_on_or_raise(self, active: Active) -> None:
        """Let an interrupted item be started again, or raise Interrupted where policy says so."""
        attempt = active.claim.attempt
        log.warning("run.interrupted", tool=active.tool, attempt=attempt)
        if self.settings.on_interrupted == "block":
            raise Interrupted("the tool was cut off before it gave a verdict")
        if attempt >= self.settings.max_attempts:
            raise Interrupted(f"the tool was cut off before it gave a verdict, {attempt} times")
        active.started = False

    async def _settle(self, active: Active, choice: Choice, exit_: Exit) -> Verdict | None:
        """Read the results, write the reports and put the outcome into the journal."""
        active.phase = "reporting"
        claim, metrics = active.claim, self._parts.metrics
        self._count_processes(exit_)
        metrics.run_duration.labels(choice.key).observe(exit_.seconds)
        metrics.run_stage.labels("execute").observe(exit_.seconds)
        attempt = self._parts.workspaces.attempt(claim.attempt_name)
        outcome = await stages.conclude(choice, exit_, attempt, metrics)
        with metrics.stage("report"):
            files = await stages.write_reports(claim, choice, exit_, outcome, attempt)
        return await self._finish(active, outcome, stages.times(exit_), files)

    def _count_processes(self, exit_: Exit) -> None:
        if exit_.kills:
            self._parts.metrics.process_kills.labels(exit_.reason or "leftover").inc(exit_.kills)
            log.warning("tool.killed", processes=exit_.kills, reason=exit_.reason or "leftover")
        if exit_.survivors:
            self._parts.metrics.process_survivors.inc(len(exit_.survivors))
            log.error("tool.survived", processes=exit_.survivors)

    async def _block(self, active: Active, reason: str) -> Verdict | None:
        """Settle an item that got no verdict from its tool."""
        claim = active.claim
        if active.phase == "running" and active.started:
            # Whatever went wrong here, its tool must not go on unowned.
            self._parts.executor.stop(self._parts.workspaces.attempt(claim.attempt_name).folder)
        now = datetime.now(UTC)
        return await self._finish(active, Outcome(Verdict.BLOCKED, (), reason), (now, now), {})

    async def _finish(
        self,
        active: Active,
        outcome: Outcome,
        times: tuple[datetime, datetime],
        files: Mapping[str, str],
    ) -> Verdict | None:
        started_at, finished_at = times
        result = make_result(outcome, started_at, finished_at)
        settled = Settled(
            verdict=outcome.verdict,
            reason=redact(outcome.reason),
            tool=active.tool,
            finished_at=finished_at.timestamp(),
            owed={"result": result.model_dump_json(), **files},
        )
        if not await self._write_down(active.claim, settled):
            return None
        self._parts.metrics.runs.labels(active.tool, outcome.verdict.lower()).inc()
        host = active.claim.assignment.host
        self.verdicts.setdefault(host, Counter())[outcome.verdict] += 1
        seconds = round((finished_at - started_at).total_seconds(), 3)
        log.info(
            "run.blocked" if outcome.verdict is Verdict.BLOCKED else "run.finished",
            verdict=outcome.verdict.value,
            tool=active.tool,
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


def _who(claim: Claim) -> dict[str, object]:
    assignment = claim.assignment
    return {"host": assignment.host, "run": assignment.run_id, "item": assignment.item}
