"""Items that somebody else settles, or removes, while they are ours."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
from structlog.testing import capture_logs

from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_recovery import WAITS, counting, until_there


def vanished(logs: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(line["run"], line["phase"]) for line in logs if line["event"] == "run.vanished"]


async def test_what_waits_and_was_settled_elsewhere_is_not_started_and_what_runs_ends(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    script = counting(tmp_path, WAITS.format(release=str(release)) + PASSING)
    first, second, third = [await fleet.queue(script) for _ in range(3)]
    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(tmp_path / "starts")
            while len(service.runner.active) < 3:
                await anyio.sleep(0.02)
            await fleet.lab.report(fleet.hosts["lab_001"], first, "Failed")
            await fleet.lab.report(fleet.hosts["lab_001"], second, "Failed")
            while len(service.runner.active) > 2:
                await anyio.sleep(0.02)
            release.touch()
            await fleet.until_status(third, "Passed")
            await fleet.until_status(first, "Passed")
            count = service.metrics.registry.get_sample_value("labfleet_runs_vanished_total")
            rows = {row["run"]: row["verdict"] for row in await service.recent_runs(10)}

    assert sorted(vanished(logs)) == [(first, "running"), (second, "waiting")]  # type: ignore[type-var]
    assert count == 2
    assert (tmp_path / "starts").read_text() == "xx"
    # Another's verdict of what we never started stays as it is.
    assert await fleet.lab.run_status(second) == "Failed"
    assert rows == {first: "Passed", third: "Passed"}


async def test_what_was_let_go_and_is_awaited_again_is_taken_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    first = await fleet.queue(tool(WAITS.format(release=str(release)) + PASSING))
    second = await fleet.queue(counting(tmp_path, PASSING))
    async with fleet.running() as service:
        while len(service.runner.active) < 2:
            await anyio.sleep(0.02)
        await fleet.lab.report(fleet.hosts["lab_001"], second, "Failed")
        while len(service.runner.active) > 1:
            await anyio.sleep(0.02)
        await_again(fleet, second)
        while len(service.runner.active) < 2:
            await anyio.sleep(0.02)
        release.touch()
        await fleet.until_status(first, "Passed")
        await fleet.until_status(second, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


def await_again(fleet: Fleet, run_id: int) -> None:
    with closing(sqlite3.connect(fleet.folder / "standin" / "standin.db")) as db, db:
        db.execute("UPDATE run_items SET status = 'Awaiting Run' WHERE run_id = ?", (run_id,))
        db.execute(
            "UPDATE runs SET is_pending = 1, status = 'Awaiting Run' WHERE id = ?", (run_id,)
        )


async def test_a_poll_that_could_not_be_read_whole_proves_nothing(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    runs = [
        await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))
        for _ in range(2)
    ]
    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(tmp_path / "starts")
            while len(service.runner.active) < 2:
                await anyio.sleep(0.02)
            said = {"results": [{"id": "no number"}], "metadata": {"result_set": {"total": 1}}}
            fleet.lab.faults.say("current_runs", json.dumps(said).encode(), times=6)
            before = fleet.lab.faults.calls["current_runs"]
            with anyio.fail_after(LIMIT_S):
                while fleet.lab.faults.calls["current_runs"] < before + 6:
                    await anyio.sleep(0.02)
            release.touch()
            for run in runs:
                await fleet.until_status(run, "Passed")

    assert vanished(logs) == []
    assert (tmp_path / "starts").read_text() == "xx"
