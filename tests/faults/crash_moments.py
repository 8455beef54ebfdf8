"""Moments at random, which a seed repeats: whatever nobody thought of is met there."""

import random
from collections import Counter

import anyio

from tests.faults.crash import LIMIT_S, Crashing, kill

MOST_S = 0.8
"""A run of a quick tool is over in half of it."""
BEFORE_POLLS = 0.1
"""Of all moments, how many are anywhere in a start, its imports and its recovery."""


async def kill_at_random(crashing: Crashing, seed: str, count: int) -> Counter[str]:
    """Kill labfleet at *count* moments; return how often a run was met in which state."""
    met = Counter[str]()
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        for _ in range(chance.choice((1, 1, 2))):
            host = chance.choice(list(crashing.fleet.hosts))
            await crashing.queue(host, chance.uniform(0, 0.4))
        polls = len(crashing.proxy.of("current_runs"))
        with crashing.labfleet() as labfleet, anyio.fail_after(LIMIT_S):
            if chance.random() >= BEFORE_POLLS:
                while len(crashing.proxy.of("current_runs")) == polls:
                    await anyio.sleep(0.002)
            await anyio.sleep(chance.uniform(0, MOST_S))
            assert labfleet.poll() is None, "labfleet ended by itself"
            kill(labfleet)
        crashing.kills += 1
        met.update(crashing.state(run_id)[0] or "not seen" for run_id in crashing.runs)
        met["delivered"] = sum(crashing.state(r)[0] == "delivered" for r in crashing.runs)
    return met
