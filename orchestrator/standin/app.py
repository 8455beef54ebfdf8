"""The stand-in as one aiohttp application, and as a server of its own."""

import ipaddress
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import anyio
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .errors import answer_refusals
from .faults import FAULTS, OPERATION, Faults, inject_faults
from .holding import hold_data
from .last_calls import LAST_CALLS
from .openapi.interface import show_redirects
from .origins import OWN_NAMES, own_names, refuse_foreign
from .pages import show_nothing_here
from .quirks import QUIRKS, Quirks
from .routes import OPERATIONS, add_routes
from .scenarios import REHEARSAL, Rehearsal, Scenario, queue_due_runs
from .store import STORE, open_store, refuse_while_replaced
from .uploads import sweep_incoming

_SHUTDOWN_S = 1.0


class Address(NamedTuple):
    """Where to listen, port 0 for a free one, and by which more names to be called."""

    host: str
    port: int
    allowed_names: Sequence[str] = ()


def make_app(
    data_dir: Path, *, quirks: Quirks | None = None, names: frozenset[str] | None = None
) -> web.Application:
    """Build the stand-in over *data_dir*; what it is given there outlives it.

    It answers to *names* only, or to any.

    The folder is held, and the database open, from the start of the application to its clean-up.
    """
    quirks = quirks or Quirks()
    app = web.Application(
        middlewares=[
            show_redirects,
            answer_refusals,
            refuse_foreign,
            show_nothing_here,
            refuse_while_replaced,
            queue_due_runs,
            inject_faults,
        ],
        client_max_size=quirks.max_upload_bytes,
    )
    app[QUIRKS] = quirks
    app[OWN_NAMES] = names or frozenset()
    app[LAST_CALLS] = {}
    app[FAULTS] = Faults(OPERATIONS)
    app[REHEARSAL] = Rehearsal()
    app[FAULTS].by_chance = app[REHEARSAL].fault_for
    operations: dict[object, str] = {route.handler: name for name, route in OPERATIONS.items()}
    app[OPERATION] = operations
    add_routes(app)

    async def hold_store(app: web.Application) -> AsyncIterator[None]:
        with hold_data(data_dir), closing(open_store(data_dir)) as app[STORE]:
            sweep_incoming(app[STORE])
            yield

    app.cleanup_ctx.append(hold_store)
    return app


async def serve(
    data_dir: Path,
    address: Address,
    *,
    ready: Callable[[str], None],
    quirks: Quirks | None = None,
    scenario: Scenario | None = None,
) -> None:
    """Serve until cancelled; *ready* gets the base URL, with the real port.

    A *scenario* begins with the first request that can come.
    Raises OSError if the address or *data_dir* cannot be used, DataError if another has that.
    """
    logging.getLogger("aiohttp.server").addFilter(_tell_kind_only)
    app = make_app(data_dir, quirks=quirks, names=own_names(address.host, address.allowed_names))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, address.host, address.port).start()
        if scenario is not None:
            app[REHEARSAL].begin(scenario)
        ready(f"http://{_in_url(address.host)}:{runner.addresses[0][1]}")
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


def _tell_kind_only(record: logging.LogRecord) -> bool:
    """Tell of a request that cannot be read what kind of error it is: its text is the header."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.exc_info, record.args = None, ()
        record.msg = f"a request cannot be read: {type(error).__name__}"
    return True


def _in_url(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
