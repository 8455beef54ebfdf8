"""From TestNG's reports to an outcome, and what Surefire's own reports add to them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.base import Case, Finished, Outcome, Report, ResultFile, Verdict
from adapters.expected import with_missing
from adapters.java.at_work import with_classes_at_work
from adapters.java.build_output import build_doubts, build_failure, classes_at_work
from adapters.java.runner import Runner, runner_of
from adapters.results import because, read_all
from adapters.testng.selection import expected_names
from adapters.verdict import decide

REPORT = "testng-results.xml"

_REPORT_FOLDERS = frozenset({"surefire-reports", "failsafe-reports"})


def testng_outcome(finished: Finished) -> Outcome:
    """Decide by TestNG's reports; never raises.

    Surefire tells the same results again in its own dialect. They are read where a project has
    switched TestNG's off, and else for one purpose: a failure that TestNG's do not know. Without
    a report of TestNG's own the output may be a build's, which tells what no report does.
    """
    text = finished.output or finished.output_tail
    files, witnesses = _by_dialect(finished.files)
    doubts, report = [*_contradictions(files, witnesses)], read_all(files)
    runner = runner_of(finished.command)
    if runner is Runner.MAVEN or not any(file.name == REPORT for file in files):
        doubts += build_doubts(finished, runner)
        report = with_classes_at_work(report, classes_at_work(text, runner))
    maven = any(_report_folder(file) for file in finished.files)
    expected = expected_names(finished.asked.title, packages_known=not maven)
    told = replace(finished, problems=(*finished.problems, *doubts))
    return _explained(decide(told, with_missing(report, expected) if report else None), told, text)


def _explained(outcome: Outcome, finished: Finished, text: str) -> Outcome:
    """Put before the reason what Maven or the compiler says of it."""
    if outcome.verdict is not Verdict.BLOCKED or not finished.exit_code:
        return outcome
    return because(outcome, build_failure(text))


def _by_dialect(
    files: Sequence[ResultFile],
) -> tuple[tuple[ResultFile, ...], tuple[ResultFile, ...]]:
    """Part what is to be read from Surefire's retelling of it, folder by folder."""
    folders: defaultdict[str, list[ResultFile]] = defaultdict(list)
    for file in files:
        folders[_report_folder(file)].append(file)
    read: list[ResultFile] = []
    witnesses: list[ResultFile] = []
    for found in folders.values():
        own = [file for file in found if file.name.rpartition("/")[2] == REPORT]
        read.extend(own or found)
        witnesses.extend(file for file in found if own and file not in own)
    return tuple(read), tuple(witnesses)


def _report_folder(file: ResultFile) -> str:
    """Name the folder of Surefire's that *file* is in, directly or deeper; empty for none."""
    parts = file.name.split("/")
    ends = [end for end, part in enumerate(parts[:-1], 1) if part in _REPORT_FOLDERS]
    return "/".join(parts[: ends[0]]) if ends else ""


def _contradictions(files: Sequence[ResultFile], witnesses: Sequence[ResultFile]) -> Iterator[str]:
    told = read_all(witnesses)
    bad = _bad(told)
    if told is None or not (bad or told.problems):
        return
    report = read_all(files)
    if report is None or _bad(report) or report.problems:
        return
    yield from told.problems
    for case in bad[:1]:
        yield f"Surefire's own report calls {case.name} {case.raw_status}, TestNG's knows of none"


def _bad(report: Report | None) -> list[Case]:
    cases = report.cases if report else ()
    return [case for case in cases if case.status in {Verdict.FAILED, Verdict.BLOCKED}]
