"""What polls bring and what the journal held becomes work, each item once."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import structlog

from orchestrator.api.wire import Run
from orchestrator.assignment import Assignment
from orchestrator.errors import StateError
from orchestrator.execution import Execution
from orchestrator.fleet import Fleet
from orchestrator.journal import Claim, Journal
from orchestrator.journal.listed_again import is_same
from orchestrator.journal.withheld import OTHER_TEST
from orchestrator.listed import assignments_of
from orchestrator.redaction import redact
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner
from orchestrator.vanished import Vanished

log = structlog.get_logger()

_DOCUMENT_CHARS = 8192
_AGAIN_S = 2.0
"""After the journal could not be read."""


class Intake:
    """Between the poller, the journal and the runner, which do not know each other."""

    def __init__(
        self,
        journal: Journal,
        fleet: Fleet,
        reporter: Reporter,
        runner: Runner,
        count_vanished: Callable[[], None],
    ) -> None:
        """*count_vanished* is called for each item of ours that the server awaits no more."""
        self._journal = journal
        self._fleet = fleet
        self._reporter = reporter
        self._runner = runner
        self._vanished = Vanished(count_vanished)
        self._told: set[int] = set()
        """Claims whose outcome is withheld, as their numbers are another test's."""
        self.held: set[str] = set()
        """Hosts and tools that are gone from the settings, and have claims that wait for them."""

    async def take(self, host: str, runs: Sequence[Run], began_at: float) -> bool:
        """Claim what a poll, begun at *began_at*, brought; whether any of it was new."""
        assignments = [one for run in runs for one in assignments_of(host, run)]
        soon = await self._look_at_ours(host, runs, assignments)
        if not assignments:
            return soon
        ours = await self._without_strangers(assignments)
        claims = await self._journal.claim(ours)
        _tell_documents(runs, claims)
        self._runner.accept(claims)
        again = await self._journal.listed_again(ours, began_at)
        self._runner.accept(again.blocked)
        for claim in again.owed:
            log.warning("delivery.repeated", kind="result", **_place(claim))
        _tell_strangers(again.strangers)
        if again.owed:
            self._reporter.wake()
        return bool(claims or again.blocked) or soon

    async def _without_strangers(self, assignments: Sequence[Assignment]) -> Sequence[Assignment]:
        """Withhold what is begun, or owed, and another test by now; return what may be claimed.

        Where a run has an order, nothing of it: its first item has the numbers of ours.
        """
        strangers = await self._journal.withhold_strangers(assignments, self._told)
        new = [claim for claim in strangers if claim.id not in self._told]
        self._told.update(claim.id for claim in new)
        _tell_strangers(new)
        if new:
            self._reporter.wake()
        runs = {claim.assignment.run_id for claim in strangers}
        return [one for one in assignments if not (one.in_order and one.run_id in runs)]

    async def _look_at_ours(
        self, host: str, runs: Sequence[Run], assignments: Sequence[Assignment]
    ) -> bool:
        """Begin what the poll shows to be awaited still, and let go of what was settled elsewhere.

        Whether any of it began, or the next poll may tell more of what waits for that.
        """
        if not self._runner.running_of(host):
            return False
        active = self._runner.active_of(host)
        waiting = [one for one in active if not one.turn.listed.is_set()]
        await self._confirm(active, assignments)
        if self._fleet.reads_all(host):
            self._vanished.forget(self._runner.active)
            await self._forsake(self._vanished.look(runs, active))
            return any(not (one.turn.given_up or one.started) for one in waiting)
        return any(one.turn.listed.is_set() for one in waiting)

    async def _confirm(
        self, active: Sequence[Execution], assignments: Sequence[Assignment]
    ) -> None:
        """Let begin what is listed as it was; what has changed is forgotten and taken anew."""
        listed = {(one.run_id, one.item): one for one in assignments}
        same: list[Execution] = []
        changed: list[Execution] = []
        for execution in active:
            ours = execution.claim.assignment
            if found := listed.get((ours.run_id, ours.item)):
                (same if is_same(execution.claim, found) else changed).append(execution)
        # All that is left of a run with an order: what is taken anew would come last else.
        anew = {one.claim.assignment.run_id for one in changed if one.claim.assignment.in_order}
        changed += [one for one in same if one.claim.assignment.run_id in anew]
        for execution in same:
            if execution not in changed:
                execution.turn.listed.set()
        await self._forsake([one for one in reversed(changed) if one.may_be_forgotten])

    async def _forsake(self, executions: Sequence[Execution]) -> None:
        for execution in executions:
            # The journal decides: what was started meanwhile stays.
            if await self._journal.forsake(execution.claim):
                execution.forget()

    async def take_up_what_left(self, one: anyio.Lock) -> None:
        """Go on, for ever, with what was given up and is wanted again by the time it is gone.

        Holds *one* meanwhile, which keeps polls and reloads away.
        """
        while True:
            await self._runner.left.wait()
            try:
                async with one:
                    await self.take_up()
            except StateError as error:
                log.warning("journal.unusable", error=str(error))
                await anyio.sleep(_AGAIN_S)

    async def take_up(self) -> None:
        """Go on with what was claimed before and is not under way; its host may just have come.

        What waits for a host or a tool that is not in the settings stays in the journal. What is
        to be started may have been run by another labfleet while this one was down, or be gone
        from the server: it waits until a poll lists it. So does what was started and came to
        nothing; what still runs, or has ended, is taken at once.
        """
        for execution in self._runner.active.values():
            host = _host(execution.claim)
            sure = execution.started or execution.turn.listed.is_set()
            # No poll would ever list it; or another labfleet has the host, and may run it.
            if not (sure or self._fleet.serves(host)) or self._fleet.client_of(host) is None:
                execution.give_up_waiting()
        found = await self._journal.open_claims()
        # What left until now is in what was found; all that follows is done at once.
        self._runner.note_taken_up()
        for claim, started in self._ready(found):
            self._runner.accept([claim], started=started, listed=False)

    def _ready(self, found: Sequence[tuple[Claim, bool]]) -> list[tuple[Claim, bool]]:
        """Return what of the *found* can go on; what the rest waits for is told as it changes."""
        ready: list[tuple[Claim, bool]] = []
        told, self.held = self.held, set()
        stuck: set[int] = set()
        for claim, started in found:
            ours = claim.assignment
            if self._runner.has(claim) or ours.run_id in stuck:
                continue
            if not self._fleet.serves(_host(claim)):
                self.held.add(f"host {_host(claim)}")
            elif started and claim.tool not in self._runner.settings.tools:
                self.held.add(f"tool {claim.tool}")
            else:
                ready.append((claim, started))
                continue
            if ours.in_order:
                stuck.add(ours.run_id)  # what comes after it in its run must not run before it
        if self.held - told:
            log.error("run.held", waits_for=sorted(self.held))
        return ready


def _tell_strangers(strangers: Sequence[Claim]) -> None:
    for claim in strangers:
        log.error("run.abandoned", **_place(claim), reason=OTHER_TEST)


def _tell_documents(runs: Sequence[Run], claims: Sequence[Claim]) -> None:
    """Log each new run as it came: much of its form is not documented, and is learnt here."""
    new = {claim.assignment.run_id for claim in claims}
    for run in runs:
        if run.id in new:
            # Masked before it is cut: half a token is no secret that the log could know.
            document = redact(json.dumps(_without_parameters(run.document)))
            log.info("run.listed", run=run.id, document=document[:_DOCUMENT_CHARS])


def _without_parameters(document: Any) -> Any:
    """Return *document* without the values of parameters, which are often passwords."""
    if isinstance(document, list):
        return [_without_parameters(part) for part in document]
    if not isinstance(document, dict):
        return document
    return {
        key: "***" if key == "params" and value else _without_parameters(value)
        for key, value in document.items()
    }


def _host(claim: Claim) -> str:
    return claim.assignment.host


def _place(claim: Claim) -> dict[str, int]:
    return {"run": claim.assignment.run_id, "item": claim.assignment.item}
