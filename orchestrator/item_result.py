"""How an outcome is told to the server: the item's status and one step a case."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.base import Case, Outcome, Verdict
from orchestrator.api import sent
from orchestrator.plain_text import capped, plain

MAX_STEPS = 2000
"""How many cases become steps; the others stand in the log."""
_MAX_NAME = 1000
_MAX_TEXT = 32 * 1024
MAX_BODY_BYTES = 3_500_000
"""Servers of this kind take 4 MB in one request unless they were told otherwise."""

_Step = tuple[str, str, str]
"""Status, name and text."""


def make_result(outcome: Outcome, started_at: datetime, finished_at: datetime) -> sent.Result:
    """Return the body that reports *outcome*; the times are aware, the finish is not earlier.

    Texts are cut so far that the whole stays within `MAX_BODY_BYTES` as it is sent.
    """
    whole = [(str(status), plain(name), plain(text)) for status, name, text in _steps(outcome)]
    limit = _MAX_TEXT
    while _sent_bytes(steps := _cut(whole, limit)) > MAX_BODY_BYTES:
        limit //= 2
    return sent.Result(
        status=outcome.verdict,
        date_started=sent.utc_text(started_at),
        date_finished=sent.utc_text(max(started_at, finished_at)),
        run_time=max(0, round((finished_at - started_at).total_seconds())),
        test_run_results=[
            sent.Step(status=status, step=name, actual_result=text) for status, name, text in steps
        ],
    )


def _cut(steps: Sequence[_Step], limit: int) -> list[_Step]:
    return [
        (status, capped(name, min(limit, _MAX_NAME)), capped(text, limit))
        for status, name, text in steps
    ]


def _sent_bytes(steps: Sequence[_Step]) -> int:
    """Return the size of *steps* as JSON: a character outside ASCII takes six bytes or twelve."""
    around = len('{"status": "", "step": "", "actual_result": ""}, ')
    return sum(sum(len(json.dumps(text)) for text in step) + around for step in steps)


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
