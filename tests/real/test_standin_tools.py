"""TestExecute, SoapUI and ReadyAPI the whole way, as STAND-INS: the real products cannot be had.

What is shown is labfleet's part alone: which files arrive at the server, and that a licence key
arrives nowhere.
"""

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.fleet import Fleet, archive
from tests.standin_tools.soapui_standin_composed import case, groovy, suite, write_project

TOOLS = Path(__file__).parents[1] / "standin_tools"
TESTCOMPLETE, READYAPI = "TestComplete/TestExecute", "ReadyAPI / SoapUI OS"
KEY = "key-7c0a4be2-51d3"
GOOD = {"name": "Cart", "status": "ok", "ms": 12}
BAD = {"name": "Pay", "status": "error", "ms": 1, "errors": ["no card"]}


def standin(name: str) -> list[str]:
    return [sys.executable, str(TOOLS / f"{name}.py")]


def profiles(**testcomplete: Any) -> dict[str, dict[str, Any]]:
    return {
        "testcomplete": {"executable": standin("testexecute_standin"), "slots": 1} | testcomplete,
        "readyapi": {
            "executable": standin("readyapi_standin"),
            "options": {"edition": ["readyapi"]},
        },
    }


def suite_of(*tests: dict[str, Any], **more: Any) -> bytes:
    plan = {"projects": [{"name": "Web", "tests": list(tests)}], **more}
    return archive({"Shop.pjs": "<Root/>", "Shop.standin.json": json.dumps(plan)})


def readyapi_project(folder: Path) -> bytes:
    write_project(folder / "shop.xml", suite("Shop", case("Order", groovy("ok"))))
    return archive({"shop.xml": (folder / "shop.xml").read_bytes()})


async def everything_at_the_server(fleet: Fleet, run_id: int) -> bytes:
    uploads = [await fleet.upload(run_id, kind) for kind in ("log", "report")]
    return b"".join([json.dumps(await fleet.item(run_id)).encode(), *uploads])


async def test_a_testexecute_standins_own_log_and_report_are_uploaded(fleet: Fleet) -> None:
    fleet.tools = profiles()
    run = await fleet.queue(suite_of(GOOD, BAD), agent=TESTCOMPLETE, title="Shop\\Web")

    await fleet.work_off()

    item = await fleet.item(run)
    assert item["status"] == "Failed"
    assert [(it["step"], it["status"]) for it in item["test_run_results"]] == [
        ("Web/Cart", "Passed"),
        ("Web/Pay", "Failed"),
    ]
    log = await fleet.upload(run, "log")
    assert "Summary.dat" in zipfile.ZipFile(io.BytesIO(log)).namelist()
    assert b"standin" in (await fleet.upload(run, "report")).lower()


async def test_a_testexecute_standin_with_one_instance_a_machine_waits_for_its_seat(
    fleet: Fleet, tmp_path: Path
) -> None:
    lock = {"TESTEXECUTE_STANDIN_LOCK": str(tmp_path / "lock")}
    fleet.tools = profiles(slots=4, seats=["desktop"], environment=lock)
    fleet.seats = {"desktop": 1}
    await fleet.add_hosts(2, first=2)
    slow = GOOD | {"seconds": 0.3}
    hosts = [*fleet.hosts]
    runs = [
        await fleet.queue(suite_of(slow), agent=TESTCOMPLETE, host=host, title="Shop")
        for host in hosts
    ]

    await fleet.work_off()

    assert [await fleet.lab.run_status(run) for run in runs] == ["Passed"] * 3


async def test_without_the_seat_the_second_testexecute_standin_is_blocked_and_never_failed(
    fleet: Fleet, tmp_path: Path
) -> None:
    lock = {"TESTEXECUTE_STANDIN_LOCK": str(tmp_path / "lock")}
    fleet.tools = profiles(slots=4, environment=lock)
    await fleet.add_hosts(1, first=2)
    slow = suite_of(GOOD | {"seconds": 2})
    runs = [
        await fleet.queue(slow, agent=TESTCOMPLETE, host=host, title="Shop") for host in fleet.hosts
    ]

    await fleet.work_off()

    verdicts = [await fleet.verdict(run) for run in runs]
    assert sorted(status for status, _ in verdicts) == ["Blocked", "Passed"]
    assert "instance" in next(said for status, said in verdicts if status == "Blocked")


async def test_a_licence_key_reaches_the_testexecute_standin_and_nothing_else(
    fleet: Fleet, capfd: pytest.CaptureFixture[str]
) -> None:
    fleet.tools = profiles(access_key=KEY)
    # The test itself prints the key, as a careless script would.
    leaking = BAD | {"errors": [f"could not log in with {KEY}"]}
    good = suite_of(leaking, access_key=KEY)
    run = await fleet.queue(good, agent=TESTCOMPLETE, title="Shop")
    other = await fleet.queue(suite_of(GOOD, access_key="another"), agent=TESTCOMPLETE)

    await fleet.work_off()

    assert await fleet.lab.run_status(run) == "Failed"
    assert (await fleet.verdict(other))[0] == "Blocked"
    written = capfd.readouterr()
    assert KEY not in written.out + written.err
    assert KEY.encode() not in await everything_at_the_server(fleet, run)
    assert KEY.encode() not in await everything_at_the_server(fleet, other)
    # The tool's own log, which tells the key, gave way to ours.
    assert (await fleet.upload(run, "log")).startswith(b"<?xml")


async def test_a_readyapi_standin_that_asks_for_a_licence_is_ended_and_blocked(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.tools = profiles()
    run = await fleet.queue(readyapi_project(tmp_path), agent=READYAPI)

    with anyio.fail_after(20):
        await fleet.work_off()

    status, said = await fleet.verdict(run)
    assert status == "Blocked"
    assert "licence" in said
    assert "access_key" in said


async def test_a_readyapi_standin_with_its_key_passes_and_the_key_is_uploaded_nowhere(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.tools = profiles()
    fleet.tools["readyapi"] |= {
        "access_key": KEY,
        "environment": {"READYAPI_STANDIN_KEY": "key-"},
    }
    run = await fleet.queue(readyapi_project(tmp_path), agent=READYAPI)

    await fleet.work_off()

    assert await fleet.lab.run_status(run) == "Passed"
    assert KEY.encode() not in await everything_at_the_server(fleet, run)
