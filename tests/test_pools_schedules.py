"""Any schedule of runs, deaths and reloads: no pool gives more than it has, nobody is forgotten."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
from hypothesis import HealthCheck, given, settings, strategies

from orchestrator.pools import ALL, Pools
from orchestrator.settings import Settings
from tests.test_pools import sizes

LIMIT_S = 10
HOSTS, TOOLS, SEATS = ("a", "b", "c"), ("t1", "t2"), ("s1", "s2")
TURNS = 40
IN_MAKE_TEST = 200


@dataclass(frozen=True)
class Come:
    """A run that wants its slots."""

    host: str
    tool: str
    seats: tuple[str, ...]

    @property
    def pools(self) -> tuple[str, ...]:
        """Every pool it needs, in words of `Pools.figures` and of `host/`."""
        seats = (f"seat/{seat}" for seat in sorted(set(self.seats)))
        return (f"host/{self.host}", *seats, f"tool/{self.tool}", ALL)


@dataclass(frozen=True)
class Go:
    """The end of a run, by itself or by its death, whether it has its slots or waits for them."""

    index: int
    dies: bool


@dataclass(frozen=True)
class Resize:
    """A reload with other sizes."""

    all_: int
    tool: int
    seat: int | None
    limit: int

    def settings(self) -> Settings:
        return sizes(all_=self.all_, tool=self.tool, seat=self.seat, hosts=HOSTS, limit=self.limit)


SIZE = strategies.integers(1, 3)
RESIZES = strategies.builds(
    Resize, all_=SIZE, tool=SIZE, seat=strategies.none() | strategies.integers(1, 2), limit=SIZE
)
STEPS = strategies.lists(
    strategies.one_of(
        strategies.builds(
            Come,
            host=strategies.sampled_from(HOSTS),
            tool=strategies.sampled_from(TOOLS),
            seats=strategies.lists(strategies.sampled_from(SEATS), max_size=2).map(tuple),
        ),
        strategies.builds(Go, index=strategies.integers(0, 9), dies=strategies.booleans()),
        RESIZES,
    ),
    max_size=20,
)


@dataclass(eq=False)
class One:
    """One run under way."""

    wants: Come
    end: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    inside: bool = False

    async def run(self, pools: Pools, runs: list["One"]) -> None:
        runs.append(self)
        try:
            with self.scope:
                async with pools.slots(self.wants.host, self.wants.tool, self.wants.seats):
                    self.inside = True
                    await self.end.wait()
        finally:
            runs.remove(self)


class Lab:
    """The pools at work, and what is to be true of them whenever nobody moves."""

    def __init__(self, first: Resize) -> None:
        self.sizes = self.sizes_of(first)
        self.pools = Pools(first.settings())
        self.runs: list[One] = []
        self.most = dict(self.sizes)
        """What may be in use of each pool, that gave what it gave before it shrank."""

    @staticmethod
    def sizes_of(resize: Resize) -> dict[str, int]:
        seats = {} if resize.seat is None else {"seat/s1": resize.seat, "seat/s2": 1}
        hosts = {f"host/{host}": resize.limit for host in HOSTS}
        return {ALL: resize.all_, **hosts, **{f"tool/{t}": resize.tool for t in TOOLS}, **seats}

    async def take(self, step: Any, tasks: Any) -> None:
        if isinstance(step, Come):
            tasks.start_soon(One(step).run, self.pools, self.runs)
        elif isinstance(step, Resize):
            self.pools.resize(step.settings())
            # What left the settings keeps its size until it is idle.
            left = {pool.pool for pool in self.pools.figures()}
            kept = {pool: size for pool, size in self.sizes.items() if pool in left}
            self.sizes = kept | self.sizes_of(step)
        elif self.runs:
            one = self.runs[step.index % len(self.runs)]
            one.scope.cancel() if step.dies else one.end.set()
        # Twice what the longest chain of grants takes; anyio's own wait sleeps a tenth of a second.
        for _ in range(TURNS):
            await anyio.lowlevel.checkpoint()
        self.check()

    def inside(self) -> Counter[str]:
        return Counter(pool for one in self.runs if one.inside for pool in one.wants.pools)

    def check(self) -> None:
        now = self.inside()
        held = {figure.pool: figure.used for figure in self.pools.figures()}
        # The pools of hosts have no figures: whoever is under way there may hold a slot.
        of_host = Counter(f"host/{one.wants.host}" for one in self.runs)
        for pool in {*now, *held, *self.most}:
            size, used = self.sizes.get(pool, 1), held.get(pool, now[pool])
            assert now[pool] <= used <= max(size, self.most.get(pool, 1)), (pool, used)
            self.most[pool] = max(size, min(self.most.get(pool, 1), held.get(pool, of_host[pool])))
        self.nobody_waits_for_what_is_free(now, held)

    def nobody_waits_for_what_is_free(self, now: Counter[str], held: dict[str, int]) -> None:
        for one in self.runs:
            free = all(
                max(now[pool], held.get(pool, 0)) < self.sizes.get(pool, 1)
                for pool in one.wants.pools
            )
            assert one.inside or not free or self.host_is_taken(one), one.wants

    def host_is_taken(self, one: One) -> bool:
        """Whether others of its host, who wait for another slot, hold those of the host."""
        others = [each for each in self.runs if each.wants.host == one.wants.host]
        return len(others) > self.sizes[f"host/{one.wants.host}"]


async def follow(first: Resize, steps: Sequence[Any]) -> None:
    lab = Lab(first)
    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:
            for step in [*steps, *ends()]:
                await lab.take(step, tasks)
            while lab.runs:
                await lab.take(Go(0, dies=not lab.runs[0].inside), tasks)
    assert {(figure.used, figure.waiting) for figure in lab.pools.figures()} == {(0, 0)}


def ends() -> Iterator[Resize]:
    yield Resize(3, 3, 2, 3)


@settings(max_examples=IN_MAKE_TEST, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=RESIZES, steps=STEPS)
def test_no_schedule_overcommits_a_pool_or_forgets_a_waiter(
    first: Resize, steps: Sequence[Any]
) -> None:
    anyio.run(follow, first, steps)
