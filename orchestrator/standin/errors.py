"""Refusals: raised anywhere as a Refusal, turned into the documented answer in one place."""

import html
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .quirks import QUIRKS, Quirks

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """An answer other than success: *status*, a *message* for people, extra *headers*."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong below into an answer of the documented form."""
    try:
        return await handler(request)
    except Refusal as refusal:
        found = refusal
    except web.HTTPException as error:
        found = _from_framework(error, request)
    except HttpProcessingError:  # headers of a part, or an encoding, that the parser cannot read
        found = Refusal(400, "The body cannot be read")
    except Exception:
        # Only method and path: headers hold credentials, bodies may hold anything.
        log.exception("standin.failed", extra={"method": request.method, "path": request.path})
        found = Refusal(500, "Internal error")
    return _render(found, request.app[QUIRKS])


def _from_framework(error: web.HTTPException, request: web.Request) -> Refusal:
    """Source: vendor reference, "Response codes": a wrong method is answered with 500."""
    if error.status == 405:
        return Refusal(500, f"Method {request.method} is not supported here")
    if error.status == 404:
        return Refusal(404, f"There is nothing at {request.path}")
    if error.status == 415:  # named by no document; the framework's for a charset that is none
        return Refusal(400, "The charset of the body is unknown")
    return Refusal(error.status, error.reason)


def _render(refusal: Refusal, quirks: Quirks) -> web.Response:
    status, headers = _status_of(refusal, quirks), dict(refusal.headers)
    if status == 401 and "WWW-Authenticate" not in headers and quirks.on("basic-challenge"):
        headers["WWW-Authenticate"] = 'Basic realm="stand-in"'
    if quirks.on("errors-empty"):
        return web.Response(status=status, headers=headers)
    if quirks.on("errors-html"):
        page = _page(refusal)
        return web.Response(status=status, headers=headers, text=page, content_type="text/html")
    return web.json_response(_body(refusal, quirks), status=status, headers=headers)


def _status_of(refusal: Refusal, quirks: Quirks) -> int:
    if refusal.status == 413 and quirks.on("too-big-404"):
        return 404
    if refusal.status == 413 and quirks.on("too-big-500"):
        return 500
    return refusal.status


def _body(refusal: Refusal, quirks: Quirks) -> object:
    # The names are the framework's own; snake_case is what this API makes of them.
    kind = _phrase(refusal.status).replace(" ", "")
    if quirks.on("errors-servicestack"):
        return {"response_status": {"error_code": kind, "message": refusal.message, "errors": []}}
    if quirks.on("errors-servicestack-pascal"):
        return {"ResponseStatus": {"ErrorCode": kind, "Message": refusal.message, "Errors": []}}
    return {"errors": [{"message": refusal.message, "code": refusal.status}]}


def _page(refusal: Refusal) -> str:
    title = f"{refusal.status} - {_phrase(refusal.status)}"
    return (
        "<!DOCTYPE html><html><head><title>"
        f"{title}</title></head><body><h1>{title}</h1><p>{html.escape(refusal.message)}</p>"
        "</body></html>"
    )


def _phrase(status: int) -> str:
    known = {one.value: one.phrase for one in HTTPStatus}
    return known.get(status, "Error")
