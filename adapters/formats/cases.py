"""What the cases of every format have in common: names, limits and the weight of a status."""

from collections.abc import Mapping

from adapters.base import Verdict
from adapters.formats.capped_text import one_line

NAME_CHARS = 1000
DETAIL_CHARS = 32 * 1024

SEVERITY: Mapping[Verdict, int] = {
    Verdict.PASSED: 0,
    Verdict.SKIPPED: 1,
    Verdict.BLOCKED: 2,
    Verdict.FAILED: 3,
}
BAD = frozenset({Verdict.FAILED, Verdict.BLOCKED})
"""What no report may hold that passes."""

_JUNIT_3_SUITE = "junit.framework.TestSuite"


def case_name(name: str, class_name: str = "", suite: str = "") -> str:
    """Join a case's full name: class.name, or suite/name where no class is given."""
    name = name.strip() or "(no name)"
    if class_name and class_name not in {_JUNIT_3_SUITE, name}:
        if not name.startswith(f"{class_name}."):
            name = f"{class_name}.{name}"
    elif suite and not class_name:
        name = f"{suite}/{name}"
    return name[:NAME_CHARS]


def not_known(word: str) -> str:
    """Say of a case why it is blocked: by a *word* that may mean anything."""
    return f'the report calls it "{one_line(word, 80)}", a word not known here'
