"""How an outcome is told to the server: the item's status and one step a case."""

from collections.abc import Iterable
from datetime import datetime

from adapters.base import Case, Outcome, Verdict
from orchestrator.api import wire
from orchestrator.plain_text import capped, plain

MAX_STEPS = 2000
_MAX_TEXT = 32 * 1024
# Servers of this kind take 4 MB in one request unless they were told otherwise.
_MAX_BODY = 3_000_000


def make_result(outcome: Outcome, started_at: datetime, finished_at: datetime) -> wire.Result:
    """Return the body that reports *outcome*; the times are aware, the finish is not earlier."""
    steps = list(_steps(outcome))
    limit = min(_MAX_TEXT, _MAX_BODY // max(1, len(steps)))
    return wire.Result(
        status=outcome.verdict,
        date_started=wire.utc_text(started_at),
        date_finished=wire.utc_text(max(started_at, finished_at)),
        run_time=max(0, round((finished_at - started_at).total_seconds())),
        test_run_results=[
            wire.Step(status=status, step=_clean(step, 1000), actual_result=_clean(text, limit))
            for status, step, text in steps
        ],
    )


def _steps(outcome: Outcome) -> Iterable[tuple[Verdict, str, str]]:
    """Yield status, name and text of each step, the reason first."""
    if outcome.reason:
        yield outcome.verdict, "labfleet", outcome.reason
    shown = _shown(outcome.cases)
    for case in shown:
        yield case.status, case.name, case.detail or case.message
    left_out = len(outcome.cases) - len(shown)
    if left_out:
        yield outcome.verdict, "labfleet", f"{left_out} more cases stand in the log"


def _shown(cases: tuple[Case, ...]) -> list[Case]:
    """Choose the cases that become steps: all, or those that did not pass first."""
    if len(cases) <= MAX_STEPS:
        return list(cases)
    return sorted(cases, key=lambda case: case.status is Verdict.PASSED)[:MAX_STEPS]


def _clean(text: str, limit: int) -> str:
    return capped(plain(text), limit)
