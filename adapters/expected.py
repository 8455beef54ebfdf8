"""Cases that the plan names and the report lacks: nobody knows whether they would have passed.

Runners leave out what a filter does not match, what is switched off and what died with its
fixture, and still end with 0. So what a title names is looked for in the report.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.base import Case, Report, Verdict
from adapters.formats.kept_cases import CASE_LIMIT

NO_RESULT = "no result reported"
_GOES_ON = re.compile(r"\w")


def with_missing(report: Report, expected: Sequence[str]) -> Report:
    """Give *report* with a Blocked case for each of *expected* that it lacks.

    An expected name is a class, `pkg.Class`, or a method, `pkg.Class#method`, without arguments.
    A class that has no case may be a suite of other classes: it is missing only where every
    case of the report belongs to something else that is named.
    """
    if not report.cases:
        return report
    names = [case.name for case in report.cases]
    unseen = [one for one in dict.fromkeys(expected) if not _is_there(one, names)]
    missing = [one for one in unseen if "#" in one or not _may_be_a_suite(expected, names)]
    if missing and len(names) >= CASE_LIMIT:
        # Cases may have been left out: it may be one of them.
        says = "is not among the cases that are kept of the report"
        return replace(report, problems=(*report.problems, f"{', '.join(missing)[:500]} {says}"))
    return replace(report, cases=(*report.cases, *map(_missing, missing)))


def _missing(name: str) -> Case:
    return Case(name.replace("#", "."), Verdict.BLOCKED, "missing", message=NO_RESULT)


def _may_be_a_suite(expected: Sequence[str], names: Sequence[str]) -> bool:
    """Whether some case belongs to nothing that is named: a suite would account for it."""
    return not all(any(belongs(name, one) for one in expected) for name in names)


def _is_there(expected: str, names: Sequence[str]) -> bool:
    return any(belongs(name, expected) for name in names)


def belongs(name: str, expected: str) -> bool:
    """Whether *name* is *expected* or goes on with what can follow a name: `.` `$` `(` `[`."""
    start = expected.replace("#", ".")
    return name.startswith(start) and not _GOES_ON.match(name, len(start))
