"""What a tool left, and what its adapter makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from adapters.base import (
    OUTPUT_CHARS,
    Automation,
    Ending,
    Finished,
    Outcome,
    ResultFile,
    ToolAdapter,
)
from orchestrator.choice import Choice
from orchestrator.executors import Exit
from orchestrator.executors.documents import read_order
from orchestrator.metrics import Metrics
from orchestrator.redaction import without, without_bytes
from orchestrator.results import collect, tail
from orchestrator.script_folder import collect_new, noted
from orchestrator.threads import in_thread
from orchestrator.workspace import Attempt

_TAIL_CHARS = 16_384
"""Of the output, for a reason that a person reads."""
CLOCK_GRAIN_S = 3.0
"""File systems keep times more coarsely than the clock."""


async def conclude(choice: Choice, exit_: Exit, attempt: Attempt, metrics: Metrics) -> Outcome:
    """Read what the tool left and say what it means."""
    with metrics.stage("collect"):
        return await in_thread(partial(_conclude, choice, exit_, attempt))


def _conclude(choice: Choice, exit_: Exit, attempt: Attempt) -> Outcome:
    files, problems = _collected(choice.adapter, exit_, attempt)
    key = choice.tool.licence_key
    # Masked before anything is cut: of half a key nobody could tell that it is one.
    output = without(tail(attempt.output, OUTPUT_CHARS), key)
    finished = Finished(
        ending=exit_.ending,
        exit_code=exit_code(exit_),
        output_tail=output[-_TAIL_CHARS:],
        output=output,
        output_cut=exit_.output_truncated or exit_.output_bytes > OUTPUT_CHARS,
        command=tuple(argv_of(attempt) or ()),
        asked=Automation(choice.wanted.title, choice.wanted.params, choice.wanted.run_mode),
        files=tuple(replace(file, data=without_bytes(file.data, key)) for file in files),
        # What went wrong in the guard is a doubt too: no run passes over it.
        problems=(*problems, *_doubts(exit_), *_lost_order(attempt)),
        notes=_notes(exit_),
        seconds=exit_.seconds,
    )
    return _without_key(choice.adapter.parse_outcome(finished), key)


def _collected(
    adapter: ToolAdapter, exit_: Exit, attempt: Attempt
) -> tuple[tuple[ResultFile, ...], tuple[str, ...]]:
    """Bring what the tool left in its results folder, and in the script's where it does that."""
    oldest = exit_.started_at - CLOCK_GRAIN_S
    own, troubles = collect(attempt.results, adapter.RESULT_FILES, not_before=oldest)
    before, patterns = noted(attempt.folder), adapter.SCRIPT_RESULT_FILES
    others, more_troubles = collect_new(before, patterns, not_before=oldest)
    return (*own, *others), (*troubles, *more_troubles)


def _without_key(outcome: Outcome, key: str) -> Outcome:
    """Mask the licence key that came out of an archive, where it could not be masked before."""
    if not key:
        return outcome
    mask = partial(without, secret=key)
    cases = tuple(
        replace(
            case,
            name=mask(case.name),
            raw_status=mask(case.raw_status),
            message=mask(case.message),
            detail=mask(case.detail),
        )
        for case in outcome.cases
    )
    return replace(outcome, cases=cases, reason=without(outcome.reason, key))


def _doubts(exit_: Exit) -> list[str]:
    alive = [f"{process} could not be ended and may still write" for process in exit_.survivors]
    return [*alive, exit_.error] if exit_.error else alive


def _notes(exit_: Exit) -> tuple[str, ...]:
    if exit_.ending is not Ending.EXITED or not exit_.kills:
        return ()
    return (f"{exit_.kills} processes that the tool left behind were ended",)


def exit_code(exit_: Exit) -> int | None:
    """Return the exit code, or the signal that ended the tool as a negative number."""
    if exit_.exit_code is None and exit_.signal is not None and exit_.ending is Ending.EXITED:
        return -exit_.signal
    return exit_.exit_code


def times(exit_: Exit) -> tuple[datetime, datetime]:
    """Return start and end; the end by the steady clock, whatever the wall clock did between."""
    started_at = datetime.fromtimestamp(exit_.started_at, UTC)
    return started_at, started_at + timedelta(seconds=exit_.seconds)


def _lost_order(attempt: Attempt) -> list[str]:
    # What a run has to prove depends on what was run.
    return [] if argv_of(attempt) else ["the order for its command cannot be read any more"]


def argv_of(attempt: Attempt) -> Sequence[str] | None:
    """Return the command as it was ordered, also for a tool that an earlier process started."""
    try:
        order = read_order(attempt.folder)
    except OSError:
        return None
    return order.argv if order else None
