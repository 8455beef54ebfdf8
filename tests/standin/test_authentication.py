"""Conformance point 1: Basic authentication in two flavours."""

import base64
import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth

from orchestrator.standin.passwords import hash_password
from tests.standin.lab import API, DATA, DEMO, GUEST, Host, Lab, open_lab, result

USER_OPERATIONS = [("GET", "/depts"), ("POST", "/hosts"), ("GET", "/hosts?name=LAB-01")]
HOST_OPERATIONS = [
    ("GET", ""),
    ("PATCH", ""),
    ("GET", "/currentruns"),
    ("PATCH", "/runs/1/items/1"),
    ("POST", "/runs/1/items/1/logs"),
    ("POST", "/runs/1/items/1/report"),
    ("GET", "/runs/1/items/1/script?agent=JUnit%20%28Selenium%29"),
]


@pytest.mark.parametrize(("method", "path"), USER_OPERATIONS)
async def test_user_operations_refuse_calls_without_a_users_login(
    lab: Lab, host: Host, method: str, path: str
) -> None:
    body = {"host_name": "B", "host_configuration": "x"}
    for auth in (None, encode_basic_auth("demo@example.com", "wrong"), host.auth):
        answer = await lab.call(method, API + path, auth, json=body if method == "POST" else None)
        assert answer.status == 401
        assert answer.error["code"] == 401


@pytest.mark.parametrize(("method", "path"), HOST_OPERATIONS)
async def test_host_operations_refuse_calls_without_that_hosts_token(
    lab: Lab, host: Host, method: str, path: str
) -> None:
    other = await lab.host("LAB-02")
    await lab.run(host)

    for auth in (None, DEMO, encode_basic_auth(str(host.id), other.token)):
        assert (await lab.call(method, host.path + path, auth)).status == 401
    assert (await lab.call(method, host.path + path, other.auth)).status == 403


async def test_another_hosts_run_is_not_found_under_ones_own_path(lab: Lab, host: Host) -> None:
    other = await lab.host("LAB-02")
    run_id = await lab.run(host)

    answer = await lab.call("PATCH", other.item(run_id), other.auth, json=result())

    assert answer.status == 404
    assert answer.error == {"message": f"Run with id {run_id} not found", "code": 404}
    assert await lab.run_status(run_id) == "Awaiting Run"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Basic " + base64.b64encode("²:x".encode()).decode(),
        "Basic " + base64.b64encode(b"9" * 40 + b":x").decode(),
    ],
)
async def test_an_unreadable_authorization_header_counts_as_none(
    lab: Lab, host: Host, header: str
) -> None:
    assert (await lab.call("GET", f"{API}/depts", header)).status == 401
    assert (await lab.call("GET", host.path, header)).status == 401


async def test_mail_addresses_have_no_case_and_passwords_do(lab: Lab) -> None:
    right, wrong = (("Demo@Example.COM", "demo"), ("demo@example.com", "DEMO"))

    assert (await lab.call("GET", f"{API}/depts", encode_basic_auth(*right))).status == 200
    assert (await lab.call("GET", f"{API}/depts", encode_basic_auth(*wrong))).status == 401


async def test_without_the_read_right_hosts_are_forbidden_and_departments_are_not(
    lab: Lab, host: Host
) -> None:
    body = {"host_name": "B", "host_configuration": "x"}

    assert (await lab.call("POST", f"{API}/hosts", GUEST, json=body)).status == 403
    assert (await lab.call("GET", f"{API}/hosts?name=LAB-01", GUEST)).status == 403
    assert (await lab.call("GET", f"{API}/depts", GUEST)).status == 200


async def test_a_users_login_opens_host_operations_only_behind_the_switch(tmp_path: Path) -> None:
    async with open_lab(tmp_path, "user-on-host-operations") as lab:
        host = await lab.host()

        assert (await lab.call("GET", f"{host.path}/currentruns", DEMO)).status == 200
        assert (await lab.call("GET", host.path, GUEST)).status == 403
        missing = await lab.call("GET", f"{API}/hosts/15", DEMO)
        assert missing.error["message"] == "Host with id 15 not found"
        assert (await lab.call("GET", host.path)).status == 401


async def test_side_doors_are_for_users_of_the_projects_department(lab: Lab, host: Host) -> None:
    other_project = DATA.replace("4102", "4103")

    assert (await lab.call("GET", f"{DATA}/testruns")).status == 401
    assert (await lab.call("GET", f"{DATA}/testruns", host.auth)).status == 401
    assert (await lab.call("GET", f"{other_project}/testruns", DEMO)).status == 403
    assert (await lab.call("GET", f"{DATA}9/testruns", DEMO)).status == 404


async def test_neither_logs_nor_refusals_repeat_a_secret(
    lab: Lab, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [
            await lab.call("GET", f"{API}/hosts/999", host.auth),
            await lab.call("PATCH", host.path, host.auth, data=b"{", headers={"X": "y"}),
            await lab.call("PUT", host.path, host.auth),
        ]

    said = b"".join(answer.body for answer in answers).decode() + caplog.text
    assert host.token not in said
    assert host.auth.removeprefix("Basic ") not in said


async def test_passwords_are_kept_as_salted_hashes(lab: Lab, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "standin.db")) as db:
        kept = dict(db.execute("SELECT email, password_hash FROM users"))

    assert set(kept) == {"demo@example.com", "lead@example.com", "guest@example.com"}
    assert all(re.fullmatch(r"[0-9a-f]{32}\$[0-9a-f]{64}", value) for value in kept.values())
    assert hash_password("demo") != hash_password("demo")
