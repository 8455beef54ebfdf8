"""Two hundred kills at random moments, and the thirteen points with labfleet as operators start it.

FAULTS_SEED in the environment is the seed; each moment has its own below it, so that moment 150
is the same whatever became of the others.
"""

import os
import random
import sys
import time
from pathlib import Path

import pytest

from tests.faults.crash import check, open_crashing
from tests.faults.crash_moments import kill_at_random
from tests.faults.crash_nursery import open_nursery
from tests.faults.crash_points import POINTS, kill_at_all

SEED = os.environ.get("FAULTS_SEED") or str(random.SystemRandom().randrange(10**6))
ROUNDS = 10
MOMENTS = 20


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_kills_at_random_moments(tmp_path: Path, tag: str, number: int) -> None:
    seed, began_s = f"{SEED}/{number}", time.monotonic()
    sys.stdout.write(f"\nFAULTS_SEED={SEED} round {number}: {MOMENTS} kills, ")
    with open_nursery() as nursery:
        async with open_crashing(tmp_path, tag, 3, nursery) as crashing:
            met = await kill_at_random(crashing, seed, MOMENTS)
            await crashing.finish()
            await check(crashing)
    seconds = time.monotonic() - began_s
    sys.stdout.write(f"{len(crashing.runs)} runs, met {dict(met)}, {seconds:.0f} s\n")


@pytest.mark.parametrize("number", range(2))
async def test_kills_at_random_moments_where_tools_go_with_labfleet(
    tmp_path: Path, tag: str, number: int
) -> None:
    seed = f"{SEED}/kill/{number}"
    sys.stdout.write(f"\nFAULTS_SEED={SEED} kill {number}: {MOMENTS} kills, ")
    mode = {"on_orchestrator_exit": "kill"}
    with open_nursery() as nursery:
        async with open_crashing(tmp_path, tag, 3, nursery, **mode) as crashing:
            met = await kill_at_random(crashing, seed, MOMENTS)
            await crashing.finish()
            await check(crashing, starts=4, verdicts={"Passed", "Blocked"})
    sys.stdout.write(f"{len(crashing.runs)} runs, met {dict(met)}\n")


@pytest.mark.parametrize("mode", ["keep", "kill"])
async def test_a_kill_at_each_point_of_a_whole_process(tmp_path: Path, tag: str, mode: str) -> None:
    top = {"on_orchestrator_exit": mode}
    async with open_crashing(tmp_path, tag, len(POINTS), **top) as crashing:
        missed = await kill_at_all(crashing)
        await crashing.finish()
        # Tools that go with labfleet are cut off again at each later point, four times at most.
        verdicts = {"Passed"} if mode == "keep" else {"Passed", "Blocked"}
        await check(crashing, starts=1 if mode == "keep" else 4, verdicts=verdicts)
    sys.stdout.write(f"\n{mode}: {crashing.kills} kills, {len(crashing.runs)} runs\n")

    assert missed == []
