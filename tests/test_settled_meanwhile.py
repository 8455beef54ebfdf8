"""What somebody else settled while labfleet was down is neither run again nor overwritten."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.attempts import alive, until
from tests.fleet import PASSING, Fleet
from tests.test_recovery import WAITS, counting, process, until_ended, until_there

JOURNAL = ("journal.db", "journal.db-wal", "journal.db-shm")


async def started_and_killed(fleet: Fleet, folder: Path) -> int:
    """Queue a run, let its tool start, then kill labfleet, guard and tool: as a reboot does."""
    waits = WAITS.format(release=str(folder / "release"))
    run_id = await fleet.queue(counting(folder, waits + PASSING))
    with process(fleet):
        await until_there(folder / "starts")
    (guard,) = (folder / "state" / "attempts").glob("*/guard.json")
    os.kill(json.loads(guard.read_bytes())["pid"], signal.SIGKILL)
    for line in alive(str(folder / "state")):
        os.kill(int(line.split()[0]), signal.SIGKILL)
    await until(lambda: alive(str(folder / "state")) == [])
    (folder / "release").touch()
    return run_id


async def test_an_interrupted_run_that_was_settled_elsewhere_is_not_run_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    run_id = await started_and_killed(fleet, tmp_path)
    await fleet.lab.report(fleet.hosts["lab_001"], run_id, "Failed")

    assert await fleet.work_off() == []

    assert await fleet.lab.run_status(run_id) == "Failed"
    assert (tmp_path / "starts").read_text() == "x"


async def test_an_interrupted_run_that_is_awaited_still_is_run_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    run_id = await started_and_killed(fleet, tmp_path)

    await fleet.work_off()

    assert await fleet.lab.run_status(run_id) == "Passed"
    assert (tmp_path / "starts").read_text() == "xx"


@pytest.mark.parametrize("whole", [False, True], ids=["the journal", "all of it"])
async def test_an_older_copy_of_the_state_takes_no_verdict_off_the_server(
    fleet: Fleet, tmp_path: Path, whole: bool
) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    waits = WAITS.format(release=str(tmp_path / "release"))
    run_id = await fleet.queue(counting(tmp_path, waits + PASSING))
    with process(fleet):
        await until_there(tmp_path / "starts")
        shutil.copytree(state, copy, symlinks=True)
        (tmp_path / "release").touch()
        await until_ended(fleet, run_id, "Passed")
        await until(lambda: not any((state / "attempts").iterdir()))
    if whole:
        shutil.rmtree(state)
        copy.rename(state)
    else:
        for name in JOURNAL:
            (state / name).unlink(missing_ok=True)
            if (copy / name).exists():
                shutil.copy(copy / name, state)

    assert await fleet.work_off() == []

    assert await fleet.verdict(run_id) == ("Passed", "")
    assert (tmp_path / "starts").read_text() == "x"
