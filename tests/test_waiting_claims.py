"""What waits when labfleet ends, or when its settings change: started once, or not at all."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from orchestrator.api.client import HostClient
from orchestrator.service import Service, open_service
from tests.attempts import until
from tests.claims import opened
from tests.fleet import PASSING, Fleet, tool
from tests.test_admin import post
from tests.test_recovery import WAITS, counting, until_there
from tests.test_vanished import vanished

CLOSED = {"limits": {"min_free_disk_mb": 10**12}}
"""Nothing is started on a disk of less than an exabyte: what is claimed waits."""
TELLS = """
    where, name = Path({folder!r}), os.environ["LABFLEET_TEST_NAME"]
    with (where / os.environ["LABFLEET_RUN_ID"]).open("a") as told:
        told.write(os.environ["LABFLEET_HOST"] + " " + name + "\\n")
"""


def telling(folder: Path, rest: str = PASSING) -> bytes:
    """Return a script that tells in a file of its run which host it ran for, and which test."""
    return tool(TELLS.format(folder=str(folder)) + rest)


def told(folder: Path, runs: Sequence[int]) -> list[str]:
    """Return what the scripts of *runs* told, with nothing for those that never ran."""
    files = [folder / str(run) for run in runs]
    return [file.read_text() if file.exists() else "" for file in files]


async def claim_only(fleet: Fleet, count: int) -> None:
    """Let a labfleet claim *count* items, and end before it starts any."""
    fleet.top = CLOSED
    async with fleet.running() as service:
        await until(lambda: len(service.runner.active) == count)
    fleet.top = {}


def change(fleet: Fleet, sql: str, run_id: int) -> None:
    with closing(sqlite3.connect(fleet.folder / "standin" / "standin.db")) as db, db:
        db.execute("PRAGMA foreign_keys = 1")
        db.execute(sql, (run_id,))


async def test_what_waited_is_started_by_the_next_process_only_if_it_is_listed_still(
    fleet: Fleet, tmp_path: Path
) -> None:
    runs = [await fleet.queue(telling(tmp_path)) for _ in range(4)]
    settled, deleted, other, kept = runs
    await claim_only(fleet, 4)
    await fleet.lab.report(fleet.hosts["lab_001"], settled, "Failed")
    change(fleet, "DELETE FROM runs WHERE id = ?", deleted)
    change(fleet, "UPDATE run_items SET test_name = 'Another' WHERE run_id = ?", other)
    fleet.lab.faults.answer("current_runs", 503, times=2)
    # What was never started is no reason to keep a profile's name.
    fleet.tools = {"renamed": {"adapter": "command", "executable": fleet_runner(fleet)}}

    with capture_logs() as logs:
        rows = await fleet.work_off()

    assert told(tmp_path, runs) == ["", "", "lab_001 Another\n", "lab_001 Test\n"]
    assert sorted(vanished(logs)) == [(settled, "waiting"), (deleted, "waiting")]  # type: ignore[type-var]
    assert await fleet.lab.run_status(settled) == "Failed"
    assert {(row["run"], row["verdict"], row["tool"]) for row in rows} == {
        (other, "Passed", "renamed"),
        (kept, "Passed", "renamed"),
    }


def fleet_runner(fleet: Fleet) -> list[str]:
    """Return the command of the quick profile."""
    return [str(part) for part in fleet.load().tools["quick"].executable]


async def test_what_waited_on_a_host_that_is_paused_waits_for_its_end(
    fleet: Fleet, tmp_path: Path
) -> None:
    run_id = await fleet.queue(counting(tmp_path, PASSING))
    await claim_only(fleet, 1)
    fleet.write()
    settings = fleet.load()
    with opened(settings.state_dir, server=settings.server.service_url) as journal:
        await journal.pause("lab_001", paused=True)
    async with open_service(settings, fleet.locks) as service:
        with anyio.fail_after(20):
            await service.run(until_idle=True)
        well, [row] = service.well, await service.recent_runs(9)
    with capture_logs() as logs:
        async with fleet.running():
            [url] = [line["url"] for line in logs if line["event"] == "service.started"]
            assert (await post(url, "resume", body=b'{"host": "lab_001"}'))[0] == 200
            await fleet.until_status(run_id, "Passed")

    assert (well, row["state"]) == (False, "claimed")
    assert (tmp_path / "starts").read_text() == "x"


async def test_what_waited_and_cannot_be_looked_up_is_left_and_that_is_no_success(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.queue(counting(tmp_path, PASSING))
    await claim_only(fleet, 1)
    said = b'{"results": [{"id": "no number"}], "metadata": {"result_set": {"total": 1}}}'
    fleet.lab.faults.say("current_runs", said, times=1000)
    fleet.write()

    async with open_service(fleet.load(), fleet.locks) as service:
        with anyio.fail_after(20):
            await service.run(until_idle=True)
        well, [row] = service.well, await service.recent_runs(9)

    assert (well, row["state"]) == (False, "claimed")
    assert not (tmp_path / "starts").exists()


async def test_what_is_settled_elsewhere_while_its_script_is_on_the_way_is_not_started(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.lab.faults.wait("get_script", 30)
    run_id = await fleet.queue(counting(tmp_path, PASSING))

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until(lambda: fleet.lab.faults.calls["get_script"])
            await fleet.lab.report(fleet.hosts["lab_001"], run_id, "Failed")
            await until(lambda: not service.runner.active)
            left = list((tmp_path / "state" / "attempts").iterdir())

    assert vanished(logs) == [(run_id, "preparing")]
    assert left == []
    assert not (tmp_path / "starts").exists()
    assert await fleet.lab.run_status(run_id) == "Failed"


async def reload(fleet: Fleet, service: Service) -> None:
    fleet.write()
    assert await service.reload(fleet.load)


async def test_two_keys_that_change_places_take_what_waits_and_what_runs_along(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(1, first=2)
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    runs = [await fleet.queue(slow)]
    fleet.tool = {"slots": 1}

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(tmp_path / str(runs[0]))
            runs += [await fleet.queue(telling(tmp_path), host) for host in fleet.hosts]
            await until(lambda: len(service.runner.active) == 3)
            # One more is listed by a poll that is under way while the keys change.
            polls = fleet.lab.faults.calls["current_runs"]
            fleet.lab.faults.wait("current_runs", 0.5, times=4)
            await until(lambda: fleet.lab.faults.calls["current_runs"] >= polls + 2)
            runs.append(await fleet.queue(telling(tmp_path)))
            one, two = fleet.hosts["lab_001"], fleet.hosts["lab_002"]
            fleet.hosts = {"lab_001": two, "lab_002": one}
            await reload(fleet, service)
            running = {it.key: it.running + it.waiting for it in service.fleet.views()}
            polls = fleet.lab.faults.calls["current_runs"]
            await until(lambda: fleet.lab.faults.calls["current_runs"] > polls + 6)
            release.touch()
            for run in runs:
                await fleet.until_status(run, "Passed")

    assert running == {"lab_001": 1, "lab_002": 2}
    hosts = ["lab_001", "lab_002", "lab_001", "lab_002"]
    assert told(tmp_path, runs) == [f"{host} Test\n" for host in hosts]
    assert vanished(logs) == []


async def test_what_waits_is_held_while_no_key_has_its_identity_and_what_runs_goes_on(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    running = await fleet.queue(slow)

    async with fleet.running() as service:
        await until_there(tmp_path / str(running))
        waiting = await fleet.queue(telling(tmp_path))
        await until(lambda: len(service.runner.active) == 2)
        first = fleet.hosts["lab_001"]
        fleet.hosts = {"lab_001": await fleet.lab.host("OTHER")}
        await reload(fleet, service)
        held = service.intake.held
        await until(lambda: len(service.runner.active) == 1)
        release.touch()
        await fleet.until_status(running, "Passed")
        assert await fleet.lab.run_status(waiting) == "Awaiting Run"

        fleet.hosts["lab_new"] = first
        await reload(fleet, service)
        await fleet.until_status(waiting, "Passed")
        nothing = service.intake.held

    assert (held, nothing) == ({f"host lab_001 (id {first.id})"}, set())
    assert told(tmp_path, [running, waiting]) == ["lab_001 Test\n", "lab_new Test\n"]


async def test_what_waits_for_a_tool_is_chosen_anew_when_its_profile_is_renamed(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    running = await fleet.queue(slow)
    fleet.host, fleet.tool = {"limit": 2}, {"slots": 1}

    async with fleet.running() as service:
        await until_there(tmp_path / str(running))
        waiting = await fleet.queue(telling(tmp_path))
        await until(lambda: len(service.runner.active) == 2)
        profile = {"adapter": "command", "executable": fleet_runner(fleet), "grace_s": 0.5}
        fleet.tools = {"renamed": profile}
        await reload(fleet, service)
        # It does not wait for the one slot of the old profile.
        await fleet.until_status(waiting, "Passed")
        release.touch()
        await fleet.until_status(running, "Passed")
        tools = {row["run"]: row["tool"] for row in await service.recent_runs(9)}

    assert tools == {running: "quick", waiting: "renamed"}


async def test_what_waits_for_a_poll_is_held_while_its_host_is_gone_and_goes_on_with_it(
    fleet: Fleet, tmp_path: Path
) -> None:
    run_id = await fleet.queue(counting(tmp_path, PASSING))
    await claim_only(fleet, 1)
    fleet.lab.faults.answer("current_runs", 503, times=1000)

    async with fleet.running() as service:
        assert len(service.runner.active) == 1
        gone, fleet.hosts = fleet.hosts, {"lab_002": await fleet.lab.host("OTHER")}
        await reload(fleet, service)
        held = service.intake.held
        # It comes back while what was given up is on its way out, or just after.
        fleet.hosts = gone
        await reload(fleet, service)
        fleet.lab.faults.clear()
        await fleet.until_status(run_id, "Passed")

    assert held == {"host lab_001"}
    assert (tmp_path / "starts").read_text() == "x"


async def test_the_rest_of_a_run_goes_on_when_its_identity_was_gone_for_a_while(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    run_id = await fleet.queue_set([(slow, False), (telling(tmp_path), False)])

    async with fleet.running() as service:
        await until_there(tmp_path / str(run_id))
        first, fleet.hosts = fleet.hosts, {"lab_001": await fleet.lab.host("OTHER")}
        await reload(fleet, service)
        # The second item is given up, but its turn to leave comes only after the first.
        fleet.hosts = first
        await reload(fleet, service)
        release.touch()
        await fleet.until_status(run_id, "Passed")

    assert told(tmp_path, [run_id]) == ["lab_001 T1\nlab_001 T2\n"]


async def test_what_was_given_up_waits_if_its_identity_is_gone_again_by_the_time_it_is_let_go(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    run_id = await fleet.queue_set([(slow, False), (telling(tmp_path), False)])
    first = fleet.hosts["lab_001"]
    gone = {"lab_001": await fleet.lab.host("OTHER")}

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(tmp_path / str(run_id))
            for hosts in (gone, {"lab_001": first}, gone):
                fleet.hosts = hosts
                await reload(fleet, service)
            release.touch()
            await until(lambda: not service.runner.active)
            polls = fleet.lab.faults.calls["current_runs"]
            await until(lambda: fleet.lab.faults.calls["current_runs"] > polls + 3)
            waits = [row["host"] for row in await service.recent_runs(9) if not row["verdict"]]
            fleet.hosts = {"lab_new": first}
            await reload(fleet, service)
            await fleet.until_status(run_id, "Passed")

    assert waits == [f"lab_001 (id {first.id})"]
    assert vanished(logs) == []
    assert told(tmp_path, [run_id]) == ["lab_001 T1\nlab_new T2\n"]


async def test_what_a_poll_brings_for_a_key_that_gets_another_identity_meanwhile_is_left_alone(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(1, first=2)
    async with fleet.running() as service, anyio.create_task_group() as group:
        polls = fleet.lab.faults.calls["current_runs"]
        fleet.lab.faults.wait("current_runs", 1, times=2)
        await until(lambda: fleet.lab.faults.calls["current_runs"] == polls + 2)
        run_id = await fleet.queue(telling(tmp_path))
        asked, began_at = dict(service.poller.hosts), time.time()
        # The reload waits for the journal, and the polls that come home wait for the reload.
        with closing(sqlite3.connect(tmp_path / "state" / "journal.db")) as journal:
            journal.execute("BEGIN IMMEDIATE")
            fleet.hosts = dict(zip(fleet.hosts, reversed(fleet.hosts.values()), strict=True))
            group.start_soon(reload, fleet, service)
            await until(lambda: min(one.last_poll_at for one in asked.values()) > began_at)
        await fleet.until_status(run_id, "Passed")

    assert told(tmp_path, [run_id]) == ["lab_002 Test\n"]


@pytest.mark.parametrize("end", ["given up", "taken"])
async def test_what_is_given_up_or_anothers_by_the_time_it_is_laid_ready_is_not_started(
    fleet: Fleet, tmp_path: Path, end: str
) -> None:
    run_id = await fleet.queue(tool(PASSING))
    fleet.write()
    async with open_service(fleet.load(), fleet.locks) as service:
        find, met = service.fleet.client_of, []

        def client_of(host: str) -> HostClient | None:
            if not any((tmp_path / "state" / "attempts").glob("*/script/tool.py")):
                return find(host)
            met.append(host)
            if end == "taken":
                return None
            service.runner.drain()
            return find(host)

        service.fleet.client_of = client_of  # type: ignore[method-assign] # to see who asks when
        async with anyio.create_task_group() as group:
            await group.start(service.run)
            await until(lambda: met)
            service.stop()
        [row] = await service.recent_runs(9)

    assert (row["run"], row["state"], row["attempt"]) == (run_id, "claimed", 0)


async def test_what_a_run_that_goes_on_leaves_out_is_not_waited_for_by_the_next_process(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    slow = telling(tmp_path, WAITS.format(release=str(release)) + PASSING)
    run_id = await fleet.queue_set([(slow, False), (telling(tmp_path), False)], sequential=False)
    await claim_only(fleet, 2)
    change(fleet, "DELETE FROM run_items WHERE run_id = ? AND sequence_number = 2", run_id)

    with capture_logs() as logs:
        async with fleet.running():
            await until_there(tmp_path / str(run_id))
            await until(lambda: vanished(logs))
            release.touch()
            await fleet.until_status(run_id, "Passed")

    assert [line["item"] for line in logs if line["event"] == "run.vanished"] == [2]
    assert told(tmp_path, [run_id]) == ["lab_001 T1\n"]
