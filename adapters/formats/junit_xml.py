"""The JUnit XML family: Surefire, Ant, the console launcher, Gradle, pytest and many more.

There is no standard; the rules are those of the tools' real files. A report is read in bounded
memory, and whatever casts doubt on it becomes a problem, so that it cannot pass by accident.
"""

from dataclasses import dataclass

from adapters.base import Report
from adapters.formats import junit_words as words
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.junit_case import DETAIL_CHARS, NAME_CHARS, OpenCase
from adapters.formats.kept_cases import KeptCases
from adapters.formats.xml_events import walk

PROBLEM_LIMIT = 20
SUITE_TEXT_CHARS = 2000
_SUITES = frozenset({"testsuites", "testsuite"})
_OUTPUTS = frozenset({"system-out", "system-err"})
_RESULTS = frozenset(words.RESULT_ELEMENTS) | words.FLAKY_ELEMENTS


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    document, broken = walk(data, _Document)
    return document.report(broken)


@dataclass(slots=True)
class _Suite:
    """An open suite: what its header claims and what its cases have shown so far."""

    name: str
    claimed_tests: int
    claimed_bad: int
    cases: int = 0
    bad: int = 0
    error_output: str = ""

    def contradiction(self) -> str:
        """Say where header and content disagree; empty when they do not.

        Only claims that go beyond the content count: pytest's *tests* includes subtests, which
        are no cases, and Ant writes 0 for a class whose set-up failed.
        """
        if self.claimed_bad > self.bad:
            claim = f"its header counts {self.claimed_bad} failures and errors"
            return f"{claim}, its cases show {self.bad}"
        if self.claimed_tests and not self.cases:
            return f"its header counts {self.claimed_tests} tests, it holds none"
        if self.error_output and not self.cases:
            return f"it holds no test, and its error output says: {self.error_output}"
        return ""


@dataclass(slots=True)
class _Capture:
    """An open element whose text is wanted."""

    element: str
    attributes: dict[str, str]
    text: CappedText


class _Document:
    """The sink: a stack of open suites, of open cases, and of texts being gathered."""

    def __init__(self) -> None:
        self._suites: list[_Suite] = []
        self._cases: list[OpenCase] = []
        self._captures: list[_Capture] = []
        self._capture_depth = 0
        self._kept = KeptCases()
        self._problems: list[str] = []
        self._more_problems = 0

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if broken:
            self._rescue_bad_cases()
            self._problem(broken)
        more = (f"{self._more_problems} more problems",) if self._more_problems else ()
        problems = (*self._problems, *more, *self._kept.problems())
        return Report(self._kept.cases, problems, self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._captures:
            self._capture_depth += 1  # markup inside a text: only the text counts
        elif name == "testcase":
            suite = self._suites[-1].name if self._suites else ""
            self._cases.append(OpenCase(attributes, suite))
        elif name in _SUITES:
            self._suites.append(_suite(attributes))
        elif name in _RESULTS or name in _OUTPUTS:
            limit = DETAIL_CHARS if self._cases else SUITE_TEXT_CHARS
            self._captures.append(_Capture(name, attributes, CappedText(limit)))

    def text(self, text: str) -> None:
        if self._captures:
            self._captures[-1].text.add(text)

    def end(self, name: str) -> None:
        if self._capture_depth:
            self._capture_depth -= 1
        elif self._captures:
            self._end_capture(self._captures.pop())
        elif name == "testcase":
            self._end_case()
        elif name in _SUITES:
            self._end_suite()

    def _end_capture(self, capture: _Capture) -> None:
        text = capture.text.whole()
        if not self._cases:
            self._end_suite_text(capture.element, capture.attributes.get("message", ""), text)
        elif capture.element in _OUTPUTS:
            self._cases[-1].add_output(capture.element, text)
        else:
            self._cases[-1].add_result(capture.element, capture.attributes, text)

    def _end_suite_text(self, element: str, message: str, text: str) -> None:
        if not self._suites:
            return
        suite = self._suites[-1]
        if element == "system-err":
            # Ant and Gradle write every line a class logged here: no sign of harm by itself.
            suite.error_output = suite.error_output or one_line(text)
        elif words.RESULT_ELEMENTS.get(element) is words.RESULT_ELEMENTS["failure"]:
            suite.bad += 1
            said = one_line(message or text)
            self._problem(f"suite {suite.name}: {element} outside any test case: {said}")

    def _end_case(self) -> None:
        case = self._cases.pop()
        if self._suites:
            suite = self._suites[-1]
            suite.cases += 1
            suite.bad += case.failing_results
        if self._kept.has_room_for(case.status):
            self._kept.add(case.close())
        else:
            self._kept.leave_out(case.status)

    def _end_suite(self) -> None:
        suite = self._suites.pop()
        if self._suites:
            self._suites[-1].cases += suite.cases
            self._suites[-1].bad += suite.bad
        if contradiction := suite.contradiction():
            self._problem(f"suite {suite.name}: {contradiction}")

    def _rescue_bad_cases(self) -> None:
        # Of an unfinished case nothing is known, unless it has already failed.
        while self._captures:
            self._end_capture(self._captures.pop())
        for case in self._cases:
            if case.is_bad:
                self._kept.add(case.close())

    def _problem(self, problem: str) -> None:
        if len(self._problems) < PROBLEM_LIMIT:
            self._problems.append(problem)
        else:
            self._more_problems += 1


def _suite(attributes: dict[str, str]) -> _Suite:
    return _Suite(
        name=attributes.get("name", "")[:NAME_CHARS],
        claimed_tests=_count(attributes, "tests"),
        claimed_bad=_count(attributes, "failures") + _count(attributes, "errors"),
    )


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
