"""The ten operations against the stand-in: what is at the far end afterwards."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from orchestrator import standin
from orchestrator.api import sent, wire
from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.download import Rules
from orchestrator.api.transport import Api
from orchestrator.errors import PermanentApiError, TransientApiError
from orchestrator.metrics import OPERATIONS
from tests.api.servers import counted, open_api, open_web
from tests.standin.lab import DEMO, JUNIT, PROJECT, Host, Lab, open_lab

NOW = sent.utc_text(datetime.now(UTC))
RESULT: dict[str, Any] = sent.Result(
    status="Failed",
    date_started=NOW,
    date_finished=NOW,
    run_time=0,
    test_run_results=[sent.Step(status="Failed", step="Log in", actual_result="refused")],
).model_dump()


def registration(name: str = "LAB-02", **more: Any) -> sent.HostRegistration:
    values = {"host_configuration": "cpu=8", "agents": ["junit"], "os": "Linux"}
    return sent.HostRegistration(host_name=name, agent_version="1.00.0000", **(values | more))


async def test_all_ten_operations_are_understood_and_counted(
    lab: Lab, api: Api, user: UserClient, tmp_path: Path
) -> None:
    archive = b"PK\x05\x06" + bytes(18)
    (tmp_path / "log.xml").write_text("<log/>")
    (tmp_path / "report.mht").write_text("MIME-Version: 1.0")

    departments = await user.list_departments()
    made = await user.register_host(registration())
    found = await user.find_host("LAB-02", None)
    assert found is not None and found.security_token is not None
    client = HostClient(api, found.id, found.security_token.get_secret_value())
    await client.update_host({"os": "Linux 7"})
    known = await client.get_host()
    run_id = await lab.scripted_run(Host(made.id, ""), JUNIT, archive)
    ((run,), problems) = await client.pending_runs()
    script = await client.fetch_script(run_id, 1, JUNIT, tmp_path / "s.zip", Rules())
    await client.update_item(run_id, 1, RESULT)
    await client.upload_log(run_id, 1, tmp_path / "log.xml")
    await client.upload_report(run_id, 1, tmp_path / "report.mht")

    assert [one.name for one in departments] == ["Payments"]
    assert (found.id, known.id, known.agents) == (made.id, made.id, (JUNIT,))
    assert (run.id, problems, run.items[0].sequence_number) == (run_id, [], 1)
    assert run.items[0].automations[0].agent == JUNIT
    assert script == tmp_path / "s.zip"
    assert script.read_bytes() == archive
    (item,) = await lab.door.items(PROJECT, run_id)
    assert item["status"] == "Failed"
    for kind, content in (("log", b"<log/>"), ("report", b"MIME-Version: 1.0")):
        sent = await lab.call("GET", f"/standin/runs/{run_id}/items/1/{kind}", DEMO)
        assert sent.body == content
    assert counted(api) == {(name, "2xx"): 1 for name in lab.faults.calls}
    assert len(lab.faults.calls) == 10


async def test_a_result_is_replaced_by_the_next(lab: Lab, host: Host, client: HostClient) -> None:
    run_id = await lab.run(host)

    await client.update_item(run_id, 1, RESULT)
    await client.update_item(run_id, 1, {**RESULT, "status": "Passed"})

    (item,) = await lab.door.items(PROJECT, run_id)
    assert item["status"] == "Passed"
    assert await client.pending_runs() == ([], [])


@pytest.mark.parametrize("quirk", ["nulls-present", "dates-with-z", "errors-empty"])
async def test_a_server_of_other_habits_is_understood_as_well(tmp_path: Path, quirk: str) -> None:
    async with open_lab(tmp_path, quirk) as lab, open_api(lab.url) as api:
        user = UserClient(api, "demo@example.com", "demo")
        assert await user.find_host("LAB-02", None) is None
        made = await user.register_host(registration())
        assert made.security_token is not None
        client = HostClient(api, made.id, made.security_token.get_secret_value())
        assert (await client.get_host()).is_active
        run_id = await lab.run(Host(made.id, ""))
        runs, problems = await client.pending_runs()

    assert ([run.id for run in runs], problems) == ([run_id], [])
    assert runs[0].items[0].pending


async def test_a_user_of_several_departments_has_to_choose(lab: Lab, api: Api) -> None:
    user = UserClient(api, "lead@example.com", "lead")
    departments = await user.list_departments()
    chosen = departments[1].id

    with pytest.raises(PermanentApiError) as refused:
        await user.find_host("LAB-09", None)
    made = await user.register_host(registration("LAB-09", dept_id=chosen))
    found = await user.find_host("LAB-09", chosen)

    assert refused.value.status == 400
    assert found is not None
    assert found.id == made.id


async def test_a_taken_name_is_a_500_that_says_so_and_the_host_can_be_found(
    user: UserClient,
) -> None:
    made = await user.register_host(registration())

    with pytest.raises(TransientApiError, match=r"register_host: 500 .*LAB-02") as refused:
        await user.register_host(registration())

    assert refused.value.status == 500
    found = await user.find_host("lab-02", None)
    assert found is not None
    assert found.id == made.id


async def test_names_are_sent_as_one_url_component(user: UserClient) -> None:
    name = "LAB 1&deptid=2+ü/%41#x"
    made = await user.register_host(registration(name))

    found = await user.find_host(name, None)

    assert found is not None
    assert (found.id, found.host_name) == (made.id, name)


@pytest.mark.parametrize("agent", wire.AGENTS.values())
async def test_every_agents_name_reaches_the_server_whole(
    lab: Lab, host: Host, client: HostClient, tmp_path: Path, agent: str
) -> None:
    run_id = await lab.scripted_run(host, agent, b"PK script")

    script = await client.fetch_script(run_id, 1, agent, tmp_path / "s.zip", Rules())

    assert isinstance(script, Path)
    assert script.read_bytes() == b"PK script"


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, ""), (404, "<html></html>"), (200, ""), (200, " \n"), (200, "null"), (200, "{}"),
     (200, "[]"), (200, '{"results": []}'), (204, "")],
)  # fmt: skip
async def test_no_such_host_is_understood_in_every_form(status: int, body: str) -> None:
    async with (
        open_web(lambda _: web.Response(status=status, text=body)) as server,
        open_api(server.url) as api,
    ):
        assert await UserClient(api, "u", "p").find_host("LAB-01", 7) is None

    assert server.seen[0].path_qs.endswith("/automation/v2/hosts?name=LAB-01&deptid=7")


@pytest.mark.parametrize(("found", "ours"), [("LAB-10", False), ("lab-1", True), ("", True)])
async def test_the_identity_of_another_host_is_never_taken(found: str, ours: bool) -> None:
    body = json.dumps({"id": 9, "host_name": found, "security_token": "t"})
    async with open_web(lambda _: web.Response(text=body)) as server, open_api(server.url) as api:
        host = await UserClient(api, "u", "p").find_host("LAB-1", None)

    assert (host is not None) == ours


@pytest.mark.parametrize(("status", "body"), [(200, ""), (204, ""), (200, "{}"), (200, "[]")])
async def test_what_confirms_a_result_is_its_status(status: int, body: str) -> None:
    async with (
        open_web(lambda _: web.Response(status=status, text=body)) as server,
        open_api(server.url) as api,
    ):
        await HostClient(api, 1, "t").update_item(3, 4, RESULT)

    assert [request.method for request in server.seen] == ["PATCH"]


async def test_a_login_page_does_not_confirm_a_result() -> None:
    page = web.Response(text="<html>Log in</html>", content_type="text/html")
    async with open_web(lambda _: page) as server, open_api(server.url) as api:
        with pytest.raises(TransientApiError, match="an HTML page, not JSON"):
            await HostClient(api, 1, "t").update_item(3, 4, RESULT)


async def test_json_is_sent_and_asked_for() -> None:
    async with open_web(lambda _: web.Response()) as server, open_api(server.url) as api:
        await HostClient(api, 1, "t").update_item(3, 4, RESULT)

    (request,) = server.seen
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert request.path == "/rest-api/service/automation/v2/hosts/1/runs/3/items/4"


def test_the_standins_operations_are_those_that_are_counted() -> None:
    assert set(OPERATIONS) == set(standin.routes.OPERATIONS)
