"""What SoapUI writes into a `failure` of its JUnit files: HTML made by hand, and no good message.

The message attribute is the runner's own reason, "Cancelling due to failed test step" for nearly
every failure. What was asserted stands in the body, one block for each failed step:
`<h3><b>STEP Failed</b></h3><pre>MESSAGES</pre><hr/>`. Names, addresses and complete error logs are
escaped in it, messages are not: they may hold markup of a response, which is no markup of ours.
Source: SmartBear/soapui, JUnitReportCollector.
"""

import re
from dataclasses import dataclass

from adapters.formats.capped_text import CappedText, one_line

BODY_CHARS = 64 * 1024
"""Of a longer body only its start and its end are shown."""

_BLOCK = re.compile(r"\s*<h3>\s*<b>", re.IGNORECASE)
_HEADING = re.compile(r"<h3>\s*<b>([^\r\n]*?)(?:</b>|</h3>|<pre>|\Z|[\r\n])", re.IGNORECASE)
_ENDS_OF_LINE = re.compile(r"</h3>|</pre>|<hr\s*/?>", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:h3|b|pre|a)(?:\s[^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_SAYS_NOTHING = re.compile(r"(\w+ due to failed test ?steps?)?\.?", re.IGNORECASE)
_ADDRESS = "URL:"


@dataclass(frozen=True, slots=True)
class Readable:
    """A failure as a person reads it."""

    message: str
    """One line: the failed step and the first thing said of it."""
    detail: str
    """All of it as plain text."""


def readable(body: str, reason: str = "") -> Readable | None:
    """Make plain text of *body*; None when it has not SoapUI's shape.

    *reason* is the failure's message attribute: it stays in front when it says more than that a
    step failed, as "TestCase timed out" does. Broken markup is taken as far as it goes.
    """
    if not _BLOCK.match(body):
        return None
    capped = CappedText(BODY_CHARS)
    capped.add(body)
    text = capped.whole()
    lines = [line for line in _plain(text).split("\n") if line.strip()]
    said = _first_said(_heading(text), lines)
    if not _SAYS_NOTHING.fullmatch(reason.strip()):
        said = f"{one_line(reason)}; {said}" if said else reason
    return Readable(one_line(said or reason), "\n".join(lines))


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _TAGS.sub("", _ENDS_OF_LINE.sub("\n", text))
    return _ENTITY.sub(_character, text)


def _heading(text: str) -> str:
    match = _HEADING.search(text)
    return _plain(match[1]).strip() if match else ""


def _first_said(heading: str, lines: list[str]) -> str:
    """Join the first step's name with its first line; an address alone says little."""
    told = [line.strip() for line in lines if line.strip() != heading]
    line = next((line for line in told if not line.startswith(_ADDRESS)), "")
    line = line or next(iter(told), "")
    return ": ".join(part for part in (heading, line) if part)


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    base = 16 if name[1] in "xX" else 10
    code = int(name.lstrip("#xX"), base)
    printable = code <= 0x10FFFF and chr(code).isprintable()
    return chr(code) if printable or code in {9, 10} else match[0]
