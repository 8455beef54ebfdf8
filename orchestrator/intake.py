"""What polls bring and what the journal held becomes work, each item once."""

import json
from collections.abc import Sequence
from typing import Any

import structlog

from orchestrator.api.wire import Run
from orchestrator.assignment import assignments_of
from orchestrator.fleet import Fleet
from orchestrator.journal import Claim, Journal
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner
from orchestrator.settings import Settings
from orchestrator.vanished import Vanished

log = structlog.get_logger()

_DOCUMENT_CHARS = 8192


class Intake:
    """Between the poller, the journal and the runner, which do not know each other."""

    def __init__(self, journal: Journal, fleet: Fleet, reporter: Reporter, runner: Runner) -> None:
        self._journal = journal
        self._fleet = fleet
        self._reporter = reporter
        self._runner = runner
        self._vanished = Vanished(runner.count_vanished)
        self.held: set[str] = set()
        """Hosts and tools that are gone from the settings, and have claims that wait for them."""

    async def take(self, host: str, runs: Sequence[Run], began_at: float) -> bool:
        """Claim what a poll, begun at *began_at*, brought; whether any of it was new."""
        await self._look_for_vanished(host, runs)
        assignments = [one for run in runs for one in assignments_of(host, run)]
        if not assignments:
            return False
        claims = await self._journal.claim(assignments)
        _tell_documents(runs, claims)
        self._runner.accept(claims)
        again = await self._journal.listed_again(assignments, began_at)
        self._runner.accept(again.blocked)
        for claim in again.owed:
            log.warning("delivery.repeated", kind="result", **_place(claim))
        for claim in again.strangers:
            reason = "the server lists this run again, but for another test"
            log.error("run.abandoned", **_place(claim), reason=reason)
        if again.owed:
            self._reporter.wake()
        return bool(claims or again.blocked)

    async def _look_for_vanished(self, host: str, runs: Sequence[Run]) -> None:
        """Let go of what waits here and was settled elsewhere."""
        if not self._runner.running_of(host) or not self._fleet.reads_all(host):
            return
        self._vanished.forget({claim_id for claim_id, _ in self._runner.active})
        for execution in self._vanished.look(runs, self._runner.active_of(host)):
            # The journal decides: what was started meanwhile stays.
            if await self._journal.forsake(execution.claim):
                execution.give_up_waiting()

    async def take_up(self, settings: Settings) -> None:
        """Go on with what was claimed before and is not under way; its host may just have come.

        What waits for a host or a tool that is not in the settings stays in the journal.
        """
        ready: list[tuple[Claim, bool]] = []
        self.held = set()
        for claim, started in await self._journal.open_claims():
            host = claim.assignment.host
            if self._fleet.client_of(host) is None:
                self.held.add(f"host {host}")
            elif started and claim.tool not in settings.tools:
                self.held.add(f"tool {claim.tool}")
            else:
                ready.append((claim, started))
        if self.held:
            log.error("run.held", waits_for=sorted(self.held))
        for started in (True, False):
            self._runner.accept([c for c, s in ready if s is started], started=started)


def _tell_documents(runs: Sequence[Run], claims: Sequence[Claim]) -> None:
    """Log each new run as it came: much of its form is not documented, and is learnt here."""
    new = {claim.assignment.run_id for claim in claims}
    for run in runs:
        if run.id in new:
            document = json.dumps(_without_parameters(run.document))[:_DOCUMENT_CHARS]
            log.info("run.listed", run=run.id, document=document)


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


def _place(claim: Claim) -> dict[str, int]:
    return {"run": claim.assignment.run_id, "item": claim.assignment.item}
