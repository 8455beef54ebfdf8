"""The stand-in as one aiohttp application, and as a server of its own."""

import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import anyio
from aiohttp import web

from .errors import answer_refusals
from .faults import FAULTS, OPERATION, Faults, inject_faults
from .holding import hold_data
from .last_calls import LAST_CALLS
from .openapi.interface import show_redirects
from .pages import show_nothing_here
from .quirks import QUIRKS, Quirks
from .routes import OPERATIONS, add_routes
from .scenarios import REHEARSAL, Rehearsal, Scenario, queue_due_runs
from .store import STORE, open_store, refuse_while_replaced
from .uploads import sweep_incoming

_SHUTDOWN_S = 1.0


def make_app(data_dir: Path, *, quirks: Quirks | None = None) -> web.Application:
    """Build the stand-in over *data_dir*; what it is given there outlives it.

    The folder is held, and the database open, from the start of the application to its clean-up.
    """
    quirks = quirks or Quirks()
    app = web.Application(
        middlewares=[
            show_redirects,
            answer_refusals,
            show_nothing_here,
            refuse_while_replaced,
            queue_due_runs,
            inject_faults,
        ],
        client_max_size=quirks.max_upload_bytes,
    )
    app[QUIRKS] = quirks
    app[LAST_CALLS] = {}
    app[FAULTS] = Faults(OPERATIONS)
    app[REHEARSAL] = Rehearsal()
    app[FAULTS].by_chance = app[REHEARSAL].fault_for
    names: dict[object, str] = {route.handler: name for name, route in OPERATIONS.items()}
    app[OPERATION] = names
    add_routes(app)

    async def hold_store(app: web.Application) -> AsyncIterator[None]:
        with hold_data(data_dir), closing(open_store(data_dir)) as app[STORE]:
            sweep_incoming(app[STORE])
            yield

    app.cleanup_ctx.append(hold_store)
    return app


async def serve(
    data_dir: Path,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None],
    quirks: Quirks | None = None,
    scenario: Scenario | None = None,
) -> None:
    """Serve until cancelled; *ready* gets the base URL, with the real port if *port* is 0.

    A *scenario* begins with the first request that can come.
    Raises OSError if the address or *data_dir* cannot be used, DataError if another has that.
    """
    app = make_app(data_dir, quirks=quirks)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        if scenario is not None:
            app[REHEARSAL].begin(scenario)
        ready(f"http://{_in_url(host)}:{runner.addresses[0][1]}")
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


def _in_url(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
