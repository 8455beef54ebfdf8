"""The commands that a running labfleet takes over HTTP, and who may give them.

A command is `POST /-/NAME` with a JSON object of arguments, or nothing, as its body. No page of
ours gives commands, so whatever a browser sends is refused: it marks each POST with its origin,
and by that a page of a stranger cannot use the browser of somebody who may. Where others than
this machine can reach the listener, and wherever a token is set, it has to be shown.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import hdrs, web

from orchestrator.errors import LabfleetError
from orchestrator.logs import redact, remember_secret
from orchestrator.settings.sections import WebSettings

log = structlog.get_logger()

Arguments = dict[str, Any]
Command = Callable[..., Awaitable[dict[str, Any]]]
"""Gets its arguments by name; raises LabfleetError to refuse."""

ARGUMENTS: Mapping[str, Mapping[str, type]] = {
    "reload": {},
    "drain": {},
    "pause": {"host": str},
    "resume": {"host": str},
    "redeliver": {"run": int, "item": int},
}
MAX_BODY_BYTES = 16 * 1024
_BROWSER = (hdrs.ORIGIN, "Sec-Fetch-Site", "Sec-Fetch-Mode")


class Gate:
    """Who may give commands."""

    def __init__(self, settings: WebSettings) -> None:
        self._on_loopback = settings.on_loopback
        self._token = ""
        if settings.admin_token is not None:
            self._token = settings.admin_token.get_secret_value()
            remember_secret(self._token)

    def check(self, request: web.Request) -> None:
        """Raise what *request* is to be answered with, unless it may give commands."""
        if any(name in request.headers for name in _BROWSER):
            raise web.HTTPForbidden(text="a browser may not give commands")
        said = request.headers.get(hdrs.CONTENT_TYPE)
        if request.content_type != "application/json" and (said or request.can_read_body):
            raise web.HTTPUnsupportedMediaType(text="a body should be application/json")
        if self._token:
            self._check_token(request.headers.get(hdrs.AUTHORIZATION, ""))
        elif not self._on_loopback:
            raise web.HTTPForbidden(
                text="web.host is not on loopback: commands need a web.admin_token"
            )

    def _check_token(self, shown: str) -> None:
        # Bytes, since only ASCII texts can be compared in constant time.
        wanted, given = f"Bearer {self._token}".encode(), shown.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(wanted, given):
            raise web.HTTPUnauthorized(
                text="commands need the web.admin_token", headers={"WWW-Authenticate": "Bearer"}
            )


def add_commands(app: web.Application, gate: Gate, commands: Mapping[str, Command]) -> None:
    """Let *app* take *commands* from whom *gate* lets through."""
    for name, command in commands.items():
        app.router.add_post(f"/-/{name}", _page(name, command, gate))


def _page(
    name: str, command: Command, gate: Gate
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        try:
            gate.check(request)
            arguments = _read(name, await request.read())
            log.info("command.given", command=name, by=request.remote, **arguments)
            return web.json_response(await command(**arguments))
        except web.HTTPException as error:
            log.warning("command.refused", command=name, by=request.remote, error=error.text)
            headers = {key: it for key, it in error.headers.items() if key != hdrs.CONTENT_TYPE}
            return _refused(error.status, str(error.text), headers)
        except LabfleetError as error:
            return _refused(409, redact(str(error)))

    return page


def _refused(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": text}, status=status, headers=headers)


def _read(name: str, body: bytes) -> Arguments:
    """Read the arguments of the command *name*; raises HTTPBadRequest."""
    known = ARGUMENTS[name]
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(found, dict) or not found.keys() <= known.keys():
        takes = ", ".join(known) or "nothing"
        raise web.HTTPBadRequest(text=f"{name} takes an object with {takes}")
    for key, kind in known.items():
        # A switch is a number to Python; none leaves an argument out.
        if type(found.get(key)) not in {kind, type(None)} or (kind is str and not found.get(key)):
            what = "a whole number" if kind is int else "a name"
            raise web.HTTPBadRequest(text=f"{name}: {key} should be {what}")
    return found
