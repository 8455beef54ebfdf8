"""Trees that outlive labfleet are adopted whole; those whose guard is killed are ended."""

import os
import signal
from pathlib import Path

import anyio

from tests.faults.crash import LIMIT_S, check, kill, open_crashing, unowned


async def test_trees_outlive_a_killed_labfleet_and_are_adopted_whole(
    tmp_path: Path, tag: str
) -> None:
    async with open_crashing(tmp_path, tag, 1) as crashing:
        run_id = await crashing.queue("lab_001", seconds=1.0)
        with crashing.labfleet() as labfleet:
            await crashing.until_started(run_id)
            kill(labfleet)
        # The tool, its child in a session of its own, and the one without any environment.
        alive = unowned(tag)
        await crashing.finish()
        await check(crashing)

    assert len(alive) >= 3


async def test_a_guard_that_is_killed_under_labfleet_is_replaced_by_one_more_attempt(
    tmp_path: Path, tag: str
) -> None:
    async with open_crashing(tmp_path, tag, 1) as crashing:
        run_id = await crashing.queue("lab_001", seconds=1.0)
        with crashing.labfleet():
            await crashing.until_started(run_id)
            os.kill(crashing.guards()[0], signal.SIGKILL)
            with anyio.fail_after(LIMIT_S):
                await crashing.fleet.until_status(run_id, "Passed")
        await crashing.finish()
        await check(crashing, starts=2)

    assert crashing.starts(run_id) == ["alone", "alone"]
