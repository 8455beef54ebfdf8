"""The XML log of a run, for programs and for who looks closer than the report does.

::

    <run made-by="labfleet 0.1.0" format="1" id item attempt host tool verdict
         started finished seconds ending exit-code>
      <test name set configuration release/>
      <reason>why the verdict is not simply the sum of the cases</reason>
      <command><argument>...</argument>...</command>
      <cases count passed failed blocked skipped>
        <case name status raw-status seconds>
          <message>...</message>
          <detail>...</detail>
        </case>...
      </cases>
      <output>the last lines of what the tool wrote</output>
    </run>

Times are ISO 8601 in UTC. ``exit-code`` is left out when there was none; ``message``, ``detail``,
``reason`` and ``output`` when they are empty. A text that was cut has ``omitted``, the number of
characters missing at its end. A character that XML cannot hold is written as U+FFFD.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from adapters.base import Case, Verdict
from orchestrator.report.facts import RunFacts

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_CHARS = 100_000
_NAME_CHARS = 2_000
# All messages and details together. Web servers often refuse uploads of 30 MB and more.
_CASE_TEXT_CHARS = 16_000_000


def write_xml(facts: RunFacts, file: BinaryIO) -> None:
    """Write the log of a run to *file*, case by case."""
    log = _Log(file)
    with log.element("run", _run(facts)):
        log.empty("test", _test(facts))
        log.text("reason", facts.reason)
        with log.element("command"):
            for argument in facts.command:
                with log.element("argument"):
                    log.characters(argument)
        with log.element("cases", _counts(facts)):
            for case in facts.cases:
                _write_case(log, case)
        log.text("output", facts.output_tail)
    log.end()


def _write_case(log: "_Log", case: Case) -> None:
    attributes = {
        "name": case.name[:_NAME_CHARS],
        "status": case.status.value,
        "raw-status": case.raw_status[:_NAME_CHARS],
        "seconds": f"{case.seconds:.3f}",
    }
    with log.element("case", attributes):
        for name, text in (("message", case.message), ("detail", case.detail)):
            log.text(name, text, min(_TEXT_CHARS, log.left_chars))
            log.left_chars -= min(len(text), _TEXT_CHARS, log.left_chars)


def _run(facts: RunFacts) -> dict[str, str]:
    attributes = {
        "made-by": f"labfleet {facts.labfleet_version}",
        "format": "1",
        "id": str(facts.run_id),
        "item": str(facts.item),
        "attempt": str(facts.attempt),
        "host": facts.host,
        "tool": facts.tool,
        "verdict": facts.verdict.value,
        "started": _moment(facts.started_at),
        "finished": _moment(facts.finished_at),
        "seconds": f"{(facts.finished_at - facts.started_at).total_seconds():.3f}",
        "ending": facts.ending.value,
    }
    if facts.exit_code is not None:
        attributes["exit-code"] = str(facts.exit_code)
    return attributes


def _test(facts: RunFacts) -> dict[str, str]:
    return {
        "name": facts.test_name,
        "set": facts.test_set,
        "configuration": facts.configuration,
        "release": facts.release,
    }


def _counts(facts: RunFacts) -> dict[str, str]:
    counts = Counter(case.status for case in facts.cases)
    by_status = {verdict.value.lower(): str(counts[verdict]) for verdict in Verdict}
    return {"count": str(len(facts.cases)), **by_status}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


class _Log:
    """An XML document being written, one element a line as far as that changes no text."""

    def __init__(self, file: BinaryIO) -> None:
        self._xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        self._xml.startDocument()
        self.left_chars = _CASE_TEXT_CHARS

    @contextmanager
    def element(self, name: str, attributes: dict[str, str] | None = None) -> Iterator[None]:
        given = {key: _legal(value) for key, value in (attributes or {}).items()}
        self._xml.startElement(name, AttributesImpl(given))
        yield
        self._xml.endElement(name)
        self._xml.ignorableWhitespace("\n")

    def empty(self, name: str, attributes: dict[str, str]) -> None:
        with self.element(name, attributes):
            pass

    def text(self, name: str, text: str, limit: int = _TEXT_CHARS) -> None:
        if not text:
            return
        omitted = len(text) - limit
        with self.element(name, {"omitted": str(omitted)} if omitted > 0 else None):
            self.characters(text[:limit])

    def characters(self, text: str) -> None:
        self._xml.characters(_legal(text))

    def end(self) -> None:
        self._xml.endDocument()


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
