"""A run with an order keeps it over a restart, whatever happened to one of its items meanwhile."""

from pathlib import Path

import anyio

from tests.attempts import until
from tests.fleet import FAILING, PASSING, Fleet
from tests.test_recovery import WAITS, process, until_there
from tests.test_waiting_claims import change, claim_only, fleet_runner, telling


async def test_an_item_that_changed_meanwhile_still_comes_before_those_that_follow(
    fleet: Fleet, tmp_path: Path
) -> None:
    scripts = [(telling(tmp_path, FAILING), True), (telling(tmp_path), False)]
    run_id = await fleet.queue_set([*scripts, (telling(tmp_path), False)])
    await claim_only(fleet, 3)
    sql = "UPDATE run_items SET test_name = 'Other' WHERE sequence_number = 1 AND run_id = ?"
    change(fleet, sql, run_id)

    await fleet.work_off()

    assert (tmp_path / str(run_id)).read_text() == "lab_001 Other\n"
    assert await fleet.lab.statuses(run_id) == ["Failed", "Blocked", "Blocked"]


async def test_nothing_that_follows_runs_beside_an_item_that_is_held(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    run_id = await fleet.queue_set([(slow, True), (telling(tmp_path), False)])
    with process(fleet):
        await until_there(tmp_path / str(run_id))
    runner = fleet_runner(fleet)
    fleet.tools = {"renamed": {"adapter": "command", "executable": runner}}

    async with fleet.running() as service:
        host = service.poller.hosts["lab_001"]
        asked = host.asked
        await until(lambda: host.asked > asked + 1)
        assert not service.runner.active
    fleet.tools = {}
    release.touch()
    with anyio.fail_after(60):
        await fleet.work_off()

    assert (tmp_path / str(run_id)).read_text() == "lab_001 T1\nlab_001 T2\n"
