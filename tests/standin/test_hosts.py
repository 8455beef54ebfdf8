"""Conformance points 2 to 5: departments and hosts."""

import re
from typing import Any

import pytest

from tests.standin.lab import API, DEMO, LEAD, Host, Lab, golden, shape

FULL = {
    "host_name": "LAB-W11-03",
    "host_configuration": "cpu=8; ram=16GB; browser=Chrome 126",
    "agents": ["TestComplete/TestExecute", "JUnit (Selenium)"],
    "os": "Windows 11 23H2",
    "is_active": True,
    "agent_version": "3.01.0001",
}


async def register(lab: Lab, *, auth: str = DEMO, query: str = "", **body: Any) -> Any:
    return await lab.call("POST", f"{API}/hosts{query}", auth, json=body)


async def find(lab: Lab, query: str, auth: str = DEMO) -> Any:
    return await lab.call("GET", f"{API}/hosts?{query}", auth)


async def test_departments_answer_as_documented(lab: Lab) -> None:
    answer = await lab.call("GET", f"{API}/depts", LEAD)

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.document == golden("departments.json")


async def test_a_user_of_one_department_sees_that_one(lab: Lab) -> None:
    document = (await lab.call("GET", f"{API}/depts", DEMO)).document

    assert [dept["name"] for dept in document["results"]] == ["Payments"]
    assert document["metadata"]["result_set"]["total"] == 1


async def test_departments_are_paged(lab: Lab) -> None:
    document = (await lab.call("GET", f"{API}/depts?offset=1&limit=1", LEAD)).document

    assert [dept["id"] for dept in document["results"]] == [5121]
    assert document["metadata"]["result_set"] == {"count": 1, "offset": 1, "limit": 1, "total": 2}


async def test_a_registered_host_is_answered_with_200_and_its_token(lab: Lab) -> None:
    answer = await register(lab, **FULL)

    assert answer.status == 200
    assert shape(answer.document) == shape(golden("host.json"))
    assert answer.document.items() >= FULL.items()
    token = answer.document["security_token"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token)


async def test_every_host_gets_a_token_of_its_own(lab: Lab) -> None:
    assert (await lab.host("A")).token != (await lab.host("B")).token


async def test_names_of_properties_have_no_case_and_unknown_ones_are_ignored(lab: Lab) -> None:
    body = {"HostName": "A", "hostConfiguration": "x", "IsActive": False, "colour": "red"}

    answer = await register(lab, **body)

    assert answer.document["host_name"] == "A"
    assert answer.document["is_active"] is False
    assert "colour" not in answer.document


async def test_a_new_host_is_active_and_without_agents_unless_said_otherwise(lab: Lab) -> None:
    document = (await register(lab, host_name="A", host_configuration="x")).document

    assert document["is_active"] is True
    assert document["agents"] == []
    assert "os" not in document, "null properties are left out"


@pytest.mark.parametrize(
    ("given", "long"),
    [
        ("testcomplete", "TestComplete/TestExecute"),
        ("JUNIT", "JUnit (Selenium)"),
        ("nunit (selenium)", "NUnit (Selenium)"),
        ("TestNG (Selenium)", "TestNG (Selenium)"),
        ("ReadyApi", "ReadyAPI / SoapUI OS"),
    ],
)
async def test_agents_are_taken_long_and_short_in_any_case_and_shown_long(
    lab: Lab, given: str, long: str
) -> None:
    answer = await register(lab, host_name="A", host_configuration="x", agents=[given, long])

    assert answer.document["agents"] == [long]


@pytest.mark.parametrize(
    "wrong",
    [
        {"host_name": None},
        {"host_name": "  "},
        {"host_name": 5},
        {"host_name": "x" * 101},
        {"host_configuration": None},
        {"host_configuration": "x" * 4001},
        {"agents": ["cucumber"]},
        {"agents": "junit"},
        {"agents": [1]},
        {"is_active": "maybe"},
        {"dept_id": "first"},
        {"dept_id": -1},
        {"dept_id": True},
    ],
)
async def test_a_host_that_breaks_a_rule_is_refused_and_not_kept(
    lab: Lab, wrong: dict[str, Any]
) -> None:
    answer = await register(lab, **{"host_name": "A", "host_configuration": "x"} | wrong)

    assert answer.status == 400
    assert answer.error["code"] == 400
    assert (await find(lab, "name=A")).status == 404


async def test_names_of_100_and_configurations_of_4000_characters_fit(lab: Lab) -> None:
    answer = await register(lab, host_name="ü" * 100, host_configuration="x" * 4000)

    assert answer.status == 200


async def test_a_taken_name_is_answered_with_500_in_any_case(lab: Lab, host: Host) -> None:
    answer = await register(lab, host_name="lab-01", host_configuration="x")

    assert answer.status == 500
    assert answer.error == {"message": "A host with name lab-01 already exists", "code": 500}


async def test_two_departments_may_each_have_a_host_of_one_name(lab: Lab, host: Host) -> None:
    body = {"host_name": "LAB-01", "host_configuration": "x", "dept_id": 5121}

    assert (await register(lab, auth=LEAD, **body)).status == 200


async def test_with_several_departments_one_must_be_chosen(lab: Lab) -> None:
    body = {"host_name": "A", "host_configuration": "x"}

    assert (await register(lab, auth=LEAD, **body)).status == 400
    assert (await find(lab, "name=A", LEAD)).status == 400
    assert (await register(lab, auth=LEAD, **body, dept_id=5121)).status == 200
    assert (await find(lab, "name=A&deptid=5121", LEAD)).status == 200
    assert (await find(lab, "name=A&deptid=5120", LEAD)).status == 404


async def test_the_department_is_also_taken_from_the_query_in_its_spellings(lab: Lab) -> None:
    body = {"host_name": "A", "host_configuration": "x"}

    assert (await register(lab, auth=LEAD, query="?DeptId=5121", **body)).status == 200
    assert (await find(lab, "Name=A&dept_id=5121", LEAD)).status == 200


async def test_a_department_of_others_is_forbidden(lab: Lab) -> None:
    body = {"host_name": "A", "host_configuration": "x"}

    assert (await register(lab, **body, dept_id=5121)).status == 403
    assert (await register(lab, **body, dept_id=1)).status == 403
    assert (await find(lab, "name=A&deptid=5121")).status == 403


async def test_a_host_is_found_by_its_exact_name_in_any_case_with_its_token(
    lab: Lab, host: Host
) -> None:
    found = await find(lab, "name=Lab-01")

    assert found.document["id"] == host.id
    assert found.document["security_token"] == host.token
    assert (await find(lab, "name=LAB")).status == 404
    assert (await find(lab, "name=")).status == 400
    assert (await find(lab, "deptid=5120")).status == 400


async def test_a_name_is_percent_decoded(lab: Lab) -> None:
    host = await lab.host("Büro 1+2/3")

    found = await find(lab, "name=B%C3%BCro%201%2B2%2F3")

    assert found.document["id"] == host.id


async def test_a_host_sees_itself_as_it_was_registered(lab: Lab) -> None:
    registered = (await register(lab, **FULL)).document
    host = Host(registered["id"], registered["security_token"])

    assert (await lab.call("GET", host.path, host.auth)).document == registered


async def test_a_change_leaves_what_is_not_sent(lab: Lab) -> None:
    before = (await register(lab, **FULL)).document
    host = Host(before["id"], before["security_token"])
    change = {"agents": ["nunit"], "agent_version": "3.01.0002"}

    answer = await lab.call("PATCH", host.path, host.auth, json=change)

    after = before | {"agents": ["NUnit (Selenium)"], "agent_version": "3.01.0002"}
    assert (answer.status, answer.document) == (200, after)
    assert (await lab.call("GET", host.path, host.auth)).document == after


async def test_an_empty_change_changes_nothing(lab: Lab, host: Host) -> None:
    before = (await lab.call("GET", host.path, host.auth)).document

    answer = await lab.call("PATCH", host.path, host.auth, json={})

    assert (answer.status, answer.document) == (200, before)


async def test_id_token_and_department_cannot_be_changed(lab: Lab, host: Host) -> None:
    change = {"id": 99, "security_token": "mine", "dept_id": 5121}

    answer = await lab.call("PATCH", host.path, host.auth, json=change)

    assert answer.document["security_token"] == host.token
    assert (await find(lab, "name=LAB-01")).document["id"] == host.id


async def test_a_host_cannot_take_anothers_name_but_may_change_the_case_of_its_own(
    lab: Lab, host: Host
) -> None:
    await lab.host("LAB-02")

    taken = await lab.call("PATCH", host.path, host.auth, json={"host_name": "lab-02"})
    own = await lab.call("PATCH", host.path, host.auth, json={"host_name": "Lab-01"})

    assert taken.status == 500
    assert own.document["host_name"] == "Lab-01"


@pytest.mark.parametrize("wrong", [{"host_name": " "}, {"host_name": "x" * 101}, {"agents": ["?"]}])
async def test_a_change_keeps_the_rules_of_registration(
    lab: Lab, host: Host, wrong: dict[str, Any]
) -> None:
    assert (await lab.call("PATCH", host.path, host.auth, json=wrong)).status == 400


async def test_a_form_is_taken_like_json(lab: Lab) -> None:
    form = {"host_name": "A", "host_configuration": "x", "is_active": "false"}

    answer = await lab.call("POST", f"{API}/hosts", DEMO, data=form)

    assert answer.document["is_active"] is False
