"""Which claims are carried out, and in which order.

Each is an `Execution`, side by side with the others, but for the items of a run that want an
order: those form a chain, which ends where the failure of an item stops the run.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup

from adapters.base import Verdict
from orchestrator.execution import Execution
from orchestrator.journal import Claim
from orchestrator.parts import Parts
from orchestrator.quota import watch_folders
from orchestrator.settings import Settings

log = structlog.get_logger()


class Runner:
    """Carries claims out in *tasks*, each until its verdict stands in the journal."""

    def __init__(self, parts: Parts, tasks: TaskGroup) -> None:
        self._parts = parts
        self._tasks = tasks
        self._chains: dict[int, list[Execution]] = {}
        self.active: dict[tuple[int, str], Execution] = {}
        """By id and mark: the id of a claim that was let go is given out again."""
        self.left = anyio.Event()
        """Set once one is gone that was given up; the journal knows whether it is wanted again."""
        self.left_behind: list[Path] = []
        """The folders of those whose tool was left to its guard."""
        self._active_of: Counter[str] = Counter()
        self.verdicts: dict[str, Counter[Verdict]] = {}

    def accept(
        self, claims: Sequence[Claim], *, started: bool = False, listed: bool = True
    ) -> None:
        """Begin to carry *claims* out; *started* says that their tools may be running already.

        And *listed* that the server awaits them still; those of which that is not known wait for
        a poll that says so. One that was given up and is not gone yet is left out: what it has laid
        ready must be left alone before it is laid ready anew.
        """
        for claim in claims:
            if (claim.id, claim.mark) not in self.active and not self._parts.draining:
                self._begin(Execution(self._parts, claim, started=started, listed=listed))

    def _begin(self, execution: Execution) -> None:
        assignment = execution.claim.assignment
        self.active[execution.claim.id, execution.claim.mark] = execution
        self._active_of[assignment.host] += 1
        event = "run.adopted" if execution.started else "run.claimed"
        log.info(event, **execution.who, test=assignment.test_name)
        if not assignment.in_order:
            self._tasks.start_soon(self._carry_out, execution)
        elif assignment.run_id in self._chains:
            chain = self._chains[assignment.run_id]
            chain.append(execution)
            chain.sort(key=lambda one: one.claim.assignment.item)
        else:
            self._chains[assignment.run_id] = [execution]
            self._tasks.start_soon(self._in_order, assignment.run_id)

    @property
    def settings(self) -> Settings:
        """Those in force, and the hosts and tools that left with work under way."""
        return self._parts.settings

    async def use(self, settings: Settings, moves: Mapping[str, str]) -> None:
        """Take new settings; hosts and tools that left stay known for the runs that need them.

        *moves* says which name each host's claims go by from now on, where that changed. All but
        the look at the machine is done before anything else can happen.
        """
        old = self._parts.settings
        kept = {
            "hosts": {**old.hosts, **settings.hosts},
            "tools": {**old.tools, **settings.tools},
        }
        self._parts.settings = settings.model_copy(update=kept)
        for execution in list(self.active.values()):
            if host := moves.get(execution.claim.assignment.host):
                self._move(execution, host)
            else:
                execution.choose_again()
        await self._parts.admission.use(settings.limits)

    def _move(self, execution: Execution, host: str) -> None:
        """Let an execution go by another key; with none of the settings it is given up.

        Its identity is nobody's then: it could neither fetch its script nor be polled. One whose
        tool was started goes on all the same.
        """
        self._active_of[execution.claim.assignment.host] -= 1
        self._active_of[host] += 1
        execution.move(host)
        if host not in self.settings.hosts and not execution.started:
            execution.give_up_waiting()

    async def watch(self) -> None:
        """Keep an eye on the machine, and on what each tool takes of it, until cancelled."""
        async with anyio.create_task_group() as watches:
            watches.start_soon(self._parts.admission.run)
            watches.start_soon(
                watch_folders,
                lambda: list(self.active.values()),
                lambda: self.settings.limits.max_run_disk_mb,
            )

    @property
    def closed(self) -> dict[str, str]:
        """Why nothing new is started, as `Admission.closed` says it."""
        return self._parts.admission.closed

    def note_taken_up(self) -> None:
        """Note that the journal was asked for all that left until now."""
        if self.left.is_set():
            self.left = anyio.Event()

    def drain(self) -> None:
        """Start nothing more: what waits stays in the journal, what runs may end."""
        self._parts.draining = True
        for execution in self.active.values():
            execution.give_up_waiting()

    def busy_beside(self, silent: Collection[str]) -> bool:
        """Whether anything is under way; to wait until a poll lists it is not.

        Nor is to wait for the script of one of the *silent* hosts.
        """
        works = (
            (one.turn.listed.is_set() or (one.started and not one.turn.waits_for_listing))
            and not (one.is_before_start and one.claim.assignment.host in silent)
            for one in self.active.values()
        )
        return any(works) or self.left.is_set()

    def has(self, claim: Claim) -> bool:
        """Whether *claim* is under way, and not given up."""
        execution = self.active.get((claim.id, claim.mark))
        return execution is not None and not execution.turn.given_up

    def running_of(self, host: str) -> int:
        """Return how many claims of *host* are not settled yet, whether their tools run or not."""
        return self._active_of[host]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return of each host with work how many of its tools run, and how many claims wait.

        The tool of one that was adopted runs, though it may wait for its slot.
        """
        found: dict[str, tuple[int, int]] = {}
        for one in self.active.values():
            running, waiting = found.get(one.claim.assignment.host, (0, 0))
            waits = one.is_before_start and not one.started
            runs = not waits and one.phase != "reporting"
            found[one.claim.assignment.host] = (running + runs, waiting + waits)
        return found

    def active_of(self, host: str) -> list[Execution]:
        """Return the claims of *host* that are not settled yet."""
        return [one for one in self.active.values() if one.claim.assignment.host == host]

    def _leave(self, execution: Execution) -> None:
        del self.active[execution.claim.id, execution.claim.mark]
        if execution.started and execution.phase in {"waiting", "running"}:
            self.left_behind.append(execution.folder)
        self._active_of[execution.claim.assignment.host] -= 1
        if execution.turn.given_up and not self._parts.draining:
            self.left.set()

    async def _carry_out(self, execution: Execution) -> Verdict | None:
        try:
            verdict = await execution.carry_out()
        finally:
            self._leave(execution)
        if verdict is not None:
            host = execution.claim.assignment.host
            self.verdicts.setdefault(host, Counter())[verdict] += 1
        return verdict

    async def _in_order(self, run_id: int) -> None:
        """Carry out the items of one run one after another, until one of them stops it."""
        chain = self._chains[run_id]
        stopped = False
        while chain:
            execution = chain.pop(0)
            if stopped or self._parts.draining:
                self._leave(execution)
                continue
            verdict = await self._carry_out(execution)
            if verdict is Verdict.FAILED and execution.claim.assignment.stop_on_fail:
                # The journal took the rest off the list together with this verdict.
                log.info("run.abandoned", **execution.who, reason="its failure stops the run")
                stopped = True
        del self._chains[run_id]
