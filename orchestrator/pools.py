"""Slots that bound what runs at once: of all tools, of each tool, of each seat, of each host.

A run holds one slot of each pool it needs. They are taken in one fixed order, so that no two
runs can wait for each other, and from the narrowest to the widest, so that a run which waits for
its host or a licence holds nothing that others could use. Sizes may change while runs wait.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import anyio

from orchestrator.metrics import PoolFigures
from orchestrator.settings import Settings

ALL = "all"


class Pools:
    """The pools of the settings; hosts' pools are kept apart, for there are many."""

    def __init__(self, settings: Settings) -> None:
        self._pools: dict[str, anyio.CapacityLimiter] = {}
        self._hosts: dict[str, anyio.CapacityLimiter] = {}
        self.resize(settings)

    def resize(self, settings: Settings) -> None:
        """Take the sizes of *settings*: who waits may start at once, nobody is stopped."""
        _resize(self._pools, _sizes(settings))
        _resize(self._hosts, {key: host.limit for key, host in settings.hosts.items()})

    @asynccontextmanager
    async def slots(self, host: str, tool: str, seats: Iterable[str]) -> AsyncIterator[None]:
        """Hold one slot of everything a run needs, waiting as long as it takes."""
        names = [*(f"seat/{seat}" for seat in sorted(set(seats))), f"tool/{tool}", ALL]
        wanted = [(self._hosts, host), *((self._pools, name) for name in names)]
        async with AsyncExitStack() as held:
            for pools, name in wanted:
                # Looked up only now: a reload may have taken the pool away, and made it anew,
                # while this run waited for the one before.
                limiter = pools.setdefault(name, anyio.CapacityLimiter(1))
                # A run is the borrower, not the task: one task may hold several of one pool.
                borrower = object()
                await limiter.acquire_on_behalf_of(borrower)
                held.callback(limiter.release_on_behalf_of, borrower)
            yield

    def figures(self) -> list[PoolFigures]:
        """Return how full every pool is, without those of the hosts."""
        return [
            PoolFigures(
                name, int(pool.total_tokens), pool.borrowed_tokens, pool.statistics().tasks_waiting
            )
            for name, pool in self._pools.items()
        ]


def _sizes(settings: Settings) -> dict[str, int]:
    return {
        ALL: settings.max_running,
        **{f"tool/{key}": tool.slots for key, tool in settings.tools.items()},
        **{f"seat/{key}": seats for key, seats in settings.seats.items()},
    }


def _resize(pools: dict[str, anyio.CapacityLimiter], sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        if name in pools:
            pools[name].total_tokens = size
        else:
            pools[name] = anyio.CapacityLimiter(size)
    for name in [name for name in pools if name not in sizes]:
        # Somebody may still hold or await a slot of it; it goes when it is idle.
        idle = pools[name].borrowed_tokens == 0 and pools[name].statistics().tasks_waiting == 0
        if idle:
            del pools[name]
