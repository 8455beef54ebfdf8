"""CppUnit's own results, whose root is `TestRun` too: what failed first, then what did not.

Source: CppUnit 1.15, class XmlOutputter.
"""

from adapters.base import Case, Report, Verdict
from adapters.formats.attributes import count_of, unreadable_counts
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import DETAIL_CHARS, case_name
from adapters.formats.kept_cases import KeptCases
from adapters.formats.xml_events import walk

_TESTS = {"failedtest": Verdict.FAILED, "test": Verdict.PASSED}
_COUNTS = ("tests", "failurestotal", "errors", "failures")
_WANTED = frozenset({"name", "failuretype", "message", "file", "line", *_COUNTS})


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem."""
    document, broken = walk(data, _Document)
    return document.report(broken)


class _Document:
    def __init__(self) -> None:
        self._open: list[str] = []
        self._texts: dict[str, CappedText] = {}
        self._kept = KeptCases()
        self._cases = self._failed = 0
        self._claimed: dict[str, str] = {}

    def report(self, broken: str) -> Report:
        problems = [broken] if broken else []
        if broken and self._status is Verdict.FAILED:
            self._end_test(Verdict.FAILED)
        problems.extend(self._contradictions())
        return Report(self._kept.cases, (*problems, *self._kept.problems()), self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name.lower())
        if name.lower() in _TESTS:
            self._texts = {}

    def text(self, text: str) -> None:
        kind = self._open[-1] if self._open else ""
        if kind in _WANTED:
            self._texts.setdefault(kind, CappedText(DETAIL_CHARS)).add(text)

    def end(self, name: str) -> None:
        kind = self._open.pop()
        if kind in _TESTS and self._open and self._open[-1] in {"failedtests", "successfultests"}:
            self._end_test(_TESTS[kind])
        elif self._open and self._open[-1] == "statistics":
            self._claimed[kind] = self._said(kind)
            self._texts.pop(kind, None)

    @property
    def _status(self) -> Verdict | None:
        return _TESTS.get(next((kind for kind in self._open if kind in _TESTS), ""))

    def _end_test(self, status: Verdict) -> None:
        self._cases += 1
        self._failed += status is Verdict.FAILED
        message = self._said("message")
        place = ":".join(filter(None, (self._said("file"), self._said("line"))))
        case = Case(
            name=case_name(self._said("name")),
            status=status,
            raw_status=self._said("failuretype") or status.value.lower(),
            message=one_line(message) if status is Verdict.FAILED else "",
            detail="\n".join(filter(None, (message, place))),
        )
        self._kept.add(case)

    def _said(self, kind: str) -> str:
        return self._texts[kind].whole().strip() if kind in self._texts else ""

    def _contradictions(self) -> list[str]:
        # A test may fail more than once: it is listed once, and its failures are counted apart.
        tests, *failures = (count_of(self._claimed.get(name, "")) or 0 for name in _COUNTS)
        said = [*unreadable_counts(self._claimed, _COUNTS)]
        if tests > self._cases:
            said.append(f"its statistics count {tests} tests, it holds {self._cases}")
        if any(failures) and not self._failed:
            said.append(f"its statistics count {max(failures)} failures, no test of it failed")
        return said
