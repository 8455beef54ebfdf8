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

# A picture may be asked for many times over: a small file must not become a page without end.
_MOST_ADDED_CHARS = 40_000_000

_ATTRIBUTE = re.compile(
    r"""(?P<before>\s(?:src|href|background)\s*=\s*)(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'>]+))""",
    re.IGNORECASE,
)
# A page's own policy, such as labfleet's, lets pictures come from their old addresses only.
_OWN_POLICY = re.compile(r"<meta\s[^>]*content-security-policy[^>]*>", re.IGNORECASE)
_CSS_ADDRESS = re.compile(r"""url\(\s*["']?(?P<a>[^"')]+)["']?\s*\)""", re.IGNORECASE)


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
        message = BytesParser(policy=policy.compat32).parsebytes(content)
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
        names = (name, urljoin(base, name), unquote(name))
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
    text = _OWN_POLICY.sub("", _text(part))
    text = _ATTRIBUTE.sub(_replacing(base, inside, '{before}"{address}"'), text)
    text = _CSS_ADDRESS.sub(_replacing(base, inside, "url({address})"), text)
    name = unquote(base.rstrip("/").rpartition("/")[2]) or f"page {number}"
    return ReportPage(name, text)


def _replacing(base: str, inside: _Inside, form: str) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        groups = found.groupdict()
        name = groups.get("a") or groups.get("b") or groups.get("c") or ""
        if not name or name.startswith(("data:", "#")):
            return found[0]
        address = inside.address(base, unescape(name).strip())
        if address is None:
            return found[0]
        return form.format(before=groups.get("before") or "", address=address)

    return replace


def _data_address(part: Message) -> str:
    encoded = base64.b64encode(_content(part)).decode()
    return f"data:{_media_type(part)};base64,{encoded}"


def _text(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return content.decode(errors="replace")


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _media_type(part: Message) -> str:
    """Return the type of a part, if it is of a form that cannot end the address it stands in."""
    kind = part.get_content_type()
    return kind if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", kind) else "application/octet-stream"
