"""Refusals: raised anywhere as a Refusal, turned into the documented answer in one place."""

import html
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

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
    return Refusal(error.status, error.reason)


def _render(refusal: Refusal, quirks: Quirks) -> web.Response:
    if quirks.error_bodies == "none":
        return web.Response(status=refusal.status, headers=refusal.headers)
    if quirks.error_bodies == "html":
        return web.Response(
            status=refusal.status,
            headers=refusal.headers,
            text=_page(refusal),
            content_type="text/html",
        )
    entry = {"message": refusal.message, "code": refusal.status}
    return web.json_response({"errors": [entry]}, status=refusal.status, headers=refusal.headers)


def _page(refusal: Refusal) -> str:
    known = {status.value: status.phrase for status in HTTPStatus}
    title = f"{refusal.status} - {known.get(refusal.status, 'Error')}"
    return (
        "<!DOCTYPE html><html><head><title>"
        f"{title}</title></head><body><h1>{title}</h1><p>{html.escape(refusal.message)}</p>"
        "</body></html>"
    )
