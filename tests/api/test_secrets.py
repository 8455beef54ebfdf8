"""A host's token reaches the API and nobody else, and no error, log line or traceback holds it."""

import base64
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import pytest
from aiohttp import encode_basic_auth, web
from anyio.abc import SocketStream

from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.download import Rules
from orchestrator.api.transport import Api, Call
from orchestrator.errors import LabfleetError
from orchestrator.redaction import remember_secret
from tests.api.servers import (
    HOST_ID,
    TOKEN,
    Answer,
    open_api,
    open_client,
    open_raw,
    open_web,
    says,
)

Talk = Callable[[SocketStream], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\n"
OURS = encode_basic_auth(str(HOST_ID), TOKEN)
HOST = f'{{"id": 207, "security_token": "{TOKEN}"'.encode()


def tells(text: str) -> bool:
    """Whether *text* holds the token, plain or within any base64."""
    inner = {base64.b64encode(b"x" * at + TOKEN.encode())[4:40].decode() for at in range(3)}
    return any(form in text for form in {TOKEN, OURS.removeprefix("Basic "), *inner})


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def assert_silent(error: BaseException, logged: str) -> None:
    for link in chain(error):
        for text in (str(link), repr(link), repr(link.args), repr(vars(link))):
            assert not tells(text), f"{type(link).__name__} tells the token"
    assert not tells("".join(traceback.format_exception(error)))
    assert not tells(logged)


async def fail(url: str, into: Path) -> LabfleetError:
    async with open_client(url, timeout_s=0.2) as (_, client):
        with pytest.raises(LabfleetError) as caught:
            await client.get_host()
        with pytest.raises(LabfleetError):
            await client.fetch_script(1, 1, "junit", into, Rules())
    return caught.value


async def hang(_: SocketStream) -> None:
    await anyio.sleep(60)


@pytest.mark.parametrize(
    "talk",
    [
        hang,
        says(b""),
        says(b"SSH-2.0\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nbroken\x00\r\n\r\n"),
        says(HEAD + b"Content-Length: 5000\r\n\r\n" + HOST),
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + HOST),
        says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
    ],
    ids=["timeout", "closed", "ssh", "odd head", "cut off", "odd chunk", "odd gzip"],
)
async def test_no_broken_connection_tells_the_token(
    talk: Talk, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)

    async with open_raw(talk) as url:
        error = await fail(url, tmp_path / "s.zip")

    assert_silent(error, caplog.text)


async def test_no_refused_connection_tells_the_token(
    free_tcp_port: int, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)

    for scheme in ("http", "https"):
        error = await fail(f"{scheme}://127.0.0.1:{free_tcp_port}", tmp_path / "s.zip")
        assert_silent(error, caplog.text)


def echo(request: web.Request) -> str:
    return f"{request.headers['Authorization']} is wrong: {TOKEN}"


@pytest.mark.parametrize(
    "answer",
    [
        lambda it: web.json_response({"errors": [{"message": echo(it)}]}, status=401),
        lambda it: web.json_response({"response_status": {"message": echo(it)}}, status=500),
        lambda it: web.Response(status=403, reason=echo(it)),
        lambda it: web.Response(status=503, text=f"<html>{echo(it)}</html>"),
        lambda it: web.Response(status=304, headers={"Location": f"/a/{TOKEN}"}),
        lambda _: web.Response(body=HOST + b', "host_name": "\xff"}'),
        lambda _: web.Response(body=HOST),
        lambda _: web.Response(body=b'{"id": "' + TOKEN.encode() + b'"}'),
        lambda _: web.Response(body=b'{"id": 0, ' + HOST[12:] + b"}"),
        lambda _: web.Response(body=b"<html>" + HOST),
    ],
    ids=["message", "framework", "reason", "page", "redirect", "no UTF-8", "cut off", "as id",
         "bad host", "page 200"],
)  # fmt: skip
async def test_no_answer_that_holds_the_token_lets_an_error_tell_it(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    remember_secret(TOKEN)

    async with open_web(answer) as server, open_client(server.url) as (_, client):
        with pytest.raises(LabfleetError) as caught:
            await client.get_host()

    assert_silent(caught.value, caplog.text)


def test_what_holds_credentials_does_not_show_them() -> None:
    api = Api(None, "http://lab", None, 1.0, f"http://user:{TOKEN}@proxy")  # type: ignore[arg-type]  # only its repr
    call = Call("get_host", "GET", api.at("x"), OURS)

    for it in (api, call, HostClient(api, HOST_ID, TOKEN), UserClient(api, "u", TOKEN)):
        assert not tells(repr(it))


async def test_identities_share_no_cookie() -> None:
    def answer(_: web.Request) -> web.Response:
        response = web.Response(text='{"id": 1}')
        response.set_cookie("ss-id", "session-of-the-first")
        return response

    async with open_web(answer) as server:
        # By name, as cookies of bare addresses are kept by no client.
        url = server.url.replace("127.0.0.1", "localhost")
        async with open_api(url) as api:
            await HostClient(api, 1, "first").get_host()
            await HostClient(api, 2, "second").get_host()
            await HostClient(api, 1, "first").get_host()

    assert [request.headers.get("Cookie") for request in server.seen] == [None, None, None]
    expected = [encode_basic_auth("1", "first"), encode_basic_auth("2", "second")]
    sent = [request.headers["Authorization"] for request in server.seen]
    assert sent == [*expected, expected[0]]


async def test_the_environment_neither_replaces_credentials_nor_sets_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))

    async with open_web(lambda _: web.Response(text='{"id": 1}')) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("no_proxy", "")
        async with (
            open_web(lambda _: web.Response(text='{"id": 1}')) as server,
            open_client(server.url) as (_, client),
        ):
            await client.get_host()

    assert [request.headers["Authorization"] for request in server.seen] == [OURS]
    assert proxy.seen == []


async def test_non_ascii_credentials_are_sent_as_utf8() -> None:
    async with (
        open_web(lambda _: web.Response(text='{"results": []}')) as server,
        open_api(server.url) as api,
    ):
        await UserClient(api, "jürgen@example.com", "pass:wörd€").list_departments()

    (request,) = server.seen
    sent = base64.b64decode(request.headers["Authorization"].removeprefix("Basic "))
    assert sent.decode() == "jürgen@example.com:pass:wörd€"
