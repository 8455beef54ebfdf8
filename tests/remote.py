"""A server that answers each host as a test wants it, and a poller that asks it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, open_session
from orchestrator.api.wire import Run
from orchestrator.errors import StateError
from orchestrator.metrics import Metrics
from orchestrator.poller import Poller

INTERVAL_S = 0.05

Answer = Callable[[], Awaitable[web.Response]]


def listing(*run_ids: int) -> web.Response:
    runs = [{"id": n, "test_run_items": [{"sequence_number": 1}]} for n in run_ids]
    return web.json_response({"metadata": {"result_set": {"total": len(runs)}}, "results": runs})


def new_metrics() -> Metrics:
    return Metrics(CollectorRegistry(), "0.1.0")


class Remote:
    api: Api

    def __init__(self) -> None:
        self.metrics = new_metrics()
        self.answers: dict[int, Answer] = {}
        self.calls: defaultdict[int, int] = defaultdict(int)
        self.in_flight = self.most_in_flight = 0
        self.release = anyio.Event()

    def client(self, host_id: int) -> HostClient:
        return HostClient(self.api, host_id, "token")

    def status(self, host_id: int, status: int, **headers: str) -> None:
        async def answer() -> web.Response:
            return web.Response(status=status, headers=headers)

        self.answers[host_id] = answer

    def lists(self, host_id: int, *run_ids: int) -> None:
        async def answer() -> web.Response:
            return listing(*run_ids)

        self.answers[host_id] = answer

    async def hang(self) -> web.Response:
        await self.release.wait()
        return listing(1)

    async def answer(self, request: web.Request) -> web.Response:
        host_id = int(request.match_info["host_id"])
        self.calls[host_id] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self.answers[host_id]() if host_id in self.answers else listing()
        finally:
            self.in_flight -= 1


@asynccontextmanager
async def open_remote(request_timeout_s: float = 5.0) -> AsyncIterator[Remote]:
    remote = Remote()
    app = web.Application()
    app.router.add_get("/rest-api/service/automation/v2/hosts/{host_id}/currentruns", remote.answer)
    async with TestServer(app) as server, open_session() as session:
        url = str(server.make_url("/rest-api/service"))
        remote.api = Api(session, url, remote.metrics, request_timeout_s)
        try:
            yield remote
        finally:
            remote.release.set()


class Polling:
    """A poller at work, with what it took and how long it wanted to wait after each poll."""

    def __init__(self, remote: Remote, interval_s: float, longest_poll_s: float) -> None:
        self.remote = remote
        self.taken: list[tuple[str, list[int], float]] = []
        self.new: set[str] = set()
        self.error: StateError | None = None
        self.delays_s: dict[str, list[float]] = {}
        self.seen: dict[str, float] = {}
        self.poller = Poller(
            interval_s=interval_s,
            take=self.take,
            polled=self.polled,
            metrics=remote.metrics,
            longest_poll_s=longest_poll_s,
        )

    async def take(self, key: str, runs: Sequence[Run], began_at: float) -> bool:
        self.taken.append((key, [run.id for run in runs], began_at))
        if self.error:
            raise self.error
        return key in self.new

    def polled(self) -> None:
        now = anyio.current_time()
        for host in self.poller.hosts.values():
            if host.due > now and host.due != self.seen.get(host.key) and not host.polling:
                self.seen[host.key] = host.due
                self.delays_s.setdefault(host.key, []).append(host.due - now)

    def add(self, *host_ids: int) -> None:
        for host_id in host_ids:
            key = f"h{host_id}"
            self.poller.add(key, self.remote.client(host_id))
            self.seen[key] = self.poller.hosts[key].due

    def polls(self, *host_ids: int) -> list[int]:
        return [self.remote.calls[host_id] for host_id in host_ids]


@asynccontextmanager
async def polling(
    *host_ids: int,
    interval_s: float = INTERVAL_S,
    request_timeout_s: float = 5.0,
    longest_poll_s: float = 300.0,
    limit_s: float = 20,
) -> AsyncIterator[Polling]:
    async with open_remote(request_timeout_s) as made, anyio.create_task_group() as tasks:
        here = Polling(made, interval_s, longest_poll_s)
        here.add(*host_ids)
        tasks.start_soon(here.poller.run)
        with anyio.fail_after(limit_s):
            yield here
        tasks.cancel_scope.cancel()
