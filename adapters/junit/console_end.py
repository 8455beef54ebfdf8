"""Whether ConsoleLauncher came to its end: what proves it, and not what speaks against it.

A test may end the JVM with exit code 0, print whatever the launcher prints, or close the output
before the launcher's last lines; and of a long output only a part is kept. So what the launcher
counted is held against its reports, which it writes for each engine when that is done.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from adapters.base import Ending, Finished, ResultFile
from adapters.java.runner import Runner, runner_of
from adapters.junit.console_output import is_cut, planned_tests, summary_of, unique_ids
from adapters.junit.reports import engines_reported
from adapters.junit.unique_id import engine_of

_REPORTED_ID = re.compile(rb"^unique-id: (\[engine:[^\]\n]*\]/[^\r\n]*)", re.MULTILINE)
# A container without children is a case of the report and no test of the launcher's count.
_CONTAINER = re.compile(
    r"\[(?:[\w-]*class|class-template(?:-invocation)?|test-template|test-factory"
    r"|[\w-]*container|runner|suite|engine):"
)
_MADE_WHILE_RUNNING = re.compile(r"\[(?:dynamic-\w+|[\w-]*-invocation):")
_NOT_ALL_KEPT = "; not all of its output was kept, see limits.max_output_mb"
_MAX_ENGINES_SAID = 5


def why_unfinished(finished: Finished, files: Sequence[ResultFile]) -> str:
    """Say what shows that the launcher did not end by itself; empty where it is proved that it did.

    Without exit code 0 nothing can pass, so what the output looks like is enough.
    """
    text = finished.output or finished.output_tail
    must_prove = runner_of(finished.command) is Runner.CONSOLE and finished.exit_code == 0
    if finished.ending is not Ending.EXITED or not must_prove:
        return ", and no summary" if is_cut(text) else ""
    why = _lack_of_proof(text, files, output_cut=finished.output_cut)
    return why + _NOT_ALL_KEPT if why and finished.output_cut else why


def _lack_of_proof(text: str, files: Sequence[ResultFile], *, output_cut: bool) -> str:
    without = sorted({engine_of(one) for one in unique_ids(text)} - engines_reported(files))
    if without:
        return f", and {', '.join(without[:_MAX_ENGINES_SAID])} left no whole report"
    cases = list(_reported(files))
    tests = sum(not _is_container(case) for case in cases)
    counted = summary_of(text)
    if counted is not None and tests <= counted <= len(cases):
        return ""
    planned = None if output_cut else planned_tests(text)
    if planned is not None and planned <= _tests_of_the_plan(cases):
        # Its output may have been closed by a test; the reports have all that it began with.
        return ""
    if counted is None:
        return ", and no summary"
    return f"; its summary counts {counted} tests, the reports hold {len(cases)}"


def _reported(files: Iterable[ResultFile]) -> Iterator[str]:
    """Give the unique id of each case, which the launcher writes below it."""
    for file in files:
        for found in _REPORTED_ID.finditer(file.data):
            yield found[1].decode("utf-8", "replace")


def _tests_of_the_plan(cases: Iterable[str]) -> int:
    return sum(not (_is_container(case) or _MADE_WHILE_RUNNING.search(case)) for case in cases)


def _is_container(case: str) -> bool:
    return _CONTAINER.match(case, case.rfind("[")) is not None
