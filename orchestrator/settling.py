"""How an outcome gets into the journal, and what a tool's end is counted as."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import anyio
import structlog

from adapters.base import Outcome
from orchestrator.backoff import full_jitter_s
from orchestrator.errors import PermanentApiError, StateError
from orchestrator.executors import Exit
from orchestrator.item_result import make_result
from orchestrator.journal import Claim, Journal, Settled
from orchestrator.journal.withheld import NO_SUCH_NUMBER
from orchestrator.logs import redact
from orchestrator.metrics import KILL_REASONS, Metrics
from orchestrator.plain_text import plain
from orchestrator.threads import in_thread
from orchestrator.turn import Postponed

log = structlog.get_logger()

_PAUSE_CAP_S = 60.0


def count_processes(metrics: Metrics, exit_: Exit) -> None:
    """Count and tell what had to be ended, and what could not be."""
    if exit_.kills:
        reason = exit_.reason if exit_.reason in KILL_REASONS else "leftover"
        metrics.process_kills.labels(reason).inc(exit_.kills)
        log.warning("tool.killed", processes=exit_.kills, reason=reason)
    if exit_.survivors:
        metrics.process_survivors.inc(len(exit_.survivors))
        log.error("tool.survived", processes=exit_.survivors)


async def write_down(
    journal: Journal,
    claim: Claim,
    tool: str,
    outcome: Outcome,
    times: tuple[datetime, datetime],
    files: Mapping[str, str],
) -> bool:
    """Put the outcome and all that is owed for it into the journal; False when it had one.

    It is tried for as long as the journal's disk stays full: a verdict cannot be had again.
    """
    settled = await in_thread(partial(_settled, tool, outcome, times, files))
    failures = 0
    while True:
        try:
            return await journal.finish(claim, settled)
        except StateError as error:
            failures += 1
            log.error("run.postponed", error=str(error))
        await anyio.sleep(full_jitter_s(failures, first_s=0.5, cap_s=_PAUSE_CAP_S))


async def note_refusal(journal: Journal, claim: Claim, error: PermanentApiError) -> None:
    """Tell nothing more of the run if the script was refused for a number that was guessed.

    Raises Postponed while that cannot be written down.
    """
    if error.status == 404 and claim.assignment.by_position:
        try:
            await journal.withhold_run(claim.assignment.run_id, NO_SUCH_NUMBER)
        except StateError as full:
            raise Postponed(str(full)) from full


def _settled(
    tool: str, outcome: Outcome, times: tuple[datetime, datetime], files: Mapping[str, str]
) -> Settled:
    result = make_result(outcome, *times)
    return Settled(
        verdict=outcome.verdict,
        reason=plain(redact(outcome.reason)),
        tool=tool,
        finished_at=times[1].timestamp(),
        owed={"result": result.model_dump_json(), **files},
    )
