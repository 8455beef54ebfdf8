"""What an operator tells a running labfleet, and who may."""

import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from orchestrator.settings import load
from orchestrator.settings.sections import WebSettings
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_cli import LABFLEET, labfleet
from tests.test_recovery import WAITS, process, until_matched, until_there
from tests.test_web import watched

TOKEN = "a-token-for-commands-1234"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - that is what is refused
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def at(fleet: Fleet, free_port: int) -> str:
    """The address that the fleet's labfleet will listen at."""
    fleet.write()
    text = fleet.file.read_text("utf-8").replace("port = 0", f"port = {free_port}")
    fleet.file.write_text(text, encoding="utf-8")
    fleet.write = lambda: fleet.file  # type: ignore[method-assign] # the file stays as it is
    return f"http://127.0.0.1:{free_port}"


def change(fleet: Fleet, old: str, new: str) -> None:
    text = fleet.file.read_text("utf-8")
    assert old in text
    fleet.file.write_text(text.replace(old, new), encoding="utf-8")


@asynccontextmanager
async def at_work(fleet: Fleet, url: str, **environ: str) -> AsyncIterator[Any]:
    """A labfleet in a process of its own, that answers."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        with process(fleet) as started, anyio.fail_after(LIMIT_S):
            await until_up(url)
            yield started
    finally:
        os.environ.clear()
        os.environ.update(before)


async def until_up(url: str) -> None:
    async with ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return
            except OSError:
                pass
            await anyio.sleep(0.05)


async def post(
    url: str, command: str, headers: Mapping[str, str] = JSON, body: bytes | None = b"{}"
) -> tuple[int, Any]:
    async with (
        ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.post(f"{url}/-/{command}", headers=headers, data=body) as response,
    ):
        return response.status, await response.json(content_type=None)


async def test_a_paused_host_takes_nothing_until_it_is_resumed_also_after_a_restart(
    fleet: Fleet,
) -> None:
    async with watched(fleet) as (_, url, session):
        paused = await labfleet("pause", "lab_001", "--url", url)
        run_id = await fleet.queue(tool(PASSING))
        async with session.get(f"{url}/metrics") as response:
            metrics = (await response.text()).splitlines()
        async with session.get(f"{url}/api/status") as response:
            closed = (await response.json())["admission_closed"]

    with capture_logs() as logs:
        async with watched(fleet) as (service, url, _):
            (before,) = [view.state for view in service.fleet.views()]
            calls = fleet.lab.faults.calls["current_runs"]
            await anyio.sleep(0.5)  # five intervals
            waiting = await fleet.lab.run_status(run_id)
            polled = fleet.lab.faults.calls["current_runs"]
            # As the last call of anybody has found it.
            service._circuit.away = True
            status = await labfleet("status", "--url", url)
            resumed = await labfleet("resume", "lab_001", "--url", url)
            await fleet.until_status(run_id, "Passed")

    assert (paused.returncode, paused.stdout) == (0, "lab_001 is paused; 0 running, 0 waiting\n")
    assert 'labfleet_hosts{state="paused"} 1.0' in metrics
    assert 'labfleet_admission_closed{reason="paused"} 1.0' in metrics
    assert closed == {"paused": "every host is paused"}
    assert [
        (line["event"], line.get("remembered"))
        for line in logs
        if line["event"] in {"host.paused", "host.resumed"}
    ] == [("host.paused", True), ("host.resumed", None)]
    assert "no new runs are asked for  every host is paused" in status.stdout
    assert "is away: one call at a time asks for it" in status.stdout
    assert not [line for line in metrics if line.startswith("labfleet_host_last_poll")]
    assert (before, waiting, polled) == ("paused", "Awaiting Run", calls)
    assert resumed.stdout == "lab_001 is backing_off: the server is away\n"


async def test_what_a_paused_host_has_already_goes_on_to_its_end(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    script = f"    Path({str(tmp_path / 'starts')!r}).touch()\n" + WAITS.format(
        release=str(release)
    )
    run_id, second = [await fleet.queue(tool(script + PASSING)) for _ in range(2)]

    async with watched(fleet) as (service, at, _):
        await until_there(tmp_path / "starts")
        with anyio.fail_after(LIMIT_S):
            while len(service.runner.active) < 2:
                await anyio.sleep(0.02)
        status, answer = await post(at, "pause", body=b'{"host": "lab_001"}')
        (view,) = service.fleet.views()
        release.touch()
        await fleet.until_status(run_id, "Passed")
        await fleet.until_status(second, "Passed")

    assert (status, answer["state"], answer["running"], answer["waiting"]) == (200, "paused", 1, 1)
    assert (view.running, view.waiting) == (1, 1)


async def test_what_is_left_to_the_guards_is_counted_and_runs_says_what_became_of_it(
    fleet: Fleet, tmp_path: Path
) -> None:
    release, starts = tmp_path / "release", tmp_path / "starts"
    waits = f"    Path({str(starts)!r}).touch()\n" + WAITS.format(release=str(release))
    for _ in range(2):
        await fleet.queue(tool(waits + PASSING))

    async def words() -> list[str]:
        done = await labfleet("runs", "-c", fleet.file, "--json")
        return [row["phase"] for row in json.loads(done.stdout)]

    with capture_logs() as logs:
        async with fleet.running() as service:
            await until_there(starts)
            while len(service.runner.active) < 2:
                await anyio.sleep(0.02)
            fleet.end_tools = lambda: None  # type: ignore[method-assign] # they go on, this once
            service.stop()
            await anyio.wait_all_tasks_blocked()
    try:
        living = await words()
    finally:
        release.touch()
    await until_matched(fleet.folder / "state" / "attempts", "*/exit.json")
    for guard in service._executor._guards.values():
        await anyio.to_thread.run_sync(guard.wait)
    ended = await words()
    for verdict in (fleet.folder / "state" / "attempts").glob("*/exit.json"):
        verdict.unlink()

    counts = {
        line["event"]: (line.get("running"), line.get("waiting"), line.get("left_running"))
        for line in logs
        if line["event"].startswith("service.")
    }
    assert counts["service.draining"] == (1, 1, None)
    assert counts["service.stopped"] == (None, None, 1)
    assert (living, ended) == (["waiting", "running"], ["waiting", "ended"])
    assert await words() == ["waiting", "gone"]


async def test_a_host_that_is_refused_can_be_paused_and_says_both(fleet: Fleet) -> None:
    fleet.hosts.clear()
    fleet.unregistered = {"lab_001": "LAB-NEW"}
    async with watched(fleet) as (_, at, _):
        done = await labfleet("pause", "lab_001", "--url", at)

    assert done.stdout.startswith("lab_001 is refused and paused: it has no id and token yet")


async def test_a_host_that_nobody_has_is_told_with_the_one_that_may_be_meant(
    fleet: Fleet,
) -> None:
    async with watched(fleet) as (_, at, _):
        done = await labfleet("pause", "lab_01", "--url", at)

    assert done.returncode == 1
    assert done.stderr == (
        "labfleet: it refuses: no host lab_01 in the settings; did you mean lab_001?\n"
    )


async def test_a_reload_by_command_brings_the_new_hosts_or_says_what_is_wrong(
    fleet: Fleet,
) -> None:
    async with watched(fleet) as (service, url, _):
        no_file = await post(url, "reload", headers={}, body=None)
        service.reloading.source = fleet.load
        await fleet.add_hosts(1, first=2)
        fleet.write()
        good = await post(url, "reload", headers={}, body=None)
        await fleet.until_status(await fleet.queue(tool(PASSING), host="lab_002"), "Passed")
        change(fleet, 'tools = ["quick"]', 'tools = ["nothing"]')
        bad = await labfleet("reload", "--url", url)

    assert no_file == (409, {"error": "it was not started from a file"})
    assert good == (200, {"hosts": 2})
    assert bad.returncode == 1
    assert "no table [tools.nothing]" in bad.stderr
    assert fleet.hosts["lab_002"].token not in bad.stderr


async def test_drain_lets_running_tools_end_takes_no_more_and_ends_with_0(
    fleet: Fleet, at: str, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    script = f"    Path({str(tmp_path / 'starts')!r}).touch()\n" + WAITS.format(
        release=str(release)
    )
    first = await fleet.queue(tool(script + PASSING))

    change(fleet, "drain_s = 5", "drain_s = 60")
    async with at_work(fleet, at) as started:
        await until_there(tmp_path / "starts")
        done = await labfleet("drain", "--url", at)
        second = await fleet.queue(tool(PASSING))
        # Once more is no second signal.
        again = await post(at, "drain")
        refused = await post(at, "pause", body=b'{"host": "lab_001"}')
        release.touch()
        code = await anyio.to_thread.run_sync(started.wait)

    assert (done.returncode, again[0], code) == (0, 200, 0)
    assert done.stdout == "it drains: 1 running, 0 waiting, 0 reports owed\n"
    assert refused[0] == 409
    assert await fleet.lab.run_status(first) == "Passed"
    assert await fleet.lab.run_status(second) == "Awaiting Run"


async def test_tail_tells_each_change_and_ends_cleanly_by_ctrl_c(
    fleet: Fleet, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    run_id = await fleet.queue(tool(WAITS.format(release=str(release)) + PASSING))
    async with watched(fleet) as (_, at, _):
        command = [*LABFLEET, "tail", "--url", at, "--json"]
        async with await anyio.open_process(command, stderr=None) as tail:
            assert tail.stdout is not None
            said = b""
            while b'"running"' not in said:
                said += await tail.stdout.receive()
            release.touch()
            while b'"Passed"' not in said:
                said += await tail.stdout.receive()
            tail.send_signal(signal.SIGINT)
            code = await tail.wait()
    rows = [json.loads(line) for line in said.decode().splitlines()]

    assert code == 0
    assert {(row["run"], row["item"]) for row in rows} == {(run_id, 1)}
    assert [row["verdict"] for row in rows if row["verdict"]][-1] == "Passed"


async def test_tail_ends_with_1_when_the_labfleet_does(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(PASSING))
    async with watched(fleet) as (service, at, _):
        await fleet.until_status(run_id, "Passed")
        async with await anyio.open_process([*LABFLEET, "tail", "--url", at]) as tail:
            assert tail.stdout is not None
            line = (await tail.stdout.receive()).decode()
            service.stop()
            code = await tail.wait()

    assert f"{run_id}/1  lab_001  quick" in line
    assert code == 1


BROWSERS = [
    {"Origin": "https://evil.example.com"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    # After a name that was made to point to this machine, all is of the same origin.
    {"Origin": "http://evil.example.com:9464", "Sec-Fetch-Site": "same-origin"},
]


async def test_no_page_in_a_browser_gives_commands(fleet: Fleet) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain = {"Content-Type": "text/plain"}
    async with watched(fleet) as (service, at, session):
        refused = [await post(at, "drain", headers=JSON | extra) for extra in BROWSERS]
        forms = [await post(at, "drain", headers=kind) for kind in (form, plain, {})]
        empty = await post(at, "drain", headers=form, body=None)
        async with session.get(f"{at}/-/drain") as response:
            read = response.status
        async with session.options(f"{at}/-/drain", headers=BROWSERS[0]) as response:
            asked = response.status
        assert not service.draining

    assert [status for status, _ in refused] == [403] * 4
    assert [status for status, _ in [*forms, empty]] == [415] * 4
    assert (read, asked) == (405, 405)


async def test_a_token_that_is_set_has_to_be_shown_and_is_never_shown(
    fleet: Fleet, at: str, tmp_path: Path
) -> None:
    (tmp_path / "admin").write_text(TOKEN)
    change(fleet, "[web]", '[web]\nadmin_token_file = "admin"')
    wrong = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}x"},
             {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer \udcff"}]  # fmt: skip
    async with at_work(fleet, at):
        refused = [(await post(at, "reload", headers=JSON | one))[0] for one in wrong]
        without = await labfleet("reload", "--url", at)
        with_file = await labfleet("reload", "-c", fleet.file)
        with_variable = await labfleet("reload", "--url", at, LABFLEET_WEB__ADMIN_TOKEN=TOKEN)
        async with ClientSession() as session, session.get(f"{at}/api/hosts") as response:
            assert response.status == 200

    assert refused == [401] * 5
    assert (without.returncode, with_file.returncode, with_variable.returncode) == (1, 0, 0)
    assert "LABFLEET_WEB__ADMIN_TOKEN" in without.stderr
    log = (fleet.folder / "labfleet.log").read_text("utf-8")
    assert log.count('"command.refused"') == 6
    assert log.count('"command.given"') == 2
    assert TOKEN not in log


async def test_where_the_network_can_reach_it_commands_need_a_token(fleet: Fleet) -> None:
    environ = {"LABFLEET_WEB__HOST": EVERYWHERE}
    fleet.load = lambda: load(fleet.file, environ)  # type: ignore[method-assign]
    async with watched(fleet) as (service, at, _):
        open_to_all = await post(at, "drain")
        assert not service.draining
    environ["LABFLEET_WEB__ADMIN_TOKEN"] = TOKEN
    async with watched(fleet) as (_, at, _):
        without = await post(at, "redeliver")
        shown = await post(at, "redeliver", JSON | {"Authorization": f"Bearer {TOKEN}"})

    assert open_to_all == (
        403, {"error": "web.host is not on loopback: commands need a web.admin_token"}
    )  # fmt: skip
    assert (without[0], shown[0]) == (401, 200)


@pytest.mark.parametrize(
    ("host", "there"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     (EVERYWHERE, False), ("::", False), ("10.0.0.1", False), ("lab.example.com", False)],
)  # fmt: skip
def test_only_what_is_surely_this_machine_counts_as_loopback(host: str, there: bool) -> None:
    assert WebSettings(host=host).on_loopback is there


BAD_BODIES = [
    b"{", b"[]", b"1", b"[" * 9000, b'{"host": 1}', b'{"host": ""}', b'{"host": "a", "b": 1}',
    b"{}",
]  # fmt: skip


async def test_arguments_that_make_no_sense_are_refused_and_change_nothing(
    fleet: Fleet,
) -> None:
    async with watched(fleet) as (service, at, _):
        pauses = [(await post(at, "pause", body=body))[0] for body in BAD_BODIES]
        long = await post(at, "pause", body=b" " * 20_000)
        redeliveries = [
            (await post(at, "redeliver", body=body))[0]
            for body in (b'{"run": "1"}', b'{"run": true}', b'{"run": 1.5}', b'{"item": 1}')
        ]
        (state,) = [view.state for view in service.fleet.views()]

    assert pauses == [400] * len(BAD_BODIES)
    assert long[0] == 413
    assert redeliveries == [400, 400, 400, 409]
    assert state == "polling"
