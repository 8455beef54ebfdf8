"""labfleet is killed at every point of a run's life, and no run is lost or run twice."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crash import check, open_crashing
from tests.faults.crash_moments import kill_at_random
from tests.faults.crash_nursery import Nursery, open_nursery
from tests.faults.crash_points import POINTS, kill_at_all

SEED = os.environ.get("FAULTS_SEED", "4")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


async def test_a_kill_at_each_point_of_a_run_loses_nothing_and_doubles_nothing(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    async with open_crashing(tmp_path, tag, len(POINTS), nursery) as crashing:
        missed = await kill_at_all(crashing)
        await crashing.finish()
        await check(crashing)

    assert missed == []


async def test_kills_at_random_moments_lose_nothing_and_double_nothing(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    async with open_crashing(tmp_path, tag, 2, nursery) as crashing:
        met = await kill_at_random(crashing, SEED, 12)
        await crashing.finish()
        sys.stdout.write(f"seed {SEED}: {len(crashing.runs)} runs met {dict(met)}\n")
        await check(crashing)
