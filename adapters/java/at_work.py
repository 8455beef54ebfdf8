"""Classes that a build began and no report tells of, as cases."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.base import Case, Report, Verdict

NO_RESULT = "started and left no result"


def with_classes_at_work(report: Report | None, classes: Sequence[str]) -> Report | None:
    """Add the *classes*, see `build_output.classes_at_work`, that have no case in *report*."""
    reported = tuple(case.name for case in report.cases) if report else ()
    lost = [name for name in classes if not any(_is_of(name, case) for case in reported)]
    if not lost:
        return report
    cases = [Case(name, Verdict.BLOCKED, "started", message=NO_RESULT) for name in lost]
    if report is None:
        return Report(tuple(cases))
    return replace(report, cases=(*report.cases, *cases))


def _is_of(class_name: str, case: str) -> bool:
    return case == class_name or case.startswith((f"{class_name}.", f"{class_name}$"))
