"""The fleet is scaled by its file: SIGHUP, and nothing that runs notices."""

import signal
from pathlib import Path

import anyio
from structlog.testing import capture_logs

from tests.attempts import alive
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_recovery import WAITS, process, until_ended, until_there


async def test_from_5_to_50_hosts_and_back_while_tools_run_undisturbed(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(4, first=2)
    fleet.tool = {"slots": 6}
    release = tmp_path / "release"
    script = tool(f"    Path({str(tmp_path)!r}, os.environ['LABFLEET_HOST']).touch()\n"
                  + WAITS.format(release=str(release)) + PASSING)  # fmt: skip
    runs = [await fleet.queue(script, host=f"lab_{n:03}") for n in range(1, 6)]

    async with fleet.running() as service:
        for number in range(1, 6):
            await until_there(tmp_path / f"lab_{number:03}")
        running = {one.claim.id: one.claim.attempt_name for one in service.runner.active.values()}

        five = dict(fleet.hosts)
        await fleet.add_hosts(45, first=6)
        fleet.write()
        assert await service.reload(fleet.load)
        new_run = await fleet.queue(tool(PASSING), host="lab_050")
        await fleet.until_status(new_run, "Passed")
        assert len(service.fleet.views()) == 50

        fleet.hosts = five
        fleet.write()
        assert await service.reload(fleet.load)
        assert len(service.fleet.views()) == 5
        assert {
            one.claim.id: one.claim.attempt_name for one in service.runner.active.values()
        } == running

        release.touch()
        for run_id in runs:
            await fleet.until_status(run_id, "Passed")


async def test_a_host_that_left_drains_its_run_is_reported_and_it_is_polled_no_more(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(1, first=2)
    release = tmp_path / "release"
    wait = f"    Path({str(tmp_path / 'starts')!r}).touch()\n" + WAITS.format(release=str(release))
    run_id = await fleet.queue(tool(wait + PASSING), host="lab_002")

    async with fleet.running() as service:
        await until_there(tmp_path / "starts")
        del fleet.hosts["lab_002"]
        fleet.write()
        await service.reload(fleet.load)
        states = {view.key: view.state for view in service.fleet.views()}
        release.touch()
        await fleet.until_status(run_id, "Passed")
        while len(service.fleet.views()) > 1:
            await anyio.sleep(0.02)

    assert states == {"lab_001": "polling", "lab_002": "draining"}


async def test_more_slots_start_what_waits_at_once(fleet: Fleet, tmp_path: Path) -> None:
    fleet.tool, fleet.host = {"slots": 1}, {"limit": 2}
    release = tmp_path / "release"
    script = f"    Path({str(tmp_path)!r}, os.environ['LABFLEET_RUN_ID']).touch()\n"
    script += WAITS.format(release=str(release)) + PASSING
    first, second = await fleet.queue(tool(script)), await fleet.queue(tool(script))

    async with fleet.running() as service:
        await until_there(tmp_path / str(first))
        while service._pools.figures()[1].waiting < 1:
            await anyio.sleep(0.02)
        assert not (tmp_path / str(second)).exists()
        fleet.tool = {"slots": 2}
        fleet.write()
        await service.reload(fleet.load)
        await until_there(tmp_path / str(second))
        release.touch()
        await fleet.until_status(second, "Passed")


async def test_invalid_settings_keep_the_last_good_ones_and_say_why(fleet: Fleet) -> None:
    async with fleet.running() as service:
        fleet.file.write_text("[hosts.lab_001\n", encoding="utf-8")
        with capture_logs() as logs:
            accepted = await service.reload(fleet.load)
        run_id = await fleet.queue(tool(PASSING))
        await fleet.until_status(run_id, "Passed")
        failed = service.metrics.registry.get_sample_value("labfleet_config_last_reload_successful")

    assert not accepted
    assert failed == 0
    (refused,) = [line for line in logs if line["event"] == "service.reload_refused"]
    assert "labfleet.toml:1" in refused["error"]


async def test_what_needs_a_restart_is_refused_with_that_word(fleet: Fleet) -> None:
    async with fleet.running() as service:
        fleet.url = "http://127.0.0.1:1"
        fleet.write()
        with capture_logs() as logs:
            assert not await service.reload(fleet.load)

    assert any("needs a restart" in str(line.get("error")) for line in logs)


async def test_a_host_that_is_registered_later_is_taken_up_by_a_reload(fleet: Fleet) -> None:
    await fleet.add_hosts(1, first=2)
    waiting = fleet.hosts["lab_002"]
    run_id = await fleet.queue(tool(PASSING), host="lab_002")

    async with fleet.running() as service:
        fleet.write()
        text = fleet.file.read_text("utf-8")
        fleet.file.write_text(
            text.replace(f"id = {waiting.id}\n", "").replace(f'token = "{waiting.token}"\n', ""),
            encoding="utf-8",
        )
        await service.reload(fleet.load)
        before = {view.key: view.state for view in service.fleet.views()}
        await service._journal.save_credentials("lab_002", waiting.id, waiting.token)
        await service.reload(fleet.load)
        await fleet.until_status(run_id, "Passed")

    assert before["lab_002"] == "refused"


async def test_sighup_reads_the_file_again(fleet: Fleet) -> None:
    with process(fleet) as labfleet:
        first = await fleet.queue(tool(PASSING))
        await until_ended(fleet, first, "Passed")
        await fleet.add_hosts(1, first=2)
        fleet.write()
        labfleet.send_signal(signal.SIGHUP)
        second = await fleet.queue(tool(PASSING), host="lab_002")
        await until_ended(fleet, second, "Passed")
        assert labfleet.poll() is None


async def test_a_file_that_no_reader_can_read_is_refused_like_any_faulty_one(
    fleet: Fleet,
) -> None:
    async with fleet.running() as service:
        for text in ("a = " + "[" * 5000 + "]" * 5000, "a = " + "9" * 5000, "a." * 5000 + "b = 1"):
            fleet.file.write_text(text, encoding="utf-8")
            assert not await service.reload(fleet.load)
        run_id = await fleet.queue(tool(PASSING))
        await fleet.until_status(run_id, "Passed")


async def test_sighup_takes_a_process_from_5_hosts_to_50_and_back_under_running_tools(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(4, first=2)
    fleet.tool = {"slots": 6}
    release, starts = tmp_path / "release", tmp_path / "starts"
    script = tool(f"    open({str(starts)!r}, 'a').write('x')\n"
                  + WAITS.format(release=str(release)) + PASSING)  # fmt: skip
    runs = [await fleet.queue(script, host=f"lab_{n:03}") for n in range(1, 6)]

    with process(fleet) as labfleet, anyio.fail_after(LIMIT_S):
        while not starts.exists() or starts.read_text() != "xxxxx":
            await anyio.sleep(0.02)
        tools = alive(str(tmp_path / "state"))
        five = dict(fleet.hosts)
        await fleet.add_hosts(45, first=6)
        fleet.write()
        labfleet.send_signal(signal.SIGHUP)
        await fleet.until_status(await fleet.queue(tool(PASSING), host="lab_050"), "Passed")
        fleet.hosts = five
        fleet.write()
        labfleet.send_signal(signal.SIGHUP)
        while (fleet.folder / "labfleet.log").read_bytes().count(b'"host.removed"') < 45:
            await anyio.sleep(0.02)
        assert alive(str(tmp_path / "state")) == tools
        release.touch()
        for run_id in runs:
            await fleet.until_status(run_id, "Passed")

    assert starts.read_text() == "xxxxx"
