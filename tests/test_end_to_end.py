"""The main job, from a queued run to the verdict that the server holds."""

import json
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from tests.fleet import FAILING, PASSING, Fleet, tool
from tests.standin.lab import DEMO, PROJECT


async def test_a_queued_run_ends_with_its_verdict_steps_log_and_report(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    item = await fleet.item(run_id)
    assert item["status"] == "Passed"
    assert [step["step"] for step in item["test_run_results"]] == ["c.n"]
    log = await fleet.lab.call("GET", str(item["log"]), DEMO)
    report = await fleet.lab.call("GET", str(item["report"]), DEMO)
    assert b"<run" in log.body
    assert b"multipart/related" in report.body


async def test_a_failed_case_is_one_failed_step_with_its_message(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(FAILING))

    await fleet.work_off()

    item = await fleet.item(run_id)
    assert item["status"] == "Failed"
    assert item["test_run_results"][0]["status"] == "Failed"
    assert "no" in item["test_run_results"][0]["actual_result"]


async def test_exit_0_without_a_report_is_not_a_pass(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool("print('all is well')"))

    await fleet.work_off()

    status, reason = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "no report" in reason
    assert "all is well" in reason


async def test_a_report_that_the_script_brought_along_is_not_read(fleet: Fleet) -> None:
    stale = '<testsuite><testcase classname="old" name="green"/></testsuite>'
    code = f"Path('TEST-old.xml').write_text('''{stale}''')"
    run_id = await fleet.queue(tool(code))

    await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Blocked"


async def test_a_timed_out_run_is_never_passed(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(PASSING + "    time.sleep(60)\n"), Timeout=1)

    await fleet.work_off()

    status, reason = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "time" in reason


async def test_a_failure_stops_a_set_and_the_rest_is_never_started(
    fleet: Fleet, tmp_path: Path
) -> None:
    trace = tmp_path / "started"
    mark = f"    open({str(trace)!r}, 'a').write('x')\n"
    run_id = await fleet.queue_set(
        [(tool(mark + PASSING), False), (tool(mark + FAILING), True), (tool(mark + PASSING), False)]
    )

    await fleet.work_off()

    assert await fleet.lab.statuses(run_id) == ["Passed", "Failed", "Blocked"]
    assert trace.read_text() == "xx"


async def test_a_sequential_set_runs_one_item_at_a_time_in_order(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.host = {"limit": 4}
    trace = tmp_path / "trace"
    script = f"""
        with open({str(trace)!r}, "a") as file: file.write(os.environ["LABFLEET_ITEM"] + "(")
        time.sleep(0.1)
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
        with open({str(trace)!r}, "a") as file: file.write(")")
    """
    run_id = await fleet.queue_set([(tool(script), False)] * 3, sequential=True)

    await fleet.work_off()

    assert await fleet.lab.run_status(run_id) == "Passed"
    assert trace.read_text() == "1()2()3()"


async def test_items_of_a_set_in_any_order_share_the_hosts_slots(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.host = {"limit": 2}
    meeting = f"""
        here = Path({str(tmp_path)!r})
        (here / os.environ["LABFLEET_ITEM"]).touch()
        until = time.time() + 10
        while not ((here / "1").exists() and (here / "2").exists()) and time.time() < until:
            time.sleep(0.01)
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
    """
    run_id = await fleet.queue_set([(tool(meeting), False)] * 2, sequential=False)

    with anyio.fail_after(8):
        await fleet.work_off()

    assert await fleet.lab.run_status(run_id) == "Passed"


async def test_a_tool_finds_its_context_and_parameters_and_no_secret(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABFLEET_HOSTS__LAB_001__TOKEN", "planted-secret")
    monkeypatch.setenv("SOME_PASSWORD", "planted-secret")
    code = """
        seen = " ".join(f"{k}={v}" for k, v in sorted(os.environ.items()))
        from xml.sax.saxutils import quoteattr
        Path(results, "r.xml").write_text(
            f'<testsuite><testcase name="n"><failure message={quoteattr(seen)}/>'
            '</testcase></testsuite>')
    """
    run_id = await fleet.queue(tool(code), Params={"base-url": "http://shop"})

    await fleet.work_off()

    _, seen = await fleet.verdict(run_id)
    assert f"LABFLEET_RUN_ID={run_id}" in seen
    assert "LABFLEET_PARAM_BASE_URL=http://shop" in seen
    assert "planted-secret" not in seen
    assert fleet.hosts["lab_001"].token not in seen


async def test_each_new_run_is_logged_once_as_the_server_sent_it(fleet: Fleet) -> None:
    run_id = await fleet.queue(tool(PASSING))

    with capture_logs() as logs:
        await fleet.work_off()

    (listed,) = [line for line in logs if line["event"] == "run.listed"]
    document = json.loads(listed["document"])
    assert document["id"] == run_id
    assert document["test_run_items"][0]["automations"][0]["agent"] == "JUnit (Selenium)"


async def test_a_token_that_a_listed_run_names_is_masked_before_its_document_is_cut(
    fleet: Fleet,
) -> None:
    host, door = fleet.hosts["lab_001"], fleet.lab.door
    tests = [await door.add_test(PROJECT, f"Case number: {number}") for number in range(30)]
    for test_id in tests:
        # For no tool of the host: what counts is what is cut, here amid a token.
        title = f"{host.token} " * (255 // (len(host.token) + 1))
        await door.add_automation(PROJECT, test_id, "NUnit (Selenium)", Title=title)
    set_id = await door.add_set(PROJECT, "Set", [(test_id, False) for test_id in tests])
    await door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)

    with capture_logs() as logs:
        await fleet.work_off()

    (listed,) = [line for line in logs if line["event"] == "run.listed"]
    assert host.token[:6] not in listed["document"]
