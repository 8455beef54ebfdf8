"""Which of the files found are reports of this run, and what the launcher's output adds to them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from adapters.base import Case, Report, ResultFile, Verdict
from adapters.formats.kept_cases import KeptCases
from adapters.java.runner import Runner
from adapters.junit.console_output import ConsoleOutput

_CONSOLE_REPORT = re.compile(r"TEST-(.+)\.xml", re.IGNORECASE)
# Resources of the tests, which a build copies: they are what is tested, and no result.
_MAVEN_CLASSES = frozenset({("target", "classes"), ("target", "test-classes")})
_BUILD_CLASSES = frozenset(
    {("build", "classes"), ("build", "test-classes"), ("build", "resources")}
)
_SUREFIRE_FOLDERS = frozenset({"surefire-reports", "failsafe-reports"})
# TestNG under Surefire writes all results a second time, into a folder of this name.
_SECOND_TIME = "junitreports"


@dataclass(frozen=True, slots=True)
class _Placed:
    file: ResultFile
    path: PurePosixPath


def own_reports(files: Sequence[ResultFile], runner: Runner) -> tuple[ResultFile, ...]:
    """Leave out what is no report of this run, or one for the second time."""
    placed = [_Placed(file, PurePosixPath(file.name)) for file in files]
    if runner is Runner.CONSOLE and any(_is_console_report(it.path) for it in placed):
        # All that our launcher writes is at the top; deeper ones the tests made themselves.
        return tuple(it.file for it in placed if len(it.path.parts) == 1)
    placed = [it for it in placed if not _is_resource(it.path.parts[:-1])]
    folders = {it.path.parent for it in placed}
    return tuple(it.file for it in placed if not _is_second(it.path, folders))


def engines_reported(files: Iterable[ResultFile]) -> frozenset[str]:
    """List the engines whose report is there to its end."""
    whole = (file for file in files if file.data[-200:].rstrip().endswith(b"</testsuite>"))
    found = (_CONSOLE_REPORT.fullmatch(file.name) for file in whole)
    return frozenset(match[1] for match in found if match)


def with_output(
    report: Report | None, output: ConsoleOutput, reported: frozenset[str], why: str = ""
) -> Report | None:
    """Add the tests that the output of a run knows which was cut, and no report tells of.

    *why* says what shows that it was.

    The report that comes of it carries a problem: nobody knows what else would have run.
    """
    known = {case.name for case in report.cases} if report else set()
    more = [
        one.case
        for one in output.cases
        if one.engine not in reported and one.case.name not in known
    ]
    if report is None and not more:
        return None
    kept = KeptCases()
    kept.extend([*(report.cases if report else ()), *more])
    problems = (*(report.problems if report else ()), *kept.problems(), _cut(output) + why)
    fixtures = tuple(f"a fixture failed: {error}" for error in output.fixture_errors[:10])
    notes = (*(report.notes if report else ()), *kept.notes())
    return Report(kept.cases, (*problems, *fixtures), notes)


def _cut(output: ConsoleOutput) -> str:
    cases: list[Case] = [one.case for one in output.cases]
    ended = sum(case.status is not Verdict.BLOCKED for case in cases)
    planned = "" if output.planned is None else f" of {output.planned} planned"
    return (
        "the launcher did not come to its end: its output tells of "
        f"{len(cases)} tests{planned}, {ended} with a result"
    )


def _is_console_report(path: PurePosixPath) -> bool:
    return len(path.parts) == 1 and path.name.lower().startswith("test-junit-")


def _is_resource(folders: Sequence[str]) -> bool:
    pairs = set(pairwise(folders))
    if pairs & _MAVEN_CLASSES:
        return True
    if _SUREFIRE_FOLDERS & set(folders):
        # A module may be called anything, src/main/resources not excepted.
        return False
    in_resources = zip(folders, folders[2:], strict=False)
    return bool(pairs & _BUILD_CLASSES) or ("src", "resources") in in_resources


def _is_second(path: PurePosixPath, folders: set[PurePosixPath]) -> bool:
    return path.parent.name == _SECOND_TIME and path.parent.parent in folders
