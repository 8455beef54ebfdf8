"""A guard that does not end in its time: somebody stopped it, or it hangs.

A guard keeps its tool's deadline by itself. This is the second deadline, over the guard: without
it a stopped guard would keep its slot for ever.
"""

import signal
import time
from contextlib import suppress

import anyio

from orchestrator import guard
from orchestrator.executors import Order

MARGIN_S = 120.0
"""For a machine so busy that even a guard is late; far more than was ever seen."""
_STEP_S = 5.0
"""After each process that runs before the tool the guard ends what that left."""

STOPPED = "its guard stood still past the deadline and was continued"
HUNG = "its guard hung past the deadline and was killed"
UNKILLABLE = "its guard hung past the deadline and cannot be killed"


class Overdue:
    """How long the guard of *order* may take, of which *began_s* is the start if it is known.

    Seconds of `time.monotonic`, which is one clock for all processes of a machine.
    """

    def __init__(self, order: Order | None, began_s: float | None, margin_s: float) -> None:
        began_s = time.monotonic() if began_s is None else began_s
        # Without a readable order nobody can say how long; then the guard is taken as it is.
        self.ending_s = float("inf")
        self.due_s = float("inf")
        if order is not None:
            self.ending_s = ending_s(order) + margin_s
            self.due_s = began_s + order.timeout_s + self.ending_s

    async def outlast(self, pidfd: int) -> str:
        """Wait for the end of the guard behind *pidfd*; return what was wrong with it, or "".

        One that is late is continued, and then ends its tool as it always does; only if it still
        does not come to an end it is killed, which leaves its tool's tree to the caller.
        """
        if await _ended(pidfd, self.due_s - time.monotonic()):
            return ""
        _send(pidfd, signal.SIGCONT)
        if await _ended(pidfd, self.ending_s):
            return STOPPED
        return HUNG if await kill(pidfd) else UNKILLABLE


def ending_s(order: Order) -> float:
    """Return how long a guard takes at most, on a machine that is not busy, to end its tool."""
    return order.grace_s + (len(order.before) + 1) * _STEP_S + guard.WRITE_EXIT_S


async def kill(pidfd: int) -> bool:
    """Kill a guard, which leaves its tool's tree to the caller; whether it is gone."""
    _send(pidfd, signal.SIGKILL)
    return await _ended(pidfd, guard.SWEEP_S)


async def _ended(pidfd: int, limit_s: float) -> bool:
    with anyio.move_on_after(max(0.0, limit_s)):
        await anyio.wait_readable(pidfd)
        return True
    return False


def _send(pidfd: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signum)
