"""A machine that runs out of something costs no verdict, and ends nobody."""

import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import pytest
from typing_extensions import override

from adapters.base import Ending
from orchestrator import guard
from orchestrator.admission import is_scarce
from orchestrator.errors import LabfleetError, ScriptError
from orchestrator.executors import Order
from orchestrator.executors.local import LocalExecutor
from orchestrator.quota import taken_bytes
from orchestrator.service import open_service
from tests.attempts import alive, guard_of, python, written_order
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_recovery import (
    LABFLEET,
    counting,
    process,
    until_ended,
    until_logged,
    until_there,
)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "scarce"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EMFILE, "x"), True),
        (BlockingIOError(errno.EAGAIN, "x"), True),
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (caused(ScriptError("unpack"), OSError(errno.ENOSPC, "x")), True),
        (OSError(errno.ENOENT, "x"), False),
        (OSError(errno.EIO, "x"), False),
        (RuntimeError("x"), False),
        (LabfleetError("No space left on device"), False),
    ],
)
def test_what_passes_is_told_from_what_does_not(error: Exception, scarce: bool) -> None:
    assert is_scarce(error) is scarce


_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWPID = 0x20000000  # Source: linux/sched.h
_UNSHARE = f"""
    import ctypes, os
    assert ctypes.CDLL(None).unshare({_CLONE_NEWPID}) == 0
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)
"""


def _may_unshare() -> bool:
    if not (child := os.fork()):
        os._exit(_LIBC.unshare(_CLONE_NEWPID) != 0)
    return os.waitpid(child, 0)[1] == 0


MAY_UNSHARE = _may_unshare()
"""Only who administers the system may have a namespace of pids."""


@contextmanager
def without_memory() -> Iterator[None]:
    """Let the kernel refuse every fork of this thread with ENOMEM.

    So it does once the first process of a namespace of pids has ended. Source:
    pid_namespaces(7).
    """
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        assert _LIBC.unshare(_CLONE_NEWPID) == 0
        if not (child := os.fork()):
            os._exit(0)
        os.waitpid(child, 0)
        yield
    finally:
        _LIBC.setns(own, _CLONE_NEWPID)
        os.close(own)


class Short(LocalExecutor):
    """The real executor, on a machine that has no memory for a process at first.

    Who may not have that for real only gets the error.
    """

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    @override
    async def start(self, folder: Path, order: Order) -> None:
        if self.times:
            self.times -= 1
            if not MAY_UNSHARE:
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            with without_memory():
                await super().start(folder, order)
        await super().start(folder, order)


@pytest.mark.parametrize(
    ("limits", "verdict"), [({}, "Passed"), ({"postpone_for_s": 0}, "Blocked")]
)
async def test_a_guard_that_cannot_be_started_is_started_later_or_blocks_with_the_reason(
    fleet: Fleet, tmp_path: Path, limits: dict[str, float], verdict: str
) -> None:
    fleet.top = {"limits": limits, "max_attempts": 1}
    run_id = await fleet.queue(counting(tmp_path, PASSING))
    fleet.write()

    async with open_service(fleet.load(), fleet.locks) as service:
        service._executor = Short(times=2)
        with anyio.fail_after(LIMIT_S):
            await service.run(until_idle=True)

    status, reason = await fleet.verdict(run_id)
    assert status == verdict
    assert (tmp_path / "starts").exists() == (verdict == "Passed")
    assert "Cannot allocate memory" in reason or verdict == "Passed"
    if verdict == "Passed":
        assert (tmp_path / "starts").read_text() == "x"


@pytest.mark.skipif(not MAY_UNSHARE, reason="may not have a namespace of pids")
async def test_a_tool_for_which_there_is_no_memory_is_not_started_and_says_so(
    folder: Path,
) -> None:
    written_order(folder, "/bin/true")
    code = f"""{_UNSHARE}
    os.execv({sys.executable!r}, [{sys.executable!r}, "-I", "-S", *os.sys.argv[1:]])
    """

    await anyio.run_process(python(code, guard.__file__, str(folder)))
    found = await LocalExecutor().wait(folder)

    assert found is not None
    assert (found.ending, found.error) == (
        Ending.NOT_STARTED,
        "/bin/true: Cannot allocate memory",
    )


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextmanager
def limited(pid: int, which: int, soft: int) -> Iterator[None]:
    before = resource.prlimit(pid, which)
    resource.prlimit(pid, which, (soft, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, which, before)


@pytest.mark.parametrize("limits", [{}, {"postpone_for_s": 0}])
async def test_without_descriptors_the_run_waits_or_is_blocked_and_labfleet_lives(
    fleet: Fleet, tmp_path: Path, limits: dict[str, float]
) -> None:
    fleet.top = {"limits": limits}
    with process(fleet) as labfleet:
        first = await fleet.queue(tool(PASSING))
        await until_ended(fleet, first, "Passed")
        # Enough for a poll on a connection that is kept, and not for a script in a file.
        with limited(labfleet.pid, resource.RLIMIT_NOFILE, descriptors(labfleet.pid)):
            second = await fleet.queue(counting(tmp_path, PASSING))
            await until_logged(fleet, "run.postponed" if not limits else '"run.blocked"')
        await until_ended(fleet, second, "Blocked" if limits else "Passed")
        third = await fleet.queue(tool(PASSING))
        await until_ended(fleet, third, "Passed")
        assert labfleet.poll() is None

    assert (tmp_path / "starts").exists() != bool(limits)
    if limits:
        assert "Too many open files" in (await fleet.verdict(second))[1]


@contextmanager
def public_folder(fleet: Fleet) -> Iterator[None]:
    """Let the fleet be where another user finds it."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        fleet.folder = Path(name)
        try:
            yield
        finally:
            fleet.end_tools()


def as_somebody(*command: str) -> list[str]:
    """Make *command* one of a user whom a limit of processes binds, which root is never."""
    if os.geteuid() != 0:
        return list(command)
    reads_all = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return ["setpriv", "--reuid", "54321", "--clear-groups", *reads_all, *command]


@contextmanager
def somebodys_process(fleet: Fleet) -> Iterator[subprocess.Popen[bytes]]:
    with (fleet.folder / "labfleet.log").open("ab") as log:
        command = as_somebody(*LABFLEET, str(fleet.write()))
        started = subprocess.Popen(command, stderr=log, stdout=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextmanager
def without_processes(pid: int) -> Iterator[None]:
    """Let *pid* start no process and no thread."""
    before, _ = resource.getrlimit(resource.RLIMIT_NPROC)  # it has inherited ours
    for soft in (1, before):
        said = "unlimited" if soft == resource.RLIM_INFINITY else str(soft)
        subprocess.run(as_somebody("prlimit", "--pid", str(pid), f"--nproc={said}:"), check=True)
        if soft == 1:
            yield


@pytest.mark.parametrize("limits", [{}, {"postpone_for_s": 0}])
async def test_without_processes_the_run_waits_or_is_blocked_and_labfleet_lives(
    fleet: Fleet, limits: dict[str, float]
) -> None:
    fleet.top = {"limits": limits}
    with public_folder(fleet), somebodys_process(fleet) as labfleet:
        first = await fleet.queue(tool(PASSING))
        await until_ended(fleet, first, "Passed")
        with without_processes(labfleet.pid):
            second = await fleet.queue(counting(fleet.folder, PASSING))
            await until_logged(fleet, "run.postponed" if not limits else '"run.blocked"')
        await until_ended(fleet, second, "Blocked" if limits else "Passed")
        third = await fleet.queue(tool(PASSING))
        await until_ended(fleet, third, "Passed")
        assert labfleet.poll() is None
        assert (fleet.folder / "starts").exists() != bool(limits)

    if limits:
        assert "Resource temporarily unavailable" in (await fleet.verdict(second))[1]


async def test_more_than_its_share_of_disk_ends_a_tool_with_the_reason(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.top = {"limits": {"max_run_disk_mb": 2}}
    greedy = """
        for number in range(1000):
            Path(results, f"{number}.bin").write_bytes(os.urandom(100_000))
        Path(results, "r.xml").write_text('<testsuite><testcase name="n"/></testsuite>')
        time.sleep(600)
    """
    run_id = await fleet.queue(tool(greedy))
    modest = await fleet.queue(tool(PASSING))

    await fleet.work_off()

    status, reason = await fleet.verdict(run_id)
    assert status == "Blocked"
    assert "its folder held more than 2 MB, limits.max_run_disk_mb" in reason
    assert alive(str(tmp_path / "state")) == []
    assert (await fleet.verdict(modest))[0] == "Passed"


def test_the_disk_that_is_counted_is_what_is_taken_and_of_no_link(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(os.urandom(100_000))
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(10**10)
    (tmp_path / "link").symlink_to("/usr")
    (tmp_path / "gone").symlink_to("nowhere")

    assert 100_000 <= taken_bytes(tmp_path, enough_bytes=10**9) < 200_000
    assert taken_bytes(tmp_path / "none", enough_bytes=10**9) == 0


async def test_output_is_kept_up_to_the_settings_limit(fleet: Fleet, tmp_path: Path) -> None:
    fleet.top = {"limits": {"max_output_mb": 1}}
    fleet.lab.faults.answer("update_item", 503, times=1000)
    await fleet.queue(tool("    print('x' * 3_000_000, flush=True)\n" + PASSING))

    async with fleet.running() as service:
        while not service.reporter.owed:
            await anyio.sleep(0.02)
        (log,) = (tmp_path / "state" / "attempts").glob("*/output.log")

        # The limit, the last words, and a line that says what is missing between them.
        assert 1024 * 1024 < log.stat().st_size < 1.5 * 1024 * 1024
        assert b"bytes of output left out" in log.read_bytes()[1024 * 1024 :][:200]
        fleet.lab.faults.clear()


@pytest.mark.parametrize("whom", ["tool", "guard"])
async def test_the_seat_of_one_that_died_is_free_within_two_seconds(
    fleet: Fleet, tmp_path: Path, whom: str
) -> None:
    await fleet.add_hosts(1, first=2)
    fleet.seats, fleet.tool = {"licence": 1}, {"seats": ["licence"]}
    fleet.top = {"on_interrupted": "block"}
    first = await fleet.queue(
        tool(
            f"    Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n    time.sleep(600)"
        )
    )

    async with fleet.running() as service:
        await until_there(tmp_path / "pid")
        second = await fleet.queue(
            tool(f"    Path({str(tmp_path / 'on')!r}).touch()\n" + PASSING), host="lab_002"
        )
        while {pool.pool: pool.waiting for pool in service._pools.figures() if pool.waiting} != {
            "seat/licence": 1
        }:
            await anyio.sleep(0.02)

        (holder,) = [one for one in service.runner.active.values() if one.phase == "running"]
        os.kill(
            int((tmp_path / "pid").read_text()) if whom == "tool" else guard_of(holder.folder),
            signal.SIGKILL,
        )
        with anyio.fail_after(2):
            while holder in service.runner.active.values():
                await anyio.sleep(0.01)
        await fleet.until_status(second, "Passed")
        await fleet.until_status(first, "Blocked")
