"""A script is written down whole, or known to lie on a path, or it is said why neither."""

import hashlib
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from anyio.abc import SocketStream

from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.errors import PermanentApiError, ScriptError, TransientApiError
from tests.api.scripts import ZIP, fetch, fetch_from, follow, to
from tests.api.servers import open_client, open_raw, open_web, says
from tests.standin.lab import JUNIT, open_lab


async def test_a_zip_is_written_unchanged(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000

    found = await fetch_from(web.Response(body=content), tmp_path)

    assert isinstance(found, bytes)
    assert hashlib.sha256(found).digest() == hashlib.sha256(content).digest()


async def test_a_redirect_in_a_circle_ends(tmp_path: Path) -> None:
    async with open_web(lambda _: to("/again")) as server, open_client(server.url) as (_, client):
        with pytest.raises(ScriptError, match="redirects more than 5 times"):
            await fetch(client, tmp_path)

    assert len(server.seen) == 6


@pytest.mark.parametrize(
    "location",
    ["ftp://u:hunter2@files.lab/x", "javascript:alert(1)", "http://", "http://[::1", "https:x",
     "http://a:99999/x", "data:text/plain,hunter2"[:10], "ht\udcfftp://x"],
)  # fmt: skip
async def test_an_address_that_is_none_is_told_without_its_secrets(
    tmp_path: Path, location: str
) -> None:
    raw = location.encode("utf-8", "surrogateescape")
    answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + raw + b"\r\n\r\n"
    async with open_raw(says(answer)) as url, open_client(url) as (_, client):
        with pytest.raises(ScriptError) as caught:
            await fetch(client, tmp_path, "a")

    assert "hunter2" not in str(caught.value)
    str(caught.value).encode()


async def test_a_redirect_without_address_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="without saying where"):
        await fetch_from(web.Response(status=302), tmp_path)


@pytest.mark.parametrize(
    "path",
    [r"file:///\\srv\share\suite.zip", "file://srv/share/x", "file:///C:/suites/x.zip",
     "FILE:/srv/x", r"\\srv\share\x", r"C:\suites\x", "d:/suites/x"],
)  # fmt: skip
async def test_a_path_is_given_back_as_it_came(tmp_path: Path, path: str) -> None:
    assert (await follow(path, tmp_path))[0] == Reference(path)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"\\\\srv\\share\\x\r\n", "\\\\srv\\share\\x"),
        (b"\xef\xbb\xbf/srv/suites/x.zip", "/srv/suites/x.zip"),
        (b'{"path": "C:\\\\suites\\\\x"}', "C:\\suites\\x"),
        (b'"file:///srv/x"', "file:///srv/x"),
        (b'{"path": null}', None),
        (b'{"path": ["/x"]}', None),
        (b'{"path": "relative/x"}', None),
        (b'{"path": ', None),
        (b"[" * 4000, None),
        (b'{"a":' * 800, None),
        (b"/x\n/y", None),
        (b"PK\x05\x06" + bytes(18), None),
        (b"", None),
        (b"/" + b"x" * 5000, None),
    ],
)
async def test_a_short_answer_may_be_a_path(tmp_path: Path, body: bytes, path: str | None) -> None:
    found = await fetch_from(web.Response(body=body), tmp_path)

    assert found == (body if path is None else Reference(path))


@pytest.mark.parametrize("form", [None, "path-redirect", "path-as-text", "path-as-json"])
async def test_every_form_in_which_the_standin_gives_a_path_is_understood(
    tmp_path: Path, form: str | None
) -> None:
    forms = [form] if form else []
    async with open_lab(tmp_path, *forms) as lab, open_client(lab.url) as (api, _):
        host = await lab.host()
        run_id = await lab.scripted_run(host, JUNIT, r"\\srv\share\suite.zip")
        client = HostClient(api, host.id, host.token)
        found = await client.fetch_script(run_id, 1, JUNIT, tmp_path / "s", Rules())

    assert isinstance(found, Reference)
    assert found.path.endswith(r"\\srv\share\suite.zip")


async def test_a_script_above_the_limit_is_refused(tmp_path: Path) -> None:
    assert await fetch_from(web.Response(body=ZIP), tmp_path, max_bytes=len(ZIP)) == ZIP

    with pytest.raises(ScriptError, match="larger than 10 bytes"):
        await fetch_from(web.Response(body=ZIP), tmp_path, max_bytes=10)


async def test_a_script_that_is_cut_off_is_asked_for_again(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nPK"
    async with open_raw(says(answer)) as url, open_client(url) as (_, client):
        with pytest.raises(TransientApiError, match="cut off"):
            await fetch(client, tmp_path)


async def test_a_script_that_drips_for_ever_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.api.client._LONGEST_DOWNLOAD_S", 0.3)

    async def drip(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")
        while True:
            await stream.send(b"P")
            await anyio.sleep(0.02)

    async with open_raw(drip) as url, open_client(url, timeout_s=0.2) as (_, client):
        with anyio.fail_after(5), pytest.raises(TransientApiError, match="no answer in time"):
            await fetch(client, tmp_path)


async def test_a_big_script_may_take_longer_than_one_call(tmp_path: Path) -> None:
    async def slowly(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await stream.send(b"P")
            await anyio.sleep(0.05)

    async with open_raw(slowly) as url, open_client(url, timeout_s=0.2) as (_, client):
        assert await fetch(client, tmp_path) == b"P" * 8


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_of_the_api_stays_the_apis(tmp_path: Path, status: int) -> None:
    with pytest.raises(PermanentApiError) as caught:
        await fetch_from(web.Response(status=status), tmp_path)

    assert caught.value.status == status


async def test_a_page_in_place_of_the_script_may_pass_when_it_is_the_apis(tmp_path: Path) -> None:
    with pytest.raises(TransientApiError, match="an HTML page, not a script"):
        await fetch_from(web.Response(text="<!DOCTYPE html>"), tmp_path)
