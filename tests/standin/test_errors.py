"""Conformance points 10 and 11: error answers, and faults on order."""

import json
from pathlib import Path

import aiohttp
import anyio
import pytest

from orchestrator.standin import Fault
from tests.standin.lab import API, DATA, DEMO, Host, Lab, open_lab, result

VALID = json.dumps(result()).encode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/depts"),
        ("POST", "/depts"),
        ("DELETE", "/hosts"),
        ("PUT", "/hosts/1"),
        ("POST", "/hosts/1/currentruns"),
        ("GET", "/hosts/1/runs/1/items/1"),
        ("GET", "/hosts/1/runs/1/items/1/logs"),
        ("PUT", "/hosts/1/runs/1/items/1/report"),
        ("POST", "/hosts/1/runs/1/items/1/script"),
    ],
)
async def test_a_wrong_method_is_answered_with_500(lab: Lab, method: str, path: str) -> None:
    answer = await lab.call(method, API + path, DEMO)

    assert answer.status == 500
    assert answer.error == {"message": f"Method {method} is not supported here", "code": 500}


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/host",
        f"{API}/hosts/one",
        f"{API}/hosts/-1",
        f"{API}/hosts/{'9' * 30}",
        f"{API}/hosts/1/runs",
        API.replace("v2", "v1") + "/depts",
        "/favicon.ico",
    ],
)
async def test_an_unknown_path_is_not_found(lab: Lab, path: str) -> None:
    answer = await lab.call("GET", path, DEMO)

    assert answer.status == 404
    assert answer.error["code"] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        VALID[:-1],
        b"[1]",
        b'"text"',
        b"null",
        VALID[:-1] + b', "unknown": NaN}',
        b"\xff\xfe{}",
        VALID[:-1] + b', "test_run_results": [{"status": "Passed", "step": "\\ud800"}]}',
        b"[" * 100_000,
    ],
)
async def test_malformed_json_is_refused(lab: Lab, host: Host, body: bytes) -> None:
    run_id = await lab.run(host)
    headers = {"Content-Type": "application/json"}

    answer = await lab.call("PATCH", host.item(run_id), host.auth, data=body, headers=headers)

    assert answer.status == 400
    assert answer.error["code"] == 400
    assert await lab.statuses(run_id) == ["Awaiting Run"]


async def test_json_must_be_called_json(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    answer = await lab.call("PATCH", host.item(run_id), host.auth, data=b"{}")

    assert answer.status == 400
    assert "application/json" in answer.error["message"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"os=x"),
        ("multipart/form-data; boundary=x", b"os=x"),
        ("multipart/form-data; boundary=x", b"--x\r\n{no: header}\r\n--x--\r\n"),
        ("application/x-www-form-urlencoded; charset=x", b"os=x"),
        ("application/json; charset=x", b"os=x"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    lab: Lab, host: Host, content_type: str, body: bytes
) -> None:
    run_id = await lab.run(host)
    headers = {"Content-Type": content_type}

    for method, path in (
        ("PATCH", host.path),
        ("POST", f"{host.item(run_id)}/logs"),
        ("POST", f"{DATA}/testruns"),
    ):
        answer = await lab.call(
            method, path, host.auth if "hosts" in path else DEMO, data=body, headers=headers
        )
        assert (answer.status, answer.error["code"]) == (400, 400)


async def test_a_document_above_the_size_limit_is_answered_with_413(tmp_path: Path) -> None:
    async with open_lab(tmp_path, max_upload_bytes=1000) as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        body = result(test_run_results=[{"status": "Passed", "step": "x" * 1000}])

        answer = await lab.call("PATCH", host.item(run_id), host.auth, json=body)

        assert answer.status == 413
        assert answer.error["code"] == 413


async def test_error_bodies_are_left_out_behind_the_switch(tmp_path: Path) -> None:
    async with open_lab(tmp_path, "errors-empty") as lab:
        for method, path, status in (("PUT", "/depts", 500), ("GET", "/x", 404)):
            answer = await lab.call(method, API + path, DEMO)
            assert (answer.status, answer.body) == (status, b"")
        assert (await lab.call("GET", f"{API}/depts")).status == 401


async def test_error_bodies_are_html_behind_the_switch_with_the_message_escaped(
    tmp_path: Path,
) -> None:
    async with open_lab(tmp_path, "errors-html") as lab:
        answer = await lab.call("GET", f"{API}/hosts?name=<script>", DEMO)

    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"<h1>404 - Not Found</h1>" in answer.body
    assert b"<script>" not in answer.body


async def test_nulls_and_dates_take_the_other_form_behind_switches(tmp_path: Path) -> None:
    async with open_lab(tmp_path, "nulls-present", "dates-with-z") as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        (run,) = (await lab.pending(host))["results"]
        answer = await lab.report(host, run_id, "Passed")

    assert run["test_set_name"] is None
    assert run["test_run_items"][0]["date_started"] is None
    assert answer.document["date_started"] == "2026-03-04T05:06:07.000Z"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_the_next_calls_of_one_operation_can_be_told_to_fail(
    lab: Lab, host: Host, status: int
) -> None:
    lab.faults.answer("current_runs", status, times=2, retry_after="7")
    path = f"{host.path}/currentruns"

    answers = [await lab.call("GET", path, host.auth) for _ in range(3)]

    assert [answer.status for answer in answers] == [status, status, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].error["code"] == status
    assert (await lab.call("GET", host.path, host.auth)).status == 200, "others are not touched"
    assert lab.faults.calls["current_runs"] == 3


async def test_a_failed_call_is_not_acted_upon(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)
    lab.faults.answer("update_item", 503)

    refused = await lab.call("PATCH", host.item(run_id), host.auth, json=result())

    assert refused.status == 503
    assert await lab.statuses(run_id) == ["Awaiting Run"]


async def test_any_body_can_be_said(lab: Lab, host: Host) -> None:
    lab.faults.say("get_host", b"<html>Sign in</html>", content_type="text/html")
    lab.faults.say("get_host", b'{"id": 2', status=200)

    page = await lab.call("GET", host.path, host.auth)
    broken = await lab.call("GET", host.path, host.auth)

    assert (page.status, page.body) == (200, b"<html>Sign in</html>")
    assert page.headers["Content-Type"] == "text/html"
    assert broken.body == b'{"id": 2'


async def test_a_slow_answer_comes_late_and_can_be_given_up(lab: Lab, host: Host) -> None:
    lab.faults.wait("get_host", 0.2)
    lab.faults.wait("get_host", 30)

    before = anyio.current_time()
    assert (await lab.call("GET", host.path, host.auth)).status == 200
    assert anyio.current_time() - before >= 0.2

    with pytest.raises(TimeoutError):
        await lab.call("GET", host.path, host.auth, timeout=aiohttp.ClientTimeout(total=0.1))


@pytest.mark.parametrize(("when", "status"), [("before", "Awaiting Run"), ("after", "Passed")])
async def test_a_connection_can_be_lost_before_or_after_acting(
    lab: Lab, host: Host, when: str, status: str
) -> None:
    run_id = await lab.run(host)
    lab.faults.add("update_item", Fault(drop=when))

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await lab.call("PATCH", host.item(run_id), host.auth, json=result())

    assert await lab.statuses(run_id) == [status]
    assert (await lab.call("GET", host.path, host.auth)).status == 200


async def test_faults_can_be_cleared(lab: Lab, host: Host) -> None:
    lab.faults.drop("get_host", times=9)

    lab.faults.clear()

    assert (await lab.call("GET", host.path, host.auth)).status == 200


async def test_an_operation_that_does_not_exist_cannot_be_told_to_fail(lab: Lab) -> None:
    with pytest.raises(ValueError, match="currentruns"):
        lab.faults.answer("currentruns", 500)
