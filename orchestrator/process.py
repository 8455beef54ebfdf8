"""labfleet as a process: settings once, one service, and the signals that reach it."""

import signal
from collections.abc import Callable
from functools import partial

import anyio

from orchestrator.service import Service, open_service
from orchestrator.settings import Settings


async def run_service(load: Callable[[], Settings], *, until_idle: bool = False) -> bool:
    """Run labfleet as a process: with its signals; whether all was well at the end."""
    async with open_service(load()) as service, anyio.create_task_group() as group:
        service.source = load
        up = anyio.Event()
        group.start_soon(_obey_signals, service, load, up)
        async with anyio.create_task_group() as life:
            await life.start(partial(service.run, until_idle=until_idle))
            up.set()
        group.cancel_scope.cancel()
    return service.well


async def _obey_signals(service: Service, load: Callable[[], Settings], up: anyio.Event) -> None:
    """Obey what comes, also what came before everything was *up*."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        await up.wait()
        async for signum in signals:
            if signum == signal.SIGHUP:
                await service.reload(load)
            else:
                service.stop()
