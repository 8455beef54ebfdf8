"""TestNG's own report, `testng-results.xml`.

Configuration methods are no cases but the reason of skips, and the tries of one test become one
case, so some results are settled at the end of their class or of the document only.
Source of the format: TestNG's own writers of it, XMLReporter and XMLSuiteResultWriter.
"""

from collections.abc import Mapping

from adapters.base import Report
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.cases import DETAIL_CHARS
from adapters.formats.testng.method import PARAM_TEXT_CHARS, OpenMethod, Place
from adapters.formats.testng.results import Results
from adapters.formats.testng.words import NULL, class_name, is_true
from adapters.formats.xml_events import walk

# Elements of a method whose text is wanted, by their path below it, and how much of it. Reporters
# may add elements of their own anywhere in it (ICustomizeXmlReport), so a name alone says nothing.
_TEXTS: Mapping[str, int] = {
    "params/param/value": PARAM_TEXT_CHARS,
    "exception/message": DETAIL_CHARS,
    "exception/full-stacktrace": DETAIL_CHARS,
    "exception/short-stacktrace": DETAIL_CHARS,
    "reporter-output/line": DETAIL_CHARS,
}


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    document, broken = walk(data, _Document)
    return document.report(broken)


class _Document:
    """The sink: where it is in the document, and the method that is open."""

    def __init__(self) -> None:
        self._results = Results()
        self._suites = 0
        self._tests = 0
        self._suite_name = ""
        self._class_name = ""
        self._method: OpenMethod | None = None
        self._path: list[str] = []
        """Open elements below the open method."""
        self._text: CappedText | None = None
        self._is_null = False

    def report(self, broken: str) -> Report:
        """Give what was read; *broken* says where the document ended too early, if it did."""
        if broken:
            self._rescue_failure()
            self._results.problem(broken)
        else:
            for problem in self._results.counts.problems():
                self._results.problem(problem)
        self._results.end_class()
        cases = self._results.cases()
        return Report(cases, self._results.problems(), self._results.notes())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._method is not None:
            self._start_in_method(name, attributes)
        elif name == "test-method":
            place = Place(self._suites, self._tests, self._class_name, self._suite_name)
            self._method = OpenMethod(attributes, place)
        elif name == "class":
            self._class_name = class_name(attributes)
        elif name in {"suite", "test"}:
            self._start_part(name, attributes)
        elif name == "testng-results":
            self._results.counts.claim(attributes)

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.add(text)

    def end(self, name: str) -> None:
        if self._method is not None:
            self._end_in_method(self._method)
        elif name == "class":
            self._results.end_class()
            self._class_name = ""

    def _start_part(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "suite":
            self._suites += 1
            self._suite_name = one_line(attributes.get("name", ""))
        else:
            self._tests += 1
        if "url" in attributes:
            # The setting fileFragmentationLevel: such a document is a list of others.
            place = one_line(attributes["url"], 200)
            self._results.problem(f"the results of a {name} are in another file: {place}")

    def _start_in_method(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        path = "/".join(self._path)
        if path == "exception" and self._method is not None:
            self._method.add_exception(attributes.get("class", ""))
        elif path in _TEXTS:
            self._text = CappedText(_TEXTS[path])
            self._is_null = is_true(attributes.get("is-null", ""))
        elif name == "test-method":
            self._results.problem("it holds a test-method inside another one")

    def _end_in_method(self, method: OpenMethod) -> None:
        if not self._path:
            self._method = None
            self._results.add(method)
            return
        path = "/".join(self._path)
        self._path.pop()
        if path in _TEXTS and self._text is not None:
            text, self._text = self._text.whole(), None
            self._take(method, path, text)

    def _take(self, method: OpenMethod, path: str, text: str) -> None:
        if path == "params/param/value":
            method.add_param(NULL if self._is_null else text)
        elif path == "exception/message":
            method.add_message(text)
        elif path.startswith("exception/"):
            method.add_stack(text)
        else:
            method.add_output(text)

    def _rescue_failure(self) -> None:
        # Of an unfinished method nothing is known, unless it has already failed.
        method = self._method
        if method is None or not method.has_failed:
            return
        while self._path:
            self._end_in_method(method)
        self._end_in_method(method)
