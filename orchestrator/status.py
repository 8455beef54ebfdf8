"""What a running labfleet says of itself, as plain documents for pages and commands."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from adapters.base import Verdict
from orchestrator import __version__
from orchestrator.execution import Execution
from orchestrator.fleet import Fleet, HostView
from orchestrator.journal import Journal
from orchestrator.metrics import HostFigures, PoolFigures
from orchestrator.pools import Pools
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner

_TIMES = ("claimed_at", "started_at", "finished_at", "delivered_at")
_UNSETTLED = {"claimed", "started"}
_POLLED = {"polling", "backing_off", "refused"}


class Overview:
    """What one labfleet shows, made anew whenever it is asked for."""

    def __init__(
        self,
        journal: Journal,
        fleet: Fleet,
        reporter: Reporter,
        pools: Pools,
        runner: Callable[[], Runner],
    ) -> None:
        """*runner* is a call, since it comes later than the others."""
        self._journal = journal
        self._fleet = fleet
        self._reporter = reporter
        self._pools = pools
        self._runner = runner
        self._started_at = time.time()
        self.draining = False
        self.server_away: Callable[[], bool] = lambda: False

    def not_ready(self) -> str:
        """Say why no work is being done, or nothing."""
        if self.draining:
            return "draining"
        asked = [host for host in self._fleet.views() if host.state in _POLLED]
        if asked and not any(host.last_poll_at for host in asked):
            return "no host has been polled yet"
        return ""

    def status(self) -> dict[str, Any]:
        """Return the lab at a glance."""
        paused = {"paused": "every host is paused"} if self._fleet.all_paused else {}
        return status_document(
            self._fleet.views(),
            list(self._runner().active.values()),
            self._pools.figures(),
            started_at=self._started_at,
        ) | {
            "draining": self.draining,
            "server_away": self.server_away(),
            "owed": self._reporter.owed,
            "dead": self._reporter.dead,
            "admission_closed": self._runner().closed | paused,
        }

    def hosts(self) -> list[dict[str, Any]]:
        """Return one row a host."""
        return hosts_document(self._fleet.views())

    async def runs(self, limit: int, dead: bool = False) -> list[dict[str, Any]]:
        """Return the newest items, newest first; with *dead*, only those with dead letters."""
        recent = await self._journal.recent(limit, dead=dead)
        return runs_document(recent, list(self._runner().active.values()))

    def host_figures(self) -> list[HostFigures]:
        """Return what a scrape says of every host."""
        none: Counter[Verdict] = Counter()
        verdicts = self._runner().verdicts
        return [
            HostFigures(view.key, view.state, view.last_poll_at, verdicts.get(view.key, none))
            for view in self._fleet.views()
        ]


def status_document(
    hosts: Sequence[HostView],
    active: Sequence[Execution],
    pools: Sequence[PoolFigures],
    *,
    started_at: float,
) -> dict[str, Any]:
    """Return the lab at a glance."""
    return {
        "version": __version__,
        "uptime_s": round(time.time() - started_at, 1),
        "hosts": dict(Counter(host.state for host in hosts)),
        "runs": dict(Counter(map(_phase, active))),
        "pools": [asdict(pool) for pool in pools],
    }


def hosts_document(hosts: Sequence[HostView]) -> list[dict[str, Any]]:
    """Return one row a host."""
    return [{**asdict(host), "last_poll_at": moment(host.last_poll_at)} for host in hosts]


def runs_document(
    recent: Sequence[dict[str, Any]],
    active: Sequence[Execution],
    seen: Callable[[str], str] = lambda _: "",
) -> list[dict[str, Any]]:
    """Return one row an item, newest first; *phase* is where one stands that has no verdict.

    What was started and is not active is as *seen* says, given the name of its folder.
    """
    phases = {
        (one.claim.assignment.run_id, one.claim.assignment.item): (_phase(one), one.tool)
        for one in active
    }
    rows = []
    for row in recent:
        phase, tool = phases.get((row["run"], row["item"]), ("", row["tool"]))
        if not phase and row["state"] in _UNSETTLED:
            phase = "waiting" if row["state"] == "claimed" else seen(row["folder"])
        state = "dead" if row["refused"] else row["state"]
        times = {name: moment(row[name]) for name in _TIMES}
        rows.append({**row, **times, "state": state, "tool": tool, "phase": phase})
    return rows


def _phase(one: Execution) -> str:
    """Say where *one* stands; the tool of one that was adopted runs, though it waits for a slot."""
    return "running" if one.started and one.is_before_start else one.phase


def moment(at: float | None) -> str | None:
    """Write Unix seconds as a UTC date; none, and the epoch, are no moment."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
