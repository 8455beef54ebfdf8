"""Conformance points 8 and 9: logs, reports and scripts."""

from pathlib import Path

import anyio
import pytest

from orchestrator.report import write_mht
from orchestrator.standin import Door
from orchestrator.standin.seed import LOGISTICS_ID, LOGISTICS_PROJECT_ID
from tests.standin.lab import API, DEMO, JUNIT, LEAD, Answer, Host, Lab, open_lab, upload
from tests.test_report import FACTS

READYAPI = "ReadyAPI / SoapUI OS"
ZIP = b"PK\x05\x06" + bytes(18)


async def send(lab: Lab, host: Host, run_id: int, kind: str, name: str, content: bytes) -> Answer:
    path = {"log": "logs", "report": "report"}[kind]
    data = upload(name, content)
    return await lab.call("POST", f"{host.item(run_id)}/{path}", host.auth, data=data)


async def read(lab: Lab, run_id: int, kind: str, auth: str | None = DEMO) -> Answer:
    return await lab.call("GET", f"/standin/runs/{run_id}/items/1/{kind}", auth)


async def script(lab: Lab, host: Host, run_id: int, query: str) -> Answer:
    return await lab.call("GET", f"{host.item(run_id)}/script?{query}", host.auth)


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("log", "basket.tcLogX", "application/octet-stream"),
        ("log", "BASKET.XML", "application/octet-stream"),
        ("report", "basket.mht", "multipart/related"),
    ],
)
async def test_an_upload_is_answered_with_200_and_reads_back_byte_for_byte(
    lab: Lab, host: Host, kind: str, name: str, shown: str
) -> None:
    run_id = await lab.run(host)
    content = bytes(range(256)) * 20_000  # larger than the framework's own limit of 1 MiB

    sent = await send(lab, host, run_id, kind, name, content)
    back = await read(lab, run_id, kind)

    assert (sent.status, sent.document) == (200, {})
    assert back.body == content
    assert back.headers["Content-Type"] == shown
    assert name in back.headers["Content-Disposition"]


@pytest.mark.parametrize("kind", ["multipart/related", 'multipart/related; boundary="b"'])
async def test_a_report_that_calls_itself_multipart_is_one_file(
    lab: Lab, host: Host, tmp_path: Path, kind: str
) -> None:
    report = tmp_path / "basket.mht"
    write_mht(FACTS, report)
    run_id = await lab.run(host)
    url = f"{lab.url.rstrip('/')}{host.item(run_id)}/report"
    form = f"log=@{report};type={kind}"

    sent = await anyio.run_process(["curl", "-sfu", f"{host.id}:{host.token}", "-F", form, url])

    assert sent.stdout == b"{}"
    assert (await read(lab, run_id, "report")).body == report.read_bytes()


async def test_an_item_holds_one_log_and_one_report(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    await send(lab, host, run_id, "log", "a.xml", b"<log/>")
    await send(lab, host, run_id, "report", "a.mht", b"MIME-Version: 1.0")

    assert (await read(lab, run_id, "log")).body == b"<log/>"
    assert (await read(lab, run_id, "report")).body == b"MIME-Version: 1.0"
    (item,) = await lab.door.items(4102, run_id)
    assert item["log"] == f"/standin/runs/{run_id}/items/1/log"
    assert item["report"] == f"/standin/runs/{run_id}/items/1/report"


async def test_a_second_upload_overwrites_and_leaves_no_file_behind(
    lab: Lab, host: Host, tmp_path: Path
) -> None:
    run_id = await lab.run(host)

    await send(lab, host, run_id, "log", "a.tcLogX", b"PK first")
    await send(lab, host, run_id, "log", "b.xml", b"second")

    back = await read(lab, run_id, "log")
    assert back.body == b"second"
    assert "b.xml" in back.headers["Content-Disposition"]
    assert len(list((tmp_path / "files").iterdir())) == 1


async def test_an_upload_changes_no_status_and_may_come_before_the_result(
    lab: Lab, host: Host
) -> None:
    run_id = await lab.run(host)

    await send(lab, host, run_id, "log", "a.xml", b"x")

    assert await lab.statuses(run_id) == ["Awaiting Run"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("log", "a.zip"), ("log", "a.mht"), ("report", "a.html"), ("report", "a.mhtml"), ("log", "x")],
)
async def test_other_file_types_are_refused_unless_lenient(
    tmp_path: Path, kind: str, name: str
) -> None:
    for lenient, status in ((False, 400), (True, 200)):
        names = ["any-file-type"] if lenient else []
        async with open_lab(tmp_path / str(lenient), *names) as lab:
            host = await lab.host()
            run_id = await lab.run(host)

            assert (await send(lab, host, run_id, kind, name, b"x")).status == status
            assert (await read(lab, run_id, kind)).status == (200 if lenient else 404)


@pytest.mark.parametrize(
    "data",
    [
        upload("a.xml", field="file"),
        upload(None, field="log"),
        {"log": "text"},
        b"not multipart",
    ],
)
async def test_a_body_without_a_file_in_the_field_log_is_refused(
    lab: Lab, host: Host, data: object, tmp_path: Path
) -> None:
    run_id = await lab.run(host)

    answer = await lab.call("POST", f"{host.item(run_id)}/logs", host.auth, data=data)

    assert answer.status == 400
    assert not list((tmp_path / "files").iterdir())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b'--b\r\nContent-Disposition: form-data; name="log"; filename="a.xml"\r\n\r\nhalf',
        b'--b\r\nContent-Disposition: form-data; name="log"; filename="a.xml"\r\n\r\nhalf\r\n--',
    ],
)
async def test_a_multipart_body_that_is_cut_off_is_refused_and_not_kept(
    lab: Lab, host: Host, body: bytes, tmp_path: Path
) -> None:
    run_id = await lab.run(host)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}

    answer = await lab.call(
        "POST", f"{host.item(run_id)}/logs", host.auth, data=body, headers=headers
    )

    assert answer.status == 400
    assert (await read(lab, run_id, "log")).status == 404
    assert not list((tmp_path / "files").iterdir())


async def test_a_connection_lost_in_the_middle_leaves_nothing(
    lab: Lab, host: Host, tmp_path: Path
) -> None:
    run_id = await lab.run(host)
    head = (
        f"POST {host.item(run_id)}/logs HTTP/1.1\r\nHost: x\r\nAuthorization: {host.auth}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 999999\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="log"; filename="a.xml"\r\n\r\n'
    )
    files = tmp_path / "files"

    async with await anyio.connect_tcp("127.0.0.1", lab.client.port) as stream:
        await stream.send(head.encode() + b"x" * 300_000)
        with anyio.fail_after(5):
            while not list(files.iterdir()):
                await anyio.sleep(0.01)
    with anyio.fail_after(5):
        while list(files.iterdir()):
            await anyio.sleep(0.01)

    assert (await read(lab, run_id, "log")).status == 404


async def test_a_file_above_the_limit_is_answered_with_413_and_not_kept(tmp_path: Path) -> None:
    async with open_lab(tmp_path, max_upload_bytes=1_000_000) as lab:
        host = await lab.host()
        run_id = await lab.run(host)

        fits = await send(lab, host, run_id, "log", "a.xml", bytes(1_000_000))
        above = await send(lab, host, run_id, "report", "a.mht", bytes(1_000_001))

        assert (fits.status, above.status) == (200, 413)
        assert above.error["code"] == 413
        assert (await read(lab, run_id, "report")).status == 404
        assert len(list((tmp_path / "files").iterdir())) == 1


async def test_uploads_to_an_unknown_run_or_item_are_not_found(lab: Lab, host: Host) -> None:
    run_id = await lab.run(host)

    assert (await send(lab, host, run_id + 1, "log", "a.xml", b"x")).status == 404
    no_item = await lab.call(
        "POST", f"{host.item(run_id, 2)}/report", host.auth, data=upload("a.mht")
    )
    assert no_item.status == 404


async def test_uploads_are_read_by_users_of_the_department_alone(lab: Lab) -> None:
    project = LOGISTICS_PROJECT_ID
    body = {"host_name": "L", "host_configuration": "x", "dept_id": LOGISTICS_ID}
    registered = (await lab.call("POST", f"{API}/hosts", LEAD, json=body)).document
    host = Host(registered["id"], registered["security_token"])
    lead = Door(lab.client.session, lab.url, "lead@example.com", "lead")
    test_id = await lead.add_test(project, "Count boxes")
    run_id = await lead.queue(project=project, host_id=host.id, test_id=test_id)
    await send(lab, host, run_id, "log", "a.xml", b"x")

    assert (await read(lab, run_id, "log", LEAD)).status == 200
    assert (await read(lab, run_id, "log", DEMO)).status == 404
    assert (await read(lab, run_id, "log", host.auth)).status == 401
    nobody = await read(lab, run_id, "log", None)
    assert nobody.status == 401
    assert nobody.headers["WWW-Authenticate"].startswith("Basic "), "so that browsers ask"


@pytest.mark.parametrize(
    "agent",
    [
        "ReadyAPI+%2F+SoapUI+OS",
        "ReadyAPI%20%2F%20SoapUI%20OS",
        "readyapi%20/+soapui+os",
        "readyapi",
        "READYAPI",
    ],
)
async def test_an_attached_script_comes_as_a_zip_for_every_spelling_of_the_agent(
    lab: Lab, host: Host, agent: str
) -> None:
    run_id = await lab.scripted_run(host, READYAPI, ZIP)

    answer = await script(lab, host, run_id, f"agent={agent}")

    assert (answer.status, answer.body) == (200, ZIP)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "script.zip" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Length"] == str(len(ZIP))


async def test_a_script_on_a_web_site_is_answered_with_its_address_untouched(
    lab: Lab, host: Host
) -> None:
    address = "https://files.example.com/a%20b/s%C3%BCite.zip?sig=A%2BB&x=1#part"
    run_id = await lab.scripted_run(host, JUNIT, address)

    answer = await script(lab, host, run_id, "agent=junit")

    assert (answer.status, answer.headers["Location"]) == (302, address)


@pytest.mark.parametrize(
    ("link", "location"),
    [
        (r"\\srv\share\my suite.zip", r"file:///\\srv\share\my suite.zip"),
        (r"C:\lab\my suite", "file:///C:/lab/my%20suite"),
        ("D:/lab/suite.zip", "file:///D:/lab/suite.zip"),
        ("/srv/lab/my suite.zip", "file:///srv/lab/my%20suite.zip"),
        ("file://srv/share/x", "file://srv/share/x"),
    ],
)
async def test_a_script_that_is_a_path_is_answered_with_a_file_address(
    lab: Lab, host: Host, link: str, location: str
) -> None:
    run_id = await lab.scripted_run(host, JUNIT, link)

    answer = await script(lab, host, run_id, "agent=junit")

    assert (answer.status, answer.headers["Location"]) == (302, location)


async def test_paths_are_answered_as_text_or_json_behind_the_switch(tmp_path: Path) -> None:
    link = r"\\srv\share\suite"
    async with open_lab(tmp_path / "text", "path-as-text") as lab:
        host = await lab.host()
        answer = await script(lab, host, await lab.scripted_run(host, JUNIT, link), "agent=junit")
        assert (answer.status, answer.body.decode()) == (200, link)
        assert answer.headers["Content-Type"].startswith("text/plain")
    async with open_lab(tmp_path / "json", "path-as-json") as lab:
        host = await lab.host()
        answer = await script(lab, host, await lab.scripted_run(host, JUNIT, link), "agent=junit")
        assert (answer.status, answer.document) == (200, {"path": link})


async def test_a_script_request_needs_an_agent_that_the_test_has(lab: Lab, host: Host) -> None:
    run_id = await lab.scripted_run(host, JUNIT, ZIP)

    assert (await script(lab, host, run_id, "")).status == 400
    assert (await script(lab, host, run_id, "agent=")).status == 400
    assert (await script(lab, host, run_id, "agent=testng")).status == 404
    assert (await script(lab, host, run_id, "agent=cucumber")).status == 404
    assert (await script(lab, host, run_id + 1, "agent=junit")).status == 404


async def test_an_automation_without_an_attachment_has_no_script(lab: Lab, host: Host) -> None:
    test_id = await lab.door.add_test(4102, "Bare")
    await lab.door.add_automation(4102, test_id, JUNIT)
    run_id = await lab.door.queue(project=4102, host_id=host.id, test_id=test_id)

    assert (await script(lab, host, run_id, "agent=junit")).status == 404


async def test_the_script_is_the_one_attached_last(lab: Lab, host: Host, tmp_path: Path) -> None:
    run_id = await lab.scripted_run(host, JUNIT, ZIP)
    (item,) = await lab.door.items(4102, run_id)
    test_id = int(str(item["test_id"]))

    await lab.door.attach_zip(4102, test_id, JUNIT, b"PK newer")
    assert (await script(lab, host, run_id, "agent=junit")).body == b"PK newer"

    await lab.door.attach_link(4102, test_id, JUNIT, "/srv/suite")
    assert (await script(lab, host, run_id, "agent=junit")).status == 302
    assert not list((tmp_path / "files").iterdir())


async def test_getting_a_script_changes_nothing(lab: Lab, host: Host) -> None:
    run_id = await lab.scripted_run(host, JUNIT, ZIP)
    before = await lab.pending(host)

    await script(lab, host, run_id, "agent=junit")

    assert await lab.pending(host) == before


async def test_a_file_name_that_is_no_utf_8_is_taken_with_what_can_be_read(
    lab: Lab, host: Host
) -> None:
    run_id = await lab.run(host)
    head = b'--b\r\nContent-Disposition: form-data; name="log"; filename="\xe9.xml"'
    body = head + b"\r\n\r\nx\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}

    answer = await lab.call(
        "POST", f"{host.item(run_id)}/logs", host.auth, data=body, headers=headers
    )

    assert answer.status == 200
    assert (await read(lab, run_id, "log")).body == b"x"
