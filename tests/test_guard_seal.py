"""What left the tree without a mark is found all the same when the guard is gone.

A process that clears its environment, forks twice and leaves its session is no descendant of
anything once the guard is killed, and its environment tells nothing: the seal is what it keeps.
"""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import anyio
import pytest

from orchestrator import guard
from orchestrator.executors.local import LocalExecutor
from tests.attempts import LIMIT_S, alive, guard_of, order, output, python, sleeping, until
from tests.test_local_executor_crashes import ORCHESTRATOR, ROOT

# `env -i setsid`, twice forked, with every file closed: what a daemon of a browser does, and more.
LEAVES = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 100)
            os.chdir("/")
            os.execve(sys.argv[1], sys.argv[1:], {})
        os._exit(0)
    os.wait()
    print("up", flush=True)
    time.sleep(600)
"""
LOCKS, RESIDENT_SET = 10, 5
SILENT = "import time; time.sleep(600)"


def escaping(tag: str) -> tuple[str, ...]:
    return python(LEAVES, *python(SILENT, tag))


async def started(executor: LocalExecutor, folder: Path, tag: str, **changes: object) -> str:
    """Start a tool whose child has left, and return the run's mark."""
    what = order(folder, *escaping(tag), **changes)
    await executor.start(folder, what)
    await until(lambda: output(folder) and len(alive(tag)) == 2)
    return what.mark


async def test_a_daemon_without_a_mark_does_not_outlive_a_run_whose_guard_was_killed(
    folder: Path, tag: str
) -> None:
    executor = LocalExecutor()
    await started(executor, folder, tag)

    os.kill(guard_of(folder), signal.SIGKILL)
    began_s = time.monotonic()
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert (found, alive(tag)) == (None, [])
    assert time.monotonic() - began_s < 2


async def test_the_next_process_finds_such_a_daemon_too(folder: Path, tag: str) -> None:
    first = LocalExecutor()
    await started(first, folder, tag)

    os.kill(guard_of(folder), signal.SIGKILL)
    await until(lambda: len(alive(tag)) == 1)
    with anyio.fail_after(LIMIT_S):
        found = await LocalExecutor().wait(folder)

    assert (found, alive(tag)) == (None, [])
    assert await first.wait(folder) is None


async def test_another_runs_daemon_is_left_alone(folder: Path, tmp_path: Path, tag: str) -> None:
    neighbour, ours, theirs = tmp_path / "other", f"{tag}-ours", f"{tag}-theirs"
    neighbour.mkdir()
    executor = LocalExecutor()
    await started(executor, folder, ours)
    await started(executor, neighbour, theirs)

    os.kill(guard_of(folder), signal.SIGKILL)
    with anyio.fail_after(LIMIT_S):
        await executor.wait(folder)

    assert (alive(ours), len(alive(theirs))) == ([], 2)
    executor.stop(neighbour)
    with anyio.fail_after(LIMIT_S):
        assert await executor.wait(neighbour)
    assert alive(theirs) == []


async def test_two_seals_are_two_numbers_and_one_is_always_the_same() -> None:
    marks = [f"labfleet-000001-1-{number:016x}" for number in range(5000)]

    assert len({guard.seal(mark) for mark in marks}) == len(marks)
    assert guard.seal(marks[7]) == guard.seal(marks[7])
    assert all(1 << 60 <= guard.seal(mark) < 1 << 61 for mark in marks)


@pytest.mark.parametrize("hard", [0, 5])
async def test_a_lower_limit_around_us_costs_the_seal_and_not_the_run(
    folder: Path, hard: int
) -> None:
    # As root a limit can be raised again: then the tool carries the seal even so.
    code = f"""
        import resource, subprocess, sys
        resource.setrlimit({LOCKS}, ({hard}, {hard}))
        sys.exit(subprocess.run([sys.executable, "-I", "-S", *sys.argv[1:]]).returncode)
    """
    what = order(folder, "/bin/sh", "-c", "echo out; exit 7")
    document = {name: getattr(what, name) for name in what.__dataclass_fields__}
    guard.create(str(folder / guard.ORDER), document | {"cwd": str(folder)})

    argv = python(code, guard.__file__, str(folder))
    await anyio.run_process(argv, check=True)
    found = await LocalExecutor().wait(folder)

    assert found is not None
    assert (found.exit_code, found.error, output(folder)) == (7, "", b"out\n")


@pytest.mark.parametrize("limits", [[LOCKS], [RESIDENT_SET], [LOCKS, RESIDENT_SET]])
async def test_under_low_limits_such_a_daemon_is_found_or_the_run_is_not_called_interrupted(
    folder: Path, tag: str, limits: list[int]
) -> None:
    def lower() -> None:
        for limit in limits:
            resource.setrlimit(limit, (100, 100))

    command = [sys.executable, "-c", ORCHESTRATOR, str(folder), "keep", *escaping(tag)]
    parent = subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=lower)  # noqa: PLW1509
    await until(lambda: output(folder) and len(alive(tag)) == 3)
    parent.kill()
    parent.wait()
    os.kill(guard_of(folder), signal.SIGKILL)
    await until(lambda: len(alive(tag)) == 1)
    with anyio.fail_after(LIMIT_S):
        found = await LocalExecutor().wait(folder)

    if len(limits) == 1:
        assert (found, alive(tag)) == (None, [])
    else:
        assert found is not None
        assert "whether all of its tool is cannot be told" in found.error
        assert len(alive(tag)) == 1


@pytest.mark.parametrize(("limits", "said"), [((LOCKS,), 0), ((LOCKS, RESIDENT_SET), 1)])
async def test_a_check_tells_when_no_limit_takes_a_seal(limits: tuple[int], said: int) -> None:
    code = f"""
        import resource
        from orchestrator.check import _limits
        for limit in {limits}:
            resource.setrlimit(limit, (100, 100))
        print([(finding.word, "ulimit -x" in finding.detail) for finding in _limits()])
    """
    argv = [sys.executable, "-c", textwrap.dedent(code)]

    shown = await anyio.run_process(argv, cwd=ROOT)

    assert shown.stdout.decode().strip() == str([("hint", True)] * said)


async def test_locks_are_not_limited_by_the_seal(folder: Path) -> None:
    code = """
        import fcntl, sys, tempfile
        files = [tempfile.TemporaryFile() for _ in range(50)]
        for file in files:
            fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.lockf(file, fcntl.LOCK_EX)
        print(len(files))
    """
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code)))
    with anyio.fail_after(LIMIT_S):
        await executor.wait(folder)

    assert output(folder) == b"50\n"


async def test_a_stranger_without_the_seal_does_not_carry_the_mark(tag: str) -> None:
    stranger = subprocess.Popen(sleeping(tag), stdout=subprocess.DEVNULL)
    try:
        process = guard.Process(stranger.pid)
        assert not process.carries("")
        assert not process.carries("labfleet-000001-1-abc")
    finally:
        stranger.kill()
        stranger.wait()


async def test_the_guard_costs_nothing_while_its_tool_works(folder: Path, tag: str) -> None:
    executor = LocalExecutor()
    await started(executor, folder, tag)
    stat = Path(f"/proc/{guard_of(folder)}/schedstat")
    before = stat.read_text().split()

    await anyio.sleep(1)

    after = stat.read_text().split()
    # Nanoseconds on a processor, and how often it was given one.
    assert int(after[0]) - int(before[0]) < 1_000_000
    assert int(after[2]) - int(before[2]) <= 1
    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        await executor.wait(folder)


def test_a_look_at_the_process_table_is_quick(tag: str) -> None:
    """The price of the seal, paid at the end of a run only; figures are shown with -s."""
    began_s = time.perf_counter()
    table = guard.processes()
    carriers = [process for process in table if process.carries(tag)]
    each_us = (time.perf_counter() - began_s) / len(table) * 1e6

    sys.stdout.write(f"{len(table)} processes, {each_us:.0f} us each\n")
    assert carriers == []
    assert each_us < 1000
