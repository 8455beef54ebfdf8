"""What a running labfleet says of itself, as plain documents for pages and commands."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from orchestrator import __version__
from orchestrator.execution import Execution
from orchestrator.fleet import HostView
from orchestrator.metrics import PoolFigures

_TIMES = ("claimed_at", "started_at", "finished_at", "delivered_at")


def status_document(
    hosts: Sequence[HostView],
    active: Sequence[Execution],
    pools: Sequence[PoolFigures],
    *,
    owed: int,
    draining: bool,
    started_at: float,
) -> dict[str, Any]:
    """Return the lab at a glance."""
    return {
        "version": __version__,
        "uptime_s": round(time.time() - started_at, 1),
        "draining": draining,
        "hosts": dict(Counter(host.state for host in hosts)),
        "runs": dict(Counter(one.phase for one in active)),
        "owed": owed,
        "pools": [asdict(pool) for pool in pools],
    }


def hosts_document(hosts: Sequence[HostView]) -> list[dict[str, Any]]:
    """Return one row a host."""
    return [{**asdict(host), "last_poll_at": moment(host.last_poll_at)} for host in hosts]


def runs_document(
    recent: Sequence[dict[str, Any]], active: Sequence[Execution]
) -> list[dict[str, Any]]:
    """Return one row an item, newest first; *phase* is where one stands that has no verdict."""
    phases = {
        (one.claim.assignment.run_id, one.claim.assignment.item): (one.phase, one.tool)
        for one in active
    }
    rows = []
    for row in recent:
        phase, tool = phases.get((row["run"], row["item"]), ("", row["tool"]))
        times = {name: moment(row[name]) for name in _TIMES}
        rows.append({**row, **times, "tool": tool, "phase": phase})
    return rows


def moment(at: float | None) -> str | None:
    """Write Unix seconds as a UTC date; none, and the epoch, are no moment."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
