"""What an answer that is no success means, and how to say so in one line.

The error body is optional, and what comes may be the API's own, its framework's, or a page
of a proxy. Source: vendor reference, "Status codes and errors" and the retry policy drawn from it.
"""

import json
import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from orchestrator.errors import ApiError, PermanentApiError, TransientApiError

# 500 also means a wrong method or a resource that exists; the callers bound their tries.
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})

_DETAIL_CHARACTERS = 300


def refusal(operation: str, response: aiohttp.ClientResponse, body: bytes) -> ApiError:
    """Return the error that *response*, which is no success, stands for."""
    status = response.status
    if 300 <= status < 400:
        target = response.headers.get("Location", "nowhere")
        return PermanentApiError(
            operation,
            f"redirects to {target[:_DETAIL_CHARACTERS]}; is server.url right?",
            status=status,
        )
    detail = _message(body) or response.reason or "no reason given"
    if status in TRANSIENT:
        wait_s = retry_after_s(response.headers.get("Retry-After", ""))
        return TransientApiError(operation, detail, status=status, retry_after_s=wait_s)
    return PermanentApiError(operation, detail, status=status)


def retry_after_s(header: str) -> float | None:
    """Read a Retry-After header, in seconds or as a date; None when it says nothing."""
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def looks_like(body: bytes) -> str:
    """Name what *body* looks like, for an error that must not quote it."""
    start = body[:64].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if start.startswith(b"<"):
        return "XML"
    if start.startswith((b"{", b"[")):
        return "cut off or malformed"
    return "something else" if start else "empty"


def _message(body: bytes) -> str:
    """Return the server's own words, if the body holds them in a known form."""
    try:
        document = json.loads(body)
    except ValueError:
        return "" if not body.strip() else f"(the answer is {looks_like(body)})"
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("message", ""))[:_DETAIL_CHARACTERS]
    status = document.get("response_status") or document.get("ResponseStatus")
    if isinstance(status, dict):
        return str(status.get("message") or status.get("Message") or "")[:_DETAIL_CHARACTERS]
    return ""


def connection_text(error: aiohttp.ClientError) -> str:
    """Say what went wrong with the connection.

    Not the error's repr: some of aiohttp's hold the request's headers, and with them the token.
    """
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.os_error.strerror or error}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    return f"the connection failed ({type(error).__name__})"


def multipart_frame(field: str, file_name: str) -> tuple[bytes, bytes, str]:
    """Return what goes before and after a file's bytes in a form, and the content type.

    *file_name* is one of ours: it needs no escaping.
    """
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{file_name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return (
        head.encode(),
        f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )
