"""Writers of JUnit XML whose header counts something else than the cases beside it.

All of them write their report when the run has ended, never as it goes on: fewer cases than counted
are no sign of a report cut short. Others' counts are held against their cases.
"""

from collections.abc import Mapping
from enum import Enum

# pytest adds subtests, which are no cases.
_PYTEST = frozenset({"pytest", "pytest tests"})
# Its suite may have another name (`junit_suite_name`); no other writer has this order.
# Source: pytest, src/_pytest/junitxml.py.
_PYTEST_ORDER = (
    *("name", "errors", "failures", "skipped"),
    *("tests", "time", "timestamp", "hostname"),
)
_MOCHA = "Mocha Tests"
# mocha-junit-reporter lets both names be chosen; its order stays. Source: its index.js.
_MOCHA_ORDER = ("name", "timestamp", "tests")
_MOCHA_REST = frozenset({"file", "time", "failures", "skipped"})
_CATCH2_HOST = "tbd"
_GOOGLETEST = "AllTests"
QT_PROPERTIES = frozenset({"QtVersion", "QTestVersion", "QtBuild"})
"""A suite of Qt Test has these; up to version 5 its `errors` count every message logged."""


class Counting(Enum):
    """What a header's *tests* is the number of."""

    CASES = "cases"
    OTHERWISE = "otherwise"
    """Assertions or subtests, or what a filter left out."""
    DEFINED = "defined"
    """Tests that are defined; those pending or filtered out are not written, and may be all."""


def counting_of(header: Mapping[str, str]) -> Counting:
    """Tell by a suite's header, its names in small letters and in their order, what it counts."""
    name, order = header.get("name", ""), tuple(header)
    if name == _MOCHA or (order[:3] == _MOCHA_ORDER and _MOCHA_REST.issuperset(order[3:])):
        return Counting.DEFINED
    if name in _PYTEST or order == _PYTEST_ORDER:
        return Counting.OTHERWISE
    # Catch2 and doctest count assertions.
    if header.get("hostname") == _CATCH2_HOST or "doctest_version" in header:
        return Counting.OTHERWISE
    # GoogleTest up to 1.7 counts tests that a filter left out; "disabled" tells it from Java's
    # suites, which like that name too.
    if name == _GOOGLETEST and "disabled" in header:
        return Counting.OTHERWISE
    return Counting.CASES
