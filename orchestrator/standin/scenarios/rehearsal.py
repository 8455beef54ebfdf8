"""The rehearsal that is on: begun from a file, over HTTP or on the page, and ended the same way."""

import anyio
from aiohttp import web

from orchestrator.standin.errors import Handler
from orchestrator.standin.faults import Fault
from orchestrator.standin.store import STORE, Store

from .load import Load
from .scenario import Scenario
from .weather import Weather


class Rehearsal:
    """At most one at a time; none outlives the process."""

    def __init__(self) -> None:
        self._scenario: Scenario | None = None
        self._weather = Weather(Scenario())
        self._load: Load | None = None
        self._began_at = 0.0

    @property
    def scenario(self) -> Scenario | None:
        """What is on, if anything is."""
        return self._scenario

    def begin(self, scenario: Scenario) -> None:
        """Begin with *scenario*, in the place of the one before."""
        self._scenario, self._weather = scenario, Weather(scenario)
        self._load = None if scenario.load is None else Load(scenario.load, scenario.seed)
        self._began_at = anyio.current_time()

    def end(self) -> None:
        """Let all go well again, and queue no more; what is queued stays."""
        self._scenario, self._weather, self._load = None, Weather(Scenario()), None

    def fault_for(self, operation: str) -> Fault | None:
        """Say what happens to this call of *operation*, if anything."""
        if self._scenario is None:
            return None
        return self._weather.fault_for(operation, self._elapsed_s)

    def queue_due(self, store: Store) -> None:
        """Queue the runs that are due by now."""
        if self._load is not None:
            self._load.queue_due(store, self._elapsed_s)

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


@web.middleware
async def queue_due_runs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Queue what is due before anybody can see that it is missing: no task need run for it."""
    request.app[REHEARSAL].queue_due(request.app[STORE])
    return await handler(request)
