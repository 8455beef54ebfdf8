"""Where a run's guard lives: the protocol of an executor, and the frozen values it speaks.

An executor starts one guard per attempt folder and waits for its verdict. All that has to
outlive this process is in the folder, so a new executor of a new process can wait for a guard
that an earlier one started.

This is the seam for other systems, of which none is built: on Windows a guard would hold its
tool's tree in a job object, and CTRL_BREAK_EVENT, a console event, would ask it to end, `grace_s`
before the job is ended. The `signal` of an `Exit` would be None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, Protocol

from adapters.base import Ending


@dataclass(frozen=True, slots=True)
class Order:
    """What a guard has to do."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    """All that the tool gets, but for the mark; nothing is inherited."""
    cwd: PurePath
    timeout_s: float
    grace_s: float
    """Between SIGTERM and SIGKILL."""
    output_limit_bytes: int
    mark: str
    """An id that no other run has; every process of the tool carries it as LABFLEET_MARK."""
    on_orchestrator_exit: Literal["keep", "kill"]
    before: tuple[tuple[str, ...], ...] = ()
    """Processes to run first, one by one: as the tool, within its time, into its output. The
    first that does not exit with 0 is the last, and ends for the tool."""
    stop_on: tuple[str, ...] = ()
    """Texts of the output, kept or not, at which the tool is ended."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a tool ended; nothing of its tree is alive but what *survivors* names."""

    ending: Ending
    reason: str
    """Why we ended it: "deadline", "stopped", or "prompt" for a text of `Order.stop_on`; empty
    otherwise."""
    exit_code: int | None
    """Only of a tool that exited by itself and not by a signal; or of the step before it that
    failed."""
    signal: int | None
    """What ended the main process, if it was a signal, ours or not."""
    error: str
    """Why it was not started, what went wrong in the guard, beyond which step it did not get, or
    at what text it was ended."""
    started_at: float
    finished_at: float
    seconds: float
    output_bytes: int
    """What the tool printed, kept or not."""
    output_truncated: bool
    kills: int
    """How many processes had to be signalled, the main one included."""
    survivors: tuple[str, ...]
    """Those that even SIGKILL did not end, each as "pid name"."""


class Executor(Protocol):
    """Starts guards and waits for them; *folder* is private to one attempt and never used again."""

    async def start(self, folder: Path, order: Order) -> None:
        """Start a guard with *order* in *folder*.

        Raises OSError when not even the guard can be started, FileExistsError when the folder
        was used before. After it returned, raised or was cancelled, `wait` is right.
        """
        ...

    async def wait(self, folder: Path) -> Exit | None:
        """Wait for the end of the run in *folder*, whoever started it.

        None: interrupted. The guard is gone, or never came and now cannot, or ended the tool
        because the orchestrator was gone; there is no verdict, and nothing that carries the
        run's mark is alive. Cancelling leaves the run alone, and waiting again is right.
        """
        ...

    def stop(self, folder: Path) -> None:
        """Ask the guard to end its tool, and return at once; nothing happens if it is gone."""
        ...

    async def clear(self, folder: Path) -> tuple[str, ...]:
        """End what lives of a run in *folder*, whoever started it; return what cannot be ended.

        Only when that is nothing the folder may go: it says how its run's processes are found.
        Raises OSError when it cannot be looked into.
        """
        ...
