"""Which claims are carried out, and in which order.

Each is an `Execution`, side by side with the others, but for the items of a run that want an
order: those form a chain, which ends where the failure of an item stops the run.
"""

from collections import Counter, deque
from collections.abc import Sequence

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
        self._chains: dict[int, deque[Execution]] = {}
        self.active: dict[tuple[int, str], Execution] = {}
        """By id and mark: the id of a claim that was let go is given out again."""
        self._active_of: Counter[str] = Counter()
        self.verdicts: dict[str, Counter[Verdict]] = {}

    def accept(self, claims: Sequence[Claim], *, started: bool = False) -> None:
        """Begin to carry *claims* out; *started* says that their tools may be running already."""
        for claim in claims:
            if not self._parts.draining and (claim.id, claim.mark) not in self.active:
                self._begin(Execution(self._parts, claim, started=started))

    def _begin(self, execution: Execution) -> None:
        assignment = execution.claim.assignment
        self.active[execution.claim.id, execution.claim.mark] = execution
        self._active_of[assignment.host] += 1
        event = "run.adopted" if execution.started else "run.claimed"
        log.info(event, **execution.who, test=assignment.test_name)
        if not assignment.in_order:
            self._tasks.start_soon(self._carry_out, execution)
        elif assignment.run_id in self._chains:
            self._chains[assignment.run_id].append(execution)
        else:
            self._chains[assignment.run_id] = deque([execution])
            self._tasks.start_soon(self._in_order, assignment.run_id)

    @property
    def settings(self) -> Settings:
        """Those in force, and the hosts and tools that left with work under way."""
        return self._parts.settings

    async def use(self, settings: Settings) -> None:
        """Take new settings; hosts and tools that left stay known for the runs that need them."""
        old = self._parts.settings
        kept = {
            "hosts": {**old.hosts, **settings.hosts},
            "tools": {**old.tools, **settings.tools},
        }
        self._parts.settings = settings.model_copy(update=kept)
        await self._parts.admission.use(settings.limits)

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

    def drain(self) -> None:
        """Start nothing more: what waits stays in the journal, what runs may end."""
        self._parts.draining = True
        for execution in self.active.values():
            execution.give_up_waiting()

    def running_of(self, host: str) -> int:
        """Return how many claims of *host* are not settled yet."""
        return self._active_of[host]

    def active_of(self, host: str) -> list[Execution]:
        """Return the claims of *host* that are not settled yet."""
        return [one for one in self.active.values() if one.claim.assignment.host == host]

    def count_vanished(self) -> None:
        """Count one item that the server awaits no more while it is ours."""
        self._parts.metrics.runs_vanished.inc()

    def _leave(self, execution: Execution) -> None:
        del self.active[execution.claim.id, execution.claim.mark]
        self._active_of[execution.claim.assignment.host] -= 1

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
            execution = chain.popleft()
            if stopped or self._parts.draining:
                self._leave(execution)
                continue
            verdict = await self._carry_out(execution)
            if verdict is Verdict.FAILED and execution.claim.assignment.stop_on_fail:
                # The journal took the rest off the list together with this verdict.
                log.info("run.abandoned", **execution.who, reason="its failure stops the run")
                stopped = True
        del self._chains[run_id]
