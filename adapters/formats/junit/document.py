"""The JUnit XML family: Surefire, Ant, the console launcher, Gradle, pytest and many more.

There is no standard; the rules are those of the tools' real files. A report is read in bounded
memory, and whatever casts doubt on it becomes a problem, so that it cannot pass by accident.
"""

from adapters.base import Report, Verdict
from adapters.formats.capped_text import one_line
from adapters.formats.capture import Capture
from adapters.formats.cases import DETAIL_CHARS
from adapters.formats.junit import words
from adapters.formats.junit.case import OpenCase
from adapters.formats.junit.suite import Suite
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems
from adapters.formats.xml_events import walk

SUITE_TEXT_CHARS = 2000
_SUITES = frozenset({"testsuites", "testsuite"})
_RESULTS = frozenset(words.RESULT_ELEMENTS) | words.FLAKY_ELEMENTS
_TEXTS = _RESULTS | words.OUTPUT_ELEMENTS
_KNOWN = _TEXTS | words.HARMLESS_ELEMENTS


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    document, broken = walk(data, _Document)
    return document.report(broken)


class _Document:
    """The sink: a stack of open suites, of open cases, and of texts being gathered.

    Names of elements count in any case of letters: no tool means anything by it.
    """

    def __init__(self) -> None:
        self._suites: list[Suite] = []
        self._cases: list[OpenCase] = []
        self._captures: list[Capture] = []
        self._parents: list[str] = []
        self._kept = KeptCases()
        self._problems = Problems()

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if broken:
            self._rescue_bad_cases()
            self._problems.add(broken)
        problems = (*self._problems.all(), *self._kept.problems())
        return Report(self._kept.cases, problems, self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.lower()
        if self._captures:
            self._start_in_text(name, kind, attributes)
            return
        if kind == "testcase":
            suite = self._suites[-1].name if self._suites else ""
            self._cases.append(OpenCase(attributes, suite))
        elif kind in _SUITES:
            outer = self._suites[-1] if self._suites else None
            self._suites.append(Suite.opened(attributes, outer))
        elif kind in _TEXTS:
            self._capture(name, attributes)
            return
        elif kind == "property" and self._suites and not self._cases:
            self._suites[-1].add_property(attributes.get("name", ""))
        elif kind not in _KNOWN and self._parents:
            self._take_unknown(name, attributes)
        self._parents.append(kind)

    def text(self, text: str) -> None:
        if self._captures:
            self._captures[-1].text(text)

    def end(self, name: str) -> None:
        if self._captures:
            if self._captures[-1].end():
                self._end_capture(self._captures.pop())
            return
        kind = self._parents.pop()
        if kind == "testcase":
            self._end_case()
        elif kind in _SUITES:
            self._end_suite()

    def _take_unknown(self, name: str, attributes: dict[str, str]) -> None:
        if self._parents[-1] == "testcase":
            self._cases[-1].add_unknown(name)
        elif self._parents[-1] in _SUITES and words.tells_harm(name, attributes):
            suite = self._suites[-1].name
            self._problems.add(f"suite {suite}: it holds <{name[:80]}>, which tells of harm")

    def _capture(self, name: str, attributes: dict[str, str]) -> None:
        limit = DETAIL_CHARS if self._cases else SUITE_TEXT_CHARS
        self._captures.append(Capture(name, limit, attributes))

    def _start_in_text(self, name: str, kind: str, attributes: dict[str, str]) -> None:
        inside = self._captures[-1]
        # Markup inside an output is text; a result inside a result is one more result.
        if kind in _RESULTS and inside.kind in _RESULTS:
            self._capture(name, attributes)
        else:
            inside.start()

    def _end_capture(self, capture: Capture) -> None:
        text = capture.whole()
        if not self._cases:
            self._end_suite_text(capture, text)
        elif capture.kind in words.OUTPUT_ELEMENTS:
            self._cases[-1].add_output(capture.kind, text)
        else:
            self._cases[-1].add_result(capture.element, capture.attributes, text)

    def _end_suite_text(self, capture: Capture, text: str) -> None:
        if not self._suites:
            return
        suite = self._suites[-1]
        if capture.kind == "system-err":
            # Ant and Gradle write every line a class logged here: no sign of harm by itself.
            suite.error_output = suite.error_output or one_line(text)
        elif words.RESULT_ELEMENTS.get(capture.kind) is Verdict.FAILED:
            suite.bad += 1
            said = one_line(capture.attributes.get("message", "") or text)
            self._problems.add(
                f"suite {suite.name}: {capture.element} outside any test case: {said}"
            )

    def _end_case(self) -> None:
        case = self._cases.pop()
        if self._suites:
            self._suites[-1].add_case(case)
        self._kept.offer(case.status, case.close)

    def _end_suite(self) -> None:
        suite = self._suites.pop()
        if self._suites:
            self._suites[-1].add_suite(suite)
        for problem in suite.problems():
            self._problems.add(f"suite {suite.name}: {problem}")

    def _rescue_bad_cases(self) -> None:
        # Of an unfinished case nothing is known, unless it has already failed.
        while self._captures:
            self._end_capture(self._captures.pop())
        for case in self._cases:
            if case.is_bad:
                self._kept.add(case.close())
