"""Several labfleets with one token, and one run in several lists: it is run once."""

import shutil
import signal
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession, encode_basic_auth, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from orchestrator import control
from orchestrator.identity import Identities
from orchestrator.owner import living, owner_of
from orchestrator.service import Service, open_service
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.standin.lab import Host
from tests.test_identity_notes import hold
from tests.test_recovery import WAITS, counting, process, until_ended, until_there


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """Which ids were wanted, look after look; it is looked often."""
    wanted, hold = list[set[int]](), Identities.hold

    def noted(self: Identities, host_ids: Collection[int]) -> None:
        assert threading.current_thread() is not threading.main_thread(), "the loop stands still"
        hold(self, host_ids)
        wanted.append(set(host_ids))

    monkeypatch.setattr(control, "LOOK_S", 0.1)
    monkeypatch.setattr(Identities, "hold", noted)
    return wanted


async def more(looks: list[set[int]], of: Host) -> None:
    """Wait until *of* was wanted five times more."""
    before = len(looks)
    with anyio.fail_after(LIMIT_S):
        while sum(of.id in wanted for wanted in looks[before:]) < 5:
            await anyio.sleep(0.02)


def second(fleet: Fleet, name: str = "second") -> Fleet:
    """Another labfleet, with the same hosts and locks, and a state directory of its own."""
    folder = fleet.folder / name
    folder.mkdir(exist_ok=True)
    return replace(fleet, folder=folder, hosts=dict(fleet.hosts))


@asynccontextmanager
async def at_work(fleet: Fleet) -> AsyncIterator[Service]:
    fleet.write()
    async with (
        open_service(fleet.load(), fleet.locks) as service,
        anyio.create_task_group() as group,
    ):
        await group.start(service.run)
        with anyio.fail_after(LIMIT_S):
            yield service
            service.stop()


async def test_the_second_labfleet_refuses_and_takes_over_when_the_first_is_gone(
    fleet: Fleet,
) -> None:
    other = second(fleet)
    await fleet.add_hosts(1, first=2)
    alone = fleet.hosts.pop("lab_002")
    other.hosts = dict(fleet.hosts) | {"lab_002": alone}
    with capture_logs() as logs:
        async with at_work(fleet), at_work(other) as refused:
            first_run = await fleet.queue(counting(fleet.folder, PASSING))
            second_run = await other.queue(tool(PASSING), host="lab_002")
            await fleet.until_status(first_run, "Passed")
            await fleet.until_status(second_run, "Passed")
            views = {view.key: view for view in refused.fleet.views()}
            taken = [row["run"] for row in await refused.recent_runs(10)]
        async with at_work(other) as alone_now:
            third_run = await fleet.queue(counting(fleet.folder, PASSING))
            await fleet.until_status(third_run, "Passed")
            after = {view.key: view.state for view in alone_now.fleet.views()}

    assert (views["lab_001"].state, views["lab_002"].state) == ("refused", "polling")
    assert "another labfleet here has this identity" in views["lab_001"].error
    assert taken == [second_run]
    assert after == {"lab_001": "polling", "lab_002": "polling"}
    assert (fleet.folder / "starts").read_text() == "xx"
    told = [line for line in logs if line["event"] == "host.refused"]
    assert [line["host"] for line in told] == ["lab_001"]


async def test_a_killed_owner_is_followed_while_the_second_labfleet_waits(fleet: Fleet) -> None:
    fleet.locks = None
    other = second(fleet)
    with process(fleet) as first:
        run_id = await fleet.queue(tool(PASSING))
        await until_ended(fleet, run_id, "Passed")
        async with at_work(other) as waiting:
            assert [view.state for view in waiting.fleet.views()] == ["refused"]
            first.kill()
            run_id = await fleet.queue(tool(PASSING))
            await fleet.until_status(run_id, "Passed")
            assert [row["run"] for row in await waiting.recent_runs(10)] == [run_id]


async def test_while_a_killed_owners_tool_may_live_its_run_is_not_started_again(
    fleet: Fleet, tmp_path: Path, looks: list[set[int]]
) -> None:
    fleet.locks = None
    release = tmp_path / "release"
    run_id = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))
    other = second(fleet)
    with process(fleet):
        await until_there(tmp_path / "starts")

    async with at_work(other) as waiting:
        await more(looks, of=fleet.hosts["lab_001"])
        (view,) = waiting.fleet.views()
        assert view.state == "refused"
        assert f"{fleet.folder / 'state'} has runs of this identity" in view.error
        release.touch()
        with process(fleet):
            await until_ended(fleet, run_id, "Passed")
            await until_delivered(fleet)
        while [view.state for view in waiting.fleet.views()] != ["polling"]:
            await anyio.sleep(0.05)

    assert (tmp_path / "starts").read_text() == "x"


ALONE = """
    import fcntl
    lock = open({lock!r}, "a")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
"""Fails, and so leaves no result, while another copy of the tool lives."""


@pytest.mark.parametrize("name", ["", "second"])
async def test_a_tool_whose_state_dir_was_removed_has_ended_before_its_run_is_started_again(
    fleet: Fleet, tmp_path: Path, name: str, looks: list[set[int]]
) -> None:
    """Started anew there, labfleet ends it; elsewhere, labfleet waits for its end."""
    fleet.locks = None
    release, state = tmp_path / "release", fleet.folder / "state"
    code = ALONE.format(lock=str(tmp_path / "lock")) + WAITS.format(release=str(release))
    run_id = await fleet.queue(counting(tmp_path, code + PASSING))
    with process(fleet):
        await until_there(tmp_path / "starts")
    shutil.rmtree(state)

    async with at_work(second(fleet, name) if name else fleet) as heir:
        if name:
            await more(looks, of=fleet.hosts["lab_001"])
            (view,) = heir.fleet.views()
            assert (view.state, "is gone, but a tool of it is alive" in view.error) == (
                "refused",
                True,
            )
            assert (tmp_path / "starts").read_text() == "x"
            for left in living(owner_of(state)):
                left.send(signal.SIGKILL)
        with anyio.fail_after(LIMIT_S):
            while (tmp_path / "starts").read_text() == "x":
                await anyio.sleep(0.02)
        release.touch()
        await fleet.until_status(run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "xx"


async def test_a_host_that_another_labfleet_took_is_shown_and_nothing_of_it_is_started(
    fleet: Fleet, tmp_path: Path
) -> None:
    assert fleet.locks
    fleet.tool = {"slots": 1}
    release = tmp_path / "release"
    await fleet.add_hosts(1, first=2)
    blocking = f"    Path({str(tmp_path / 'blocking')!r}).touch()\n"
    blocking += WAITS.format(release=str(release))
    async with at_work(fleet) as robbed:
        await fleet.queue(tool(blocking + PASSING), host="lab_002")
        await until_there(tmp_path / "blocking")
        run_id = await fleet.queue(counting(tmp_path, PASSING))
        while len(robbed.runner.active) < 2:
            await anyio.sleep(0.02)
        for path in fleet.locks.iterdir():
            path.unlink()
        url = fleet.load().server.service_url
        with Identities(url, tmp_path / "another", fleet.locks) as another:
            assert await anyio.to_thread.run_sync(hold, another, fleet.hosts["lab_001"].id) == ""
            while robbed.fleet.view("lab_001").state != "refused":
                await anyio.sleep(0.02)
            assert "another labfleet here" in robbed.fleet.view("lab_001").error
            # What waited is given up at once, and does not try when its slot is free.
            while len(robbed.runner.active) > 1:
                await anyio.sleep(0.02)
            release.touch()
            later = await fleet.queue(tool(PASSING), host="lab_002")
            await fleet.until_status(later, "Passed")
            assert await fleet.lab.run_status(run_id) == "Awaiting Run"
            assert [row["state"] for row in await robbed.recent_runs(9) if row["run"] == run_id]
            assert not (tmp_path / "starts").exists()
        await fleet.until_status(run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


async def until_delivered(fleet: Fleet) -> None:
    with anyio.fail_after(LIMIT_S):
        while b'"delivery.done"' not in (fleet.folder / "labfleet.log").read_bytes():
            await anyio.sleep(0.05)


async def test_a_host_that_moves_to_another_labfleet_is_let_go_once_its_runs_are_settled(
    fleet: Fleet, tmp_path: Path, looks: list[set[int]]
) -> None:
    release = tmp_path / "release"
    run_id = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))
    other = second(fleet)
    await fleet.add_hosts(1, first=2)
    async with at_work(fleet) as first:
        await until_there(tmp_path / "starts")
        del fleet.hosts["lab_001"]
        fleet.write()
        assert await first.reload(fleet.load)
        async with at_work(other) as heir:
            await more(looks, of=other.hosts["lab_001"])
            assert [view.state for view in heir.fleet.views()] == ["refused"]
            release.touch()
            while [view.state for view in heir.fleet.views()] != ["polling"]:
                await anyio.sleep(0.05)
            assert await heir.recent_runs(10) == []
            assert await fleet.lab.run_status(run_id) == "Passed"

    assert (tmp_path / "starts").read_text() == "x"


async def test_a_host_that_moves_is_not_let_go_while_a_run_of_it_only_waits(
    fleet: Fleet, tmp_path: Path, looks: list[set[int]]
) -> None:
    fleet.tool = {"slots": 1}
    release = tmp_path / "release"
    other = second(fleet)
    await fleet.add_hosts(1, first=2)
    blocking = f"    Path({str(tmp_path / 'blocking')!r}).touch()\n"
    blocking += WAITS.format(release=str(release))
    async with at_work(fleet) as first:
        await fleet.queue(tool(blocking + PASSING), host="lab_002")
        await until_there(tmp_path / "blocking")
        run_id = await fleet.queue(counting(tmp_path, PASSING))
        while len(first.runner.active) < 2:
            await anyio.sleep(0.02)
        del fleet.hosts["lab_001"]
        fleet.write()
        assert await first.reload(fleet.load)
        async with at_work(other) as heir:
            await more(looks, of=other.hosts["lab_001"])
            assert [view.state for view in heir.fleet.views()] == ["refused"]
            release.touch()
            await fleet.until_status(run_id, "Passed")

    assert (tmp_path / "starts").read_text() == "x"


async def test_a_renamed_key_goes_on_with_what_it_had_and_reports_it(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    run_id = await fleet.queue(counting(tmp_path, WAITS.format(release=str(release)) + PASSING))
    with process(fleet):
        await until_there(tmp_path / "starts")
    fleet.hosts = {"renamed": fleet.hosts["lab_001"]}
    release.touch()

    (row,) = await fleet.work_off()

    assert await fleet.lab.run_status(run_id) == "Passed"
    assert (row["host"], row["attempt"]) == ("renamed", 1)
    assert (tmp_path / "starts").read_text() == "x"


async def test_an_old_verdict_is_not_sent_by_another_identity_that_has_the_key_now(
    fleet: Fleet,
) -> None:
    run_id = await fleet.queue(tool(PASSING))
    fleet.lab.faults.answer("update_item", 503, times=1000)
    with process(fleet):
        with anyio.fail_after(LIMIT_S):
            while not fleet.lab.faults.calls["update_item"]:
                await anyio.sleep(0.02)
    fleet.lab.faults.clear()
    first = fleet.hosts["lab_001"]
    fleet.hosts["lab_001"] = await fleet.lab.host("ANOTHER")

    (kept,) = await fleet.work_off()
    assert (kept["host"], kept["state"]) == (f"lab_001 (id {first.id})", "finished")
    assert await fleet.lab.run_status(run_id) == "Awaiting Run"
    fleet.hosts["lab_back"] = first
    await fleet.work_off()

    assert await fleet.lab.run_status(run_id) == "Passed"


class Twice:
    """A server that lists host 1's runs to host 2 as well, and each of them two times."""

    def __init__(self, fleet: Fleet, alias: Host, session: ClientSession) -> None:
        self.owner, self.alias = fleet.hosts["lab_001"], alias
        self.base = fleet.lab.url.rstrip("/")
        self.session = session

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path_qs.replace(f"/hosts/{self.alias.id}/", f"/hosts/{self.owner.id}/")
        headers = {"Authorization": encode_basic_auth(str(self.owner.id), self.owner.token)}
        headers |= {"Content-Type": request.headers.get("Content-Type", "application/json")}
        async with self.session.request(
            request.method, self.base + path, headers=headers, data=await request.read()
        ) as response:
            if not path.split("?")[0].endswith("/currentruns") or response.status != 200:
                body, kind = await response.read(), response.content_type
                return web.Response(status=response.status, body=body, content_type=kind)
            document = await response.json()
        document["results"] = [run for run in document["results"] for _ in range(2)]
        return web.json_response(document)


async def test_a_run_that_is_listed_twice_and_on_two_hosts_is_run_once(fleet: Fleet) -> None:
    await fleet.add_hosts(1, first=2)
    runs = [await fleet.queue(counting(fleet.folder, PASSING)) for _ in range(5)]
    async with ClientSession() as session:
        twice = Twice(fleet, fleet.hosts["lab_002"], session)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", twice.answer)
        async with TestServer(app) as server:
            fleet.url = str(server.make_url("/"))
            rows = await fleet.work_off()

    assert (fleet.folder / "starts").read_text() == "x" * 5
    assert [await fleet.lab.run_status(run) for run in runs] == ["Passed"] * 5
    assert sorted(row["run"] for row in rows) == runs
    assert {row["attempt"] for row in rows} == {1}
    assert fleet.lab.faults.calls["update_item"] == 5
