"""The files of the SoapUI stand-in: JUnit XML and exports, shaped as the real runner's are.

One file for each suite, by a name reduced to letters, digits and `_`: a later suite of the same
letters overwrites it. A cancelled case is written like a passed one. No classname, no skipped.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr


@dataclass
class Entry:
    name: str
    millis: int
    failed: bool
    reason: str
    body: str
    properties: dict[str, str]


@dataclass
class JUnitFiles:
    project: str
    with_properties: bool
    suites: dict[str, list[Entry]] = field(default_factory=dict)

    def open(self, suite: str) -> None:
        self.suites.setdefault(suite, [])

    def add(self, suite: str, entry: Entry) -> None:
        self.suites[suite].append(entry)

    def save(self, folder: Path) -> None:
        for suite, entries in self.suites.items():
            text = self._document(suite, entries)
            (folder / f"TEST-{file_name(suite)}.xml").write_text(text, "utf-8")

    def _document(self, suite: str, entries: list[Entry]) -> str:
        bad = sum(entry.failed for entry in entries)
        total = sum(entry.millis for entry in entries) / 1000
        # As the real one does, the whole command line among the properties of the JVM.
        jvm = {"java.vm.name": "standin, no JVM", "sun.java.command": " ".join(sys.argv)}
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<testsuite name={quoteattr(f'{self.project}.{suite}')} "
            f'tests="{len(entries)}" failures="{bad}" errors="0" time="{total}">'
            f"{_properties(jvm)}{''.join(map(self._case, entries))}</testsuite>"
        )

    def _case(self, entry: Entry) -> str:
        failure = ""
        if entry.failed:
            reason = quoteattr(entry.reason)
            body = f"<![CDATA[{entry.body.replace(']]>', ']]]]><![CDATA[>')}]]>"
            failure = f"<failure type={reason} message={reason}>{body}</failure>"
        properties = _properties(entry.properties) if self.with_properties else ""
        head = f'<testcase name={quoteattr(entry.name)} time="{entry.millis / 1000}"'
        return f"{head}>{failure}{properties}</testcase>"


def file_name(name: str) -> str:
    kept = ("_" if letter.isspace() else letter for letter in name)
    return "".join(letter for letter in kept if letter.isalnum() or letter == "_")


def failure_block(step: str, messages: list[str]) -> str:
    """One failed step: its name and its addresses are escaped, its messages are not."""
    lines = []
    for message in messages:
        if message.lower().startswith("url:"):
            address = escape(message[4:].strip(), {'"': "&quot;"})
            lines.append(f'URL: <a target="new" href="{address}">{address}</a>\r\n')
        else:
            lines.append(f"{message}\r\n")
    return f"<h3><b>{escape(step)} Failed</b></h3><pre>{''.join(lines)}</pre><hr/>"


def _properties(values: dict[str, str]) -> str:
    inner = (f"<property name={quoteattr(n)} value={quoteattr(v)}/>" for n, v in values.items())
    return f"<properties>{''.join(inner)}</properties>"
