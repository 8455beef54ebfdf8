"""What a run comes to when executors, guards and orchestrators come and go."""

import os
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


async def test_a_new_executor_adopts_a_running_guard(folder: Path, tag: str) -> None:
    first, second = LocalExecutor(), LocalExecutor()
    code = "import sys; print('up', flush=True); open(sys.argv[1]).read(); sys.exit(5)"
    gate = folder / "gate"
    os.mkfifo(gate)
    await first.start(folder, order(folder, *python(code, str(gate), tag)))
    await until(lambda: output(folder))

    found = []
    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:

            async def adopt() -> None:
                found.append(await second.wait(folder))

            tasks.start_soon(adopt)
            await anyio.wait_all_tasks_blocked()
            gate.write_bytes(b"x")

    assert found[0] is not None
    assert found[0].exit_code == 5
    assert await first.wait(folder) == found[0]
    assert await second.wait(folder) == found[0]


async def test_an_adopted_run_can_be_stopped(folder: Path, tag: str) -> None:
    first, second = LocalExecutor(), LocalExecutor()
    await first.start(folder, order(folder, *sleeping(tag)))
    await until(lambda: output(folder))

    second.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await second.wait(folder)
        again = await first.wait(folder)

    assert found is not None
    assert (found.ending, found.reason) == (Ending.KILLED, guard.STOPPED)
    assert again == found
    first.stop(folder)
    second.stop(folder)


async def test_a_stop_right_after_the_start_is_heard(folder: Path, tag: str) -> None:
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *sleeping(tag)))

    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason) == (Ending.KILLED, guard.STOPPED)
    assert (alive(tag), output(folder)) == ([], b"")


async def test_a_cancelled_wait_leaves_the_tool_alone(folder: Path, tag: str) -> None:
    executor, adopter = LocalExecutor(), LocalExecutor()
    await executor.start(folder, order(folder, *sleeping(tag)))
    await until(lambda: output(folder))
    open_files = len(list(Path("/proc/self/fd").iterdir()))

    for each in (executor, adopter):
        with anyio.move_on_after(0.05):
            await each.wait(folder)

    assert len(alive(tag)) == 1
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files
    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        assert (await executor.wait(folder)) is not None


async def test_sixteen_runs_at_once_each_get_their_own_end(tmp_path: Path) -> None:
    executor, found = LocalExecutor(), dict[int, int | None]()

    async def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        await executor.start(folder, order(folder, "/bin/sh", "-c", f"sleep 0.1; exit {number}"))
        ended = await executor.wait(folder)
        found[number] = ended.exit_code if ended else None

    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:
            for number in range(16):
                tasks.start_soon(one, number)

    assert found == {number: number for number in range(16)}


async def test_a_folder_is_used_for_one_run_only(folder: Path) -> None:
    await run(folder, order(folder, "/bin/true"))

    with pytest.raises(FileExistsError):
        await LocalExecutor().start(folder, order(folder, "/bin/false"))

    found = await LocalExecutor().wait(folder)
    assert found is not None
    assert found.exit_code == 0


async def test_the_guards_environment_holds_no_token(
    folder: Path, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABFLEET_HOSTS__LAB_01__TOKEN", "s3cret")
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *sleeping(tag)))
    await until(lambda: output(folder))

    entries = Path(f"/proc/{guard_of(folder)}/environ").read_bytes().split(b"\0")

    names = {entry.partition(b"=")[0] for entry in entries} - {b""}
    assert names <= {b"PATH", b"LD_LIBRARY_PATH", guard.MARK_VARIABLE.encode()}
    executor.stop(folder)
    await executor.wait(folder)


def run_guard(folder: Path) -> int:
    argv = [sys.executable, "-I", "-S", guard.__file__, str(folder)]
    return subprocess.run(argv, check=False, timeout=LIMIT_S, stdin=subprocess.DEVNULL).returncode


async def test_a_guard_that_never_came_is_revoked_and_starts_nothing_later(folder: Path) -> None:
    written_order(folder, "/bin/touch", str(folder / "proof"))
    executor = LocalExecutor()

    assert await executor.wait(folder) is None
    assert run_guard(folder) == guard.REVOKED_STATUS

    assert {path.name for path in folder.iterdir()} == {guard.ORDER, guard.GUARD}
    executor.stop(folder)
    assert await executor.wait(folder) is None


async def test_a_guard_that_came_in_time_is_not_revoked(folder: Path) -> None:
    written_order(folder, "/bin/touch", str(folder / "proof"))

    assert run_guard(folder) == 0
    found = await LocalExecutor().wait(folder)

    assert found is not None
    assert (found.exit_code, (folder / "proof").exists()) == (0, True)


async def test_a_second_guard_starts_nothing(folder: Path) -> None:
    await run(folder, order(folder, "/bin/sh", "-c", "echo x >> proof"))

    assert run_guard(folder) == guard.REVOKED_STATUS

    assert (folder / "proof").read_text() == "x\n"


async def test_a_start_that_is_cancelled_starts_nothing(folder: Path) -> None:
    executor = LocalExecutor()

    with anyio.CancelScope() as scope:
        scope.cancel()
        await executor.start(folder, order(folder, "/bin/touch", str(folder / "proof")))

    assert await executor.wait(folder) is None
    assert not (folder / "proof").exists()
