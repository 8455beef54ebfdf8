"""Files arrive whole and byte for byte, whatever their size, name and speed."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from anyio.abc import SocketStream

from orchestrator.api.client import HostClient
from orchestrator.errors import PermanentApiError, TransientApiError
from tests.api.servers import open_client, open_raw, open_web
from tests.standin.lab import DEMO, Host, Lab, open_lab

BIG_BYTES = 50 * 1024 * 1024


@pytest.fixture
def big(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "big.tcLogX"
    with file.open("wb") as stream:
        for number in range(50):
            stream.write(bytes([number]) * (1024 * 1024))
    yield file
    file.unlink()


async def test_a_big_file_is_streamed_with_its_length_and_arrives_unchanged(big: Path) -> None:
    received = hashlib.sha256()

    async def take(request: web.Request) -> web.Response:
        assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
        assert request.content_length is not None and request.content_length > BIG_BYTES
        assert "Transfer-Encoding" not in request.headers
        part = await (await request.multipart()).next()
        assert part is not None and not isinstance(part, str)
        assert (part.name, part.filename) == ("log", "big.tcLogX")
        assert part.headers["Content-Type"] == "application/octet-stream"
        while piece := await part.read_chunk(256 * 1024):
            received.update(piece)
        return web.Response()

    async with open_web(take) as server, open_client(server.url) as (_, client):
        tracemalloc.start()
        await client.upload_log(1, 2, big)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert received.hexdigest() == hashlib.sha256(big.read_bytes()).hexdigest()
    assert peak_bytes < 10 * 1024 * 1024, "both sides together"


async def test_the_next_upload_overwrites_the_last(
    lab: Lab, host: Host, client: HostClient, tmp_path: Path
) -> None:
    run_id = await lab.run(host)
    file = tmp_path / "a.xml"

    for content in (b"<first/>", bytes(range(256)) * 3):
        file.write_bytes(content)
        await client.upload_log(run_id, 1, file)
        sent = await lab.call("GET", f"/standin/runs/{run_id}/items/1/log", DEMO)
        assert sent.body == content


async def test_a_name_cannot_end_the_header_it_stands_in(tmp_path: Path) -> None:
    name = 'a"; name="x\r\nX-Evil: 1ü\udcff.xml'
    (tmp_path / name).write_bytes(b"<log/>")
    parts: list[tuple[str | None, list[str]]] = []

    async def take(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            assert not isinstance(part, str)
            parts.append((part.name, list(part.headers)))
        return web.Response()

    async with open_web(take) as server, open_client(server.url) as (_, client):
        await client.upload_log(1, 2, tmp_path / name)

    assert parts == [("log", ["Content-Disposition", "Content-Type"])]


async def test_a_file_that_is_gone_is_told_as_such(client: HostClient, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await client.upload_log(1, 1, tmp_path / "gone.xml")


async def test_a_file_above_the_servers_limit_is_refused_for_good(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(bytes(2_000_000))
    async with open_lab(tmp_path / "lab", max_upload_bytes=1_000_000) as lab:
        host = await lab.host()
        run_id = await lab.run(host)
        async with open_client(lab.url) as (api, _):
            with pytest.raises(PermanentApiError) as refused:
                await HostClient(api, host.id, host.token).upload_log(run_id, 1, tmp_path / "a.xml")

    assert refused.value.status == 413


async def test_a_slow_server_gets_the_time_a_big_file_takes(big: Path) -> None:
    async def take(request: web.Request) -> web.Response:
        for _ in range(4):
            await request.content.readany()
            await anyio.sleep(0.05)
        while await request.content.readany():
            pass
        # All of it is here, and it is now that the server works on it.
        await anyio.sleep(0.2)
        return web.Response()

    async with open_web(take) as server, open_client(server.url, timeout_s=0.1) as (_, client):
        await client.upload_report(1, 2, big)


async def test_a_server_that_stops_reading_does_not_hold_the_upload_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.mht").write_bytes(bytes(16 * 1024 * 1024))
    monkeypatch.setattr("orchestrator.api.client._SLOWEST_BYTES_PER_S", 10**9)

    async def stop_reading(_: SocketStream) -> None:
        await anyio.sleep(60)

    async with open_raw(stop_reading) as url, open_client(url, timeout_s=0.2) as (_, client):
        with anyio.fail_after(5), pytest.raises(TransientApiError, match="no answer in time"):
            await client.upload_report(1, 2, tmp_path / "a.mht")


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (b"", True), (b"{}", True), (b"OK", True), (b"\r\n", True), (b"null", True),
        (b"<!DOCTYPE html><p>Sign in", False), (b"\xef\xbb\xbf<html>", False), (b"<?xml ?>", False),
        (b'{"cut', False), (b"Please sign in. " * 20, False),
    ],
)  # fmt: skip
async def test_an_upload_is_confirmed_by_a_word_but_not_by_a_page(
    tmp_path: Path, answer: bytes, taken: bool
) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(b"x")
    async with (
        open_web(lambda _: web.Response(body=answer)) as server,
        open_client(server.url) as (_, client),
    ):
        if taken:
            await client.upload_log(1, 1, file)
            return
        with pytest.raises(TransientApiError):
            await client.upload_log(1, 1, file)
