"""What labfleet shows of itself over HTTP: metrics, health, and status as JSON.

Without secrets, on loopback unless the settings say otherwise. The commands beside these pages,
and who may give them, are in `web_commands.py`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from orchestrator.errors import StateError
from orchestrator.settings.sections import WebSettings
from orchestrator.web_commands import MAX_BODY_BYTES, Command, Gate, add_commands

_MAX_RUNS = 1000
_SHUTDOWN_S = 2.0


@dataclass(frozen=True, slots=True)
class Views:
    """Where the pages' contents come from."""

    not_ready: Callable[[], str]
    """Why no work is being done, or an empty text."""
    status: Callable[[], dict[str, Any]]
    hosts: Callable[[], list[dict[str, Any]]]
    runs: Callable[[int, bool], Awaitable[list[dict[str, Any]]]]
    """Gets how many are wanted, and whether only those with dead letters."""


def make_app(
    registry: CollectorRegistry, views: Views, commands: Mapping[str, Command], gate: Gate
) -> web.Application:
    """Build the pages over *views*, and let *gate* decide who may give *commands*."""

    async def livez(_: web.Request) -> web.Response:
        # That it is answered shows that the event loop turns.
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        reason = views.not_ready()
        return web.Response(text=f"{reason or 'ready'}\n", status=503 if reason else 200)

    async def status(_: web.Request) -> web.Response:
        return web.json_response(views.status())

    async def hosts(_: web.Request) -> web.Response:
        return web.json_response(views.hosts())

    async def runs(request: web.Request) -> web.Response:
        asked = request.query.get("limit", "100")
        if not asked.isdecimal():
            raise web.HTTPBadRequest(text="limit should be a number\n")
        dead = request.query.get("dead", "") not in {"", "0", "false"}
        return web.json_response(await views.runs(min(int(asked), _MAX_RUNS), dead))

    pages = {
        "/metrics": make_aiohttp_handler(registry),
        "/livez": livez,
        "/readyz": readyz,
        "/api/status": status,
        "/api/hosts": hosts,
        "/api/runs": runs,
    }
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    for path, page in pages.items():
        app.router.add_get(path, page)
    add_commands(app, gate, commands)
    return app


@asynccontextmanager
async def serve(settings: WebSettings, app: web.Application) -> AsyncIterator[str]:
    """Serve *app* and yield its address, with the real port; raises StateError if it is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            raise StateError(
                f"web.host {settings.host}, web.port {settings.port}: {error.strerror};"
                " set LABFLEET_WEB__PORT to another port, or to 0 for a free one"
            ) from error
        yield f"http://{settings.host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
