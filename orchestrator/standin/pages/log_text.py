"""Logs as text for people: never more of one than a page can hold."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from .charsets import text_charset

_MOST_BYTES = 1_000_000
_DECLARED = re.compile(rb"""<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_LONG_LINE_CHARS = 400
_BETWEEN_TAGS = re.compile(r">\s*<(?!/)")


@dataclass(frozen=True, slots=True)
class LogText:
    """The beginning of a log; *is_parted*: lines were parted between tags, to be read at all."""

    text: str
    is_parted: bool
    is_cut: bool


def read_log(path: Path) -> LogText | None:
    """Return the text of a log, or None for one that holds none, such as a `.tcLogX` archive."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if content.startswith(b"PK\x03\x04"):
        return None
    text = _decode(content[:_MOST_BYTES])
    if "\0" in text:
        return None
    is_parted = text.lstrip().startswith("<") and _has_long_line(text)
    if is_parted:
        text = _BETWEEN_TAGS.sub(">\n<", text)
    return LogText(text, is_parted, len(content) > _MOST_BYTES)


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    declared = _DECLARED.match(content)
    charset = text_charset(declared[1].decode() if declared else None, otherwise="utf-8-sig")
    return content.decode(charset, errors="replace")


def _has_long_line(text: str) -> bool:
    return any(len(line) > _LONG_LINE_CHARS for line in text.split("\n"))
