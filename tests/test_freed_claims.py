"""A claim that was let go leaves its number to the next: which must not be lost for that."""

from pathlib import Path

import anyio

from tests.fleet import PASSING, Fleet, tool
from tests.standin.lab import DATA, DEMO

WAITS = """
    while not Path({release!r}).exists():
        time.sleep(0.02)
"""


async def test_runs_after_one_that_was_deleted_while_its_first_item_ran_are_run(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = tool(WAITS.format(release=str(release)) + PASSING)
    fleet.host = {"limit": 4}
    fleet.tool = {"slots": 4}
    deleted = await fleet.queue_set([(slow, False)] * 3)

    async with fleet.running() as service:
        while len(service.runner.active) < 3 or not list(
            (tmp_path / "state" / "attempts").glob("*/guard.json")
        ):
            await anyio.sleep(0.02)
        answer = await fleet.lab.call("DELETE", f"{DATA}/testruns/{deleted}", DEMO)
        assert answer.status == 200
        while service.metrics.runs_vanished._value.get() < 3:
            await anyio.sleep(0.02)
        # The first item is still at work, and with it what waited behind it.
        for run_id in [await fleet.queue(tool(PASSING)) for _ in range(2)]:
            await fleet.until_status(run_id, "Passed")
        release.touch()
