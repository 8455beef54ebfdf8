"""Conformance point 7: results of items, the cascade, the run's own status."""

import io
import json
from typing import Any

import pytest

from tests.standin.lab import DATA, DEMO, PROJECT, Host, Lab, golden, result, shape

JSON = {"Content-Type": "application/json"}


async def test_a_result_is_answered_with_the_item_as_pending_runs_show_it(
    lab: Lab, host: Host
) -> None:
    expected = golden("run_item.json")
    test_id = await lab.door.add_test(PROJECT, expected["test_name"])
    automation = expected["automations"][0]
    more = {"Title": automation["title"], "EntryPoint": automation["entry_point"], "Timeout": 600}
    await lab.door.add_automation(PROJECT, test_id, automation["agent"], **more)
    set_id = await lab.door.add_set(PROJECT, "S", [(test_id, True)])
    run_id = await lab.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)

    sent = golden("item_result.json")
    answer = await lab.call("PATCH", host.item(run_id), host.auth, json=sent)

    assert answer.status == 200
    assert list(answer.document)[1:3] == ["sequence_number", "stop_on_fail"]
    assert shape(answer.document) == shape(expected)
    assert answer.document == expected | {"id": answer.document["id"], "test_id": test_id}


@pytest.mark.parametrize(
    ("sent", "item", "run"),
    [
        ("Passed", "Passed", "Passed"),
        ("Failed", "Failed", "Failed"),
        ("Blocked", "Blocked", "Blocked"),
        ("Skipped", "Skipped", "Incomplete"),
        ("NA", "NA", "Passed"),
        ("pASSED", "Passed", "Passed"),
    ],
)
async def test_each_status_finishes_the_item_and_derives_the_run(
    lab: Lab, host: Host, sent: str, item: str, run: str
) -> None:
    run_id = await lab.run(host)

    answer = await lab.report(host, run_id, sent)

    assert answer.document["status"] == item
    assert await lab.statuses(run_id) == [item]
    assert await lab.run_status(run_id) == run


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": None},
        {"status": "In Progress"},
        {"status": "Awaiting Run"},
        {"status": "Incomplete"},
        {"status": "Green"},
        {"date_started": None},
        {"date_finished": None},
        {"date_started": "yesterday"},
        {"date_started": "0001-01-01T00:00:00"},
        {"date_started": 1772600767},
        {"date_finished": "2026-03-04T05:06:06Z"},
        {"run_time": -1},
        {"run_time": "long"},
        {"run_time": 1.5},
        {"test_run_results": [{"step": "no status"}]},
        {"test_run_results": [{"status": "Perhaps"}]},
        {"test_run_results": "none"},
        {"test_run_results": ["Passed"]},
    ],
)
async def test_a_result_that_breaks_a_rule_is_refused_and_changes_nothing(
    lab: Lab, host: Host, wrong: dict[str, Any]
) -> None:
    run_id = await lab.run(host)
    before = await lab.door.items(PROJECT, run_id)

    answer = await lab.call("PATCH", host.item(run_id), host.auth, json=result() | wrong)

    assert answer.status == 400
    assert answer.error["code"] == 400
    assert await lab.door.items(PROJECT, run_id) == before


async def test_an_unknown_run_or_item_is_not_found(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    no_run = await lab.call("PATCH", host.item(run_id + 1), host.auth, json=result())
    no_item = await lab.call("PATCH", host.item(run_id, 2), host.auth, json=result())

    assert (no_run.status, no_item.status) == (404, 404)
    assert no_item.error["message"] == f"Item 2 of run {run_id} not found"


async def test_the_failure_of_a_stopping_item_blocks_the_later_ones_that_wait(
    lab: Lab, host: Host
) -> None:
    run_id = await lab.set_run(host, [False, True, False, False, False])

    await lab.report(host, run_id, "Passed", 4)
    await lab.report(host, run_id, "Failed", 2)

    assert await lab.statuses(run_id) == [
        "Awaiting Run",
        "Failed",
        "Blocked",
        "Passed",
        "Blocked",
    ]
    assert await lab.run_status(run_id) == "In Progress"


async def test_in_a_set_of_random_order_all_that_wait_are_blocked(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [False, True, False], sequential=False)

    await lab.report(host, run_id, "Failed", 2)

    assert await lab.statuses(run_id) == ["Blocked", "Failed", "Blocked"]
    assert await lab.run_status(run_id) == "Failed"
    assert (await lab.pending(host))["results"] == []


@pytest.mark.parametrize(
    ("stops", "status"), [(False, "Failed"), (True, "Blocked"), (True, "Skipped"), (True, "NA")]
)
async def test_nothing_but_the_failure_of_a_stopping_item_blocks(
    lab: Lab, host: Host, stops: bool, status: str
) -> None:
    run_id = await lab.set_run(host, [stops, False])

    await lab.report(host, run_id, status, 1)

    assert await lab.statuses(run_id) == [status, "Awaiting Run"]


async def test_a_blocked_item_may_still_get_a_result(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [True, False])
    await lab.report(host, run_id, "Failed", 1)

    await lab.report(host, run_id, "Passed", 2)

    assert await lab.statuses(run_id) == ["Failed", "Passed"]


async def test_any_skipped_item_makes_the_run_incomplete_even_beside_a_failure(
    lab: Lab, host: Host
) -> None:
    run_id = await lab.set_run(host, [False, False, False])

    for number, status in enumerate(("Passed", "Failed", "Skipped"), start=1):
        await lab.report(host, run_id, status, number)

    assert await lab.run_status(run_id) == "Incomplete"


async def test_a_result_sent_again_replaces_the_earlier_one_and_its_steps(
    lab: Lab, host: Host
) -> None:
    run_id = await lab.run(host)
    first = result("Failed", test_run_results=[{"status": "Failed", "step": "a"}] * 3)
    second = result("Passed", test_run_results=[{"status": "Passed", "step": "b"}])

    await lab.call("PATCH", host.item(run_id), host.auth, json=first)
    await lab.call("PATCH", host.item(run_id), host.auth, json=second)

    (item,) = await lab.door.items(PROJECT, run_id)
    assert item["status"] == "Passed"
    assert item["test_run_results"] == [{"status": "Passed", "step": "b"}]
    assert await lab.run_status(run_id) == "Passed"


async def test_a_result_without_steps_leaves_those_of_the_library(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    await lab.report(host, run_id, "Passed")

    (item,) = await lab.door.items(PROJECT, run_id)
    steps = [{"status": "Awaiting Run", "step": "Open", "expected_result": "Opened"}]
    assert item["test_run_results"] == steps


async def test_200_long_steps_in_any_script_come_back_as_sent(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    text = "<b>Ж</b> 漢字 \u0000\u2028 'quoted' \U0001f600 " * 600
    steps = [{"status": "Failed", "step": f"{n}", "actual_result": text} for n in range(200)]

    body = io.BytesIO(json.dumps(result(test_run_results=steps)).encode())
    answer = await lab.call("PATCH", host.item(run_id), host.auth, data=body, headers=JSON)

    assert answer.status == 200
    (item,) = await lab.door.items(PROJECT, run_id)
    assert item["test_run_results"] == steps


async def test_the_run_time_is_taken_or_computed_from_the_dates(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [False, False])

    computed = await lab.report(host, run_id, "Passed", 1)
    taken = await lab.call(
        "PATCH", host.item(run_id, 2), host.auth, json=result("Passed", run_time=5)
    )

    assert (computed.document["run_time"], taken.document["run_time"]) == (72, 5)


async def test_the_run_spans_its_items(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [False, False])
    early = {"date_started": "2026-03-04T04:00:00+01:00", "date_finished": "2026-03-04T03:00:09"}

    await lab.report(host, run_id, "Passed", 1)
    half = (await lab.call("GET", f"{DATA}/testruns/{run_id}", DEMO)).document
    await lab.call("PATCH", host.item(run_id, 2), host.auth, json=result() | early)
    whole = (await lab.call("GET", f"{DATA}/testruns/{run_id}", DEMO)).document

    assert half["date_started"] == "2026-03-04T05:06:07.0000000"
    assert "date_finished" not in half
    assert whole["date_started"] == "2026-03-04T03:00:00.0000000"
    assert whole["date_finished"] == "2026-03-04T05:07:19.0000000"
    assert whole["run_time"] == 72 + 9


async def test_run_and_item_named_in_the_body_do_not_replace_the_path(lab: Lab, host: Host) -> None:
    first, second = await lab.run(host), await lab.run(host)
    body = result("Failed", run_id=second, host_id=999, sequence_number=7, step_criteria="x")

    await lab.call("PATCH", host.item(first), host.auth, json=body)

    assert await lab.statuses(first) == ["Failed"]
    assert await lab.statuses(second) == ["Awaiting Run"]


async def test_a_run_time_that_no_run_could_add_up_is_refused(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    answer = await lab.call("PATCH", host.item(run_id), host.auth, json=result(run_time=10**18 - 1))

    assert answer.status == 400
    assert await lab.run_status(run_id) == "Awaiting Run"
