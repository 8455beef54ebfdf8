"""The rehearsal that is on: begun from a file, over HTTP or on the page, and ended the same way."""

from collections.abc import Collection

import anyio
from aiohttp import web

from orchestrator.standin.errors import Refusal
from orchestrator.standin.faults import Fault
from orchestrator.standin.store import Store

from .load import Load
from .scenario import Scenario
from .weather import Weather


def require_own_project(store: Store, scenario: Scenario, dept_ids: Collection[int]) -> None:
    """Raise Refusal where *scenario* would queue runs outside the departments of a user."""
    if scenario.load is None:
        return
    project = store.row("SELECT * FROM projects WHERE id = ?", scenario.load.project)
    if project is None or project["dept_id"] not in dept_ids:
        raise Refusal(403, f"Project {scenario.load.project} is not one of this user's")


class Rehearsal:
    """At most one at a time; none outlives the process."""

    def __init__(self) -> None:
        self._scenario: Scenario | None = None
        self._weather = Weather(Scenario())
        self._load: Load | None = None
        self._began_at = 0.0
        self._changed = anyio.Event()

    def begin(self, scenario: Scenario) -> None:
        """Begin with *scenario*, in the place of the one before."""
        self._scenario, self._weather = scenario, Weather(scenario)
        self._load = None if scenario.load is None else Load(scenario.load, scenario.seed)
        self._began_at = anyio.current_time()
        self._changed.set()

    def end(self) -> None:
        """Let all go well again, and queue no more; what is queued stays."""
        self._scenario, self._weather, self._load = None, Weather(Scenario()), None
        self._changed.set()

    def fault_for(self, operation: str) -> Fault | None:
        """Say what happens to this call of *operation*, if anything."""
        if self._scenario is None:
            return None
        return self._weather.fault_for(operation, self._elapsed_s)

    async def run(self, store: Store) -> None:
        """Queue the runs of whatever rehearsal is on, until cancelled."""
        while True:
            self._changed = anyio.Event()
            load = self._load
            wait_s = float("inf") if load is None else load.queue_due(store, self._elapsed_s)
            with anyio.move_on_after(wait_s):
                await self._changed.wait()

    def state(self) -> dict[str, object]:
        """Tell what is on: since when, what struck how often, what was queued."""
        if self._scenario is None:
            return {"on": False}
        rules = self._scenario.model_dump(mode="json", exclude_defaults=True).get("faults", [])
        struck = [{"rule": rule, "struck": self._weather.counts[n]} for n, rule in enumerate(rules)]
        return {
            "on": True,
            "elapsed_s": round(self._elapsed_s, 1),
            "faults": struck,
            "runs_queued": 0 if self._load is None else self._load.queued,
            "trouble": "" if self._load is None else self._load.trouble,
        }

    @property
    def _elapsed_s(self) -> float:
        return anyio.current_time() - self._began_at


REHEARSAL = web.AppKey("standin.rehearsal", Rehearsal)
