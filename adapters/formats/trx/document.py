"""Visual Studio test results: root `TestRun`, as vstest, MSTest and many others write it.

A result with results inside it sums them up: its rows are the cases, and it is one of its own only
if it is worse than they are. Classes are named by definitions that may come after the results.
Source: Microsoft's `vstst.xsd`; versions of 2006 and 2010 differ in namespace and order.
"""

from collections.abc import Callable, Mapping

from adapters.base import Report
from adapters.formats.attributes import folded
from adapters.formats.capture import Capture
from adapters.formats.cases import DETAIL_CHARS
from adapters.formats.kept_cases import KeptCases
from adapters.formats.trx import cppunit as trx_cppunit
from adapters.formats.trx.names import Names
from adapters.formats.trx.result import TEXTS, OpenResult
from adapters.formats.trx.summary import Found, Summary
from adapters.formats.xml_events import walk

_RESULT_LISTS = frozenset({"results", "innerresults"})
_RUN_TEXTS = frozenset({"text", "message", "exception"})


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    document, broken = walk(data, _Document)
    if document.is_cppunit:
        return trx_cppunit.read(data)
    return document.report(broken)


class _Document:
    """The sink: a stack of open elements, of open results, and the text being gathered."""

    def __init__(self) -> None:
        self.is_cppunit = False
        self._open: list[str] = []
        self._results: list[OpenResult] = []
        self._capture: Capture | None = None
        self._run_info: tuple[str | None, str] | None = None
        self._kept = KeptCases()
        self._names = Names()
        self._found = Found()
        self._summary = Summary()
        self._holds_results = False
        self._starts: Mapping[str, Callable[[dict[str, str]], None]] = {
            "results": self._start_results,
            "testdefinitions": lambda _: self._names.start_definitions(),
            "testmethod": lambda said: self._names.add_class(said.get("classname", "")),
            "resultsummary": lambda said: self._summary.start(said.get("outcome")),
            "counters": self._summary.add_counters,
            "runinfo": self._start_run_info,
        }

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        problems = list(self._kept.problems())
        if broken:
            self._rescue_bad_results()
            problems.append(broken)
        elif not (self._holds_results or self._summary.is_there):
            problems.append("it holds neither results nor a summary")
        problems.extend(self._summary.problems(self._found))
        cases = tuple(self._names.named(self._kept.cases))
        return Report(cases, tuple(problems), (*self._summary.notes(), *self._kept.notes()))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind, outer = name.lower(), self._open[-1] if self._open else ""
        self._open.append(kind)
        if self._capture:
            self._capture.start()
            return
        said = folded(attributes)
        if outer in _RESULT_LISTS or kind == "unittestresult":
            self._results.append(OpenResult(said))
        elif outer == "testdefinitions":
            self._names.start_definition(said.get("id", ""))
        elif kind in self._starts:
            self._starts[kind](said)
        elif kind in {"failedtests", "successfultests"} and len(self._open) == 2:
            self.is_cppunit = True
        else:
            self._start_text(kind, outer)

    def text(self, text: str) -> None:
        if self._capture:
            self._capture.text(text)

    def end(self, name: str) -> None:
        kind = self._open.pop()
        if self._capture:
            if self._capture.end():
                self._end_text(self._capture)
        elif self._results and (self._ends_a_result(kind)):
            self._end_result()
        elif kind == "runinfo" and self._run_info:
            self._summary.add_message(*self._run_info)
            self._run_info = None

    def _ends_a_result(self, kind: str) -> bool:
        outer = self._open[-1] if self._open else ""
        return outer in _RESULT_LISTS or kind == "unittestresult"

    def _start_results(self, _: dict[str, str]) -> None:
        self._holds_results = True

    def _start_run_info(self, said: dict[str, str]) -> None:
        self._run_info = said.get("outcome"), ""

    def _start_text(self, kind: str, outer: str) -> None:
        # `TextMessages` and `ErrorInfo` both hold a `Message`: the former is taken as one text.
        wanted = kind in TEXTS if self._results else self._run_info and kind in _RUN_TEXTS
        if wanted:
            self._capture = Capture(kind, DETAIL_CHARS)

    def _end_text(self, capture: Capture) -> None:
        self._capture = None
        text = capture.whole()
        if self._results:
            self._results[-1].add_text(capture.kind, text)
        elif self._run_info:
            outcome, before = self._run_info
            self._run_info = outcome, before or text

    def _end_result(self) -> None:
        result = self._results.pop()
        if self._results:
            self._results[-1].add_row(result.status)
        self._add(result)

    def _add(self, result: OpenResult) -> None:
        self._found.add(result)
        if not result.is_sum and self._kept.offer(result.status, result.close):
            self._names.add_case(result.test_id)

    def _rescue_bad_results(self) -> None:
        # Of an unfinished result all but its texts is known: only a bad one counts.
        if self._capture:
            self._end_text(self._capture)
        for result in self._results:
            if result.is_bad and not result.is_sum:
                self._add(result)
