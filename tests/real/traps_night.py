"""One night for all traps: the runs, what came of them, and what was seen from outside."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import anyio

from tests.fleet import Fleet
from tests.real.traps_runs import Queued, profiles, runs
from tests.real.traps_watch import Watch
from tests.standin.lab import open_lab

ALL_RUNS_S = 180


@dataclass(frozen=True)
class Arrived:
    """What the server has of a run."""

    item: dict[str, Any]
    log: bytes

    @property
    def verdict(self) -> str:
        return str(self.item["status"])

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Name and status of each case, in order of names; one that is there twice shows."""
        found = ((it["step"], it["status"]) for it in self.item["test_run_results"])
        return sorted(it for it in found if it[0] != "labfleet")

    @property
    def reason(self) -> str:
        first = self.item["test_run_results"][0]
        return str(first["actual_result"]) if first["step"] == "labfleet" else ""

    @property
    def exit_code(self) -> int | None:
        code = parsed(self.log).get("exit-code")
        return None if code is None else int(code)


@dataclass(frozen=True)
class Night:
    """All runs, what came of them, and what was seen of the one that hung."""

    folder: Path
    arrived: dict[str, Arrived]
    hanging: Watch

    def __getitem__(self, name: str) -> Arrived:
        return self.arrived[name]


async def spend_night(folder: Path, selenium: Path) -> Night:
    """Queue all runs and work them off, several at once; *folder* stays as they leave it."""
    watch = Watch(f"tag-{uuid4().hex}")
    queued = runs(folder, selenium, watch.tag)
    async with open_lab(folder / "standin") as lab:
        fleet = Fleet(lab, folder, tools=profiles(selenium), host={"limit": 4})
        await fleet.add_hosts(1)
        ids = {name: await _queue(fleet, it) for name, it in queued.items()}
        async with anyio.create_task_group() as group:
            group.start_soon(watch.watch)
            try:
                await fleet.work_off(limit_s=ALL_RUNS_S)
            finally:
                watch.end()
                fleet.end_tools()
            group.cancel_scope.cancel()
        return Night(folder, {name: await _arrived(fleet, it) for name, it in ids.items()}, watch)


def parsed(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314 - written by our own tools and runs


async def _queue(fleet: Fleet, run: Queued) -> int:
    script = str(run.script) if isinstance(run.script, Path) else run.script
    return await fleet.queue(script, agent=run.agent, title=run.title, **run.more)


async def _arrived(fleet: Fleet, run_id: int) -> Arrived:
    return Arrived(await fleet.item(run_id), await fleet.upload(run_id, "log"))
