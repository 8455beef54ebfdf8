"""MHT reports made into pages that a browser shows; Chromium shows an MHT file from disk only.

The pages of the report keep their markup, and what they show of their own file, pictures and
styles, is put into them as `data:` addresses. Nothing is cleaned here: whoever sends such a page
on sends it with a policy that lets no script run and nothing be loaded.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from html import unescape
from urllib.parse import unquote, urljoin

from typing_extensions import override

from .charsets import text_charset

# A picture may be asked for many times over: a small file must not become a page without end.
_MOST_ADDED_CHARS = 40_000_000

_ATTRIBUTE = re.compile(
    r"""(?P<before>\s(?:src|href|background)\s*=\s*)(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'>]+))""",
    re.IGNORECASE,
)
# What is matched once is given back by none of these: a report of spaces would take minutes.
_META = re.compile(r"<meta\s[^<>]*+>", re.IGNORECASE)
_CSS_ADDRESS = re.compile(r"""url\(\s*+["']?+(?P<a>[^"'()]++)["']?+\s*+\)""", re.IGNORECASE)

# The library's reading of parameters is quadratic, and names are joined with addresses.
_MOST_HEADER_CHARS = 4000
_MOST_PARAMETERS = 50


class _Headers(policy.Compat32):
    """Headers of a sensible length, as the UTF-8 that some tools write into them unencoded."""

    @override
    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        header = "".join(sourcelines)
        if len(header) > _MOST_HEADER_CHARS or header.count(";") > _MOST_PARAMETERS:
            raise ValueError("a header is too long")
        return super().header_source_parse(sourcelines)

    @override
    def header_fetch_parse(self, name: str, value: str) -> str:
        return value.encode(errors="surrogateescape").decode(errors="replace")


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of a report: what it is called there, and its markup, complete in itself."""

    name: str
    html: str


def read_mht(content: bytes) -> list[ReportPage]:
    """Return the HTML pages of a report, the first of which is shown first.

    Raises ValueError if there is none.
    """
    try:
        message = BytesParser(policy=_Headers()).parsebytes(content)
        leaves = [part for part in message.walk() if not part.is_multipart()]
        pages = [part for part in leaves if part.get_content_type() == "text/html"]
        inside = _Inside([part for part in leaves if part.get_content_type() != "text/html"])
        found = [_page(number, part, inside) for number, part in enumerate(pages, start=1)]
    except (LookupError, RecursionError) as error:  # an unknown encoding, parts without end
        raise ValueError("not readable as MIME") from error
    if not found:
        raise ValueError("no HTML page inside")
    return found


class _Inside:
    """Parts that pages may show, by the names that pages have for them."""

    def __init__(self, parts: list[Message]) -> None:
        self._parts: dict[str, Message] = {}
        self._addresses: dict[int, str] = {}
        self._left = _MOST_ADDED_CHARS
        for part in parts:
            location, content_id = part.get("Content-Location"), part.get("Content-ID")
            if location:
                self._parts.setdefault(location.strip(), part)
            if content_id:
                self._parts.setdefault("cid:" + content_id.strip().strip("<>"), part)

    def address(self, base: str, name: str) -> str | None:
        """Return the `data:` address of what a page at *base* calls *name*, if it is here."""
        names = (name, _joined(base, name), unquote(name))
        part = next((self._parts[one] for one in names if one in self._parts), None)
        if part is None:
            return None
        address = self._addresses.get(id(part)) or _data_address(part)
        self._addresses[id(part)] = address
        if len(address) > self._left:
            return None
        self._left -= len(address)
        return address


def _page(number: int, part: Message, inside: _Inside) -> ReportPage:
    base = (part.get("Content-Location") or "").strip()
    text = _META.sub(_without_policy, _text(part))
    text = _ATTRIBUTE.sub(_replacing(base, inside, '{before}"{address}"'), text)
    text = _CSS_ADDRESS.sub(_replacing(base, inside, "url({address})"), text)
    name = unquote(base.rstrip("/").rpartition("/")[2]) or f"page {number}"
    return ReportPage(name, text)


def _replacing(base: str, inside: _Inside, form: str) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        groups = found.groupdict()
        name = groups.get("a") or groups.get("b") or groups.get("c") or ""
        if not 0 < len(name) <= _MOST_HEADER_CHARS or name.startswith(("data:", "#")):
            return found[0]
        address = inside.address(base, unescape(name).strip())
        if address is None:
            return found[0]
        return form.format(before=groups.get("before") or "", address=address)

    return replace


def _without_policy(found: re.Match[str]) -> str:
    """Drop a page's own policy: labfleet's lets pictures come from their old addresses only."""
    return "" if "content-security-policy" in found[0].casefold() else found[0]


def _joined(base: str, name: str) -> str:
    try:
        return urljoin(base, name)
    except ValueError:  # an address that is none, such as "http://[x"
        return name


def _data_address(part: Message) -> str:
    encoded = base64.b64encode(_content(part)).decode()
    return f"data:{_media_type(part)};base64,{encoded}"


def _text(part: Message) -> str:
    return _content(part).decode(text_charset(part.get_content_charset()), errors="replace")


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _media_type(part: Message) -> str:
    """Return the type of a part, if it is of a form that cannot end the address it stands in."""
    kind = part.get_content_type()
    return kind if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", kind) else "application/octet-stream"
