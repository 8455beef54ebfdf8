"""labfleet as a process: settings once, one service, and the signals that reach it."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import anyio

from adapters.base import Verdict
from orchestrator.idle import ROUNDS
from orchestrator.service import Service, open_service
from orchestrator.settings import Settings
from orchestrator.tables import counted, say


async def run_service(load: Callable[[], Settings], *, until_idle: bool = False) -> bool:
    """Run labfleet as a process: with its signals; whether all was well at the end."""
    async with open_service(load()) as service, anyio.create_task_group() as group:
        service.reloading.source = load
        up = anyio.Event()
        group.start_soon(_obey_signals, service, load, up)
        async with anyio.create_task_group() as life:
            await life.start(partial(service.run, until_idle=until_idle))
            up.set()
        group.cancel_scope.cancel()
    if until_idle:
        for line in _came_to(service):
            say(line)
    return service.well


def _came_to(service: Service) -> Iterator[str]:
    """Sum up what this process did, and name whatever is not well."""
    verdicts: Counter[Verdict] = Counter()
    for of_host in service.runner.verdicts.values():
        verdicts += of_host
    counts = ", ".join(f"{verdicts[one]} {one}" for one in Verdict)
    yield f"verdicts: {counts}; reports owed: {service.reporter.owed}"
    for host in service.fleet.views():
        if host.state != "polling":
            yield f"host {host.key} is {host.state}{host.error and f': {host.error}'}"
    for what in sorted(service.intake.held):
        yield f"items wait for {what}, which is not in the settings"
    if dead := service.reporter.dead:
        yield f"dead letters: {dead} (labfleet runs --dead)"
    if service.idleness.unanswered or service.idleness.left_waiting:
        yield _left(service)


def _left(service: Service) -> str:
    """Say what the next start has to take up, and why this one did not wait for it."""
    silent = f"no answer to {ROUNDS} polls in a row, so it ends here"
    why = silent if service.idleness.unanswered else "it ends here"
    waits = counted(service.idleness.left_waiting, "item")
    return f"{why}: {waits} not begun, {counted(service.reporter.owed, 'report')} owed"


async def _obey_signals(service: Service, load: Callable[[], Settings], up: anyio.Event) -> None:
    """Obey what comes, also what came before everything was *up*."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        await up.wait()
        async for signum in signals:
            if signum == signal.SIGHUP:
                await service.reload(load)
            else:
                service.stop()
