"""A proxy between labfleet and the stand-in that does what networks and servers do at night.

It passes everything on, but where a rule says otherwise; and it writes down every call with its
time, so that a test can say what came too soon, and what came twice.
"""

import contextlib
import math
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Literal

import anyio
from anyio.abc import SocketAttribute, SocketListener, SocketStream, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream
from yarl import URL

from tests.faults.messages import Request, answer, kept_alive, read_request, status_of

_GONE = (
    anyio.EndOfStream,
    anyio.IncompleteRead,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one call; without anything said it is passed on and answered."""

    wait_s: float = 0.0
    """Before the server hears of it."""
    status: int | None = None
    """Answered in the server's place, which hears nothing of it."""
    retry_after: str | None = None
    say: bytes | None = None
    """Sent in place of any answer, the status line included; the server hears nothing of it."""
    repeat: bytes = b""
    """Sent again and again after *say*."""
    lose: Literal["request", "answer"] | None = None
    """The connection is lost: before the server hears of it, or after it has acted."""
    cut_bytes: int | None = None
    """The answer ends after so many bytes, and with it the connection."""
    reset: bool = False
    """The connection ends with RST, not with FIN."""
    hole: bool = False
    """The request is taken and never answered; the server hears nothing of it."""
    first_byte_s: float = 0.0
    bytes_per_s: float = math.inf
    head_at_once: bool = False
    """Only the body comes at that speed."""


@dataclass(slots=True)
class Rule:
    """To which calls a fault happens."""

    fault: Fault
    operations: Collection[str] = ()
    """All of them, without any."""
    host: int | None = None
    rate: float = 1.0
    """Of the calls that it is for, at random."""
    times: float = math.inf

    def takes(self, request: Request, chance: random.Random) -> bool:
        """Whether *request* meets it; that is counted."""
        if self.times < 1 or (self.operations and request.operation not in self.operations):
            return False
        if self.host not in {None, request.host} or chance.random() >= self.rate:
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Call:
    """One request that came, on the event loop's clock."""

    at: float
    request: Request
    fault: Fault | None
    status: int = 0
    """What labfleet was told, 0 for no whole answer."""
    answered: float = math.nan
    """When the first byte of an answer was sent at the earliest."""
    ended: float = math.nan

    @property
    def operation(self) -> str:
        return self.request.operation

    @property
    def host(self) -> int:
        return self.request.host


@dataclass(slots=True)
class Proxy:
    upstream: URL
    tasks: TaskGroup
    port: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    rules: list[Rule] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    most_connections: int = 0
    _connections: set[SocketStream] = field(default_factory=set)
    _open: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def rule(self, fault: Fault, *operations: str, **more: float) -> Rule:
        """Let *fault* happen from now on; *more*: host, rate, times."""
        made = Rule(fault, operations, **more)  # type: ignore[arg-type]  # host is a whole number
        self.rules.append(made)
        return made

    @contextmanager
    def faulty(self, fault: Fault, *operations: str, **more: float) -> Iterator[Rule]:
        """Let *fault* happen for a while."""
        made = self.rule(fault, *operations, **more)
        yield made
        self.rules.remove(made)

    def of(self, *operations: str, host: int | None = None) -> list[Call]:
        """Return the calls of *operations* so far, in the order in which they came."""
        return [
            call
            for call in self.calls
            if (not operations or call.operation in operations) and host in {None, call.host}
        ]

    def counted(self) -> Counter[str]:
        return Counter(call.operation for call in self.calls)

    async def listen(self) -> None:
        """Take connections, at the same port as before."""
        listener = await anyio.create_tcp_listener(
            local_host="127.0.0.1", local_port=self.port, reuse_port=False
        )
        (found,) = listener.listeners
        self.port = found.extra(SocketAttribute.local_port)  # noqa: S610  # no Django here
        self._open = anyio.CancelScope()
        self.tasks.start_soon(self._accept, found)

    async def _accept(self, listener: SocketListener) -> None:
        async with listener:
            with self._open:
                await listener.serve(self._connection)

    async def refuse(self) -> None:
        """Take no connections any more, and break those that are there."""
        self._open.cancel()
        while self._connections:
            await anyio.sleep(0.005)

    async def _connection(self, stream: SocketStream) -> None:
        self._connections.add(stream)
        self.most_connections = max(self.most_connections, len(self._connections))
        try:
            async with stream:
                buffered = BufferedByteReceiveStream(stream)
                while await self._exchange(buffered, stream):
                    pass
        except _GONE:
            # Whoever asked has left; a test sees what became of it at both ends.
            pass
        finally:
            self._connections.discard(stream)

    async def _exchange(self, buffered: BufferedByteReceiveStream, stream: SocketStream) -> bool:
        """Serve one request; False when the connection is to end."""
        request = await read_request(buffered)
        rule = next((rule for rule in self.rules if rule.takes(request, self.chance)), None)
        fault = rule.fault if rule else None
        call = Call(anyio.current_time(), request, fault)
        self.calls.append(call)
        try:
            if fault is None:
                said = kept_alive(await self._ask(request))
                await stream.send(said)
                call.status = status_of(said)
                return b"\r\nConnection: close" not in said
            return await self._fault_or_left(fault, call, stream)
        finally:
            call.ended = anyio.current_time()

    async def _fault_or_left(self, fault: Fault, call: Call, stream: SocketStream) -> bool:
        """Do so for as long as labfleet is there: at its deadline it closes the connection."""
        goes_on = False

        async def until_left() -> None:
            with contextlib.suppress(*_GONE):
                await stream.receive()
            both.cancel_scope.cancel()

        async with anyio.create_task_group() as both:
            both.start_soon(until_left)
            with contextlib.suppress(*_GONE):
                goes_on = await self._fault(fault, call, stream)
            both.cancel_scope.cancel()
        return goes_on

    async def _fault(self, fault: Fault, call: Call, stream: SocketStream) -> bool:
        await anyio.sleep(fault.wait_s)
        if fault.hole:
            await anyio.sleep_forever()
        if fault.lose == "request":
            return _leave(stream, fault)
        said = await self._said(fault, call.request)
        if fault.lose == "answer":
            return _leave(stream, fault)
        await anyio.sleep(fault.first_byte_s)
        call.answered = anyio.current_time()
        await _send(stream, said[: fault.cut_bytes], fault)
        while fault.repeat:
            await stream.send(fault.repeat)
        if fault.cut_bytes is not None or fault.say is not None:
            return _leave(stream, fault)
        call.status = status_of(said)
        return True

    async def _said(self, fault: Fault, request: Request) -> bytes:
        if fault.say is not None:
            return fault.say
        if fault.status is not None:
            return answer(fault.status, fault.retry_after)
        return kept_alive(await self._ask(request))

    async def _ask(self, request: Request) -> bytes:
        """Pass *request* on and return the whole answer."""
        host, port = self.upstream.host, self.upstream.port
        assert host is not None
        assert port is not None
        said = bytearray()
        async with await anyio.connect_tcp(host, port) as stream:
            await stream.send(request.to_send())
            with contextlib.suppress(anyio.EndOfStream):
                while True:
                    said += await stream.receive()
        return bytes(said)


def _leave(stream: SocketStream, fault: Fault) -> bool:
    if fault.reset:
        raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # no Django here
        raw.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    return False


async def _send(stream: SocketStream, said: bytes, fault: Fault) -> None:
    at_once = said.index(b"\r\n\r\n") + 4 if fault.head_at_once else 0
    if math.isinf(fault.bytes_per_s):
        at_once = len(said)
    if at_once:
        await stream.send(said[:at_once])
    for byte in said[at_once:]:
        await stream.send(bytes([byte]))
        await anyio.sleep(1 / fault.bytes_per_s)


@asynccontextmanager
async def open_proxy(upstream: str) -> AsyncIterator[Proxy]:
    """Stand before the server at *upstream*."""
    async with anyio.create_task_group() as tasks:
        proxy = Proxy(URL(upstream), tasks)
        await proxy.listen()
        yield proxy
        tasks.cancel_scope.cancel()
