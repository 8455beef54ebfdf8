"""What is owed is delivered: looked at in the stand-in, whatever happens on the way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.base import Verdict
from tests.attempts import until
from tests.desk import Desk, events, open_desk, value


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        yield desk


async def test_the_result_goes_first_then_the_log_then_the_report(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    with capture_logs() as logs:
        await desk.owe(run_id, Verdict.FAILED)
        desk.start()
        await desk.until_nothing_is_owed()

    assert events(logs) == [("delivery.done", kind) for kind in ("result", "log", "report")]
    assert await desk.lab.statuses(run_id) == ["Failed"]
    assert await desk.uploaded(run_id, "log") == await desk.uploaded(run_id, "report") == 200
    assert desk.workspaces.names() == []
    assert desk.db.execute("SELECT state FROM assignments").fetchall() == [("delivered",)]


async def test_nothing_follows_a_result_that_was_not_taken(desk: Desk) -> None:
    desk.lab.faults.answer("update_item", 503, times=1000)
    await desk.owe(await desk.lab.run(desk.host))
    desk.start()
    await until(lambda: desk.calls["update_item"] >= 4)

    assert desk.calls["upload_log"] == desk.calls["upload_report"] == 0
    assert desk.states() == ["owed"] * 3
    assert desk.reporter.owed == 3
    assert len(desk.workspaces.names()) == 1


async def test_all_is_delivered_once_the_server_is_up_again(desk: Desk) -> None:
    runs = [await desk.lab.run(desk.host) for _ in range(12)]
    desk.lab.faults.drop("update_item", times=10_000)
    with capture_logs() as logs:
        for run_id in runs:
            await desk.owe(run_id)
        desk.start()
        await until(lambda: desk.calls["update_item"] >= 30)
        assert desk.reporter.owed == 36
        assert value(desk.metrics.outbox_oldest_age) > 0

        desk.lab.faults.clear()
        await desk.until_nothing_is_owed()

    assert [await desk.lab.statuses(run_id) for run_id in runs] == [["Passed"]] * 12
    assert desk.states() == ["done"] * 36
    assert events(logs).count(("delivery.postponed", "result")) == 12


async def test_a_lost_answer_is_delivered_again_to_the_same_effect(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    for operation in ("update_item", "upload_log", "upload_report"):
        desk.lab.faults.drop(operation, when="after")
    await desk.owe(run_id, Verdict.FAILED)
    desk.start()
    await desk.until_nothing_is_owed()

    assert desk.calls["update_item"] == desk.calls["upload_log"] == 2
    assert await desk.lab.statuses(run_id) == ["Failed"]
    assert await desk.uploaded(run_id, "report") == 200
    assert [tries for _, _, tries in desk.outbox()] == [1, 1, 1]


async def test_a_run_that_was_deleted_is_dropped_with_a_line(desk: Desk) -> None:
    with capture_logs() as logs:
        await desk.owe(987654)
        desk.start()
        await desk.until_nothing_is_owed()

    assert events(logs) == [("delivery.dropped", "result")]
    assert desk.calls["upload_log"] == 0
    assert desk.states() == ["dropped"] * 3
    assert desk.workspaces.names() == []


async def test_a_result_refused_for_good_is_a_dead_letter_and_its_files_are_kept(
    desk: Desk,
) -> None:
    with capture_logs() as logs:
        await desk.owe(await desk.lab.run(desk.host), status="Splendid")
        desk.start()
        await desk.until_nothing_is_owed()

    assert events(logs) == [("delivery.dead", "result")]
    assert "400" in str(logs[0]["error"])
    assert value(desk.metrics.deliveries_dead) == 3
    assert desk.states() == ["dead"] * 3
    assert len(desk.workspaces.names()) == 1


async def test_a_file_refused_for_good_does_not_hold_the_others(tmp_path: Path) -> None:
    async with open_desk(tmp_path, max_upload_bytes=50_000) as desk:
        run_id = await desk.lab.run(desk.host)
        claim = await desk.owe(run_id)
        folder = desk.workspaces.attempt(claim.attempt_name).folder
        (folder / "log.xml").write_bytes(b"x" * 100_000)
        desk.start()
        await desk.until_nothing_is_owed()

        assert desk.states() == ["done", "dead", "done"]
        assert await desk.lab.statuses(run_id) == ["Passed"]
        assert await desk.uploaded(run_id, "report") == 200
        assert value(desk.metrics.deliveries_dead) == 1
        assert len(desk.workspaces.names()) == 1


async def test_a_missing_file_is_dropped_and_the_rest_delivered(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    claim = await desk.owe(run_id)
    (desk.workspaces.attempt(claim.attempt_name).folder / "log.xml").unlink()
    with capture_logs() as logs:
        desk.start()
        await desk.until_nothing_is_owed()

    assert ("delivery.dropped", "log") in events(logs)
    assert desk.states() == ["done", "dropped", "done"]
    assert await desk.uploaded(run_id, "report") == 200
    assert desk.workspaces.names() == []


async def test_the_folders_of_every_attempt_go_and_those_of_others_stay(desk: Desk) -> None:
    claim = await desk.owe(await desk.lab.run(desk.host))
    desk.workspaces.create(claim.next_attempt_name)
    # As a journal that was put back to a backup, or begun anew, left it.
    strangers = [f"{claim.id:06}-1-deadbeef", f"{claim.id:06}9-1-{claim.mark}"]
    for name in strangers:
        desk.workspaces.create(name)
    desk.start()
    await desk.until_nothing_is_owed()

    assert desk.workspaces.names() == sorted(strangers)
