"""From the files a command left to its outcome: the way of every adapter that leaves reports."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from adapters.base import Finished, Outcome, Report, ResultFile, UnreadableReport
from adapters.expected import with_missing
from adapters.formats import OtherDocument, read
from adapters.formats.kept_cases import KeptCases
from adapters.verdict import decide


def outcome_of(finished: Finished, expected: Sequence[str] = ()) -> Outcome:
    """Read every result file and decide; never raises.

    A case of *expected* that the reports lack is Blocked, see `with_missing`.
    """
    report = read_all(finished.files)
    return decide(finished, with_missing(report, expected) if report else None)


def because(outcome: Outcome, cause: str) -> Outcome:
    """Put *cause* before the reason of *outcome*, if there is one."""
    return replace(outcome, reason=f"{cause}; {outcome.reason}") if cause else outcome


def read_all(files: Sequence[ResultFile]) -> Report | None:
    """Put all *files* into one report; None when none of them is a report, good or bad.

    A file that cannot be read is a problem: it may hold the failure.
    """
    return together(_read_each(files))


def together(reports: Iterable[tuple[str, Report]]) -> Report | None:
    """Put *reports*, each with its file's name, into one; None when there are none.

    Problems and notes name their file.
    """
    kept = KeptCases()
    problems: list[str] = []
    notes: list[str] = []
    found = False
    for name, report in reports:
        found = True
        kept.extend(report.cases)
        problems.extend(f"{name}: {problem}" for problem in report.problems)
        notes.extend(f"{name}: {note}" for note in report.notes)
    if not found:
        return None
    return Report(kept.cases, (*problems, *kept.problems()), (*notes, *kept.notes()))


def _read_each(files: Sequence[ResultFile]) -> Iterator[tuple[str, Report]]:
    for file in files:
        try:
            yield file.name, read(file.data)
        except OtherDocument:
            continue
        except UnreadableReport as error:
            yield file.name, Report((), (str(error),))
