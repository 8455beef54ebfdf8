"""Rehearsals of a night: faults by chance and runs at a pace, from one file."""

import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ServerDisconnectedError

from orchestrator.standin import ScenarioError, read_scenario
from orchestrator.standin.scenarios.weather import Weather
from orchestrator.standin.store import STORE
from tests.standin.lab import DEMO, LEAD, PROJECT, Lab, open_lab
from tests.standin.reader import sign_in

DOOR = "/standin/scenario"


async def begin(lab: Lab, text: str) -> Any:
    answer = await lab.call("PUT", DOOR, LEAD, data=text)
    assert answer.status == 200, answer.body
    return answer.document


async def state(lab: Lab) -> Any:
    return (await lab.call("GET", DOOR, DEMO)).document


async def queued(lab: Lab, count: int) -> list[dict[str, object]]:
    """Wait until so many runs are there."""
    with anyio.fail_after(20):
        while len(runs := await lab.door.runs(PROJECT)) < count:
            await anyio.sleep(0.01)
    return runs


def test_a_share_of_the_calls_goes_wrong_and_the_same_seed_makes_the_same_choices() -> None:
    text = "seed = 7\nfaults = [{operations = ['current_runs'], share = 0.3, status = [500, 429]}]"
    first, second = (Weather(read_scenario(text)) for _ in range(2))
    seen = [first.fault_for("current_runs", 1.0) for _ in range(2000)]
    assert seen == [second.fault_for("current_runs", 1.0) for _ in range(2000)]
    statuses = Counter(fault.status for fault in seen if fault)
    assert 500 < sum(statuses.values()) < 700
    assert set(statuses) == {500, 429}
    assert first.counts[0] == sum(statuses.values())
    assert first.fault_for("get_script", 1.0) is None


def test_a_rule_holds_in_its_own_time_only() -> None:
    weather = Weather(read_scenario("faults = [{drop = 'before', from_s = 60, for_s = 30}]"))
    struck = [weather.fault_for("get_host", at) is not None for at in (0, 59, 60, 89, 90)]
    assert struck == [False, False, True, True, False]


def test_every_fault_of_the_file_is_told_at_once() -> None:
    text = """
    faults = [{operations = ["poll"], share = 2, status = [500]}, {share = 0.5},
              {wait_s = [5, 1]}, {status = [500], drop = "after"}]
    [load]
    project = 1
    runs_per_minute = 0
    colour = "red"
    """
    with pytest.raises(ScenarioError) as told:
        read_scenario(text)
    said = str(told.value)
    for place in (
        "faults.0.operations.0",
        "faults.0.share",
        "faults.1: give a status",
        "faults.2: wait_s is",
        "faults.3: give either",
        "load.runs_per_minute",
        "load.colour",
    ):
        assert place in said, said


async def test_what_was_begun_over_http_strikes_and_ends(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        host = await lab.host()
        rule = "{operations = ['current_runs'], status = [503], retry_after_s = 9}"
        began = await begin(lab, f"faults = [{rule}]")
        poll = await lab.call("GET", f"{host.path}/currentruns", host.auth)
        assert (poll.status, poll.headers["Retry-After"]) == (503, "9")
        assert (await lab.call("GET", host.path, host.auth)).status == 200
        assert began["on"]
        assert (await state(lab))["faults"][0]["struck"] == 1
        assert (await lab.call("DELETE", DOOR, LEAD)).document == {"on": False}
        assert (await lab.pending(host))["results"] == []


async def test_a_file_that_cannot_be_used_leaves_the_one_before_on(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        await begin(lab, "faults = [{operations = ['get_host'], status = [500]}]")
        refused = await lab.call("PUT", DOOR, LEAD, data="faults = [{share = 3}]")
        assert refused.status == 400
        assert "faults.0.share" in refused.error["message"]
        assert (await state(lab))["on"]
        assert (await lab.call("PUT", DOOR, data="")).status == 401


async def test_only_who_has_all_departments_spoils_the_server_for_all(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        demo = await sign_in(lab, "demo@example.com")
        assert (await lab.call("PUT", DOOR, DEMO, data="")).status == 403
        assert (await demo.post("/rehearsal", {"scenario": ""})).status == 403
        await begin(lab, "faults = [{operations = ['get_host'], status = [503]}]")
        assert (await lab.call("DELETE", DOOR, DEMO)).status == 403
        assert (await demo.post("/rehearsal/end")).status == 403
        assert "503" in await demo.text("/rehearsal")
        assert (await state(lab))["on"]


async def test_runs_come_in_on_the_first_hosts_in_turn_until_there_are_enough(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path) as lab:
        hosts = [await lab.host(f"LAB-0{n}") for n in (1, 2, 3)]
        await lab.door.add_test(PROJECT, "by hand")
        automated = await lab.door.add_test(PROJECT, "automated")
        await lab.door.add_automation(PROJECT, automated, "junit")
        load = f"{{project = {PROJECT}, runs_per_minute = 60000, hosts = 2, runs = 210}}"
        await begin(lab, f"load = {load}")
        runs = await queued(lab, 210)
        by_host = Counter(run["run_by_host_id"] for run in runs)
        assert by_host == {hosts[0].id: 105, hosts[1].id: 105}
        assert (await lab.pending(hosts[0], "?limit=1"))["results"][0]["test_run_items"][0][
            "test_id"
        ] == automated
        assert (await state(lab))["runs_queued"] == 210


async def test_a_load_waits_for_hosts_and_tests_and_says_so(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        load = f"{{project = {PROJECT}, runs_per_minute = 6000, runs = 3}}"
        await begin(lab, f"load = {load}")
        with anyio.fail_after(10):
            while "no active host" not in (await state(lab))["trouble"]:
                await anyio.sleep(0.01)
        host = await lab.host()
        test_id = await lab.door.add_test(PROJECT, "late")
        await lab.door.add_automation(PROJECT, test_id, "junit")
        await queued(lab, 3)
        assert (await lab.pending(host))["metadata"]["result_set"]["total"] == 3
        assert (await state(lab))["trouble"] == ""


def test_the_example_can_be_used() -> None:
    example = Path(__file__).parents[2] / "deploy" / "night.toml"
    assert len(read_scenario(example.read_text("utf-8")).faults) == 3


async def test_the_page_begins_shows_and_ends_a_rehearsal(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        host = await lab.host()
        lead = await sign_in(lab, "lead@example.com")
        assert "project = " in await lead.text("/rehearsal")
        wrong = await lead.post("/rehearsal", {"scenario": "faults = [{share = 3}]"})
        assert wrong.status == 400
        assert b"faults.0.share" in wrong.body
        rule = "{operations = ['get_host'], status = [503]}"
        assert await lead.done("/rehearsal", {"scenario": f"faults = [{rule}]"}) == "/rehearsal"
        assert (await lab.call("GET", host.path, host.auth)).status == 503
        assert re.search(r"status = \[503\].*>1</td>", await lead.text("/rehearsal"))
        assert f"faults = [{rule}]" in unescape(await lead.text("/rehearsal"))
        load = f"# all night\n[load]\nproject = {PROJECT}\nruns_per_minute = 30\nruns = 100"
        await lead.done("/rehearsal", {"scenario": load})
        page = unescape(await lead.text("/rehearsal"))
        assert f"30 runs a minute in project {PROJECT}, 100 in all" in page
        assert load in page
        await lead.done("/rehearsal/end")
        assert (await lab.call("GET", host.path, host.auth)).status == 200


@pytest.mark.parametrize(
    "text",
    [
        f"[load]\nproject = {PROJECT}\nruns_per_minute = 60\ntests = [{10**30}]",
        f"[load]\nproject = {10**30}\nruns_per_minute = 60",
        f"seed = {'9' * 5000}",
        "a = " + "[" * 5000,
    ],
    ids=["a test", "a project", "digits", "depth"],
)
async def test_numbers_and_depths_without_end_are_refused(text: str, tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        assert (await lab.call("PUT", DOOR, LEAD, data=text)).status == 400


async def test_a_database_that_cannot_be_written_ends_no_rehearsal(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        await lab.host()
        automated = await lab.door.add_test(PROJECT, "automated")
        await lab.door.add_automation(PROJECT, automated, "junit")
        lab.client.app[STORE].write("PRAGMA query_only = ON")
        await begin(lab, f"load = {{project = {PROJECT}, runs_per_minute = 6000, runs = 1}}")
        assert "readonly" in (await state(lab))["trouble"]
        lab.client.app[STORE].write("PRAGMA query_only = OFF")
        await queued(lab, 1)


async def test_a_refusal_is_lost_like_any_answer_and_a_redirect_to_nowhere_is_shown_as_it_is(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path) as lab:
        host = await lab.host()
        await begin(lab, "faults = [{operations = ['get_host'], drop = 'after'}]")
        with pytest.raises(ServerDisconnectedError):
            await lab.call("GET", host.path, DEMO)
        await begin(lab, "faults = [{operations = ['get_host'], status = [302]}]")
        shown = await lab.call("GET", host.path, host.auth, headers={"X-Show-Redirect": "1"})
        assert shown.status == 302
