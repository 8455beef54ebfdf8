"""xUnit.net results, versions 1 to 3: roots `assemblies` and `assembly`.

Version 1 groups tests by `class`, later ones by `collection`. What went wrong outside any test, an
error of an assembly or a failure of a class's fixture, is a problem: no test shows it.
Source: xunit.net, "XML format v1" and "XML format v2+".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.base import Report, UnreadableReport
from adapters.formats import environment
from adapters.formats.attributes import folded
from adapters.formats.capped_text import one_line
from adapters.formats.capture import Capture
from adapters.formats.cases import DETAIL_CHARS
from adapters.formats.kept_cases import KeptCases
from adapters.formats.problems import Problems
from adapters.formats.xml_events import walk
from adapters.formats.xunit.counts import Container
from adapters.formats.xunit.test import OpenTest

_CONTAINERS = frozenset({"assemblies", "assembly", "collection", "class"})
_TEXTS = frozenset({"message", "stack-trace", "output", "reason"})
_FAULTS = frozenset({"error", "failure"})


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity, a bottomless nesting, and for another
    document with such a root: a manifest of Windows is called `assembly` too.
    """
    document, broken = walk(data, _Document)
    return document.report(broken)


@dataclass(slots=True)
class _Fault:
    """An open error or failure outside any test."""

    attributes: Mapping[str, str]
    exception: str = ""
    message: str = ""

    @property
    def said(self) -> str:
        """Its message in one line, with advice if one helps."""
        advice = environment.advice(self.exception, self.message)
        return environment.with_advice(advice, self.message)


class _Document:
    """The sink: a stack of open elements and of open containers, and the open test."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._containers: list[Container] = []
        self._test: OpenTest | None = None
        self._fault: _Fault | None = None
        self._capture: Capture | None = None
        self._kept = KeptCases()
        self._problems = Problems()
        self._is_report = False

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if not (self._is_report or broken):
            raise UnreadableReport(
                "it is called as an xUnit.net report is, and holds nothing of it"
            )
        if broken:
            self._rescue_a_bad_test()
            self._problems.add(broken)
        problems = (*self._problems.all(), *self._kept.problems())
        return Report(self._kept.cases, problems, self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.lower()
        self._open.append(kind)
        if self._capture:
            self._capture.start()
            return
        if self._test:
            self._start_in_test(kind, attributes)
        elif kind == "test":
            self._is_report = True
            self._test = OpenTest(folded(attributes))
        elif kind in _CONTAINERS:
            self._start_container(kind, folded(attributes))
        elif kind in _FAULTS:
            self._start_fault(folded(attributes))
        elif self._fault and kind == "message":
            self._capture = Capture(kind, DETAIL_CHARS)

    def text(self, text: str) -> None:
        if self._capture:
            self._capture.text(text)

    def end(self, name: str) -> None:
        kind = self._open.pop()
        if self._capture:
            if self._capture.end():
                self._end_text(self._capture)
        elif self._test:
            if kind == "test":
                self._end_test(self._test)
        elif kind in _CONTAINERS:
            self._end_container()
        elif self._fault and kind in _FAULTS and self._fault_ends_here():
            self._end_fault(self._fault)

    def _start_in_test(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "failure" and self._test:
            self._test.start_failure(folded(attributes))
        elif kind in _TEXTS:
            self._capture = Capture(kind, DETAIL_CHARS)

    def _start_fault(self, attributes: Mapping[str, str]) -> None:
        self._is_report = True
        # An `error` holds a `failure`, which tells the exception: both are one fault.
        self._fault = self._fault or _Fault(attributes)
        self._fault.exception = self._fault.exception or attributes.get("exception-type", "")

    def _start_container(self, kind: str, header: Mapping[str, str]) -> None:
        # A report without a test is one too; a manifest counts nothing.
        self._is_report = self._is_report or kind == "assemblies" or "total" in header
        self._containers.append(Container(kind, header))

    def _end_text(self, capture: Capture) -> None:
        self._capture = None
        text = capture.whole()
        if self._test:
            self._test.add_text(capture.kind, text)
        elif self._fault:
            self._fault.message = self._fault.message or text

    def _end_test(self, test: OpenTest) -> None:
        self._test = None
        if self._containers:
            self._containers[-1].tests += 1
            self._containers[-1].bad += test.is_bad
        self._kept.offer(test.status, test.close)

    def _end_container(self) -> None:
        container = self._containers.pop()
        if self._containers:
            self._containers[-1].add(container)
        for problem in container.problems():
            self._problems.add(problem)

    def _fault_ends_here(self) -> bool:
        return not _FAULTS.intersection(self._open)

    def _end_fault(self, fault: _Fault) -> None:
        self._fault = None
        where = ""
        if self._containers:
            self._containers[-1].errors += 1
            where = f"{self._containers[-1].called}: "
        kind = fault.attributes.get("type", "") or fault.attributes.get("exception-type", "")
        name = fault.attributes.get("name", "")
        what = " ".join(filter(None, ("error outside any test", kind, name)))
        self._problems.add(f"{where}{one_line(what, 300)}: {fault.said or '(no message)'}")

    def _rescue_a_bad_test(self) -> None:
        # Of an unfinished test nothing is known, unless it has already failed.
        if self._capture:
            self._end_text(self._capture)
        if self._test and self._test.is_bad:
            self._end_test(self._test)
