"""Conformance point 12: the side doors that make tests, sets and runs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from orchestrator.standin import Door, DoorError, queue_run
from tests.standin.lab import DATA, DEMO, JUNIT, LEAD, PROJECT, Host, Lab, upload


async def post(lab: Lab, path: str, **body: Any) -> Any:
    return await lab.call("POST", f"{DATA}/{path}", DEMO, json=body)


async def test_a_run_is_queued_over_http_by_one_call(lab: Lab, host: Host) -> None:
    test_id = await lab.door.add_test(PROJECT, "Add item")

    run_id = await queue_run(
        lab.url, "demo@example.com", "demo", project=PROJECT, test_id=test_id, host_id=host.id
    )

    (run,) = (await lab.pending(host))["results"]
    assert (run["id"], run["project_id"], run["status"]) == (run_id, PROJECT, "Awaiting Run")


async def test_a_refusal_at_the_door_says_why_without_the_password(lab: Lab, host: Host) -> None:
    with pytest.raises(DoorError, match=r"400.*either test_id or test_set_id") as refused:
        await queue_run(lab.url, "demo@example.com", "demo", project=PROJECT, host_id=host.id)
    assert "Basic" not in str(refused.value)

    async with ClientSession() as session:
        with pytest.raises(DoorError, match="401"):
            await Door(session, lab.url, "demo@example.com", "x").runs(PROJECT)


async def test_tests_are_listed_in_pages(lab: Lab) -> None:
    ids = [await lab.door.add_test(PROJECT, f"T{n}") for n in range(3)]

    answer = await lab.call("GET", f"{DATA}/tests?offset=1&limit=1", DEMO)

    assert [test["id"] for test in answer.document["results"]] == ids[1:2]
    assert answer.document["metadata"]["result_set"]["total"] == 3


async def test_a_test_has_one_automation_for_each_agent(lab: Lab) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    path = f"tests/{test_id}/automations"

    first = await post(lab, path, Agent="junit", Title="shop.CartTest", Timeout=60)
    again = await post(lab, path, Agent=JUNIT)
    await post(lab, path, Agent="TestNG (Selenium)")

    assert first.document["agent"] == JUNIT
    assert again.status == 500
    listed = (await lab.call("GET", f"{DATA}/{path}", DEMO)).document["results"]
    assert [automation["agent"] for automation in listed] == [JUNIT, "TestNG (Selenium)"]
    assert listed[0]["timeout"] == 60
    assert (await post(lab, path, Agent="cucumber")).status == 400
    assert (await post(lab, "tests/99/automations", Agent="junit")).status == 404


@pytest.mark.parametrize("agent", ["JUnit%20%28Selenium%29", "junit"])
async def test_attachments_are_taken_as_zip_json_and_form(lab: Lab, agent: str) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    await lab.door.add_automation(PROJECT, test_id, JUNIT)
    path = f"{DATA}/tests/{test_id}/automations/{agent}/attachment"

    zipped = await lab.call("POST", path, DEMO, data=upload("a.zip", b"PK", field="any"))
    as_json = await lab.call("PUT", path, DEMO, json={"Link": "/srv/a", "Comment": "share"})
    as_form = await lab.call("POST", path, DEMO, data={"Link": "https://x.example/a.zip"})

    assert zipped.document["file_name"] == "a.zip"
    assert "link" not in zipped.document
    assert (as_json.document["link"], as_json.document["comment"]) == ("/srv/a", "share")
    assert "file_name" not in as_json.document
    assert as_form.document["link"] == "https://x.example/a.zip"


async def test_an_agent_with_a_slash_in_its_name_has_an_attachment_too(lab: Lab) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    await lab.door.add_automation(PROJECT, test_id, "TestComplete/TestExecute")

    await lab.door.attach_zip(PROJECT, test_id, "TestComplete/TestExecute", b"PK")

    with pytest.raises(DoorError, match="404"):
        await lab.door.attach_zip(PROJECT, test_id, JUNIT, b"PK")


@pytest.mark.parametrize(
    "link", ["", "suite.zip", "ftp://x/y", "/srv/a\r\nSet-Cookie: x", "javascript:alert(1)"]
)
async def test_a_link_must_be_an_address_or_an_absolute_path(lab: Lab, link: str) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    await lab.door.add_automation(PROJECT, test_id, JUNIT)

    answer = await post(lab, f"tests/{test_id}/automations/junit/attachment", Link=link)

    assert answer.status == 400


async def test_a_set_keeps_its_order_and_flags(lab: Lab) -> None:
    first, second = [await lab.door.add_test(PROJECT, name) for name in "ab"]
    items = [{"TestId": second, "StopOnFail": True}, {"test_id": first}, {"test_id": second}]

    answer = await post(lab, "testsets", Name="Nightly", IsSequential=False, Items=items)

    assert answer.document["is_sequential"] is False
    assert [
        (item["sequence_number"], item["test_id"], item["is_stopped_on_fail"])
        for item in answer.document["items"]
    ] == [(1, second, True), (2, first, False), (3, second, False)]
    assert (await post(lab, "testsets", Name="S", Items=[{"TestId": 99}])).status == 400
    assert (await post(lab, "testsets", Name="S", Items=[{}])).status == 400
    assert (await post(lab, "testsets", Items=[])).status == 400


async def test_a_run_may_override_the_order_of_its_set(lab: Lab, host: Host) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    set_id = await lab.door.add_set(PROJECT, "S", [(test_id, False)], sequential=True)
    order = {"project": PROJECT, "host_id": host.id, "test_set_id": set_id}

    await lab.door.queue(**order)
    await lab.door.queue(**order, is_sequential=False)

    runs = (await lab.pending(host))["results"]
    assert [run["is_sequential"] for run in runs] == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"TestId": None},
        {"TestId": 99},
        {"TestSetId": 1},
        {"TestId": None, "TestSetId": 99},
        {"RunByHostId": None},
        {"RunByHostId": 99},
        {"TestConfigId": 99},
        {"ReleaseId": 99},
    ],
)
async def test_an_order_that_cannot_be_run_is_refused(
    lab: Lab, host: Host, wrong: dict[str, Any]
) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    order = {"TestId": test_id, "RunByHostId": host.id} | wrong

    assert (await post(lab, "testruns", **order)).status == 400
    assert (await lab.pending(host))["results"] == []


async def test_an_empty_set_cannot_be_run(lab: Lab, host: Host) -> None:
    set_id = await lab.door.add_set(PROJECT, "Empty", [])

    answer = await post(lab, "testruns", TestSetId=set_id, RunByHostId=host.id)

    assert answer.status == 400


async def test_nothing_new_is_queued_for_an_inactive_host(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    await lab.call("PATCH", host.path, host.auth, json={"is_active": False})

    with pytest.raises(DoorError, match=r"400.*not active"):
        await lab.run(host)
    assert (await post(lab, f"testruns/{run_id}/restart")).status == 400


async def test_a_host_of_another_department_cannot_run_the_projects_tests(lab: Lab) -> None:
    body = {"host_name": "L", "host_configuration": "x", "dept_id": 5121}
    path = "/rest-api/service/automation/v2/hosts"
    host_id = (await lab.call("POST", path, LEAD, json=body)).document["id"]
    test_id = await lab.door.add_test(PROJECT, "T")

    answer = await post(lab, "testruns", TestId=test_id, RunByHostId=host_id)

    assert answer.status == 400


async def test_run_history_counts_what_came_of_the_items(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [False, True, False, False])
    await lab.report(host, run_id, "Passed", 1)
    await lab.report(host, run_id, "Failed", 2)

    (run,) = await lab.door.runs(PROJECT)

    assert run["id"] == run_id
    assert run["run_by_host_name"] == "LAB-01"
    assert run["run_by_user_name"] == "demo@example.com"
    counts = {name: count for name, count in run.items() if name.startswith("nbr_")}
    assert counts == {
        "nbr_tests": 4,
        "nbr_passed": 1,
        "nbr_failed": 1,
        "nbr_blocked": 2,
        "nbr_skipped": 0,
        "nbr_awaiting_run": 0,
    }


async def test_a_restart_makes_a_new_run_and_leaves_the_old_one(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [True, False])
    await lab.report(host, run_id, "Failed", 1)

    new = (await post(lab, f"testruns/{run_id}/restart")).document

    assert new["id"] > run_id
    assert await lab.statuses(new["id"]) == ["Awaiting Run", "Awaiting Run"]
    assert await lab.statuses(run_id) == ["Failed", "Blocked"]
    (run,) = (await lab.pending(host))["results"]
    assert [item["stop_on_fail"] for item in run["test_run_items"]] == [True, False]


async def test_a_deleted_run_is_gone_for_its_host_and_its_id_never_returns(
    lab: Lab, host: Host, tmp_path: Path
) -> None:
    run_id = await lab.run(host)
    await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=upload("a.xml"))

    assert (await lab.call("DELETE", f"{DATA}/testruns/{run_id}", DEMO)).status == 200

    assert (await lab.pending(host))["results"] == []
    assert (await lab.call("PATCH", host.item(run_id), host.auth, json={})).status == 404
    assert (await lab.call("GET", f"{DATA}/testruns/{run_id}", DEMO)).status == 404
    assert await lab.run(host) > run_id
    assert not list((tmp_path / "files").iterdir())


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", ""), ("PATCH", ""), ("POST", "/automations/junit")]
)
async def test_a_test_removed_while_a_body_is_on_its_way_is_not_found(
    lab: Lab, method: str, path: str
) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"Title": "U", "TestSteps": '
        await lab.call("DELETE", f"{DATA}/tests/{test_id}", DEMO)
        yield b'[{"Step": "s"}]}'

    answer = await lab.call(
        method,
        f"{DATA}/tests/{test_id}{path}",
        DEMO,
        data=slowly(),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status == 404
