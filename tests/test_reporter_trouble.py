"""The reporter when the server, the journal or the disk is in trouble."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from adapters.base import Verdict
from orchestrator.api.client import HostClient
from orchestrator.errors import StateError
from orchestrator.listed import assignments_of
from orchestrator.reporter import LONGEST_OWED_S, RESULTS_IN_FLIGHT
from tests.attempts import until
from tests.desk import Desk, events, open_desk, value


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize("status", [302, 401, 403, 407])
async def test_what_a_person_can_put_right_is_postponed_and_delivered_then(
    desk: Desk, status: int
) -> None:
    run_id = await desk.lab.run(desk.host)
    desk.lab.faults.answer("update_item", status, times=3)
    await desk.owe(run_id)
    desk.start()
    await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) == ["Passed"]
    assert desk.outbox()[0] == ("result", "done", 3)


async def test_a_wrong_token_postpones_until_it_is_right(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    right = desk.clients["lab_01"]
    desk.clients["lab_01"] = HostClient(desk.api, desk.host.id, "wrong")
    await desk.owe(run_id)
    desk.start()
    await until(lambda: desk.outbox()[0][2] >= 2)
    assert await desk.lab.statuses(run_id) == ["Awaiting Run"]

    desk.clients["lab_01"] = right
    desk.reporter.retry_now()
    await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) == ["Passed"]


async def test_a_host_without_identity_postpones_until_it_has_one(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    client = desk.clients.pop("lab_01")
    await desk.owe(run_id)
    desk.start()
    await until(lambda: desk.outbox()[0][2] >= 1)

    desk.clients["lab_01"] = client
    await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) == ["Passed"]


async def test_a_delivery_waits_as_long_as_the_server_asks(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    desk.lab.faults.answer("update_item", 503, retry_after="1")
    await desk.owe(run_id)
    started = anyio.current_time()
    desk.start()
    await until(lambda: desk.calls["update_item"] == 2)

    assert anyio.current_time() - started > 0.95
    await desk.until_nothing_is_owed()


async def test_retry_now_forgets_every_pause(desk: Desk) -> None:
    desk.lab.faults.answer("update_item", 503, times=3, retry_after="600")
    for _ in range(3):
        await desk.owe(await desk.lab.run(desk.host))
    desk.start()
    await until(lambda: desk.calls["update_item"] == 3 and desk.reporter.idle)
    assert desk.reporter.owed == 9

    desk.reporter.retry_now()

    await desk.until_nothing_is_owed()


async def test_a_retry_after_of_years_is_cut_to_an_hour(desk: Desk) -> None:
    desk.lab.faults.answer("update_item", 503, retry_after="999999999")
    claim = await desk.owe(await desk.lab.run(desk.host))
    desk.start()
    await until(lambda: desk.calls["update_item"] == 1 and desk.reporter.idle)

    assert 3500 < desk.reporter._pauses.due(claim.id) - anyio.current_time() <= 3600


async def test_slow_uploads_hold_up_no_result(desk: Desk) -> None:
    slow = [await desk.lab.run(desk.host) for _ in range(RESULTS_IN_FLIGHT + 4)]
    desk.lab.faults.wait("upload_log", 1.2, times=len(slow))
    for run_id in slow:
        await desk.owe(run_id, size=5_000_000)
    desk.start()
    await until(lambda: desk.calls["upload_log"] >= 4)

    quick = await desk.lab.run(desk.host)
    await desk.owe(quick, Verdict.FAILED, {})

    with anyio.fail_after(1):
        while await desk.lab.statuses(quick) != ["Failed"]:
            await anyio.sleep(0.01)
    assert [await desk.lab.statuses(run_id) for run_id in slow] == [["Passed"]] * len(slow)
    assert "done" not in [state for kind, state, _ in desk.outbox() if kind == "log"]


async def test_idle_is_said_only_once_the_outbox_was_looked_at(desk: Desk) -> None:
    assert not desk.reporter.idle
    desk.start()
    await until(lambda: desk.reporter.idle)

    desk.lab.faults.wait("update_item", 0.2)
    # Whenever it says idle, what was settled before is counted or delivered.
    settled = anyio.Event()
    wrong: list[int] = []

    async def watch() -> None:
        await settled.wait()
        while desk.states() != ["done"]:
            if desk.reporter.idle and desk.reporter.owed == 0:
                wrong.append(1)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch)
        await desk.owe(await desk.lab.run(desk.host), files={})
        settled.set()
    assert wrong == []


@pytest.mark.parametrize(
    "trouble",
    [
        "CREATE TRIGGER trouble BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END",
        "CREATE TRIGGER trouble BEFORE UPDATE ON assignments"
        " BEGIN SELECT RAISE(ABORT, 'full'); END",
        "ALTER TABLE outbox RENAME TO away",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 404, 503])
async def test_a_journal_that_fails_for_a_while_ends_nothing(
    desk: Desk, trouble: str, status: int
) -> None:
    run_id = await desk.lab.run(desk.host)
    if status != 200:
        desk.lab.faults.answer("update_item", status, times=2)
    await desk.owe(run_id)
    desk.db.execute(trouble)
    with capture_logs() as logs:
        desk.start()
        away = trouble.startswith("ALTER")
        if away:
            await until(lambda: desk.looks["looks"] >= 4)
        else:
            await until(lambda: desk.calls["update_item"] >= 3 or desk.states()[0] == "dead")
        # Nor is it told again and again.
        assert events(logs).count(("delivery.postponed", None)) == away
        desk.db.execute("ALTER TABLE away RENAME TO outbox" if away else "DROP TRIGGER trouble")
        await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) in (["Passed"], ["Awaiting Run"])
    assert set(desk.states()) <= {"done", "dead", "dropped"}


async def test_what_is_not_taken_for_a_month_is_a_dead_letter(desk: Desk) -> None:
    desk.lab.faults.answer("upload_log", 500, times=1000)
    await desk.owe(await desk.lab.run(desk.host))
    desk.start()
    await until(lambda: desk.outbox()[1][2] >= 2)
    assert desk.states()[1] == "owed"

    desk.db.execute("UPDATE outbox SET owed_at = ?", (time.time() - LONGEST_OWED_S - 1,))
    desk.reporter.retry_now()
    await desk.until_nothing_is_owed()

    assert desk.states() == ["done", "dead", "done"]
    assert value(desk.metrics.deliveries_dead) == 1


async def test_a_file_that_a_working_server_fails_at_holds_up_the_next_for_an_hour(
    desk: Desk,
) -> None:
    desk.lab.faults.answer("upload_log", 500, times=1000)
    await desk.owe(await desk.lab.run(desk.host))
    desk.start()
    await until(lambda: desk.outbox()[1][2] >= 2)
    assert desk.states() == ["done", "owed", "owed"]

    # It does not work at all: that is no fault of the file, however often it is tried.
    desk.lab.faults.answer("get_host", 500, times=1000)
    desk.db.execute("UPDATE outbox SET owed_at = ?", (time.time() - 3700,))
    tries = desk.outbox()[1][2]
    desk.reporter.retry_now()
    await until(lambda: desk.outbox()[1][2] > tries or desk.states()[1] != "owed")
    assert desk.states() == ["done", "owed", "owed"]
    desk.lab.faults.clear()
    desk.lab.faults.answer("upload_log", 500, times=1000)
    desk.reporter.retry_now()
    await desk.until_nothing_is_owed()

    assert desk.states() == ["done", "dead", "done"]


@pytest.mark.parametrize("lost", [True, False])
async def test_a_refused_result_is_done_with_if_it_had_arrived_before(
    tmp_path: Path, lost: bool
) -> None:
    async with open_desk(tmp_path, "results-once") as desk:
        run_id = await desk.lab.run(desk.host)
        if lost:
            desk.lab.faults.drop("update_item", when="after")
        else:
            desk.lab.faults.answer("update_item", 503)
            desk.lab.faults.answer("update_item", 400)
        await desk.owe(run_id)
        desk.start()
        await desk.until_nothing_is_owed()

        assert desk.outbox()[0][1] == ("done" if lost else "dead")
        assert await desk.lab.statuses(run_id) == ["Passed" if lost else "Awaiting Run"]
        assert await desk.uploaded(run_id, "report") == (200 if lost else 404)


async def test_an_inactive_hosts_empty_list_says_nothing_of_a_refused_result(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path, "inactive-hides-runs") as desk:
        run_id = await desk.lab.run(desk.host)
        await desk.clients["lab_01"].update_host({"is_active": False})
        desk.lab.faults.answer("update_item", 503)
        desk.lab.faults.answer("update_item", 400)
        await desk.owe(run_id)
        desk.start()
        await desk.until_nothing_is_owed()

        assert desk.outbox()[0][1] == "dead"


async def test_a_result_that_the_server_has_lost_is_delivered_again(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    runs, _ = await desk.clients["lab_01"].pending_runs()
    listed = [one for run in runs for one in assignments_of("lab_01", run)]
    claim = await desk.owe(run_id, Verdict.FAILED, {}, wanted=listed[0])
    desk.start()
    await desk.until_nothing_is_owed()
    # As a backup from before the delivery would have it.
    with closing(sqlite3.connect(desk.folder / "lab" / "standin.db")) as remote, remote:
        remote.execute("UPDATE run_items SET status = 'Awaiting Run'")
        remote.execute("UPDATE runs SET is_pending = 1")
    assert await desk.lab.statuses(run_id) == ["Awaiting Run"]

    again = await desk.journal.listed_again(listed, time.time() + 100)
    desk.reporter.wake()
    await desk.until_nothing_is_owed()

    assert [one.id for one in again.owed] == [claim.id]
    assert await desk.lab.statuses(run_id) == ["Failed"]
    assert desk.calls["update_item"] == 2


async def test_folders_that_cannot_be_removed_end_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await desk.lab.run(desk.host), await desk.lab.run(desk.host)
    await desk.owe(first, files={})

    def refuse(name: str) -> None:
        raise StateError(f"the workspace {name} cannot be removed")

    monkeypatch.setattr(desk.workspaces, "remove", refuse)
    desk.start()
    with capture_logs() as logs:
        await desk.until_nothing_is_owed()
    assert ("delivery.done", "workspace") in events(logs)

    monkeypatch.undo()
    await desk.owe(second)
    await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(second) == ["Passed"]


async def test_a_404_of_a_server_in_maintenance_drops_no_verdict(desk: Desk) -> None:
    run_id = await desk.lab.run(desk.host)
    desk.lab.faults.answer("update_item", 404, times=3)
    desk.lab.faults.answer("get_host", 404, times=2)
    await desk.owe(run_id)
    with capture_logs() as logs:
        desk.start()
        await until(lambda: desk.calls["get_host"] >= 2)
        assert ("delivery.dropped", "result") not in events(logs)
        desk.lab.faults.clear()
        await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) == ["Passed"]


@pytest.mark.parametrize("trouble", ["current_runs", ""])
async def test_a_404_to_a_result_drops_nothing_while_its_run_is_listed(
    desk: Desk, trouble: str
) -> None:
    run_id = await desk.lab.run(desk.host)
    desk.lab.faults.answer("update_item", 404, times=3)
    if trouble:
        desk.lab.faults.answer(trouble, 500, times=3)
    await desk.owe(run_id)
    with capture_logs() as logs:
        desk.start()
        await desk.until_nothing_is_owed()

    assert ("delivery.dropped", "result") not in events(logs)
    assert await desk.lab.statuses(run_id) == ["Passed"]


async def test_an_error_of_our_own_is_told_and_the_delivery_tried_again(desk: Desk) -> None:
    first, second = await desk.lab.run(desk.host), await desk.lab.run(desk.host)
    await desk.owe(first)
    desk.db.execute("UPDATE outbox SET body = 'no json' WHERE kind = 'result'")
    await desk.owe(second)
    with capture_logs() as logs:
        desk.start()
        await until(lambda: [e for e, _ in events(logs)].count("delivery.crashed") >= 2)

    assert await desk.lab.statuses(second) == ["Passed"]
    assert desk.states()[:3] == ["owed"] * 3
