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
from dataclasses import dataclass, fields, replace
from pathlib import Path

import anyio
from pydantic import TypeAdapter

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import Exit, Order
from orchestrator.executors.documents import read_document, read_order
from orchestrator.executors.overdue import MARGIN_S, Overdue, ending_s, kill
from orchestrator.sweep import end_all
from orchestrator.threads import in_thread

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT}
_SCARCE_PAUSE_S = 1.0
# The orchestrator's own environment holds tokens, and /proc/PID/environ is easy to read.
_GUARD_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")
_UNSEALED = (
    "the guard is gone, and whether all of its tool is cannot be told, as both the limit of file"
    " locks (ulimit -x) and that of the resident set (ulimit -m) are low"
)
_STOP = (signal.SIGTERM, signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class _Guard:
    """Who a guard is: pids come round again, and start again with each boot."""

    pid: int
    start_ticks: int
    boot_id: str
    started_s: float | None = None
    """By `time.monotonic`; None of a guard that an older labfleet started."""
    sealed: bool = True
    """Whether all of its tool can be found when it is gone."""


_EXIT, _GUARD = TypeAdapter(Exit), TypeAdapter(_Guard)


class LocalExecutor:
    """Starts guards here, and adopts those that an earlier process started here."""

    def __init__(self, *, margin_s: float = MARGIN_S) -> None:
        self._guards: dict[Path, subprocess.Popen[bytes]] = {}
        self._margin_s = margin_s

    async def start(self, folder: Path, order: Order) -> None:
        """Start a guard; see `Executor.start`."""
        document = {each.name: getattr(order, each.name) for each in fields(order)}
        document |= {"cwd": str(order.cwd), "environment": dict(order.environment)}
        await in_thread(guard.create, str(folder / guard.ORDER), document)
        lifeline = order.on_orchestrator_exit == "kill"
        self._guards[folder] = _launch(folder, order.mark, lifeline=lifeline)

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
        # A stopped guard would hear nothing; to any other SIGCONT means nothing.
        if ours := self._guards.get(folder):
            for signum in _STOP:
                ours.send_signal(signum)
            return
        with _pidfd(read_document(folder / guard.GUARD, _GUARD)) as pidfd:
            if pidfd is not None:
                with suppress(ProcessLookupError):
                    for signum in _STOP:
                        signal.pidfd_send_signal(pidfd, signum)

    async def clear(self, folder: Path) -> tuple[str, ...]:
        """End what lives of a run; see `Executor.clear`."""
        if not await in_thread(_was_used, folder):
            return ()
        order = await in_thread(read_order, folder)
        self.stop(folder)
        with anyio.move_on_after(ending_s(order) if order else guard.WRITE_EXIT_S) as waiting:
            await self.wait(folder)
        if waiting.cancelled_caught and not await self._kill(folder):
            return ("its guard",)
        # A verdict of long ago says who was left then.
        return await in_thread(_end_leftovers, folder)

    async def _kill(self, folder: Path) -> bool:
        """Kill a guard that has not ended its tool, as a tool may hold it; whether it is gone."""
        if ours := self._guards.get(folder):
            ours.kill()
        with _pidfd(read_document(folder / guard.GUARD, _GUARD)) as pidfd:
            if pidfd is not None and not await kill(pidfd):
                return False
        if ours:
            await self._reap(folder)
        return True

    async def _verdict(self, folder: Path) -> Exit | None:
        trouble = ""
        if folder in self._guards:
            trouble = await self._reap(folder)
        elif not (folder / guard.EXIT).exists():
            await _revoke(folder)
            trouble = await self._adopt(folder)
        if (verdict := read_document(folder / guard.EXIT, _EXIT)) is None:
            left = await in_thread(_end_leftovers, folder)
            trouble = trouble or _hidden(folder)
            return _unguarded(folder, left, trouble) if left or trouble else None
        if verdict.survivors:
            # Some need only more time, and the slot is free when nothing is left, or nothing helps.
            left = await in_thread(_end_leftovers, folder)
            verdict = replace(verdict, survivors=left)
        gone = verdict.reason == guard.ORCHESTRATOR_GONE and not verdict.survivors
        if trouble:
            verdict = replace(verdict, error="; ".join(filter(None, (trouble, verdict.error))))
        return None if gone else verdict

    async def _adopt(self, folder: Path) -> str:
        """Wait for a guard that another process started; return what was wrong with it."""
        who = read_document(folder / guard.GUARD, _GUARD)
        with _pidfd(who) as pidfd:
            if who is None or pidfd is None:
                return ""
            return await self._overdue(folder, who).outlast(pidfd)

    async def _reap(self, folder: Path) -> str:
        """Wait for a guard that is our child; return what was wrong with it.

        Until it is reaped its pid is nobody else's.
        """
        process, trouble = self._guards[folder], ""
        if process.poll() is None:
            pidfd = os.pidfd_open(process.pid)
            try:
                who = read_document(folder / guard.GUARD, _GUARD)
                trouble = await self._overdue(folder, who).outlast(pidfd)
            finally:
                os.close(pidfd)
            process.poll()
        if process.stdin:
            process.stdin.close()
        self._guards.pop(folder, None)
        return trouble

    def _overdue(self, folder: Path, who: _Guard | None) -> Overdue:
        began_s = who.started_s if who else None
        return Overdue(read_order(folder), began_s, self._margin_s)


def _launch(folder: Path, mark: str, *, lifeline: bool) -> subprocess.Popen[bytes]:
    # A guard that has not started its tool yet must show whose it is as well.
    passed = {name: os.environ[name] for name in _GUARD_ENVIRONMENT if name in os.environ}
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
            env={**passed, guard.MARK_VARIABLE: mark},
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


async def _revoke(folder: Path) -> None:
    """Take the place of a guard that never came; one that is there already keeps it."""
    if (folder / guard.GUARD).exists():
        return
    with suppress(FileExistsError):
        await in_thread(guard.create, str(_there(folder) / guard.GUARD), {"revoked": True})


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


def _was_used(folder: Path) -> bool:
    """Whether a guard may ever have been started there: its order is the first that is written."""
    return any((folder / name).exists() for name in (guard.ORDER, guard.GUARD))


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder of the run is gone", str(folder))
    return folder


def _end_leftovers(folder: Path) -> tuple[str, ...]:
    """Kill what came of a run without a guard, and return what could not be ended.

    Only when nothing is left may it be run again. Raises FileNotFoundError when the folder is gone:
    it may have been moved, and who lives and how it ended can then not be told from here.
    """
    if (order := read_order(_there(folder))) is None:
        return ()
    return tuple(end_all(lambda process: process.carries(order.mark))[1])


def _hidden(folder: Path) -> str:
    """Say why something of a run may live that a sweep does not find, or nothing."""
    who = read_document(folder / guard.GUARD, _GUARD)
    if who is None or who.sealed or who.boot_id != guard.boot_id():
        return ""
    return _UNSEALED


def _unguarded(folder: Path, survivors: tuple[str, ...], trouble: str) -> Exit:
    started_at, now = (folder / guard.ORDER).stat().st_mtime, time.time()
    return Exit(
        ending=Ending.KILLED,
        reason="",
        exit_code=None,
        signal=None,
        error=trouble or "the guard is gone, and something of its tool cannot be ended",
        started_at=started_at,
        finished_at=max(started_at, now),
        seconds=max(0.0, now - started_at),
        output_bytes=0,
        output_truncated=False,
        kills=len(survivors),
        survivors=survivors,
    )
