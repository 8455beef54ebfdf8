"""Blocking work beside the event loop, also on a machine that has no thread to give for now."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio
from anyio import CapacityLimiter, to_thread

_PAUSE_S = 0.5

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


async def in_thread(
    work: Callable[[*_Arguments], _T],
    *arguments: *_Arguments,
    limiter: CapacityLimiter | None = None,
) -> _T:
    """Do *work* in a thread, after waiting for one as long as it takes.

    At the limit of processes no thread can be started. What is under way must not end by that: a
    tool would be left alone, or its verdict not written down.
    """
    while True:
        try:
            return await to_thread.run_sync(work, *arguments, limiter=limiter)
        except RuntimeError as error:
            if not is_threadless(error):
                raise
        await anyio.sleep(_PAUSE_S)


def is_threadless(error: BaseException) -> bool:
    """Whether *error* says that no thread can be started.

    Source: CPython, thread_PyThread_start_new_thread; it has neither number nor class.
    """
    return isinstance(error, RuntimeError) and "start new thread" in str(error)
