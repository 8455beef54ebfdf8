"""Runs whose tools wait for a word, and what a fleet owes, for tests of a server in trouble."""

import textwrap
from itertools import pairwise
from pathlib import Path

import anyio

from orchestrator.service import Service
from tests.claims import rows
from tests.faults.proxy import Proxy
from tests.fleet import PASSING, Fleet, tool


def waiting_tool(folder: Path) -> bytes:
    """Return a script that marks its start by a file, waits for *folder*/release, and passes.

    The name of a file can be made by one process only: a second start would fail, and show.
    """
    code = f"""
        Path({str(folder)!r}, "run-" + os.environ["LABFLEET_RUN_ID"]).touch(exist_ok=False)
        while not Path({str(folder)!r}, "release").exists(): time.sleep(0.02)
    """
    return tool(textwrap.dedent(code) + textwrap.dedent(PASSING))


async def until_started(folder: Path, count: int) -> None:
    while len(list(folder.glob("run-*"))) < count:
        await anyio.sleep(0.02)


async def until_owed(service: Service, deliveries: int) -> None:
    while service.reporter.owed < deliveries:
        await anyio.sleep(0.02)


async def until_nothing_is_owed(service: Service) -> None:
    while service.reporter.owed or service.runner.active:
        await anyio.sleep(0.02)


def owed_on_disk(fleet: Fleet) -> int:
    (found,) = rows(fleet.folder / "state", "SELECT count(*) FROM outbox WHERE state = 'owed'")
    return int(found[0])


def poll_gaps_s(proxy: Proxy, since: float, until: float) -> list[float]:
    """Return the times between two polls of one host, of all hosts, between two moments.

    With answers, if bad ones: where a kept connection breaks the HTTP library sends a GET once
    more by itself, for a server may close one just when it is used.
    """
    hosts = {call.host for call in proxy.of("current_runs")}
    return [
        later.at - earlier.at
        for host in hosts
        for earlier, later in pairwise(
            call for call in proxy.of("current_runs", host=host) if since <= call.at <= until
        )
    ]


def sooner_than_asked(proxy: Proxy) -> list[str]:
    """Name each call that came sooner than the Retry-After of the one before it allows."""
    wrong, allowed = [], dict[tuple[str, str], float]()
    for call in proxy.calls:
        what = (call.request.method, call.request.path)
        early_s = allowed.get(what, call.at) - call.at
        if early_s > 0.005:
            wrong.append(f"{what} came {early_s:.3f} s too soon")
        if call.fault and call.fault.retry_after:
            allowed[what] = call.answered + float(call.fault.retry_after)
    return wrong
