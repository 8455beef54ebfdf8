"""Whatever comes wrong ends in words that name it, a Blocked verdict, and a fleet that goes on."""

import io
import struct
import zipfile
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from tests.fleet import PASSING, Fleet, archive, tool

REPORT = "    Path(results, 'r.xml').write_bytes({!r})\n"


def encrypted() -> bytes:
    """Set the flag of a password on the entry of an ordinary zip, in both its headers."""
    data = bytearray(archive({"tool.py": "print()"}))
    struct.pack_into("<H", data, 6, 1)
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    return bytes(data)


def escaping() -> bytes:
    return archive({"../../../tool.py": "print()", "tool.py": "print()"})


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (archive({"tool.py": "print()"})[:60], "corrupt"),
        (b"", "empty"),
        (b"<html><body>Log in</body></html>", "HTML"),
        (encrypted(), "password"),
        (escaping(), ".."),
        ("/nowhere/at/all", "/nowhere/at/all"),
        (r"\\share\suites\shop", "Windows share"),
        ("http://127.0.0.1:9/script.zip", "127.0.0.1:9"),
        (archive({"other.py": "print()"}), "tool.py"),
    ],
    ids=["corrupt", "empty", "page", "password", "escape", "no path", "UNC", "foreign", "lacks"],
)
async def test_an_unusable_script_is_blocked_with_its_reason_and_the_next_run_goes_on(
    fleet: Fleet, script: str | bytes, reason: str
) -> None:
    broken = await fleet.queue(script)
    sound = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    status, text = await fleet.verdict(broken)
    assert status == "Blocked"
    assert reason in text
    assert (await fleet.verdict(sound))[0] == "Passed"


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (b"<testsuite><testcase name='a'>", "cut off"),
        (b"no xml at all", "r.xml"),
        (b"<testsuite tests='0'/>", "no test case"),
        (b"<html></html>", "<html>"),
        (b"", "empty"),
        (
            b"<!DOCTYPE testsuite [<!ENTITY a 'b'>]><testsuite><testcase name='a'/></testsuite>",
            "DOCTYPE",
        ),
    ],
    ids=["cut", "text", "no cases", "page", "empty", "entities"],
)
async def test_a_report_that_says_nothing_is_blocked_with_its_reason(
    fleet: Fleet, report: bytes, reason: str
) -> None:
    run_id = await fleet.queue(tool(REPORT.format(report)))

    await fleet.work_off()

    status, text = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert reason.casefold() in text.casefold()


async def test_a_missing_executable_is_named(fleet: Fleet) -> None:
    fleet.tool = {"executable": ["/opt/nowhere/java", "{title}"]}
    run_id = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    status, text = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "/opt/nowhere/java" in text


async def test_an_agent_the_host_lacks_is_named_with_what_it_has(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(PASSING), agent="nunit")

    await fleet.work_off()

    status, text = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "NUnit (Selenium)" in text
    assert "quick" in text


async def test_a_wrong_token_stops_its_host_and_no_other(fleet: Fleet) -> None:
    await fleet.add_hosts(1, first=2)
    good = await fleet.queue(tool(PASSING), host="lab_002")
    fleet.hosts["lab_001"].token = "00000000-0000-4000-8000-000000000000"

    with capture_logs() as logs:
        async with fleet.running() as service:
            await fleet.until_status(good, "Passed")
            states = {view.key: view.state for view in service.fleet.views()}

    assert states == {"lab_001": "refused", "lab_002": "polling"}
    refusals = [line for line in logs if line["event"] == "host.refused"]
    assert len(refusals) == 1
    assert "401" in refusals[0]["error"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"results": [', "application/json"),
        (b"<html><body>Please log in</body></html>", "text/html"),
        (b'{"results": 7}', "application/json"),
        (b"", "application/json"),
    ],
    ids=["malformed", "page", "shape", "nothing"],
)
async def test_an_answer_that_is_no_answer_is_backed_off_from_and_outlived(
    fleet: Fleet, body: bytes, kind: str
) -> None:
    fleet.lab.faults.say("current_runs", body, content_type=kind, times=2)
    run_id = await fleet.queue(tool(PASSING))

    with capture_logs() as logs:
        await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"
    assert [line["event"] for line in logs].count("host.unreachable") == 1
    assert [line["event"] for line in logs].count("host.reachable") == 1


async def test_a_run_without_items_is_told_and_does_not_come_back(fleet: Fleet) -> None:
    body = b'{"metadata":{"result_set":{"total":1}},"results":[{"id":77,"test_run_items":[]}]}'
    fleet.lab.faults.say("current_runs", body, content_type="application/json", times=3)

    with capture_logs() as logs:
        rows = await fleet.work_off()

    (row,) = rows
    assert (row["run"], row["verdict"]) == (77, "Blocked")
    assert "without items" in str(row["reason"])
    assert [line["event"] for line in logs].count("run.claimed") == 1


async def test_an_unreachable_server_is_waited_for(fleet: Fleet, unused_url: str) -> None:
    fleet.url = unused_url

    with capture_logs() as logs:
        async with fleet.running() as service:
            while not any(line["event"] == "host.unreachable" for line in logs):
                await anyio.sleep(0.02)
            (view,) = service.fleet.views()

    assert view.state == "backing_off"
    assert "cannot connect" in view.error


async def test_a_wrong_address_is_told_with_the_servers_answer(fleet: Fleet) -> None:
    fleet.url = f"{fleet.lab.url}wrong/place"

    async with fleet.running() as service:
        while (view := service.fleet.views()[0]).state != "refused":
            await anyio.sleep(0.02)

    assert "404" in view.error


async def test_a_script_folder_of_this_machine_is_used_in_place_and_left_alone(
    fleet: Fleet, tmp_path: Path
) -> None:
    folder = tmp_path / "suite"
    with zipfile.ZipFile(io.BytesIO(tool(PASSING))) as opened:
        opened.extractall(folder)
    run_id = await fleet.queue(str(folder))

    await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"
    assert [path.name for path in folder.iterdir()] == ["tool.py"]


async def test_a_server_in_maintenance_blocks_no_run(fleet: Fleet) -> None:
    fleet.lab.faults.answer("get_script", 404, times=2)
    fleet.lab.faults.answer("get_host", 404, times=2)
    run_id = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"
