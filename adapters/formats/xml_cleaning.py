"""Make text of a document that XML 1.0 forbids, for a second reading.

Real tools write such documents: Ant 1.10.13's junitlauncher puts a raw U+0001 into CDATA, others
declare UTF-16 and write UTF-8, or set a blank line before the XML declaration.
"""

import codecs
import re
from collections.abc import Iterator

SLICE_BYTES = 256 * 1024
REPLACEMENT = "\ufffd"  # no name may hold it, so it cannot turn one element into another

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));")
_LONGEST_REFERENCE = 12
_DECLARED = re.compile(rb"""encoding=["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Python knows codecs that are no character sets; only these are taken at their word.
_TRUSTED = re.compile(
    r"iso-8859-\d+|windows-125\d|cp125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5"
)


def slices(data: bytes) -> Iterator[bytes]:
    """Cut *data* into pieces that a parser takes one by one."""
    for start in range(0, len(data), SLICE_BYTES):
        yield data[start : start + SLICE_BYTES]


def cleaned(data: bytes) -> Iterator[bytes]:
    """Give *data* as UTF-8, with a replacement mark for each character XML 1.0 forbids."""
    decoder = codecs.getincrementaldecoder(encoding_of(data))("replace")
    held, started = "", False
    for piece in slices(data):
        text = held + decoder.decode(piece)
        text, held = _split_before_open_reference(text)
        if not started:
            text = text.lstrip("\ufeff \t\r\n")
            started = bool(text)
        yield _clean(text)
    yield _clean(held + decoder.decode(b"", True))


def encoding_of(data: bytes) -> str:
    """Guess the encoding by the first bytes, then by the declaration; UTF-8 when in doubt."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    declared = _DECLARED.search(data[:200])
    name = declared[1].decode("ascii").lower() if declared else ""
    return name if _TRUSTED.fullmatch(name) and _exists(name) else "utf-8"


def _exists(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _split_before_open_reference(text: str) -> tuple[str, str]:
    # A reference may be cut by the end of a slice: hold it back until the next one.
    start = text.rfind("&", -_LONGEST_REFERENCE)
    return (text, "") if start < 0 else (text[:start], text[start:])


def _clean(text: str) -> bytes:
    return _REFERENCE.sub(_legal_reference, _ILLEGAL.sub(REPLACEMENT, text)).encode()


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code <= 0x10FFFF and not _ILLEGAL.match(chr(code))
    return match[0] if legal else REPLACEMENT
