"""All files that were read as one run's outcome."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.base import Ending, Finished, Outcome, Report
from adapters.formats.kept_cases import KeptCases
from adapters.verdict import decide
from orchestrator.parse.reading import Read

# Of a file alone nobody knows what the tool printed.
_NO_OUTPUT = "; it wrote no output"


@dataclass(frozen=True, slots=True)
class Judged:
    """All files together: what a run that left them would have got."""

    outcome: Outcome
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    counts: dict[str, int]
    seconds: float


def judge(files: Sequence[Read], exit_code: int) -> Judged:
    """Decide as in a run whose tool left *files* and ended with *exit_code*."""
    report = _together(files)
    outcome = decide(Finished(Ending.EXITED, exit_code), report)
    report = report or Report(())
    return Judged(
        replace(outcome, reason=outcome.reason.removesuffix(_NO_OUTPUT)),
        report.problems,
        report.notes,
        dict(Counter(str(case.status) for case in report.cases)),
        sum(case.seconds for case in report.cases),
    )


def _together(files: Sequence[Read]) -> Report | None:
    """Put reports together by the rules of `adapters.results.read_all`.

    A file that cannot be read is a problem, since it may hold the failure; problems and notes name
    their file. None when there is no report, good or bad.
    """
    kept = KeptCases()
    problems: list[str] = []
    notes: list[str] = []
    for file in files:
        report = Report((), (file.error,)) if file.error else file.report or Report(())
        kept.extend(report.cases)
        problems += [f"{file.name}: {problem}" for problem in report.problems]
        notes += [f"{file.name}: {note}" for note in report.notes]
    if not any(file.report or file.error for file in files):
        return None
    return Report(kept.cases, (*problems, *kept.problems()), (*notes, *kept.notes()))
