"""What an earlier start of the demo left, and what became of it: told beside the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator import guard
from orchestrator.database import open_database
from orchestrator.journal import Journal
from orchestrator.settings import Settings
from orchestrator.workspace import Workspaces

ALL = 1000

Key = tuple[int, int]
"""Run and item."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the journal and the guards' folders held when the lab was taken up again."""

    running: Mapping[Key, int]
    """Which attempt of an item was at work, without an `exit.json`."""
    ended: Mapping[Key, int]
    """Which attempt had ended, with an `exit.json` that nobody had read."""
    finished: int
    """Whose verdict is still owed."""
    delivered: int

    def told(self) -> str:
        """Say what was found."""
        return (
            f"What the start before left: {self.delivered} delivered, {self.finished} finished,"
            f" {len(self.running)} with a tool at work, {len(self.ended)} with an exit.json to"
            " read; the others wait."
        )

    def became(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Say what became of the tools that were started before, by the journal's newest *rows*."""
        attempts = {(row["run"], row["item"]): row["attempt"] for row in rows}
        again = _grown(self.running, attempts) + _grown(self.ended, attempts)
        return (
            f"Of the tools it left, adopted at work: {_same(self.running, attempts)}, told by"
            f" their exit.json: {_same(self.ended, attempts)}, run again: {again}."
        )


def _grown(then: Mapping[Key, int], now: Mapping[Key, int]) -> int:
    return sum(now.get(key, attempt) > attempt for key, attempt in then.items())


def _same(then: Mapping[Key, int], now: Mapping[Key, int]) -> int:
    return len(then) - _grown(then, now)


async def look(settings: Settings) -> Before:
    """Look at what is there, before a new labfleet takes it up."""
    workspaces = Workspaces(settings.state_dir / "attempts")
    with open_database(settings.state_dir, alone=False) as db:
        journal = Journal(db, settings.server.service_url)
        claims, rows = await journal.open_claims(), await journal.recent(ALL)
    running: dict[Key, int] = {}
    ended: dict[Key, int] = {}
    for claim in (claim for claim, started in claims if started):
        folder = workspaces.attempt(claim.attempt_name).folder
        there = ended if (folder / guard.EXIT).exists() else running
        there[claim.assignment.run_id, claim.assignment.item] = claim.attempt
    states = [row["state"] for row in rows]
    return Before(
        running=running,
        ended=ended,
        finished=states.count("finished"),
        delivered=states.count("delivered") + states.count("stopped"),
    )


def starts(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how often tools were started, by the journal's newest *rows*."""
    count = sum(row["attempt"] > 0 for row in rows)
    twice = [f"run {row['run']} item {row['item']}" for row in rows if row["attempt"] > 1]
    if not twice:
        return f"{count} items needed a tool: one start each."
    return f"{count} items needed a tool; one start left nothing of {', '.join(sorted(twice))}."
