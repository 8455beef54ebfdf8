"""Faults on order: a test says which of the next calls goes wrong, and how."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import anyio
from aiohttp import web

from .errors import Handler, Refusal

Operation = Literal[
    "list_departments",
    "register_host",
    "find_host",
    "get_host",
    "update_host",
    "current_runs",
    "update_item",
    "upload_log",
    "upload_report",
    "get_script",
]
"""The ten operations, as `routes.py` and the OpenAPI document name them."""

OPERATION = web.AppKey("standin.operation", dict[object, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one call: a wait, then an answer, a lost connection, or the real thing.

    *body* is sent as it is; without one, *status* is answered as any other refusal.
    *drop* "before" loses the connection before anything was done, "after" once all was done.
    """

    wait_s: float = 0
    status: int | None = None
    retry_after: str | None = None
    body: bytes | None = None
    content_type: str = "application/json"
    drop: Literal["before", "after"] | None = None


class Faults:
    """Faults still to come, by operation, and how often each operation was called.

    Faults of one operation come in the order they were
    added; calls of other operations are not touched.
    """

    def __init__(self, operations: Collection[str]) -> None:
        self.calls: Counter[str] = Counter()
        self.operations = frozenset(operations)
        self.by_chance: Callable[[str], Fault | None] = lambda _: None
        """What else may go wrong, where none is on order."""
        self._coming: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, operation: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next *times* calls of *operation* meet *fault*. ValueError if there is none."""
        if operation not in self.operations:
            raise ValueError(f"no operation {operation!r}; there are {sorted(self.operations)}")
        self._coming[operation].extend([fault] * times)

    def clear(self) -> None:
        """Forget all faults that did not happen yet."""
        self._coming.clear()

    def take(self, operation: str) -> Fault | None:
        """Count a call of *operation* and say what goes wrong with it, if anything."""
        self.calls[operation] += 1
        coming = self._coming[operation]
        return coming.popleft() if coming else self.by_chance(operation)

    # The same, said shortly.

    def answer(
        self, operation: str, status: int, *, times: int = 1, retry_after: str | None = None
    ) -> None:
        """Answer *status*, with a `Retry-After` of *retry_after* if that is given."""
        self.add(operation, Fault(status=status, retry_after=retry_after), times=times)

    def say(
        self,
        operation: str,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        times: int = 1,
    ) -> None:
        """Answer with *body* as it is: broken JSON, or HTML with status 200."""
        fault = Fault(status=status, body=body, content_type=content_type)
        self.add(operation, fault, times=times)

    def wait(self, operation: str, wait_s: float, *, times: int = 1) -> None:
        """Do and answer the real thing, but only after *wait_s*."""
        self.add(operation, Fault(wait_s=wait_s), times=times)

    def drop(
        self, operation: str, *, when: Literal["before", "after"] = "before", times: int = 1
    ) -> None:
        """Lose the connection before or after the call was acted upon."""
        self.add(operation, Fault(drop=when), times=times)


FAULTS = web.AppKey("standin.faults", Faults)


@web.middleware
async def inject_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the fault that is due for this operation happen."""
    operation = request.app[OPERATION].get(request.match_info.handler)
    fault = request.app[FAULTS].take(operation) if operation else None
    if fault is None:
        return await handler(request)
    await anyio.sleep(fault.wait_s)
    if fault.drop == "before":
        return _lose_connection(request)
    if fault.status is not None:
        return _answer(fault, fault.status)
    if fault.drop == "after":
        with suppress(Exception):  # a refusal is an answer too, and is lost like any other
            await handler(request)
        return _lose_connection(request)
    return await handler(request)


def _answer(fault: Fault, status: int) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    if fault.body is None:
        raise Refusal(status, "The stand-in was told to answer so", headers=headers)
    # As a header, not as `content_type`: a test may want a charset, or nonsense.
    headers["Content-Type"] = fault.content_type
    return web.Response(status=status, body=fault.body, headers=headers)


def _lose_connection(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere
