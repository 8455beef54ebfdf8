"""The demo's two servers: the stand-in, and the file server that some of its scripts lie on."""

from pathlib import Path

import anyio
from aiohttp import web
from anyio.abc import TaskStatus

from orchestrator import standin
from orchestrator.errors import LabfleetError


async def serve_standin(
    data: Path, port: int, *, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Serve the stand-in until cancelled; started with its address.

    *port* 0 is a free one. Raises LabfleetError when it cannot be had.
    """
    try:
        await standin.serve(data, standin.Address("127.0.0.1", port), ready=task_status.started)
    except OSError as error:
        raise _taken(data, error) from error


async def serve_scripts(
    www: Path, port: int, *, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Serve the scripts that the stand-in only points to, as a lab's file server would."""
    await anyio.Path(www).mkdir(exist_ok=True)
    app = web.Application()
    app.router.add_static("/", www)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        task_status.started(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await anyio.sleep_forever()
    except OSError as error:
        raise _taken(www, error) from error
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


def _taken(served: Path, error: OSError) -> LabfleetError:
    return LabfleetError(f"{served} cannot be served: {error}; is another demo at work on it?")
