"""Servers that behave and misbehave, and the API client's way to them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from aiohttp import web
from aiohttp.test_utils import TestServer
from anyio.abc import SocketAttribute, SocketStream
from prometheus_client import CollectorRegistry

from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, open_session
from orchestrator.metrics import Metrics

TOKEN = "5e1f0c2a-77aa-4d19-9c3e-0b6a1d2f4e88"
HOST_ID = 207

Answer = Callable[[web.Request], web.StreamResponse | Awaitable[web.StreamResponse]]


@asynccontextmanager
async def open_api(
    url: str, *, timeout_s: float = 5.0, proxy: str | None = None
) -> AsyncIterator[Api]:
    async with open_session() as session:
        metrics = Metrics(CollectorRegistry(), "0.0.0")
        service = f"{url.rstrip('/')}/rest-api/service"
        yield Api(session, service, metrics, timeout_s, proxy)


@asynccontextmanager
async def open_client(url: str, *, timeout_s: float = 5.0) -> AsyncIterator[tuple[Api, HostClient]]:
    async with open_api(url, timeout_s=timeout_s) as api:
        yield api, HostClient(api, HOST_ID, TOKEN)


def counted(api: Api) -> dict[tuple[str, str], int]:
    """Every call that was counted, by operation and outcome."""
    return {
        (sample.labels["operation"], sample.labels["outcome"]): int(sample.value)
        for family in api.metrics.api_requests.collect()
        for sample in family.samples
        if sample.value
    }


@dataclass
class Web:
    """A web server of somebody else, and what it was asked."""

    url: str = ""
    seen: list[web.Request] = field(default_factory=list)

    @property
    def place(self) -> str:
        return self.url.removeprefix("http://").rstrip("/")


@asynccontextmanager
async def open_web(answer: Answer) -> AsyncIterator[Web]:
    """Serve *answer* for everything, over real HTTP on a port of its own."""
    here = Web()

    async def handle(request: web.Request) -> web.StreamResponse:
        here.seen.append(request)
        given = answer(request)
        return given if isinstance(given, web.StreamResponse) else await given

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        here.url = str(server.make_url("/"))
        yield here


@asynccontextmanager
async def open_raw(talk: Callable[[SocketStream], Awaitable[None]]) -> AsyncIterator[str]:
    """Let *talk* speak to each connection once the head of a request came; then close it."""

    async def handle(stream: SocketStream) -> None:
        async with stream:
            head = b""
            try:
                while b"\r\n\r\n" not in head:
                    head += await stream.receive()
                await talk(stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610  # no Django here
        tasks.start_soon(listener.serve, handle)
        yield f"http://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()


def says(data: bytes) -> Callable[[SocketStream], Awaitable[None]]:
    """Say *data*, whatever was asked."""

    async def talk(stream: SocketStream) -> None:
        await stream.send(data)

    return talk
