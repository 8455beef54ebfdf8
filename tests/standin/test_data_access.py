"""The data-access subset beyond what queues a run: reading one, changing, removing."""

from typing import Any

import pytest

from tests.standin.lab import (
    DATA,
    DEMO,
    JUNIT,
    LEAD,
    PROJECT,
    Answer,
    Host,
    Lab,
    result,
    upload,
)

DEPTS = "/rest-api/service/api/v1/depts"
LONG = "TestComplete%2FTestExecute"


async def call(lab: Lab, method: str, path: str, **body: Any) -> Answer:
    return await lab.call(method, f"{DATA}/{path}", DEMO, json=body)


async def ok(lab: Lab, method: str, path: str, **body: Any) -> Any:
    answer = await call(lab, method, path, **body)
    assert answer.status == 200, answer.body
    return answer.document


def steps(test: Any) -> list[tuple[int, str, str | None]]:
    return [(step["seq"], step["step"], step.get("expected_result")) for step in test["test_steps"]]


async def test_a_test_is_read_changed_in_part_replaced_and_removed(lab: Lab) -> None:
    test = await ok(
        lab,
        "POST",
        "tests",
        Title="T",
        TestSteps=[{"Seq": 2, "Step": "b"}, {"Seq": 1, "Step": "a", "ExpectedResult": "A"}],
    )
    path = f"tests/{test['id']}"
    assert steps(test) == [(1, "a", "A"), (2, "b", None)]
    assert await ok(lab, "GET", path) == test

    assert steps(await ok(lab, "PATCH", path, Title="U")) == steps(test)
    patched = await ok(lab, "PATCH", path, TestSteps=[{"Step": "c"}])
    assert (patched["title"], steps(patched)) == ("U", [(1, "c", None)])
    replaced = await ok(lab, "PUT", path, Title="V")
    assert (replaced["title"], steps(replaced)) == ("V", [])
    assert (await call(lab, "PUT", path, TestSteps=[])).status == 400
    assert (await call(lab, "PATCH", path, Title=" ")).status == 400

    assert await ok(lab, "DELETE", path) == {}
    assert (await call(lab, "GET", path)).status == 404
    assert (await ok(lab, "POST", "tests", Title="W"))["id"] > test["id"]


async def test_a_removed_test_leaves_its_sets_and_not_its_runs(lab: Lab, host: Host) -> None:
    gone, kept = [await lab.door.add_test(PROJECT, name, [("s", "e")]) for name in ("gone", "kept")]
    await lab.door.add_automation(PROJECT, gone, JUNIT)
    await lab.door.attach_zip(PROJECT, gone, JUNIT, b"PK")
    set_id = await lab.door.add_set(PROJECT, "S", [(gone, True), (kept, False), (gone, False)])
    run_id = await lab.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)

    await ok(lab, "DELETE", f"tests/{gone}")

    items = (await ok(lab, "GET", f"testsets/{set_id}"))["items"]
    assert [(item["sequence_number"], item["test_id"]) for item in items] == [(1, kept)]
    (run,) = (await lab.pending(host))["results"]
    assert [item["test_name"] for item in run["test_run_items"]] == ["gone", "kept", "gone"]
    script = await lab.call("GET", f"{host.item(run_id)}/script?agent=junit", host.auth)
    assert script.status == 404
    await lab.report(host, run_id, "Passed", 1)
    assert await lab.statuses(run_id) == ["Passed", "Awaiting Run", "Awaiting Run"]


async def test_an_automation_is_read_changed_in_part_replaced_and_removed(lab: Lab) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    path = f"tests/{test_id}/automations/{LONG}"

    made = await ok(lab, "POST", path, Title="S\\P", Timeout=60, RunMode=2, Params={"a": 1})
    assert made["params"] == {"a": "1"}
    assert (await call(lab, "POST", path)).status == 500
    await lab.door.attach_zip(PROJECT, test_id, "testcomplete", b"PK")

    patched = await ok(lab, "PATCH", f"tests/{test_id}/automations/TESTCOMPLETE", Timeout=5)
    assert (patched["title"], patched["timeout"], patched["run_mode"]) == ("S\\P", 5, 2)
    replaced = await ok(lab, "PUT", path, EntryPoint="E", Agent="junit")
    assert "title" not in replaced
    assert (replaced["agent"], replaced["entry_point"]) == ("TestComplete/TestExecute", "E")
    assert (replaced["run_mode"], replaced["params"]) == (1, {})
    assert replaced["file_name"] == "script.zip", "what is attached is changed by itself"
    assert await ok(lab, "GET", path) == replaced

    assert await ok(lab, "DELETE", path) == {}
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert (await call(lab, method, path)).status == 404
    assert (await call(lab, "GET", f"tests/{test_id}/automations/cucumber")).status == 404
    assert (await call(lab, "POST", f"tests/{test_id}/automations/cucumber")).status == 400


async def test_files_of_removed_automations_and_tests_are_gone(lab: Lab, tmp_path: Any) -> None:
    for path in ("tests/{}/automations/junit", "tests/{}"):
        test_id = await lab.door.add_test(PROJECT, "T")
        await lab.door.add_automation(PROJECT, test_id, JUNIT)
        await lab.door.attach_zip(PROJECT, test_id, JUNIT, b"PK")
        assert len(list((tmp_path / "files").iterdir())) == 1
        await ok(lab, "DELETE", path.format(test_id))
        assert not list((tmp_path / "files").iterdir())


async def test_an_attachment_can_be_sent_only_in_documented_ways(lab: Lab) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    await lab.door.add_automation(PROJECT, test_id, JUNIT)
    path = f"tests/{test_id}/automations/junit/attachment"

    # The vendor's server answers a wrong method with 500; this must not be read as an agent's name.
    assert (await call(lab, "DELETE", path)).status == 500
    assert (await lab.call("PUT", f"{DATA}/{path}", DEMO, data=upload("a.zip"))).status == 200


async def test_a_set_is_listed_read_changed_and_removed(lab: Lab, host: Host) -> None:
    a, b, c = [await lab.door.add_test(PROJECT, name) for name in "abc"]
    made = await ok(lab, "POST", "testsets", Title="S", Items=[{"TestId": a}])
    path = f"testsets/{made['id']}"

    def order(document: Any) -> list[int]:
        assert [i["sequence_number"] for i in document["items"]] == [
            n for n, _ in enumerate(document["items"], 1)
        ]
        return [item["test_id"] for item in document["items"]]

    assert order(await ok(lab, "POST", f"{path}/items", Items=[{"TestId": c}])) == [a, c]
    stops = {"TestId": b, "IsStoppedOnFail": True, "IsActive": False}
    inserted = await ok(lab, "POST", f"{path}/items/2", **stops)
    assert order(inserted) == [a, b, c]
    assert inserted["items"][1]["is_stopped_on_fail"] is True
    assert order(await ok(lab, "POST", f"{path}/items/99", TestId=a)) == [a, b, c, a]
    assert order(await ok(lab, "DELETE", f"{path}/items/4")) == [a, b, c]
    listed = await ok(lab, "GET", f"{path}/items?limit=1&offset=1")
    assert listed["results"] == [inserted["items"][1]]
    assert listed["metadata"]["result_set"]["total"] == 3

    renamed = await ok(lab, "PATCH", path, Title="U", IsSequential=False)
    assert (renamed["title"], renamed["is_sequential"], order(renamed)) == ("U", False, [a, b, c])
    assert (await ok(lab, "PUT", path, Title="V"))["is_sequential"] is True
    assert await ok(lab, "GET", path) == {**renamed, "title": "V", "is_sequential": True}
    (row,) = (await ok(lab, "GET", "testsets"))["results"]
    assert row == {"id": made["id"], "project_id": PROJECT, "title": "V", "is_sequential": True}

    run = await ok(lab, "POST", "testruns", TestSetId=made["id"], RunByHostId=host.id)
    (pending,) = (await lab.pending(host))["results"]
    assert [i["sequence_number"] for i in pending["test_run_items"]] == [1, 3], "2 is not active"
    assert order(await ok(lab, "PUT", f"{path}/items", Items=[{"TestId": b}])) == [b]
    assert await ok(lab, "DELETE", path) == {}
    assert (await call(lab, "GET", path)).status == 404
    assert (await ok(lab, "GET", f"testruns/{run['id']}"))["test_set_name"] == "V"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/items", {}, 400),
        ("PUT", "/items", {}, 400),
        ("POST", "/items", {"Items": [{"TestId": 99}]}, 400),
        ("POST", "/items/0", {"TestId": 1}, 404),
        ("DELETE", "/items/2", {}, 404),
        ("DELETE", "/items/0", {}, 404),
        ("PUT", "", {}, 400),
        ("PATCH", "", {"Title": ""}, 400),
    ],
)
async def test_a_set_that_cannot_be_is_refused_and_unchanged(
    lab: Lab, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    set_id = await lab.door.add_set(PROJECT, "S", [(test_id, True)])
    before = await ok(lab, "GET", f"testsets/{set_id}")

    assert (await call(lab, method, f"testsets/{set_id}{path}", **body)).status == status
    assert await ok(lab, "GET", f"testsets/{set_id}") == before


async def test_a_users_result_of_an_item_counts_like_an_agents(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [True, False])
    first, second = await lab.door.items(PROJECT, run_id)
    path = f"testruns/{run_id}/items/{first['id']}"
    assert await ok(lab, "GET", path) == first

    changed = await ok(
        lab,
        "PATCH",
        path,
        StatusCode="Failed",
        RunTime=9,
        Steps=[{"StepName": "Look", "StatusCode": "Failed", "ActualResult": "nothing"}],
    )

    assert (changed["status"], changed["run_time"]) == ("Failed", 9)
    assert changed["test_run_results"] == [
        {"status": "Failed", "step": "Look", "actual_result": "nothing"}
    ]
    assert await lab.statuses(run_id) == ["Failed", "Blocked"]
    assert (await lab.pending(host))["results"] == []
    assert (await ok(lab, "PATCH", path, StatusCode="Passed"))["run_time"] == 9
    assert (await call(lab, "PATCH", path, StatusCode="Awaiting Run")).status == 400
    assert (await call(lab, "PATCH", path, Status="Passed")).status == 400
    gap = [{"Seq": 3, "StatusCode": "Passed"}]
    assert (await call(lab, "PATCH", path, StatusCode="Passed", Steps=gap)).status == 400
    other = await lab.run(host)
    assert (await call(lab, "GET", f"testruns/{other}/items/{second['id']}")).status == 404


async def test_steps_of_a_users_result_are_laid_over_the_librarys(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    (item,) = await lab.door.items(PROJECT, run_id)
    sent = [{"Seq": 1, "StatusCode": "Passed"}, {"Seq": 2, "StatusCode": "NA", "StepName": "More"}]

    changed = await ok(
        lab, "PATCH", f"testruns/{run_id}/items/{item['id']}", StatusCode="Passed", Steps=sent
    )

    assert [(s["status"], s["step"]) for s in changed["test_run_results"]] == [
        ("Passed", "Open"),
        ("NA", "More"),
    ]
    assert changed["test_run_results"][0]["expected_result"] == "Opened"
    assert await lab.run_status(run_id) == "Passed"


async def test_departments_are_those_of_the_user(lab: Lab) -> None:
    listed = (await lab.call("GET", f"{DEPTS}?limit=1", LEAD)).document
    one = await lab.call("GET", f"{DEPTS}/5120", DEMO)

    assert [dept["dept_name"] for dept in listed["results"]] == ["Payments"]
    assert listed["metadata"]["result_set"]["total"] == 2
    assert one.document == listed["results"][0]
    for dept_id in (5121, 99):
        assert (await lab.call("GET", f"{DEPTS}/{dept_id}", DEMO)).status == 404
    assert (await lab.call("GET", DEPTS)).status == 401


@pytest.mark.parametrize("path", ["tests", "tests/{}/automations", "testsets/{}/items"])
async def test_a_filter_is_refused_and_not_left_unread(lab: Lab, path: str) -> None:
    test_id = await lab.door.add_test(PROJECT, "T")
    set_id = await lab.door.add_set(PROJECT, "S", [])
    full = path.format(set_id if "sets" in path else test_id)

    assert (await call(lab, "GET", full)).status == 200
    assert (await call(lab, "GET", f"{full}?filter=Title~'a'")).status == 400


async def test_nothing_of_another_department_can_be_read_or_changed(lab: Lab) -> None:
    theirs = DATA.replace(str(PROJECT), "4103")
    made = await lab.call("POST", f"{theirs}/tests", LEAD, json={"Title": "T"})
    test_id = made.document["id"]

    for method in ("GET", "PUT", "PATCH", "DELETE"):
        body = {"Title": "mine"}
        assert (await lab.call(method, f"{theirs}/tests/{test_id}", DEMO, json=body)).status == 403
        assert (await call(lab, method, f"tests/{test_id}", Title="mine")).status == 404
    kept = await lab.call("GET", f"{theirs}/tests/{test_id}", LEAD)
    assert kept.document["title"] == "T"


async def test_a_result_given_while_the_run_goes_is_the_last_word(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    (item,) = await lab.door.items(PROJECT, run_id)
    await ok(lab, "PATCH", f"testruns/{run_id}/items/{item['id']}", StatusCode="Blocked")
    assert (await lab.pending(host))["results"] == []

    again = await lab.call("PATCH", host.item(run_id), host.auth, json=result("Passed"))

    assert again.status == 200
    assert await lab.run_status(run_id) == "Passed"
