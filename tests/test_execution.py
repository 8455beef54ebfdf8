"""The middle of the program: what happens to one claim when something on its way goes wrong."""

import errno
import json
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from structlog.testing import capture_logs

from orchestrator.executors import Exit, Order
from orchestrator.executors.local import LocalExecutor
from orchestrator.service import open_service
from tests.attempts import alive, guard_of
from tests.fleet import FAILING, LIMIT_S, PASSING, Fleet, tool
from tests.standin.lab import PROJECT, open_lab
from tests.test_recovery import WAITS, process, until_there


class Troubled(LocalExecutor):
    """The real executor, with one trouble at a moment that a test chooses."""

    def __init__(self, *, wait_error_after: Path | None = None, start_pause_s: float = 0.0) -> None:
        super().__init__()
        self.wait_error_after = wait_error_after
        self.start_pause_s = start_pause_s
        self.starting = anyio.Event()

    async def start(self, folder: Path, order: Order) -> None:
        self.starting.set()
        await anyio.sleep(self.start_pause_s)
        await super().start(folder, order)

    async def wait(self, folder: Path) -> Exit | None:
        if self.wait_error_after:
            await until_there(self.wait_error_after)
            self.wait_error_after = None
            raise OSError(errno.EIO, "the disk is broken")
        return await super().wait(folder)


async def until_logged(logs: list[Any], event: str, times: int = 1) -> None:
    with anyio.fail_after(LIMIT_S):
        while [line["event"] for line in logs].count(event) < times:
            await anyio.sleep(0.02)


@pytest.fixture
def troubled(fleet: Fleet) -> Iterator[Any]:
    """Work a fleet off with an executor in trouble."""

    async def work_off(executor: LocalExecutor) -> None:
        fleet.write()
        async with open_service(fleet.load(), fleet.locks) as service:
            service._executor = executor
            with anyio.fail_after(LIMIT_S):
                await service.run(until_idle=True)

    yield work_off


async def test_a_run_that_cannot_be_waited_for_is_blocked_and_its_tool_ended(
    fleet: Fleet, troubled: Any, tmp_path: Path
) -> None:
    on = tmp_path / "on"
    run_id = await fleet.queue(tool(f"    Path({str(on)!r}).touch(); time.sleep(600)\n"))

    await troubled(Troubled(wait_error_after=on))

    status, reason = await fleet.verdict(run_id)
    assert (status, "disk is broken" in reason) == ("Blocked", True)
    assert alive(str(tmp_path / "state")) == []


async def test_a_hard_stop_between_journal_and_guard_starts_the_guard_all_the_same(
    fleet: Fleet, tmp_path: Path
) -> None:
    executor = Troubled(start_pause_s=0.3)
    await fleet.queue(tool("    time.sleep(600)\n"))
    fleet.write()

    async with (
        open_service(fleet.load(), fleet.locks) as service,
        anyio.create_task_group() as group,
    ):
        service._executor = executor
        await group.start(service.run)
        with anyio.fail_after(LIMIT_S):
            await executor.starting.wait()
            service.stop()
            service.stop()

    (folder,) = (tmp_path / "state" / "attempts").iterdir()
    with anyio.fail_after(LIMIT_S):
        while not (folder / "guard.json").exists():
            await anyio.sleep(0.02)
    assert guard_of(folder) > 0
    executor.stop(folder)
    await executor.wait(folder)


async def test_a_verdict_waits_for_a_journal_that_cannot_be_written(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    run_id = await fleet.queue(tool(WAITS.format(release=str(release)) + PASSING))

    with capture_logs() as logs:
        async with fleet.running():
            await until_logged(logs, "run.started")
            with closing(sqlite3.connect(tmp_path / "state" / "journal.db")) as db:
                db.execute(
                    "CREATE TRIGGER full BEFORE UPDATE OF verdict ON assignments"
                    " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
                )
                release.touch()
                await until_logged(logs, "run.postponed")
                db.execute("DROP TRIGGER full")
            await fleet.until_status(run_id, "Passed")


async def test_a_script_that_the_server_fails_to_send_is_asked_for_again(fleet: Fleet) -> None:
    fleet.lab.faults.answer("get_script", 500, times=2)
    run_id = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"


async def test_where_no_agent_is_named_the_next_tool_is_asked_after_a_404(fleet: Fleet) -> None:
    fleet.tool = {"agent": "TestNG (Selenium)"}
    fleet.write()
    second = fleet.file.read_text("utf-8").replace("[tools.quick]", "[tools.other]", 1)
    profile = second[second.index("[tools.other]") : second.index("[hosts.")]
    profile = profile.replace("TestNG (Selenium)", "JUnit (Selenium)")
    text = fleet.file.read_text("utf-8").replace('["quick"]', '["quick", "other"]')
    fleet.file.write_text(text.replace("[hosts.", profile + "[hosts.", 1), encoding="utf-8")
    run_id = await fleet.queue(tool(PASSING))
    document = await fleet.lab.pending(fleet.hosts["lab_001"])
    del document["results"][0]["test_run_items"][0]["automations"]
    fleet.lab.faults.say(
        "current_runs", json.dumps(document).encode(), content_type="application/json", times=1
    )

    async with open_service(fleet.load(), fleet.locks) as service:
        with anyio.fail_after(LIMIT_S):
            await service.run(until_idle=True)
        (row,) = await service.recent_runs(10)

    assert (row["verdict"], row["tool"]) == ("Passed", "other")
    assert (await fleet.verdict(run_id))[0] == "Passed"


async def test_one_wrong_404_gives_no_failing_test_to_the_next_tool_where_no_agent_is_named(
    tmp_path: Path,
) -> None:
    runner = [sys.executable, "-I", "-S", "tool.py", "{results}"]
    async with open_lab(tmp_path / "standin", "no-automation") as lab:
        profiles = {
            key: {"adapter": "command", "executable": runner, "agent": f"{agent} (Selenium)"}
            for key, agent in (("first", "JUnit"), ("second", "NUnit"))
        }
        fleet = Fleet(lab, tmp_path, locks=tmp_path / "locks", tools=profiles)
        await fleet.add_hosts(1)
        test_id = await lab.door.add_test(PROJECT, "Of two tools")
        for profile, code in zip(profiles.values(), (FAILING, PASSING), strict=True):
            agent = str(profile["agent"])
            await lab.door.add_automation(PROJECT, test_id, agent)
            await lab.door.attach_zip(PROJECT, test_id, agent, tool(code))
        host = fleet.hosts["lab_001"].id
        run_id = await lab.door.queue(project=PROJECT, host_id=host, test_id=test_id)
        lab.faults.answer("get_script", 404)

        await fleet.work_off()

        assert await lab.run_status(run_id) == "Failed"


async def test_hosts_whose_scripts_are_refused_hold_no_slot_of_the_others(fleet: Fleet) -> None:
    await fleet.add_hosts(2, first=2)
    fleet.tool, fleet.top = {"slots": 2}, {"max_running": 2}
    for host in ("lab_001", "lab_002"):
        await fleet.queue(tool(PASSING), host=host)

    with capture_logs() as logs:
        async with fleet.running() as service:
            fleet.lab.faults.answer("get_script", 401, times=4)
            fleet.lab.faults.answer("get_host", 401, times=4)
            await until_logged(logs, "run.postponed", times=2)
            healthy = await fleet.queue(tool(PASSING), host="lab_003")
            with anyio.fail_after(5):
                await fleet.until_status(healthy, "Passed")
            while service.runner.active or service.reporter.owed:
                await anyio.sleep(0.05)


async def test_draining_ends_after_its_time_and_leaves_the_tool_to_its_guard(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.top = {"drain_s": 0.5}
    await fleet.queue(tool(f"    Path({str(tmp_path / 'on')!r}).touch(); time.sleep(600)\n"))

    with process(fleet) as labfleet:
        await until_there(tmp_path / "on")
        labfleet.send_signal(signal.SIGTERM)
        with anyio.fail_after(LIMIT_S):
            await to_thread.run_sync(labfleet.wait, abandon_on_cancel=True)

    assert labfleet.returncode == 0
    assert len(alive(str(tmp_path / "state"))) == 1


async def test_what_a_lost_journal_left_alive_is_ended_before_the_item_is_run_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    script = f"""
        with open({str(trace)!r}, "a") as file: file.write("(")
        time.sleep(600 if Path({str(trace)!r}).read_text() == "(" else 0)
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
    """
    run_id = await fleet.queue(tool(script))
    with process(fleet):
        await until_there(trace)
    (old,) = (tmp_path / "state" / "attempts").iterdir()
    for left in (tmp_path / "state").glob("journal.db*"):
        left.unlink()

    await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"
    assert trace.read_text() == "(("
    assert not old.exists()
    assert alive(str(tmp_path / "state")) == []


async def test_a_pipe_in_the_place_of_a_file_holds_up_nobody(fleet: Fleet) -> None:
    code = """
        place = Path(results).parent / "order.json"
        place.unlink()
        os.mkfifo(place)
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
    """
    run_id = await fleet.queue(tool(code))

    await fleet.work_off()

    # What a run has to prove depends on its order, so without one it cannot pass.
    status, reason = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "order" in reason
