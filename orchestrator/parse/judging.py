"""All files that were read as one run's outcome."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from adapters.base import Ending, Finished, Outcome, Report
from adapters.results import together
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
    report = together(_reports(files))
    outcome = decide(Finished(Ending.EXITED, exit_code), report)
    report = report or Report(())
    return Judged(
        replace(outcome, reason=outcome.reason.removesuffix(_NO_OUTPUT)),
        report.problems,
        report.notes,
        dict(Counter(str(case.status) for case in report.cases)),
        sum(case.seconds for case in report.cases),
    )


def _reports(files: Sequence[Read]) -> Iterator[tuple[str, Report]]:
    for file in files:
        if file.error:
            # As in a run: it may hold the failure.
            yield file.name, Report((), (file.error,))
        elif file.report:
            yield file.name, file.report
