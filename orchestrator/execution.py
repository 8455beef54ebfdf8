"""One claim's way to its verdict: slots, script, tool, results, journal.

Whatever goes wrong on the way becomes a Blocked outcome that says so, in one place: `carry_out`.
What is cut short by our own end stays in the journal, where the next process finds it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import anyio.lowlevel
import structlog

from adapters.base import AdapterError, Outcome, Verdict
from orchestrator.admission import is_scarce
from orchestrator.choice import Choice, NoTool, candidates, chosen_before
from orchestrator.conclusion import conclude, times
from orchestrator.errors import LabfleetError, PermanentApiError, StateError
from orchestrator.executors import Exit
from orchestrator.journal import Claim
from orchestrator.parts import Parts
from orchestrator.preparing import Preparing
from orchestrator.settling import count_processes, note_refusal, write_down
from orchestrator.threads import in_thread
from orchestrator.turn import Interrupted, Postponed, Scarce, Turn, Unlisted
from orchestrator.uploads import write_reports

log = structlog.get_logger()

NO_TOOL = "none"


class Execution:
    """One claim under way; *started* says that an earlier process may have started its tool."""

    def __init__(self, parts: Parts, claim: Claim, *, started: bool, listed: bool = True) -> None:
        """Start nothing, and Block nothing, before `turn.listed` is set, as *listed* says."""
        self._parts = parts
        self.started = started
        self._seen_at = anyio.current_time()
        self.turn = Turn(listed=listed)
        self.claim = claim
        self._preparing = Preparing(parts)
        self._choices: list[Choice] = []
        self._forgotten = False
        self._ended_for = ""
        self.phase = "waiting"
        self.tool = NO_TOOL

    @property
    def who(self) -> dict[str, object]:
        """The facts that every line about it carries."""
        assignment = self.claim.assignment
        return {"host": assignment.host, "run": assignment.run_id, "item": assignment.item}

    @property
    def folder(self) -> Path:
        """The folder of the attempt that was started last."""
        return self._parts.workspaces.attempt(self.claim.attempt_name).folder

    @property
    def is_before_start(self) -> bool:
        """Whether its next attempt is still to be started."""
        return self.phase in {"waiting", "preparing"}

    @property
    def may_be_forgotten(self) -> bool:
        """Whether nothing of it runs, nor has ended and is only not told yet."""
        return self.is_before_start and not self.started

    def give_up_waiting(self) -> None:
        """Leave it to the journal, unless its tool runs or has run."""
        if self.is_before_start:
            self.turn.give_up()

    def forget(self) -> None:
        """Leave it for good: the journal does not know it any more."""
        self._forgotten = True
        self.give_up_waiting()

    def move(self, host: str) -> None:
        """Take the new key of its host, and begin anew with it if nothing runs."""
        self.claim = replace(self.claim, assignment=replace(self.claim.assignment, host=host))
        self._begin_anew()

    def choose_again(self) -> None:
        """Begin anew if the settings have other tools for it now, or the same with changes."""
        with suppress(NoTool):
            if self._choices == candidates(self._parts.settings, self.claim.assignment):
                return
        if self._choices:
            self._begin_anew()

    def _begin_anew(self) -> None:
        if self.is_before_start and not self.started:
            self.turn.begin_anew()

    async def carry_out(self) -> Verdict | None:
        """Bring the claim to its verdict; None when it stays in the journal without one."""
        with structlog.contextvars.bound_contextvars(**self.who):
            verdict = await self.turn.take(self._try_once)
            if self._forgotten:
                await self._preparing.clear_away(self.claim)
            return verdict

    async def _try_once(self) -> Verdict | None:
        # The key of its host may have changed since the last try.
        structlog.contextvars.bind_contextvars(**self.who)
        self.phase, self._choices = "waiting", []
        if not self.started:
            await self.turn.until_listed()
        try:
            return await self._try_tools()
        except Unlisted:
            return await self._try_once()
        except Postponed:
            self.phase = "waiting"
            raise
        except FileNotFoundError as error:
            what = f"{error.strerror}: {error.filename}"
            return await self._block(f"{what}; was it removed, or an older journal put back?")
        except (LabfleetError, AdapterError, OSError) as error:
            return await self._block(str(error))
        except Exception as error:
            log.exception("run.crashed")
            return await self._block(f"labfleet failed: {type(error).__name__}")

    async def _try_tools(self) -> Verdict | None:
        assignment = self.claim.assignment
        if assignment.problem:
            raise LabfleetError(assignment.problem)
        if self.started:
            choices = [chosen_before(self._parts.settings, assignment, self.claim.tool)]
        elif assignment.host not in self._parts.settings.hosts:
            raise Postponed("no host of the settings has the identity that it is for")
        else:
            choices = self._choices = candidates(self._parts.settings, assignment)
        for choice in choices[:-1]:
            try:
                return await self._run(choice)
            except PermanentApiError as error:
                # The server named no agent; this tool has no script of the test.
                if error.status != 404:
                    raise
        try:
            return await self._run(choices[-1])
        except PermanentApiError as error:
            await note_refusal(self._parts.journal, self.claim, error)
            raise

    async def _run(self, choice: Choice) -> Verdict | None:
        """Run the tool to its end under its slots, then settle what came of it."""
        self.tool = choice.key
        host, seats = self.claim.assignment.host, choice.tool.seats
        async with self._parts.slots(host, choice.key, seats, admitted=self.started):
            try:
                exit_ = await self._until_exit(choice)
            except Exception as error:
                # Whatever went wrong, the slots are free only when nothing of the tool is left.
                gone = await self._end_tool()
                if isinstance(error, Scarce):
                    self._may_try_again(error, gone=gone)
                raise
        return None if exit_ is None else await self._settle(choice, exit_)

    def _may_try_again(self, error: Scarce, *, gone: bool) -> None:
        """Let what could not be started be started later, or raise what Blocks it."""
        if not gone:
            raise LabfleetError(str(error)) from error
        if self.turn.scarce_s >= self._parts.settings.limits.postpone_for_s:
            tries = f"tried for {self.turn.scarce_s:.0f} s, and no longer"
            raise LabfleetError(f"{error}; {tries}") from error
        self.started = False

    async def _until_exit(self, choice: Choice) -> Exit | None:
        """Start the tool if it is not, and wait for its end; None leaves it to the journal."""
        while True:
            if not self.started and not await self._start(choice):
                return None
            exit_ = await self._wait()
            if exit_ is not None or self._parts.draining:
                return exit_
            self._go_on_or_raise()

    async def _start(self, choice: Choice) -> bool:
        """Bring the script and start the tool; False when the item is not to be run any more."""
        self.phase = "preparing"
        attempt, order = await self._preparing.ready(self.claim, choice)
        # Whoever gave it up meanwhile did not reach into the thread that laid it ready.
        await anyio.lowlevel.checkpoint_if_cancelled()
        self.phase = "running"
        # Once the journal says that the tool may live, the guard is started without a pause.
        with anyio.CancelScope(shield=True):
            try:
                begun = await self._parts.journal.start(self.claim, choice.key)
            except StateError as error:
                await self._preparing.clear_away(self.claim)
                raise Postponed(str(error)) from error
            if begun is None:
                return False
            # Not all of it: the host's key may have changed meanwhile.
            self.claim = replace(self.claim, attempt=begun.attempt, tool=begun.tool)
            self.started = True
            try:
                await self._parts.executor.start(attempt.folder, order)
            except OSError as error:
                if is_scarce(error):
                    raise Scarce(f"the guard cannot be started: {error}") from error
                raise
        self._note_start(choice)
        return True

    def _note_start(self, choice: Choice) -> None:
        waited_s = round(anyio.current_time() - self._seen_at, 3)
        self._parts.metrics.run_wait.labels(choice.key).observe(waited_s)
        attempt = self.claim.attempt
        log.info("run.started", tool=choice.key, attempt=attempt, waited_s=waited_s)

    async def _wait(self) -> Exit | None:
        """Wait for the tool's end; None when it vanished."""
        self.phase = "running"
        with self._parts.metrics.runs_in_progress.labels(self.tool).track_inprogress():
            return await self._parts.executor.wait(self.folder)

    def _go_on_or_raise(self) -> None:
        """Let an interrupted item be started again, or raise Interrupted where policy says so."""
        attempt = self.claim.attempt
        log.warning("run.interrupted", tool=self.tool, attempt=attempt)
        if self._parts.settings.on_interrupted == "block":
            raise Interrupted("the tool was cut off before it gave a verdict")
        if attempt >= self._parts.settings.max_attempts:
            raise Interrupted(f"the tool was cut off before it gave a verdict, {attempt} times")
        self.started = False
        if not self.turn.listed.is_set():
            raise Unlisted
        if closed := self._parts.admission.closed:
            raise Postponed(f"admission is closed: {', '.join(closed)}")

    async def _settle(self, choice: Choice, exit_: Exit) -> Verdict | None:
        """Read the results, write the reports and put the outcome into the journal."""
        self.phase = "reporting"
        claim, metrics = self.claim, self._parts.metrics
        count_processes(metrics, exit_)
        if self._ended_for:
            exit_ = replace(exit_, error="; ".join(filter(None, (self._ended_for, exit_.error))))
        metrics.run_duration.labels(choice.key).observe(exit_.seconds)
        metrics.run_stage.labels("execute").observe(exit_.seconds)
        attempt = self._parts.workspaces.attempt(claim.attempt_name)
        # What a tool forgets there may be what fills the disk that the verdict is written to.
        await in_thread(partial(self._parts.workspaces.clear_tmp, attempt))
        outcome = await conclude(choice, exit_, attempt, metrics)
        with metrics.stage("report"):
            files = await write_reports(claim, choice, exit_, outcome, attempt)
        return await self._finish(outcome, times(exit_), files)

    async def _block(self, reason: str) -> Verdict | None:
        """Settle an item that got no verdict from its tool.

        Not before it is known to be awaited: whoever put an older journal back would take a
        verdict off the server. If all that fails it is left to the journal: one item must not end
        all the others.
        """
        try:
            self.started = not await self._end_tool() and self.started
            if not self.turn.listed.is_set():
                self.phase = "waiting"
                await self.turn.until_listed()
            self.phase, now = "reporting", datetime.now(UTC)
            return await self._finish(Outcome(Verdict.BLOCKED, (), reason), (now, now), {})
        except Exception:
            log.exception("run.crashed")
            return None

    async def _end_tool(self) -> bool:
        """End the tool, if it was started; whether there was none, or it left without a word."""
        if not self.started:
            return True
        try:
            if not (left := await self._parts.executor.clear(self.folder)):
                return await self._parts.executor.wait(self.folder) is None
            log.error("tool.survived", processes=left)
        except FileNotFoundError:
            return True  # what the folder's removal left alive was ended at the start
        except OSError as error:
            log.error("tool.survived", error=str(error))
        return False

    def end(self, reason: str) -> None:
        """Let the guard end the tool, whose verdict says *reason*; raises OSError."""
        self._ended_for = reason
        self._parts.executor.stop(self.folder)

    async def _finish(
        self, outcome: Outcome, times: tuple[datetime, datetime], files: Mapping[str, str]
    ) -> Verdict | None:
        """Write the outcome down; None when the item was settled before."""
        if not await write_down(self._parts.journal, self.claim, self.tool, outcome, times, files):
            return None
        self._parts.metrics.runs.labels(self.tool, outcome.verdict.lower()).inc()
        log.info(
            "run.blocked" if outcome.verdict is Verdict.BLOCKED else "run.finished",
            verdict=outcome.verdict.value,
            tool=self.tool,
            cases=len(outcome.cases),
            seconds=round((times[1] - times[0]).total_seconds(), 3),
            reason=outcome.reason,
        )
        self._parts.settled()
        return outcome.verdict
