"""What is left when the orchestrator, a guard or a whole boot is gone."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors.local import LocalExecutor
from tests.attempts import (
    LIMIT_S,
    alive,
    guard_of,
    order,
    output,
    python,
    run,
    sleeping,
    until,
    written_order,
)

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("change", [{"start_ticks": 1}, {"boot_id": "another"}, {"pid": 2**22}])
async def test_a_stranger_with_the_guards_pid_is_not_taken_for_it(
    folder: Path, tag: str, change: dict[str, object]
) -> None:
    written_order(folder, "/bin/true")
    stranger = subprocess.Popen(sleeping(tag), stdout=subprocess.DEVNULL)
    ticks = guard.Process(stranger.pid).start_ticks
    who = {"pid": stranger.pid, "start_ticks": ticks, "boot_id": guard.boot_id()}
    guard.create(str(folder / guard.GUARD), who | change)
    executor = LocalExecutor()

    executor.stop(folder)
    with anyio.fail_after(2):
        assert await executor.wait(folder) is None

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


async def test_what_carries_the_mark_is_ended_wherever_it_lives(folder: Path, tag: str) -> None:
    what = order(folder, "/bin/true")
    outside, stranger = (
        subprocess.Popen(sleeping(tag), env={guard.MARK_VARIABLE: mark}, stdout=subprocess.DEVNULL)
        for mark in (what.mark, what.mark + "0")
    )
    await until(lambda: len(alive(tag)) == 2)

    with anyio.move_on_after(LIMIT_S):
        found = await run(folder, what)

    assert found.kills == 1
    assert (outside.wait(), stranger.poll()) == (-signal.SIGTERM, None)
    stranger.kill()
    stranger.wait()


async def test_a_run_whose_guard_is_killed_is_interrupted_and_gone(folder: Path, tag: str) -> None:
    code = """
        import subprocess, sys, time
        subprocess.Popen(sys.argv[1:], start_new_session=True, stdout=subprocess.DEVNULL)
        print("up", flush=True)
        time.sleep(600)
    """
    executor, adopter = LocalExecutor(), LocalExecutor()
    await executor.start(folder, order(folder, *python(code, *sleeping(tag))))
    await until(lambda: output(folder) and len(alive(tag)) == 2)

    os.kill(guard_of(folder), signal.SIGKILL)
    await until(lambda: len(alive(tag)) == 1)  # the main process goes with its guard
    with anyio.fail_after(LIMIT_S):
        found = await adopter.wait(folder)

    assert (found, alive(tag)) == (None, [])
    assert await executor.wait(folder) is None


async def test_a_run_whose_folder_is_moved_is_adopted_there_with_its_verdict_and_output(
    folder: Path, tmp_path: Path, tag: str
) -> None:
    gate, moved = tmp_path / "gate", tmp_path / "elsewhere" / "attempt"
    os.mkfifo(gate)
    code = "import sys; print('up', flush=True); open(sys.argv[1]).read(); print('on'); sys.exit(5)"
    first, second, found = LocalExecutor(), LocalExecutor(), []
    await first.start(folder, order(folder, *python(code, str(gate), tag)))
    await until(lambda: output(folder))

    moved.parent.mkdir()
    folder.rename(moved)
    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:

            async def adopt() -> None:
                found.append(await second.wait(moved))

            tasks.start_soon(adopt)
            await anyio.wait_all_tasks_blocked()
            gate.write_bytes(b"x")

    assert [one and one.exit_code for one in found] == [5]
    assert output(moved) == b"up\non\n"
    assert not folder.exists()
    for each in (first, second):
        with pytest.raises(FileNotFoundError, match="the folder of the run is gone"):
            await each.wait(folder)  # and not: interrupted


async def test_waiting_outlasts_a_shortage_of_descriptors(folder: Path) -> None:
    executor = LocalExecutor()
    await executor.start(folder, order(folder, "/bin/sh", "-c", "sleep 0.2; exit 4"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = []

    async def wait() -> None:
        found.append(await executor.wait(folder))

    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                tasks.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert found[0] is not None
    assert found[0].exit_code == 4


ORCHESTRATOR = """
import sys
from pathlib import Path
import anyio
from tests.attempts import order
from orchestrator.executors.local import LocalExecutor

async def main(folder, mode, *argv):
    executor = LocalExecutor()
    what = order(Path(folder), *argv, grace_s=0.2, on_orchestrator_exit=mode)
    await executor.start(Path(folder), what)
    await executor.wait(Path(folder))

anyio.run(main, *sys.argv[1:])
"""
# A tool with a child in its own session and without any environment.
WITH_ESCAPED = """
    import subprocess, sys, time
    subprocess.Popen(sys.argv[1:], start_new_session=True, env={}, stdout=subprocess.DEVNULL)
    print("up", flush=True)
    time.sleep(600)
"""


async def orchestrate(folder: Path, mode: str, tag: str) -> subprocess.Popen[bytes]:
    """Start another process as the orchestrator of a run, and wait until all of it is alive."""
    argv = python(WITH_ESCAPED, *sleeping(tag))
    command = [sys.executable, "-c", ORCHESTRATOR, str(folder), mode, *argv]
    parent = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    await until(lambda: output(folder) and len(alive(tag)) == 3)
    return parent


async def test_a_killed_orchestrator_leaves_its_runs_to_be_adopted(folder: Path, tag: str) -> None:
    parent = await orchestrate(folder, "keep", tag)

    for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL):
        os.killpg(parent.pid, signum)
    parent.wait()
    executor = LocalExecutor()
    with anyio.move_on_after(0.5):
        await executor.wait(folder)

    assert len(alive(tag)) == 2
    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)
    assert found is not None
    assert (found.ending, found.reason, alive(tag)) == (Ending.KILLED, guard.STOPPED, [])


async def test_a_killed_orchestrator_takes_its_runs_along_if_told_so(
    folder: Path, tag: str
) -> None:
    parent = await orchestrate(folder, "kill", tag)

    parent.kill()
    parent.wait()
    await until(lambda: not alive(tag), limit_s=2)

    with anyio.fail_after(LIMIT_S):
        assert await LocalExecutor().wait(folder) is None
    verdict = json.loads((folder / guard.EXIT).read_bytes())
    assert (verdict["ending"], verdict["reason"]) == ("killed", guard.ORCHESTRATOR_GONE)
