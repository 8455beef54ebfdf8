"""A connection may fail in every way there is, and each is told in a few words and counted."""

import ssl
import struct
from collections.abc import Awaitable, Callable
from socket import SO_LINGER, SOL_SOCKET

import aiohttp
import anyio
import pytest
from aiohttp.client_reqrep import ConnectionKey
from anyio.abc import SocketAttribute, SocketStream

from orchestrator.api import answers
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api
from orchestrator.errors import TransientApiError
from tests.api.servers import (
    HOST_ID,
    TOKEN,
    counted,
    open_api,
    open_client,
    open_raw,
    says,
)
from tests.standin.lab import Lab

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Talk = Callable[[SocketStream], Awaitable[None]]


async def failure(url: str, *, timeout_s: float = 5.0) -> tuple[str, str]:
    """Ask the server at *url* and return what went wrong, and how it was counted."""
    async with open_client(url, timeout_s=timeout_s) as (api, client):
        with anyio.fail_after(10), pytest.raises(TransientApiError) as caught:
            await client.get_host()
        ((operation, outcome),) = counted(api)
    assert operation == caught.value.operation == "get_host"
    assert caught.value.status is None
    return caught.value.detail, outcome


async def reset(stream: SocketStream) -> None:
    raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
    raw.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


async def drip(stream: SocketStream) -> None:
    await stream.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        await stream.send(b" ")
        await anyio.sleep(0.02)


async def endless_head(stream: SocketStream) -> None:
    await stream.send(HEAD)
    while True:
        await stream.send(b"X-A: " + b"a" * 1000 + b"\r\n")


async def silence(_: SocketStream) -> None:
    await anyio.sleep(60)


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (says(b""), "the server closed the connection"),
        (reset, "the connection failed"),
        (says(HEAD + b"Content-Length: 50\r\n\r\n{"), "the answer was cut off or garbled"),
        (says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"), "cut off or garbled"),
        (says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}"), ""),
        (says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), "garbled"),
        (says(b"SSH-2.0-OpenSSH_9.6\r\n"), "the answer is not HTTP"),
        (says(b"HTTP/1.1 200 OK\r\nbroken\x00\r\n\r\n"), "the answer is not HTTP"),
        (endless_head, "the answer is not HTTP"),
    ],
    ids=["closed", "reset", "cut off", "cut chunk", "odd chunk", "odd gzip", "ssh", "odd head",
         "endless head"],
)  # fmt: skip
async def test_a_broken_answer_may_pass(talk: Talk, said: str) -> None:
    async with open_raw(talk) as url:
        detail, outcome = await failure(url)

    assert said in detail
    assert outcome == "connection"


@pytest.mark.parametrize("talk", [silence, drip], ids=["silence", "drip"])
async def test_a_server_that_is_too_slow_is_left(talk: Talk) -> None:
    async with open_raw(talk) as url:
        assert await failure(url, timeout_s=0.15) == ("no answer in time", "timeout")


async def test_nobody_listens(free_tcp_port: int) -> None:
    detail, outcome = await failure(f"http://127.0.0.1:{free_tcp_port}")

    assert detail.startswith(f"cannot connect to 127.0.0.1:{free_tcp_port}: ")
    assert "refused" in detail.lower()
    assert outcome == "connection"


async def test_a_name_that_nobody_has() -> None:
    detail, outcome = await failure("http://no-such-host.invalid")

    assert detail.startswith("cannot connect to no-such-host.invalid:80: ")
    assert outcome == "connection"


async def test_https_to_a_port_that_speaks_http(lab: Lab) -> None:
    detail, outcome = await failure(lab.url.replace("http:", "https:"))

    assert detail.startswith("cannot connect to 127.0.0.1:")
    assert "SSL" in detail
    assert outcome == "connection"


@pytest.mark.parametrize(
    ("scheme", "said"), [("https", "the proxy answered 407"), ("http", "407 Proxy Authentication")]
)
async def test_a_proxy_that_refuses_is_no_refusal_of_the_server(scheme: str, said: str) -> None:
    refusal = says(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    async with (
        open_raw(refusal) as proxy,
        open_api(f"{scheme}://lab.example", proxy=proxy) as api,
    ):
        with pytest.raises(TransientApiError, match=said):
            await HostClient(api, HOST_ID, TOKEN).get_host()


def test_a_certificate_that_is_not_trusted_is_told() -> None:
    key = ConnectionKey("lab.example", 443, True, True, None, None, None)
    reason = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")

    said = answers.connection_text(aiohttp.ClientConnectorCertificateError(key, reason))

    assert said.startswith("cannot connect to lab.example:443: ")
    assert "self-signed certificate" in said


async def test_a_lost_connection_is_told_whether_or_not_the_server_acted(
    lab: Lab, api: Api, client: HostClient
) -> None:
    lab.faults.drop("update_host", when="before")
    lab.faults.drop("update_host", when="after")

    for _ in range(2):
        with pytest.raises(TransientApiError):
            await client.update_host({"os": "Linux 7"})

    assert counted(api) == {("update_host", "connection"): 2}
    assert lab.faults.calls["update_host"] == 2, "nothing is sent twice behind our back"


async def test_a_call_that_we_give_up_is_no_failure_of_the_server() -> None:
    async with open_raw(silence) as url, open_client(url) as (api, client):
        with anyio.move_on_after(0.1):
            await client.get_host()

        assert counted(api) == {}


async def test_a_broken_server_does_not_spoil_the_next_call(
    lab: Lab, api: Api, client: HostClient
) -> None:
    lab.faults.say("get_host", b"[" * 100_000)
    with pytest.raises(TransientApiError):
        await client.get_host()

    assert (await client.get_host()).host_name == "LAB-01"
