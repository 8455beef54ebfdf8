"""Conformance point 6: the list of pending runs."""

import pytest

from tests.standin.lab import JUNIT, PROJECT, Host, Lab, golden, shape


async def test_an_idle_host_gets_an_empty_list(lab: Lab, host: Host) -> None:
    document = await lab.pending(host)

    assert document["results"] == []
    assert document["metadata"]["result_set"] == {"count": 0, "offset": 0, "limit": 25, "total": 0}


async def test_a_run_of_a_set_answers_in_the_recommended_shape(lab: Lab, host: Host) -> None:
    expected = golden("current_runs.json")
    run = expected["results"][0]
    item = run["test_run_items"][0]
    automation = item["automations"][0]
    steps = [(step["step"], step["expected_result"]) for step in item["test_run_results"]]
    test_id = await lab.door.add_test(PROJECT, item["test_name"], steps)
    more = {"Title": automation["title"], "EntryPoint": automation["entry_point"], "Timeout": 600}
    await lab.door.add_automation(PROJECT, test_id, automation["agent"], **more)
    set_id = await lab.door.add_set(PROJECT, run["test_set_name"], [(test_id, True)])
    await lab.door.queue(
        project=PROJECT, host_id=host.id, test_set_id=set_id, test_config_id=17, release_id=62
    )

    document = await lab.pending(host)

    assert shape(document) == shape(expected)
    own_ids = {"id": document["results"][0]["id"], "test_set_id": set_id}
    own_item = {"id": document["results"][0]["test_run_items"][0]["id"], "test_id": test_id}
    run.update(own_ids)
    item.update(own_item)
    assert document == expected


async def test_the_sequence_number_stands_in_both_places_even_without_steps(
    lab: Lab, host: Host
) -> None:
    await lab.set_run(host, [False, False])

    items = (await lab.pending(host))["results"][0]["test_run_items"]

    assert [item["sequence_number"] for item in items] == [1, 2]
    nested = [[step["sequence_number"] for step in item["test_run_results"]] for item in items]
    assert nested == [[1], [2]]


async def test_a_single_test_has_the_set_0_and_the_sequence_number_1(lab: Lab, host: Host) -> None:
    await lab.run(host)

    (run,) = (await lab.pending(host))["results"]

    assert run["test_set_id"] == 0
    assert "test_set_name" not in run
    assert [item["sequence_number"] for item in run["test_run_items"]] == [1]
    assert run["test_run_items"][0]["stop_on_fail"] is False


async def test_automation_parameters_reach_the_agent(lab: Lab, host: Host) -> None:
    test_id = await lab.door.add_test(PROJECT, "With parameters")
    params = {"browser": "chrome", "retries": 2}
    await lab.door.add_automation(PROJECT, test_id, "junit", Params=params, RunMode=3)
    await lab.door.queue(project=PROJECT, host_id=host.id, test_id=test_id)

    (run,) = (await lab.pending(host))["results"]

    (automation,) = run["test_run_items"][0]["automations"]
    params = {"browser": "chrome", "retries": "2"}
    assert automation == {"agent": JUNIT, "run_mode": 3, "params": params}


async def test_pages_hold_25_runs_in_ascending_order_with_right_totals(
    lab: Lab, host: Host
) -> None:
    runs = [await lab.run(host) for _ in range(27)]

    first = await lab.pending(host)
    second = await lab.pending(host, "?offset=25")
    beyond = await lab.pending(host, "?offset=99")

    assert [run["id"] for run in first["results"]] == runs[:25]
    assert [run["id"] for run in second["results"]] == runs[25:]
    assert beyond["results"] == []
    results = [page["metadata"]["result_set"] for page in (first, second, beyond)]
    assert results == [
        {"count": 25, "offset": 0, "limit": 25, "total": 27},
        {"count": 2, "offset": 25, "limit": 25, "total": 27},
        {"count": 0, "offset": 99, "limit": 25, "total": 27},
    ]


async def test_limit_counts_runs_and_not_items(lab: Lab, host: Host) -> None:
    await lab.set_run(host, [False] * 3)
    await lab.run(host)

    (run,) = (await lab.pending(host, "?limit=1"))["results"]

    assert len(run["test_run_items"]) == 3


async def test_limit_0_answers_the_totals_alone(lab: Lab, host: Host) -> None:
    await lab.run(host)

    document = await lab.pending(host, "?limit=0")

    assert document["results"] == []
    assert document["metadata"]["result_set"] == {"count": 0, "offset": 0, "limit": 0, "total": 1}


async def test_limits_are_capped_at_1000(lab: Lab, host: Host) -> None:
    document = await lab.pending(host, "?limit=5000")

    assert document["metadata"]["result_set"]["limit"] == 1000


@pytest.mark.parametrize(
    "query", ["limit=-1", "offset=-1", "limit=ten", "offset=1.5", "limit=", "limit=" + "9" * 30]
)
async def test_a_page_that_is_no_whole_number_is_refused(lab: Lab, host: Host, query: str) -> None:
    answer = await lab.call("GET", f"{host.path}/currentruns?{query}", host.auth)

    assert answer.status == 400


async def test_each_host_sees_its_own_runs_alone(lab: Lab, host: Host) -> None:
    other = await lab.host("LAB-02")
    run_id = await lab.run(host)

    assert [run["id"] for run in (await lab.pending(host))["results"]] == [run_id]
    assert (await lab.pending(other))["results"] == []


async def test_reading_changes_nothing(lab: Lab, host: Host) -> None:
    await lab.run(host)

    assert await lab.pending(host) == await lab.pending(host)


async def test_a_run_stays_listed_with_all_its_items_until_none_waits(lab: Lab, host: Host) -> None:
    run_id = await lab.set_run(host, [False, False])

    await lab.report(host, run_id, "Passed", 1)
    (run,) = (await lab.pending(host))["results"]
    statuses = [item["status"] for item in run["test_run_items"]]
    assert (run["status"], statuses) == ("In Progress", ["Passed", "Awaiting Run"])

    await lab.report(host, run_id, "Passed", 2)
    document = await lab.pending(host)
    assert document["results"] == []
    assert document["metadata"]["result_set"]["total"] == 0


async def test_an_inactive_host_keeps_the_runs_it_has(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    await lab.call("PATCH", host.path, host.auth, json={"is_active": False})

    assert [run["id"] for run in (await lab.pending(host))["results"]] == [run_id]


async def test_the_api_is_served_with_and_without_its_mount(lab: Lab, host: Host) -> None:
    short = host.path.removeprefix("/rest-api")

    assert (await lab.call("GET", f"{short}/currentruns", host.auth)).status == 200
