"""A guard that somebody stopped, or that hangs, does not keep its slot for ever."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import overdue
from orchestrator.executors.local import LocalExecutor
from orchestrator.executors.overdue import HUNG, STOPPED
from tests.attempts import LIMIT_S, alive, guard_of, order, output, python, sleeping, until


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> LocalExecutor:
    """An executor that allows for no slow disk, and a steps' end in no time."""
    monkeypatch.setattr(guard, "WRITE_EXIT_S", 0.1)
    monkeypatch.setattr(overdue, "_STEP_S", 0.1)
    return LocalExecutor(margin_s=0.3)


async def stopped(executor: LocalExecutor, folder: Path, *argv: str) -> int:
    """Start *argv* and stop its guard; return the guard's pid."""
    await executor.start(folder, order(folder, *argv, timeout_s=0.4, grace_s=0.1))
    await until(lambda: output(folder))
    mine = guard_of(folder)
    os.kill(mine, signal.SIGSTOP)
    return mine


@pytest.mark.parametrize("adopted", [False, True])
async def test_a_stopped_guard_is_continued_and_ends_its_tool(
    quick: LocalExecutor, folder: Path, tag: str, adopted: bool
) -> None:
    await stopped(quick, folder, *sleeping(tag))
    executor = LocalExecutor(margin_s=0.3) if adopted else quick

    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason, alive(tag)) == (Ending.TIMED_OUT, guard.DEADLINE, [])
    assert found.error == STOPPED
    assert (await quick.wait(folder)) in {found, replace(found, error="")}


async def test_a_tool_that_ended_well_under_a_stopped_guard_is_doubted(
    quick: LocalExecutor, folder: Path
) -> None:
    code = "import time; print('up', flush=True); time.sleep(0.2)"
    await stopped(quick, folder, *python(code))

    with anyio.fail_after(LIMIT_S):
        found = await quick.wait(folder)

    assert found is not None
    assert (found.ending, found.exit_code, found.error) == (Ending.EXITED, 0, STOPPED)


@pytest.mark.parametrize("adopted", [False, True])
async def test_a_guard_that_is_stopped_again_is_killed_and_nothing_of_its_tool_lives(
    quick: LocalExecutor, folder: Path, tag: str, adopted: bool
) -> None:
    code = """
        import os, signal, subprocess, sys, time
        guard = os.getppid()
        if os.fork() == 0:
            os.setsid()
            print("up", flush=True)
            while not os.path.getsize(sys.argv[1]): time.sleep(0.001)
            while True:  # whoever continues the guard finds it stopped again
                os.kill(guard, signal.SIGSTOP)
                time.sleep(0.001)
        time.sleep(600)
    """
    await stopped(quick, folder, *python(code, str(folder / guard.OUTPUT), tag))
    executor = LocalExecutor(margin_s=0.3) if adopted else quick

    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.exit_code, found.error) == (Ending.KILLED, None, HUNG)
    assert (found.survivors, alive(tag)) == ((), [])
    await quick.wait(folder)


async def test_a_tool_that_holds_its_guard_is_ended_with_it_before_its_folder_goes(
    quick: LocalExecutor, folder: Path, tag: str
) -> None:
    code = """
        import os, signal, sys, time
        print("up", flush=True)
        while not os.path.getsize(sys.argv[1]): time.sleep(0.001)
        while True:  # a stop of its guard is never heard
            os.kill(os.getppid(), signal.SIGSTOP)
            time.sleep(0.001)
    """
    executor = LocalExecutor()
    command = python(code, str(folder / guard.OUTPUT), tag)
    await executor.start(folder, order(folder, *command, grace_s=0.1))
    await until(lambda: output(folder))

    with anyio.fail_after(LIMIT_S):
        assert await quick.clear(folder) == ()

    assert alive(tag) == []
    assert not guard.Process(guard_of(folder)).alive
    assert await executor.wait(folder) is None


async def test_a_folder_is_cleared_only_after_its_tools_grace(
    quick: LocalExecutor, folder: Path, tag: str
) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True);"
    executor = LocalExecutor()
    command = python(f"{code} time.sleep(600)", tag)
    await executor.start(folder, order(folder, *command, grace_s=1.0))
    await until(lambda: output(folder))

    assert await quick.clear(folder) == ()

    found = await executor.wait(folder)
    assert found is not None, "its guard was killed within its time"
    assert (found.reason, found.signal, alive(tag)) == ("stopped", signal.SIGKILL, [])


async def test_a_stopped_guard_hears_that_its_tool_is_to_end(folder: Path, tag: str) -> None:
    first, second = LocalExecutor(), LocalExecutor()
    await first.start(folder, order(folder, *sleeping(tag)))
    await until(lambda: output(folder))
    os.kill(guard_of(folder), signal.SIGSTOP)

    second.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await second.wait(folder)

    assert found is not None
    assert (found.ending, found.reason, found.error) == (Ending.KILLED, guard.STOPPED, "")
    assert (await first.wait(folder), alive(tag)) == (found, [])


async def test_a_guard_within_its_time_is_let_alone(folder: Path) -> None:
    # Longer than its own deadline, and shorter than that of its guard.
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code), timeout_s=0.3, grace_s=0.4))

    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.signal, found.error) == (Ending.TIMED_OUT, signal.SIGKILL, "")


async def test_the_second_deadline_counts_from_the_guards_start_and_not_from_adoption(
    folder: Path,
) -> None:
    what = order(folder, "/bin/true", timeout_s=100.0, grace_s=5.0, before=(("/bin/true",),))

    allowed = overdue.Overdue(what, 1000.0, 7.0)

    assert allowed.due_s == 1000.0 + 100.0 + 5.0 + 2 * 5.0 + 60.0 + 7.0
    assert overdue.Overdue(None, 1000.0, 7.0).due_s == float("inf")
