"""Classes that a build began and no report tells of, as cases."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from adapters.base import Case, Report, Verdict

NO_RESULT = "started and left no result"
_CLASS_ENDS = re.compile(r"[.$]|$")


def with_classes_at_work(report: Report | None, classes: Sequence[str]) -> Report | None:
    """Add the *classes*, see `build_output.classes_at_work`, that have no case in *report*."""
    if not classes:
        return report
    names = (case.name for case in report.cases) if report else ()
    reported = set(_classes_among(names, max(map(len, classes))))
    lost = [name for name in classes if name not in reported]
    if not lost:
        return report
    cases = [Case(name, Verdict.BLOCKED, "started", message=NO_RESULT) for name in lost]
    if report is None:
        return Report(tuple(cases))
    return replace(report, cases=(*report.cases, *cases))


def _classes_among(cases: Iterable[str], max_chars: int) -> Iterator[str]:
    """Give whatever of each name may be its class: all up to a `.` or `$`, and the whole."""
    for case in cases:
        for end in _CLASS_ENDS.finditer(case, 0, max_chars + 1):
            yield case[: end.start()]
