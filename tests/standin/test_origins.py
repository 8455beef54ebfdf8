"""What a page from elsewhere can have a browser do, and what is told of a broken request."""

import logging
from pathlib import Path

import anyio
import pytest
from anyio.abc import TaskStatus

from orchestrator import standin
from tests.standin.lab import DATA, DEMO, Lab

SECRET = "Basic ZGVtbzpkZW1v"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[x"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
async def test_a_page_from_elsewhere_changes_nothing(
    lab: Lab, headers: dict[str, str], status: int
) -> None:
    call = ("POST", f"{DATA}/tests", DEMO)
    before = len((await lab.call("GET", f"{DATA}/tests", DEMO)).document["results"])

    answer = await lab.call(*call, headers=headers, json={"Title": "Basket"})

    assert answer.status == status
    after = len((await lab.call("GET", f"{DATA}/tests", DEMO)).document["results"])
    assert after - before == (status == 200)


async def test_the_page_of_the_server_itself_may_change_things(lab: Lab) -> None:
    own = str(lab.client.make_url("/")).rstrip("/")

    answer = await lab.call(
        "POST", f"{DATA}/tests", DEMO, headers={"Origin": own}, json={"Title": "Basket"}
    )

    assert answer.status == 200


@pytest.mark.parametrize("host", ["a:99999", "a/b", "[x", "a@b", ""])
async def test_a_host_that_is_none_is_refused(lab: Lab, host: str) -> None:
    assert (await lab.call("GET", "/sign-in", headers={"Host": host})).status == 400


async def test_a_served_stand_in_answers_to_its_own_names_and_logs_no_login(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(*, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED) -> None:
        address = standin.Address("127.0.0.1", 0, ["lab.example"])
        await standin.serve(tmp_path, address, ready=task_status.started)

    async def status(*lines: str) -> int:
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            return int((await stream.receive()).split()[1])

    with caplog.at_level(logging.DEBUG), anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            port = int((await tasks.start(serve)).rpartition(":")[2])
            get = "GET /sign-in HTTP/1.1"
            for name in ("localhost", "127.0.0.1:1", "[::1]:80", "LAB.example:80"):
                assert await status(get, f"Host: {name}") == 200
            assert await status(get, "Host: rebound.example") == 421
            for broken in (f"Authorization: {SECRET}\0", f"Authorization: {SECRET}{'x' * 9000}"):
                assert await status(get, "Host: localhost", broken) == 400
            tasks.cancel_scope.cancel()

    told = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert [record.getMessage() for record in told] == [
        "a request cannot be read: BadHttpMessage",
        "a request cannot be read: LineTooLong",
    ]
    assert SECRET not in caplog.text


async def test_nobody_else_on_the_machine_reads_the_data(lab: Lab, tmp_path: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o77 for path in tmp_path.glob("*db*")}

    assert modes["standin.db"] == 0
    assert set(modes.values()) == {0}
    assert (tmp_path / "files").stat().st_mode & 0o77 == 0
