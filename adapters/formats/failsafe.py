"""Maven's `failsafe-summary.xml`: the counts by which its goal `verify` ends the build.

It names no test. What it counts as bad stands in the reports beside it, or there is no report of
it: a doubt. Without any it is no document for a verdict.
Source: Surefire's FailsafeSummaryXmlUtils; other tools write it too, to end a Maven build.
"""

from collections.abc import Iterator

from adapters.base import Report
from adapters.formats.attributes import count_of, folded
from adapters.formats.capped_text import CappedText, one_line
from adapters.formats.other_document import OtherDocument
from adapters.formats.xml_events import walk

_TEXT_CHARS = 2000
_BAD_COUNTS = ("errors", "failures")


def read(data: bytes) -> Report:
    """Give the doubts as a report without cases.

    Raises OtherDocument when there is none; UnreadableReport for a DOCTYPE, an entity or a
    bottomless nesting.
    """
    summary, broken = walk(data, _Summary)
    problems = (*filter(None, (broken,)), *summary.problems())
    if not problems:
        raise OtherDocument("failsafe-summary", "the counts of a build without failures")
    return Report((), problems)


class _Summary:
    """The sink."""

    def __init__(self) -> None:
        self._timeout = ""
        self._open: list[str] = []
        self._texts: dict[str, CappedText] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._timeout = folded(attributes).get("timeout", "")
        self._open.append(name.lower())

    def text(self, text: str) -> None:
        if len(self._open) == 2:
            self._texts.setdefault(self._open[-1], CappedText(_TEXT_CHARS)).add(text)

    def end(self, name: str) -> None:
        self._open.pop()

    def problems(self) -> Iterator[str]:
        for name in _BAD_COUNTS:
            said = self._said(name)
            if said and count_of(said) != 0:
                yield f"the build's summary counts {one_line(said, 80)} {name}"
        if self._timeout.strip().lower() == "true":
            yield "the build's summary says that the tests ran out of time"
        if message := self._said("failuremessage"):
            yield f"the build's summary says: {one_line(message)}"

    def _said(self, name: str) -> str:
        return self._texts[name].whole().strip() if name in self._texts else ""
