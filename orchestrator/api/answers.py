"""What an answer that is no success means, and how to say so in one line.

The error body is optional, and what comes may be the API's own, its framework's, or a page
of a proxy. Source: vendor reference, "Status codes and errors" and the retry policy drawn from it.
"""

import json
import os
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from orchestrator.errors import ApiError, PermanentApiError, TransientApiError
from orchestrator.redaction import redact

LONGEST_WAIT_S = 3600.0
"""The longest Retry-After that is obeyed: a slip of a proxy must not silence a host for good."""

# 407 is a proxy's, and says nothing about what was asked.
_TRANSIENT = frozenset({407, 408, 425, 429})
_DETAIL_CHARACTERS = 300
_LONGEST_WORD_BYTES = 200
_OPENING = (b"", b"<", b"{", b"[")
"""How a document begins; an empty answer is no word either."""
_USER_INFO = re.compile(r"(?<=//)[^/?#]*@")


def is_transient(status: int) -> bool:
    """Whether asking again may help.

    500 also means a wrong method or a resource that exists; the callers bound their tries.
    A redirect, which no operation but the script's has, is a login page or a proxy in between:
    what is owed to the server must not be given up for it.
    """
    return status in _TRANSIENT or (not 200 <= status < 300 and not 400 <= status < 500)


def refusal(operation: str, response: aiohttp.ClientResponse, body: bytes) -> ApiError:
    """Return the error that *response*, which is no success, stands for."""
    status = response.status
    said = _redirection(response) if 300 <= status < 400 else _message(body)
    detail = redact(said or _reason(response, body))
    if not is_transient(status):
        return PermanentApiError(operation, detail, status=status)
    return TransientApiError(operation, detail, status=status, retry_after_s=wait_of(response))


def wait_of(response: aiohttp.ClientResponse) -> float | None:
    """Return the pause in seconds that *response* asks for, if it does."""
    return retry_after_s(response.headers.get("Retry-After", ""))


def retry_after_s(header: str) -> float | None:
    """Read a Retry-After header, in seconds or as a date; None when it says nothing.

    Never more than LONGEST_WAIT_S.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:20]), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        left_s = (moment - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return min(max(0.0, left_s), LONGEST_WAIT_S)


def is_word(body: bytes) -> bool:
    """Whether *body* is a short text: no page, and no document whole or cut off."""
    start = _start(body)
    return 0 < len(body) <= _LONGEST_WORD_BYTES and start[:1] not in _OPENING


def is_page(body: bytes) -> bool:
    """Whether *body* is a web page, as of a proxy or a login."""
    return _start(body).startswith((b"<!doctype html", b"<html"))


def _start(body: bytes) -> bytes:
    return body[:64].lstrip(b"\xef\xbb\xbf \r\n\t").lower()


def looks_like(body: bytes) -> str:
    """Name what *body* looks like, for an error that must not quote it."""
    start = _start(body)
    if is_page(body):
        return "an HTML page"
    if start.startswith(b"<"):
        return "XML"
    if start.startswith((b"{", b"[")):
        return "cut off or malformed"
    return "something else" if start else "empty"


def shown(address: object) -> str:
    """Write an address without user, password, query and fragment, which may be secrets."""
    bare = re.split(r"[?#]", str(address), maxsplit=1)[0]
    return _short(_USER_INFO.sub("", bare))


def reason_of(response: aiohttp.ClientResponse) -> str:
    """Return what the status line says beside its number."""
    return _short(response.reason or "") or "without a reason"


def _redirection(response: aiohttp.ClientResponse) -> str:
    target = shown(response.headers.get("Location", "")) or "nowhere"
    return f"redirects to {target}; is server.url right?"


def _reason(response: aiohttp.ClientResponse, body: bytes) -> str:
    known = _start(body).startswith(b"<")
    return reason_of(response) + (f" (the answer is {looks_like(body)})" if known else "")


def _message(body: bytes) -> str:
    """Return the server's own words, if the body holds them in a known form; else nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    folded = {_folded(name): value for name, value in document.items()}
    errors = folded.get("errors")
    places = [*(errors if isinstance(errors, list) else []), folded.get("responsestatus"), document]
    found = [text for place in places if (text := _text_in(place))]
    return _short("; ".join(found))


def _text_in(place: object) -> str:
    if isinstance(place, str):
        return place
    if not isinstance(place, dict):
        return ""
    folded: dict[str, Any] = {_folded(name): value for name, value in place.items()}
    text = folded.get("message")
    return text if isinstance(text, str) else ""


def _folded(name: str) -> str:
    """Return *name* as the server's framework compares names."""
    return name.replace("_", "").casefold()


def _short(text: str) -> str:
    """Bring what a server wrote to one line of bounded length that every file can hold."""
    line = " ".join(text.split())
    return "".join(it for it in line if it.isprintable())[:_DETAIL_CHARACTERS]


def connection_text(error: aiohttp.ClientError) -> str:
    """Say what went wrong with the connection.

    Not the error's repr: some of aiohttp's hold the request's headers, and with them the token.
    """
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {_why(error.os_error)}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is not HTTP"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer was cut off or garbled"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    return f"the connection failed ({type(error).__name__})"


def _why(error: OSError) -> str:
    # The event loop's own "Connect call failed" leaves the reason out.
    if error.errno and str(error.strerror).startswith("Connect call failed"):
        return os.strerror(error.errno)
    return error.strerror or str(error)
