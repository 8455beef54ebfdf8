"""Guards as processes of this machine.

Linux only. On Windows `_launch` would use CREATE_NEW_PROCESS_GROUP with a job object and
`_pidfd` a process handle; the attempt folder and the rest stay as they are.
"""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import to_thread
from pydantic import TypeAdapter

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import Exit, Order
from orchestrator.regular_file import NotTaken, read_regular

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT}
_SCARCE_PAUSE_S = 1.0
_SWEEP_PAUSE_S = 0.02
_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
# The orchestrator's own environment holds tokens, and /proc/PID/environ is easy to read.
_GUARD_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Guard:
    """Who a guard is: pids come round again, and start again with each boot."""

    pid: int
    start_ticks: int
    boot_id: str


_EXIT, _GUARD, _ORDER = TypeAdapter(Exit), TypeAdapter(_Guard), TypeAdapter(Order)


class LocalExecutor:
    """Starts guards here, and adopts those that an earlier process started here."""

    def __init__(self) -> None:
        self._guards: dict[Path, subprocess.Popen[bytes]] = {}

    async def start(self, folder: Path, order: Order) -> None:
        """Start a guard; see `Executor.start`."""
        document = {each.name: getattr(order, each.name) for each in fields(order)}
        document |= {"cwd": str(order.cwd), "environment": dict(order.environment)}
        await to_thread.run_sync(guard.create, str(folder / guard.ORDER), document)
        self._guards[folder] = _launch(folder, lifeline=order.on_orchestrator_exit == "kill")

    async def wait(self, folder: Path) -> Exit | None:
        """Wait for the verdict; see `Executor.wait`.

        When this process is short of descriptors, memory or disk, it waits for better times:
        the verdict is safe in the folder. Raises OSError when the folder cannot be used at all.
        """
        while True:
            try:
                return await self._verdict(folder)
            except OSError as error:
                if error.errno not in _SCARCE:
                    raise
            await anyio.sleep(_SCARCE_PAUSE_S)

    def stop(self, folder: Path) -> None:
        """Ask the guard to end its tool; see `Executor.stop`."""
        if ours := self._guards.get(folder):
            ours.send_signal(signal.SIGTERM)
            return
        with _pidfd(_load(folder / guard.GUARD, _GUARD)) as pidfd:
            if pidfd is not None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGTERM)

    async def _verdict(self, folder: Path) -> Exit | None:
        if folder in self._guards:
            await self._reap(folder)
        elif not (folder / guard.EXIT).exists():
            await _revoke(folder)
            with _pidfd(_load(folder / guard.GUARD, _GUARD)) as pidfd:
                if pidfd is not None:
                    await anyio.wait_readable(pidfd)
        if (verdict := _load(folder / guard.EXIT, _EXIT)) is None:
            return await to_thread.run_sync(_end_leftovers, folder)
        gone = verdict.reason == guard.ORCHESTRATOR_GONE and not verdict.survivors
        return None if gone else verdict

    async def _reap(self, folder: Path) -> None:
        """Wait for a guard that is our child; until it is reaped its pid is nobody else's."""
        process = self._guards[folder]
        if process.poll() is None:
            pidfd = os.pidfd_open(process.pid)
            try:
                await anyio.wait_readable(pidfd)
            finally:
                os.close(pidfd)
            process.wait()
        if process.stdin:
            process.stdin.close()
        self._guards.pop(folder, None)


def _launch(folder: Path, *, lifeline: bool) -> subprocess.Popen[bytes]:
    # SIGTERM stays blocked in the guard until it listens: a stop that comes while its
    # interpreter still starts must be heard, and not leave a run without a verdict.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(folder.absolute())],
            stdin=subprocess.PIPE if lifeline else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: os.environ[name] for name in _GUARD_ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


async def _revoke(folder: Path) -> None:
    """Take the place of a guard that never came; one that is there already keeps it."""
    if (folder / guard.GUARD).exists():
        return
    with suppress(FileExistsError):
        await to_thread.run_sync(guard.create, str(folder / guard.GUARD), {"revoked": True})


@contextmanager
def _pidfd(who: _Guard | None) -> Iterator[int | None]:
    """Give a pidfd of that very process, or None when it is gone."""
    if who is None or who.boot_id != guard.boot_id():
        yield None
        return
    try:
        pidfd = os.pidfd_open(who.pid)
    except OSError as error:
        if error.errno in _SCARCE:
            raise
        yield None  # no such process, or the number is a stranger's thread
        return
    try:
        # Only now, with the process held, is a look at it a look at what will be signalled.
        yield pidfd if _is_at(who) else None
    finally:
        os.close(pidfd)


def _is_at(who: _Guard) -> bool:
    try:
        return guard.Process(who.pid).start_ticks == who.start_ticks
    except (FileNotFoundError, ProcessLookupError):
        return False


def _load(path: Path, kind: TypeAdapter[_T]) -> _T | None:
    """Read what is there; None when it is absent, damaged, or (of a guard) revoked."""
    try:
        # The tool can reach this folder: what it put in a file's place must not be waited on.
        return kind.validate_json(read_regular(path, _MAX_DOCUMENT_BYTES))
    except (FileNotFoundError, ValueError, NotTaken):
        return None


def _end_leftovers(folder: Path) -> Exit | None:
    """Kill what carries the mark of a run without a guard, so that it can be run again.

    What cannot be ended makes a verdict of its own: such a run must not be run again.
    """
    if (order := _load(folder / guard.ORDER, _ORDER)) is None:
        return None
    until_s = time.monotonic() + guard.SWEEP_S
    while left := [p for p in guard.processes() if p.alive and p.carries(order.mark)]:
        if time.monotonic() > until_s:
            break
        for process in left:
            process.send(signal.SIGKILL)
        time.sleep(_SWEEP_PAUSE_S)
    return _unguarded(folder, tuple(process.label for process in left)) if left else None


def _unguarded(folder: Path, survivors: tuple[str, ...]) -> Exit:
    started_at, now = (folder / guard.ORDER).stat().st_mtime, time.time()
    return Exit(
        ending=Ending.KILLED,
        reason="",
        exit_code=None,
        signal=None,
        error="the guard is gone, and something of its tool cannot be ended",
        started_at=started_at,
        finished_at=max(started_at, now),
        seconds=max(0.0, now - started_at),
        output_bytes=0,
        output_truncated=False,
        kills=len(survivors),
        survivors=survivors,
    )
