"""Departments and users at the management pages: nobody gets at what was closed before."""

from typing import Any

import pytest

from tests.standin.lab import LEAD, Lab, open_lab
from tests.standin.reader import Reader, sign_in

PAYMENTS, LOGISTICS = 5120, 5121
DEMO_ID, LEAD_ID, GUEST_ID = 1, 2, 3


@pytest.fixture
async def demo(lab: Lab) -> Reader:
    return await sign_in(lab, "demo@example.com")


async def _departments(lab: Lab, email: str, password: str) -> set[str]:
    reader = await sign_in(lab, email, password)
    text = await reader.text("/departments")
    return {name for name in ("Payments", "Logistics") if f">{name}<" in text}


async def test_a_user_is_added_changed_and_removed(lab: Lab, demo: Reader) -> None:
    new = {"email": "New@Example.com", "password": "a", "dept": str(PAYMENTS)}
    assert await demo.done("/users/new", {**new, "may_read_hosts": "yes"}) == "/users"
    assert (await demo.post("/users/new", new)).status == 400
    assert (await demo.post("/users/new", {**new, "email": "no address"})).status == 400
    reader = await sign_in(lab, "new@example.com", "a")
    assert (await reader.get("/users/new")).status == 200

    await demo.done("/users/4", {"password": "b"})

    assert (await reader.get("/users")).status == 303, "the old password's sessions are over"
    again = await sign_in(lab, "new@example.com", "b")
    assert (await again.get("/users/new")).status == 403
    assert "You belong to no department" in await again.text("/departments")
    assert "No project yet" in await again.text("/")
    for path in ("/users/4", "/users/4/remove"):
        answer = await demo.post(path, {"password": "mine"})
        assert answer.status == 404, "who is in no department yet is of those who oversee all"
    overseer = await sign_in(lab, "lead@example.com")
    await overseer.done("/users/4/remove")
    assert (await again.get("/users")).status == 303
    assert 'href="/users/4"' not in await demo.text("/users")


async def test_nobody_gives_out_departments_that_are_not_the_own(lab: Lab, demo: Reader) -> None:
    both = [("dept", str(PAYMENTS)), ("dept", str(LOGISTICS)), ("form_key", demo.form_key)]
    fields: Any = [("email", "new@example.com"), ("password", "a"), *both]
    headers = {"Cookie": demo.cookie}
    added = await lab.call("POST", "/users/new", data=fields, headers=headers)
    assert added.status == 303
    changed = await lab.call("POST", f"/users/{DEMO_ID}", data=both, headers=headers)
    assert changed.status == 303

    assert await _departments(lab, "new@example.com", "a") == {"Payments"}
    assert await _departments(lab, "demo@example.com", "demo") == {"Payments"}
    assert (await demo.get(f"/departments/{LOGISTICS}")).status == 403
    for path in ("", "/projects", "/remove"):
        fields = {"name": "X", "company": "Y", "project_name": "Z"}
        assert (await demo.post(f"/departments/{LOGISTICS}{path}", fields)).status == 403


async def test_an_account_that_opens_more_is_not_taken_over(lab: Lab, demo: Reader) -> None:
    refused = await demo.post(f"/users/{LEAD_ID}", {"password": "mine"})
    assert refused.status == 400
    assert (await demo.post(f"/users/{LEAD_ID}/remove")).status == 403

    await demo.done(f"/users/{LEAD_ID}")

    assert await _departments(lab, "lead@example.com", "lead") == {"Logistics"}
    host = {"host_name": "H", "host_configuration": "c", "dept_id": LOGISTICS}
    url = "/rest-api/service/automation/v2/hosts"
    assert (await lab.call("POST", url, LEAD, json=host)).status == 200


async def test_without_the_right_the_own_password_is_all_one_can_change(lab: Lab) -> None:
    guest = await sign_in(lab, "guest@example.com")

    await guest.done(f"/users/{GUEST_ID}", {"password": "new", "may_read_hosts": "yes"})

    assert (await guest.get("/users")).status == 200
    assert "demo@example.com" not in await guest.text("/users")
    assert (await guest.get(f"/users/{DEMO_ID}")).status == 403
    assert (await guest.post(f"/users/{DEMO_ID}", {"password": "x"})).status == 403
    assert (await guest.post("/users/new", {"email": "a@b", "password": "x"})).status == 403
    again = await sign_in(lab, "guest@example.com", "new")
    assert (await again.get("/users/new")).status == 403


async def test_people_of_other_departments_are_not_seen(lab: Lab, demo: Reader) -> None:
    lead = await sign_in(lab, "lead@example.com")
    fields = {"email": "far@example.com", "password": "a", "dept": str(LOGISTICS)}
    await lead.done("/users/new", fields)

    assert "far@example.com" in await lead.text("/users")
    assert "far@example.com" not in await demo.text("/users")
    assert (await demo.get("/users/4")).status == 404
    assert (await demo.post("/users/4", {"password": "b"})).status == 404


async def test_a_department_is_renamed_and_removed_once_it_is_empty(demo: Reader) -> None:
    path = await demo.done("/departments", {"name": "Returns", "company": "Example Ltd"})
    await demo.done(path, {"name": "Returned", "company": "Example Ltd"})
    assert "Returned" in await demo.text("/departments")

    await demo.done(f"{path}/remove")

    assert "Returned" not in await demo.text("/departments")
    refused = await demo.post(f"/departments/{PAYMENTS}/remove")
    assert refused.status == 400
    assert b"has projects" in refused.body


async def test_a_session_is_not_somebody_elses_who_comes_with_the_same_id(
    lab: Lab, demo: Reader, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fields = {"password": "a", "dept": str(PAYMENTS)}
    await demo.done("/users/new", {**fields, "email": "one@example.com"})
    one = await sign_in(lab, "one@example.com", "a")
    assert (await one.get("/users/4")).status == 200
    async with open_lab(tmp_path_factory.mktemp("other")) as other:
        demo_there = await sign_in(other, "demo@example.com")
        await demo_there.done("/users/new", {**fields, "email": "two@example.com"})
        exported = (await other.call("GET", "/standin/export?secrets=true", LEAD)).body

    headers = {"Content-Type": "application/zip"}
    answer = await lab.call("POST", "/standin/import", LEAD, data=exported, headers=headers)

    assert answer.status == 200, answer.body
    assert "two@example.com" in await demo.text("/users/4")
    assert (await one.get("/users/4")).status == 303
