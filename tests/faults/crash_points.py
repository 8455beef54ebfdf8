"""The moments of a run's life at which labfleet is killed, seen from outside.

Each is met by a run of a host of its own, so that a fault of the proxy meets that run alone, and
not what an earlier kill has left to be done again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import anyio

from orchestrator import guard
from tests.faults.crash import LIMIT_S, Crashing, kill, kill_when
from tests.faults.proxy import Fault

HOLD = Fault(first_byte_s=3600)
"""The server has acted, and its answer does not come."""
HOLE = Fault(hole=True)
"""The request is on its way, and does not come to the server."""
DRIP = Fault(bytes_per_s=1500)

OPEN, STARTED = {("claimed", 0)}, {("started", 0)}


@dataclass(frozen=True, slots=True)
class Where:
    """One run on its way."""

    crashing: Crashing
    run_id: int
    host_id: int
    polls: int
    """How many came before it was queued."""

    def on_disk(self, there: str, missing: str = "") -> bool:
        """Whether an attempt's folder holds the one and not the other."""
        return any(
            (folder / there).exists() and not (missing and (folder / missing).exists())
            for folder in self.crashing.attempts(self.run_id)
        )

    async def polled(self) -> bool:
        calls = self.crashing.proxy.of("current_runs", host=self.host_id)[self.polls :]
        return any(call.status == 200 for call in calls)

    async def asked(self, operation: str) -> bool:
        return bool(self.crashing.proxy.of(operation, host=self.host_id))

    async def has(self, field: str) -> bool:
        """Whether the server has the result, the log or the report."""
        item = await self.crashing.fleet.item(self.run_id)
        return bool(item.get(field)) and item["status"] == "Passed"


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill, and what the journal then says of a run that was met there."""

    name: str
    journal: set[tuple[str, int]]
    """State and deliveries owed, either of these."""
    disk: Callable[[Where], bool] | None = None
    far: Callable[[Where], Awaitable[bool]] | None = None
    operation: str = ""
    fault: Fault | None = None
    seconds: float = 0.0
    """What the tool takes."""

    async def kill_there(self, crashing: Crashing, key: str) -> bool:
        """Queue a run for the host *key* and kill labfleet at this point of its life.

        False when the kill came too late: some moments are short.
        """
        host = crashing.fleet.hosts[key]
        polls = len(crashing.proxy.of("current_runs", host=host.id))
        where = Where(crashing, await crashing.queue(key, self.seconds), host.id, polls)
        if self.fault:
            crashing.proxy.rule(self.fault, self.operation, host=host.id)
        with crashing.labfleet() as labfleet:
            if self.disk:
                passed = partial(where.on_disk, guard.EXIT)
                await kill_when(labfleet, partial(self.disk, where), passed)
            elif self.far:
                with anyio.fail_after(LIMIT_S):
                    while not await self.far(where):
                        await anyio.sleep(0.002)
            kill(labfleet)
        crashing.kills += 1
        crashing.proxy.rules.clear()
        return crashing.state(where.run_id) in self.journal


POINTS = [
    Point("after a poll's answer", OPEN | {("", 0)}, far=Where.polled),
    Point(
        "during the download",
        OPEN,
        disk=lambda where: where.on_disk("script.zip", "script/tool.py"),
        operation="get_script",
        fault=DRIP,
    ),
    Point(
        "after the unpack",
        OPEN,
        disk=lambda where: where.on_disk("script/tool.py", guard.ORDER),
    ),
    Point(
        "just before the start",
        STARTED,
        disk=lambda where: where.on_disk(guard.ORDER, guard.GUARD),
    ),
    Point("just after the start", STARTED, disk=lambda where: where.on_disk(guard.GUARD)),
    Point(
        "in mid-run",
        STARTED,
        disk=lambda where: bool(where.crashing.starts(where.run_id)),
        seconds=0.3,
    ),
    Point("after the tool's exit", STARTED, disk=lambda where: where.on_disk(guard.EXIT)),
    *[
        Point(
            f"{when} the {what}",
            {("finished", owed)},
            far=far,
            operation=operation,
            fault=fault,
        )
        for what, operation, field, owed in [
            ("result", "update_item", "status", 3),
            ("log", "upload_log", "log", 2),
            ("report", "upload_report", "report", 1),
        ]
        for when, fault, far in [
            ("before", HOLE, partial(Where.asked, operation=operation)),
            ("after", HOLD, partial(Where.has, field=field)),
        ]
    ],
]

TRIES = 12
"""Some moments last a millisecond; a run that was met elsewhere must come right all the same."""


async def kill_at_all(crashing: Crashing) -> list[str]:
    """Kill labfleet at each point, once a host; return the names of those that were not met."""
    missed = []
    for point, key in zip(POINTS, crashing.fleet.hosts, strict=True):
        for _ in range(TRIES):
            if await point.kill_there(crashing, key):
                break
        else:
            missed.append(point.name)
    return missed
