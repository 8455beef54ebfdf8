"""Test results of Visual Studio 2005: root `Tests`, the run's objects as XML.

A value stands in an element of its own, an enumeration's number in `value__`. Results follow the
run, each an element below the root; the rows of a data-driven one are not looked at, its own
outcome counts. Source: the paths in style sheets and build tasks written for it.
"""

from collections.abc import Mapping

from adapters.base import Report, UnreadableReport
from adapters.formats.capped_text import CappedText
from adapters.formats.cases import DETAIL_CHARS
from adapters.formats.kept_cases import KeptCases
from adapters.formats.trx.names import Names
from adapters.formats.trx.result import OpenResult
from adapters.formats.trx.summary import Found, Summary
from adapters.formats.xml_events import walk

# The outcomes by their numbers, in the words of later versions.
_OUTCOMES = (
    *("Error", "Failed", "Timeout", "Aborted", "Inconclusive", "PassedButRunAborted"),
    *("NotRunnable", "NotExecuted", "Disconnected", "Warning", "Passed", "Completed"),
    *("InProgress", "Pending"),
)
# Path below a result -> the attribute that it is in later versions.
_ATTRIBUTES: Mapping[str, str] = {
    "testname": "testname",
    "outcome/value__": "outcome",
    "duration": "duration",
    "starttime": "starttime",
    "endtime": "endtime",
    "id/testid/id": "testid",
}
_TEXTS: Mapping[str, str] = {
    "errorinfo/message": "message",
    "errorinfo/stacktrace": "stacktrace",
    **{name: name for name in ("stdout", "stderr", "debugtrace")},
}
_TEST_ID, _TEST_CLASS = "tests/value/id/id", "tests/value/testmethod/classname"
_RUN_TOTAL, _RUN_OUTCOME = "result/totaltestcount", "result/outcome/value__"
_OF_RUN = frozenset({_TEST_ID, _TEST_CLASS, _RUN_TOTAL, _RUN_OUTCOME})
_OF_RESULT = _ATTRIBUTES.keys() | _TEXTS.keys()


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity, a bottomless nesting, and for another
    document with such a root.
    """
    document, broken = walk(data, _Document)
    return document.report(broken)


class _Document:
    """The sink: the open elements, and of the one below the root what has been said."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._text: CappedText | None = None
        self._result: dict[str, str] = {}
        self._texts: list[tuple[str, str]] = []
        self._test: dict[str, str] = {}
        self._kept = KeptCases()
        self._names = Names()
        self._found = Found()
        self._summary = Summary()
        self._is_report = False

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if broken and "outcome" in self._result:
            self._end_result(only_if_bad=True)
        if not (self._is_report or broken):
            raise UnreadableReport("its root is <Tests>, and it holds no results of Visual Studio")
        problems = [broken] if broken else []
        problems += [*self._kept.problems(), *self._summary.problems(self._found)]
        cases = tuple(self._names.named(self._kept.cases))
        return Report(cases, tuple(problems), self._kept.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name.lower())
        wanted = _OF_RUN if self._in_run else _OF_RESULT
        self._text = CappedText(DETAIL_CHARS) if self._path in wanted else None

    def text(self, text: str) -> None:
        if self._text:
            self._text.add(text)

    def end(self, name: str) -> None:
        if self._text:
            self._take(self._path, self._text.whole())
            self._text = None
        elif self._in_run and self._path == "tests/value":
            self._names.start_definition(self._test.get(_TEST_ID, ""))
            self._names.add_class(self._test.get(_TEST_CLASS, ""))
            self._test = {}
        elif len(self._open) == 2:
            self._end_part()
        self._open.pop()

    @property
    def _in_run(self) -> bool:
        return len(self._open) > 1 and self._open[1] == "testrun"

    @property
    def _path(self) -> str:
        return "/".join(self._open[2:])

    def _take(self, path: str, text: str) -> None:
        if not self._in_run:
            if path in _TEXTS:
                self._texts.append((_TEXTS[path], text))
            else:
                self._result[_ATTRIBUTES[path]] = text
        elif path == _RUN_TOTAL:
            self._summary.add_counters({"total": text})
        elif path == _RUN_OUTCOME:
            self._summary.start(_outcome(text))
        else:
            self._test[path] = text

    def _end_part(self) -> None:
        if self._in_run:
            self._is_report = True
        elif self._result.keys() & {"testname", "outcome"}:
            self._end_result()
        self._result, self._texts = {}, []

    def _end_result(self, *, only_if_bad: bool = False) -> None:
        self._is_report = True
        self._result["outcome"] = _outcome(self._result.get("outcome", ""))
        result = OpenResult(self._result)
        for kind, text in self._texts:
            result.add_text(kind, text)
        if only_if_bad and not result.is_bad:
            return
        self._found.add(result)
        if self._kept.offer(result.status, result.close):
            self._names.add_case(result.test_id)


def _outcome(number: str) -> str:
    number = number.strip()
    known = number.isdecimal() and len(number) < 3 and int(number) < len(_OUTCOMES)
    return _OUTCOMES[int(number)] if known else number
