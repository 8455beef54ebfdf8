"""What an operator may tell a running labfleet, and whose hosts are whose on this machine.

A command changes the journal first and then what runs, so that a pause outlives the process.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio
import structlog

from orchestrator.api.circuit import Circuit
from orchestrator.errors import LabfleetError, StateError
from orchestrator.fleet import Fleet, Identity, identities
from orchestrator.identity import Identities
from orchestrator.journal import Journal
from orchestrator.reporter import Reporter
from orchestrator.settings import Settings
from orchestrator.threads import in_thread
from orchestrator.web_commands import Command

log = structlog.get_logger()

_COUNTS = ("running", "waiting")

LOOK_S = 2.0
"""How often it is looked whether the other owner of an identity is gone."""


class Control:
    """The commands of one labfleet; `ready` from when it has read its journal till it drains."""

    def __init__(
        self,
        journal: Journal,
        fleet: Fleet,
        reporter: Reporter,
        held: Identities,
        circuit: Circuit,
    ) -> None:
        self._journal = journal
        self._fleet = fleet
        self._reporter = reporter
        self._held = held
        self._holding = anyio.Lock(fast_acquire=True)
        self._wanted: frozenset[int] = frozenset()
        """The ids of the settings that are in force or about to be."""
        self._circuit = circuit
        self._told_paused: set[str] = set()
        self.ready = False

    def commands(
        self, reload: Callable[[], Awaitable[str]], stop: Callable[[], None]
    ) -> Mapping[str, Command]:
        """Return every command by its name.

        *reload* returns why the settings are not in force, or nothing; *stop* begins the end.
        """

        async def reloaded() -> dict[str, Any]:
            if refused := await reload():
                raise LabfleetError(refused)
            return {"hosts": len(self._fleet.views())}

        async def draining() -> dict[str, Any]:
            stop()
            views = self._fleet.views() if self.ready else []
            counts = {name: sum(getattr(view, name) for view in views) for name in _COUNTS}
            return {"draining": True, **counts, "owed": self._reporter.owed}

        there: Mapping[str, Command] = {
            "reload": reloaded,
            "pause": self._pause,
            "resume": self._resume,
            "redeliver": self._redeliver,
        }
        return {name: self._once_ready(command) for name, command in there.items()} | {
            "drain": draining
        }

    def _once_ready(self, command: Command) -> Command:
        async def given(**arguments: Any) -> dict[str, Any]:
            if not self.ready:
                raise LabfleetError("it is starting or draining, and takes no commands")
            return await command(**arguments)

        return given

    async def _pause(self, host: str) -> dict[str, Any]:
        self._fleet.view(host)
        await self._journal.pause(host, paused=True)
        self._fleet.pause(host)
        self._told_paused.add(host)
        return self._told(host)

    async def _resume(self, host: str) -> dict[str, Any]:
        self._fleet.view(host)
        await self._journal.pause(host, paused=False)
        self._fleet.resume(host)
        self._told_paused.discard(host)
        log.info("host.resumed", host=host)
        return self._told(host)

    def _told(self, host: str) -> dict[str, Any]:
        view = self._fleet.view(host)
        state, error = view.state, view.error
        if state == "polling" and self._circuit.away:
            # It was put on the schedule just now, and nobody has seen yet that it is in vain.
            state, error = "backing_off", "the server is away"
        paused = not self._fleet.takes(host)
        counts = {name: getattr(view, name) for name in _COUNTS}
        return {"host": host, "state": state, "paused": paused, "error": error, **counts}

    async def _redeliver(
        self, run: int | None = None, item: int | None = None
    ) -> dict[str, Sequence[Mapping[str, int]]]:
        if item is not None and run is None:
            raise LabfleetError("an item needs its run")
        again = await self._journal.redeliver(run, item)
        for one in again:
            log.warning("delivery.redelivered", **one)
        self._reporter.redeliver()
        return {"redelivered": again}

    async def know(
        self, settings: Settings, registered: Mapping[str, Identity]
    ) -> tuple[set[str], dict[str, str]]:
        """Let the journal know the hosts of *settings*, once theirs that are free are ours.

        Returns the keys of those that are paused, and which name the claims of each host go by
        from now on, where that changed: claims follow an identity whose key was renamed.
        """
        found = identities(settings, registered)
        ids = {key: identity[0] if identity else None for key, identity in found.items()}
        async with self._holding:
            self._wanted = frozenset(filter(None, ids.values()))
            await in_thread(self._held.hold, self._wanted)
        paused, moves = await self._journal.know_hosts(ids)
        for host in sorted(paused - self._told_paused):
            log.warning("host.paused", host=host, remembered=True)
        self._told_paused = paused.copy()
        for old, new in moves.items():
            log.warning("host.renamed", old=old, new=new)
        return paused, moves

    async def watch(self, taken_over: Callable[[], Awaitable[None]]) -> None:
        """Take over hosts whose other owner is gone, and let go of those that left, for ever.

        Of hosts that another labfleet took nothing is begun any more.
        """
        changed = False
        while True:
            await anyio.sleep(LOOK_S)
            try:
                changed |= await self._look()
                if changed:
                    await taken_over()
                    changed = False
            except StateError as error:
                log.warning("journal.unusable", error=str(error))

    async def _look(self) -> bool:
        """Look once; whether other hosts are ours than before."""
        async with self._holding:
            lost = await in_thread(self._held.renew)
            if lost:
                self._fleet.stand_down()
            wanted = self._wanted | self._fleet.ids
            if self._held.held - wanted:
                keep = wanted | await self._journal.unsettled_ids()
                await in_thread(self._held.keep_only, keep)
            if missing := wanted - self._held.held:
                await in_thread(self._held.hold, missing)
        return self._fleet.take_over() or bool(lost)
