"""The only place that decides what a finished command is worth.

The report is the verdict, the exit code a hint, and no report a verdict of its own. An item starts
as Blocked; only the cases of this run's report turn it into something else, and nothing that casts
doubt on them can end in Passed: a run that we ended, a report with a problem, a bad exit code.
"""

from collections.abc import Sequence

from adapters.base import Case, Ending, Finished, Outcome, Report, Verdict
from adapters.exit_codes import exit_text

TAIL_LINES = 50
TAIL_CHARS = 4000
PROBLEMS_SAID = 10


def decide(finished: Finished, report: Report | None) -> Outcome:
    """Give the outcome; *report* holds all of the run's cases, or is None when it left no file."""
    if finished.ending is Ending.NOT_STARTED:
        return Outcome(Verdict.BLOCKED, reason=_not_started(finished))
    if report is None:
        return Outcome(Verdict.BLOCKED, (), _no_verdict(_doubts(finished, None), finished, None))
    doubts = _doubts(finished, report)
    if any(case.status is Verdict.FAILED for case in report.cases):
        return Outcome(
            Verdict.FAILED, report.cases, "; ".join([*doubts, *finished.notes, *report.notes])
        )
    if doubts or not report.cases:
        return Outcome(Verdict.BLOCKED, report.cases, _no_verdict(doubts, finished, report))
    return _of_sound_report(report, finished)


def _of_sound_report(report: Report, finished: Finished) -> Outcome:
    """Decide where nothing failed, the tool ended by itself and its report is whole."""
    cases, notes = report.cases, "; ".join([*finished.notes, *report.notes])
    blocked = [case for case in cases if case.status is Verdict.BLOCKED]
    and_notes = f"; {notes}" if notes else ""
    if blocked:
        return Outcome(Verdict.BLOCKED, cases, _blocked_cases(blocked, len(cases)) + and_notes)
    if finished.exit_code != 0:
        reason = f"runner {exit_text(finished.exit_code)}, though no case of its report failed"
        return Outcome(Verdict.BLOCKED, cases, reason + and_notes + _tail(finished))
    if all(case.status is Verdict.SKIPPED for case in cases):
        return Outcome(Verdict.SKIPPED, cases, notes)
    return Outcome(Verdict.PASSED, cases, notes)


def _doubts(finished: Finished, report: Report | None) -> list[str]:
    """List what forbids a pass whatever the cases say."""
    doubts = []
    if finished.ending is Ending.TIMED_OUT:
        doubts.append(f"the tool was ended after {finished.seconds:.1f} s, its time being up")
    elif finished.ending is Ending.KILLED:
        doubts.append(f"the tool was ended by us after {finished.seconds:.1f} s")
    problems = [*finished.problems, *(report.problems if report else ())]
    doubts.extend(problems[:PROBLEMS_SAID])
    if len(problems) > PROBLEMS_SAID:
        doubts.append(f"{len(problems) - PROBLEMS_SAID} more problems")
    return doubts


def _no_verdict(doubts: Sequence[str], finished: Finished, report: Report | None) -> str:
    said = list(doubts)
    ended_itself = finished.ending is Ending.EXITED
    if report is None:
        left = f"the tool left no report ({exit_text(finished.exit_code)})"
        said.append(left if ended_itself else "it left no report")
    elif not report.cases:
        count = "the report holds no test case"
        said.append(f"{count} ({exit_text(finished.exit_code)})" if ended_itself else count)
    reason = "; ".join(said)
    return reason if report and report.cases else reason + _tail(finished)


def _blocked_cases(blocked: Sequence[Case], total: int) -> str:
    first = blocked[0]
    cause = f": {first.message}" if first.message else ""
    some = "1 case was" if len(blocked) == 1 else f"{len(blocked)} cases were"
    return f"{some} blocked out of {total}; the first is {first.name}{cause}"


def _not_started(finished: Finished) -> str:
    said = "; ".join(finished.problems) or finished.output_tail.strip() or "no cause is known"
    return f"the tool could not be started: {said}"


def _tail(finished: Finished) -> str:
    lines = finished.output_tail.strip().splitlines()[-TAIL_LINES:]
    tail = "\n".join(lines)[-TAIL_CHARS:]
    return f"; its last output:\n{tail}" if tail else "; it wrote no output"
