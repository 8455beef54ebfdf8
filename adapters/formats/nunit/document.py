"""The walk through an NUnit report, of version 2 or 3: suites in suites, cases and their texts."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.base import Report
from adapters.formats.attributes import folded
from adapters.formats.capture import Capture
from adapters.formats.cases import BAD, DETAIL_CHARS
from adapters.formats.kept_cases import KeptCases
from adapters.formats.nunit.case import OpenCase
from adapters.formats.nunit.state import State
from adapters.formats.nunit.suite import SUITE_TEXT_CHARS, Claims, OpenSuite, open_suite
from adapters.formats.nunit.texts import Texts
from adapters.formats.xml_events import walk

_SUITES = frozenset({"test-results", "test-run", "test-suite"})
# What both versions write, as they write it: folding names is most of the work on an attribute.
_PLAIN = frozenset(
    {"name", "fullname", "classname", "methodname", "id", "type", "runstate", "seed", "result"}
    | {"label", "site", "start-time", "end-time", "duration", "asserts", "testcasecount", "total"}
    | {"passed", "failed", "warnings", "inconclusive", "skipped", "executed", "success", "time"}
    | {"description"}
)
_SAID = frozenset({"failure", "reason"})
_TEXTS = frozenset({"message", "stack-trace", "output", "filepath", "description"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two versions say in different ways."""

    state_of: Callable[[dict[str, str]], State]
    """By the attributes of a case, a suite or a root."""
    claims_of: Callable[[dict[str, str]], Claims]
    """By the attributes of a root."""


def read_as(dialect: Dialect, data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    document, broken = walk(data, lambda: _Document(dialect))
    return document.report(broken)


class _Document:
    """The sink: a stack of open suites, of open cases, and of texts being gathered.

    Names of elements and attributes count in any case of letters.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._suites: list[OpenSuite] = []
        self._cases: list[OpenCase] = []
        self._parents: list[str] = []
        self._captures: list[Capture] = []
        self._kept = KeptCases()
        self._problems: list[str] = []

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if broken:
            # Of an unfinished case nothing is known, unless it has already failed.
            for case in self._cases:
                if case.status in BAD:
                    self._kept.add(case.close(self._suites))
            self._problems.append(broken)
        problems = (*self._problems, *self._kept.problems())
        return Report(self._kept.cases, problems, self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.lower()
        if self._captures and not (self._captures[-1].kind in _SAID and kind in _TEXTS):
            self._captures[-1].start()
        elif kind in _SAID or kind in _TEXTS:
            self._start_text(kind, attributes)
        else:
            self._start_structure(kind, attributes)
            self._parents.append(kind)

    def text(self, text: str) -> None:
        if self._captures:
            self._captures[-1].text(text)

    def end(self, name: str) -> None:
        if not self._captures:
            self._end_structure(self._parents.pop())
        elif self._captures[-1].end():
            capture = self._captures.pop()
            place = self._captures[-1].kind if self._captures else capture.kind
            if place not in _SAID and self._parents:
                place = self._parents[-1]
            if texts := self._texts():
                texts.add(place, capture.kind, capture.whole())

    def _texts(self) -> Texts | None:
        if self._cases:
            return self._cases[-1].texts
        return self._suites[-1].texts if self._suites else None

    def _start_text(self, kind: str, attributes: dict[str, str]) -> None:
        limit = DETAIL_CHARS if self._cases else SUITE_TEXT_CHARS
        self._captures.append(Capture(kind, limit))
        texts = self._texts()
        if texts and kind in _SAID:
            texts.failed = texts.failed or kind == "failure"
            texts.add(kind, "message", attributes.get("message", ""))

    def _start_structure(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "test-case":
            given = _folded(attributes)
            self._cases.append(OpenCase(given, self._dialect.state_of(given)))
        elif kind in _SUITES:
            self._start_suite(kind, _folded(attributes))
        elif texts := self._texts():
            if kind == "assertion":
                texts.begin_assertion()
            elif kind == "property":
                texts.label(attributes.get("name", ""), attributes.get("value", ""))
            elif kind == "category":
                texts.label("Category", attributes.get("name", ""))

    def _start_suite(self, kind: str, given: dict[str, str]) -> None:
        state, outer = self._dialect.state_of(given), self._suites[-1] if self._suites else None
        claims = Claims() if outer else self._dialect.claims_of(given)
        self._suites.append(open_suite(kind, given, outer, state, claims))

    def _end_structure(self, kind: str) -> None:
        if kind == "test-case":
            self._end_case()
        elif kind in _SUITES:
            self._end_suite()

    def _end_case(self) -> None:
        case = self._cases.pop()
        status = case.status
        if self._suites:
            self._suites[-1].add_case(status)
        self._kept.offer(status, lambda: case.close(self._suites))

    def _end_suite(self) -> None:
        suite = self._suites.pop()
        if suite.element == "test-suite" and (failure := suite.own_failure()):
            self._kept.add(failure)
            suite.bad += 1
        if self._suites:
            self._suites[-1].add_suite(suite)
        else:
            self._problems.extend(suite.problems())


def _folded(attributes: dict[str, str]) -> dict[str, str]:
    return attributes if attributes.keys() <= _PLAIN else folded(attributes)
