"""Secrets masked in any text: as they are, in base64, and as URLs, JSON and Python write them."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

MASK = "***"
_MASK_UTF_8 = MASK.encode()
# By whether the first byte of a form is NUL, and the second.
_MASKS = {(True, False): MASK.encode("utf-16-be"), (False, True): MASK.encode("utf-16-le")}

_WIDTH = 4
_BASIC = re.compile(
    r"(?<![a-z])Basic(?:\s|%20|\+)+(?P<credentials>[A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE
)
# What the URL writers in use leave as it is: none, urllib's path, yarl's path and query.
_URL_SAFE = ("", "/", "/!$&'()*+,;=:@?")


class Secrets:
    """A set of secrets, and the texts without them.

    The first characters of a form lead to the few lengths it can have, so a text is searched
    for ten thousand tokens as fast as for one.
    """

    def __init__(self) -> None:
        self._lengths: dict[str, frozenset[int]] = {}
        self._forms: set[str] = set()
        self._short: set[str] = set()

    def add(self, value: str) -> None:
        """Mask *value* from now on. There is no forgetting."""
        for form in forms(value):
            if len(form) < _WIDTH:
                self._short.add(form)
                continue
            self._forms.add(form)
            # A new set, since another thread may be reading the old one.
            start = form[:_WIDTH]
            self._lengths[start] = self._lengths.get(start, frozenset()) | {len(form)}

    def masked(self, text: str) -> str:
        """Give *text* with every secret replaced by stars."""
        parts, begun, at = [], 0, 0
        while self._lengths and at <= len(text) - _WIDTH:
            lengths = self._lengths.get(text[at : at + _WIDTH], ())
            length = max((it for it in lengths if text[at : at + it] in self._forms), default=0)
            if length:
                parts += [text[begun:at], MASK]
                begun = at + length
            at += length or 1
        left = "".join([*parts, text[begun:]])
        for form in tuple(self._short):
            left = left.replace(form, MASK)
        return left


_remembered = Secrets()


def remember_secret(value: str) -> None:
    """Mask *value* in all logs from now on, wherever it turns up."""
    _remembered.add(value)


def without(text: str, secret: str) -> str:
    """Give *text* with *secret* masked in every form; for long texts and one secret."""
    for form in sorted(set(forms(secret)), key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def without_bytes(data: bytes, secret: str) -> bytes:
    """Give a file's *data* with *secret* masked in every form, in UTF-8 and UTF-16."""
    for form in byte_forms(secret):
        data = data.replace(form, _MASKS.get((form[:1] == b"\0", form[1:2] == b"\0"), _MASK_UTF_8))
    return data


def byte_forms(secret: str) -> list[bytes]:
    """List all that *secret* may be written as in a file, the longest first."""
    texts = set(forms(secret))
    found = {text.encode(name) for text in texts for name in ("utf-8", "utf-16-le", "utf-16-be")}
    return sorted(found, key=len, reverse=True)


def redact(text: str) -> str:
    """Give *text* with every remembered secret, and every Basic credential, masked."""
    return _remembered.masked(_BASIC.sub(_without_credentials, text))


def _without_credentials(found: re.Match[str]) -> str:
    run = found["credentials"].rstrip("=")
    # What holds no colon is a word after "basic", or was cut before its secret part began.
    if b":" not in base64.b64decode(run + "A" * (-len(run) % 4)):
        return found[0]
    return found[0].replace(found["credentials"], MASK)


def forms(value: str) -> Iterator[str]:
    """Give every text that *value* may be written as."""
    if not value:
        return
    yield value
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    yield escape(value)
    yield escape(value, {'"': "&quot;", "'": "&apos;"})
    yield escape(value, {'"': "&#34;", "'": "&#39;"})
    for encoded in (quote_plus(value), *(quote(value, safe=safe) for safe in _URL_SAFE)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
    encodings = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
    for data in {value.encode(encoding, "replace") for encoding in encodings}:
        yield data.hex()
        yield data.hex().upper()
        for offset in range(3):
            core = _base64_core(data, offset)
            if len(core) >= _WIDTH:
                yield core
                yield core.translate(str.maketrans("+/", "-_"))


def _base64_core(data: bytes, offset: int) -> str:
    """Encode *data* as it looks *offset* bytes into a group of three, without shared characters.

    In base64 of `id:token` the characters at both ends of the token carry bits of its
    neighbours; those between are the same whatever stands around it.
    """
    encoded = base64.b64encode(bytes(offset) + data).decode()
    return encoded[-(-8 * offset // 6) : 8 * (offset + len(data)) // 6]
