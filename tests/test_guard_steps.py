"""What runs before a tool, in the same guard: one by one, and each with a clean start."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from adapters.base import Ending
from orchestrator import guard
from orchestrator.executors import Order
from orchestrator.executors.local import LocalExecutor
from tests.attempts import LIMIT_S, alive, guard_of, order, output, python, run, sleeping, until


def sh(text: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", text)


def steps(folder: Path, *argvs: tuple[str, ...], **changes: object) -> Order:
    """An order whose last of *argvs* is the tool."""
    return order(folder, *argvs[-1], before=argvs[:-1], **changes)


async def test_steps_run_in_order_in_one_place_with_one_environment_and_output(
    folder: Path,
) -> None:
    say = "echo $STEP $LABFLEET_MARK $PWD; exit "
    places = (folder / "work", {"STEP": "same"})
    places[0].mkdir()

    found = await run(
        folder,
        steps(
            folder, sh("echo 1; " + say + "0"), sh("echo 2 >&2; " + say + "0"),
            sh("echo 3; " + say + "7"), cwd=places[0], environment=places[1], mark="m1",
        ),
    )  # fmt: skip

    told = f"same m1 {places[0]}\n"
    assert output(folder).decode() == f"1\n{told}2\n{told}3\n{told}"
    assert (found.ending, found.exit_code, found.error) == (Ending.EXITED, 7, "")
    assert found.output_bytes == len(output(folder))


@pytest.mark.parametrize(
    ("step", "exit_code", "signum"), [("exit 3", 3, None), ("kill -SEGV $$", None, signal.SIGSEGV)]
)
async def test_a_step_that_fails_is_the_last_and_ends_for_the_tool(
    folder: Path, step: str, exit_code: int | None, signum: int | None
) -> None:
    found = await run(folder, steps(folder, sh("echo a"), sh(step), sh("echo b"), sh("echo c")))

    assert output(folder) == b"a\n"
    assert (found.ending, found.exit_code, found.signal) == (Ending.EXITED, exit_code, signum)
    assert found.error == "it did not get beyond step 2 of 4, /bin/sh"


async def test_a_step_that_cannot_be_started_is_named(folder: Path) -> None:
    found = await run(folder, steps(folder, sh("echo a"), ("no-such-compiler",), sh("echo b")))

    assert (found.ending, found.exit_code, found.signal) == (Ending.NOT_STARTED, None, None)
    assert found.error == "step 2 of 3: no-such-compiler: No such file or directory"
    assert output(folder) == b"a\n"


async def test_a_tool_that_cannot_be_started_after_its_steps_was_not_started(
    folder: Path, tag: str
) -> None:
    step = python("import subprocess,sys; subprocess.Popen(sys.argv[1:])", *sleeping(tag))

    found = await run(folder, steps(folder, step, ("no-such-tool",)))

    assert (found.ending, found.exit_code) == (Ending.NOT_STARTED, None)
    assert found.error == "step 2 of 2: no-such-tool: No such file or directory"
    assert alive(tag) == []


async def test_all_steps_share_one_deadline(folder: Path, tag: str) -> None:
    slow = sh("sleep 0.4")

    found = await run(folder, steps(folder, slow, slow, slow, sleeping(tag), timeout_s=1.0))

    assert (found.ending, found.reason) == (Ending.TIMED_OUT, guard.DEADLINE)
    assert (found.exit_code, output(folder)) == (None, b"")
    assert found.error.startswith("it did not get beyond step")
    assert 1.0 <= found.seconds < 3


async def test_nothing_that_a_step_left_sees_the_next_one(folder: Path, tag: str) -> None:
    sleeper = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    leaves = python(
        "import subprocess,sys; subprocess.Popen(sys.argv[1:], start_new_session=True, env={})",
        *python(sleeper, tag),
    )
    looks = python(
        """
        import pathlib, sys
        mine = pathlib.Path("/proc/self").resolve().name
        for place in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (place / "cmdline").read_bytes()
            except OSError:
                continue
            if b"SIG_IGN" in line and sys.argv[1].encode() in line and place.name != mine:
                print("still there")
        print("looked")
        """,
        tag,
    )

    found = await run(folder, steps(folder, leaves, looks, grace_s=0.2))

    assert (found.ending, found.exit_code, found.kills) == (Ending.EXITED, 0, 1)
    assert output(folder) == b"looked\n"
    assert alive(tag) == []


async def test_a_stop_while_a_step_runs_ends_the_command(folder: Path, tag: str) -> None:
    executor = LocalExecutor()
    await executor.start(folder, steps(folder, sleeping(tag), sh("echo tool")))
    await until(lambda: output(folder))

    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason, found.exit_code) == (Ending.KILLED, guard.STOPPED, None)
    assert (output(folder), alive(tag)) == (b"up\n", [])


async def test_a_stop_between_two_steps_is_heard(folder: Path, tag: str) -> None:
    stubborn = """
        import os, signal, time
        signal.signal(15, signal.SIG_IGN)
        os.write(1, b"up")
        time.sleep(600)
    """
    leaves = python(
        """
        import subprocess, sys
        subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE).stdout.read(1)
        print("left", flush=True)
        """,
        *python(stubborn, tag),
    )
    executor = LocalExecutor()
    await executor.start(folder, steps(folder, leaves, sh("echo tool"), grace_s=1.0))
    await until(lambda: output(folder) and len(alive(tag)) == 1)

    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        found = await executor.wait(folder)

    assert found is not None
    assert (found.ending, found.reason, found.exit_code) == (Ending.KILLED, guard.STOPPED, None)
    assert (output(folder), alive(tag)) == (b"left\n", [])


async def test_a_guard_amid_its_steps_is_adopted_and_goes_on(folder: Path) -> None:
    gate = folder / "gate"
    os.mkfifo(gate)
    first, second, found = LocalExecutor(), LocalExecutor(), []
    waits = python("import sys; print('up', flush=True); open(sys.argv[1]).read()", str(gate))
    await first.start(folder, steps(folder, waits, sh("echo between"), sh("echo tool; exit 5")))
    await until(lambda: output(folder))

    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:

            async def adopt() -> None:
                found.append(await second.wait(folder))

            tasks.start_soon(adopt)
            await anyio.wait_all_tasks_blocked()
            gate.write_bytes(b"x")

    assert found[0] is not None
    assert (found[0].exit_code, output(folder)) == (5, b"up\nbetween\ntool\n")
    assert await first.wait(folder) == found[0]


async def test_a_guard_killed_amid_its_steps_is_interrupted_and_starts_no_tool(
    folder: Path, tag: str
) -> None:
    executor, adopter = LocalExecutor(), LocalExecutor()
    await executor.start(folder, steps(folder, sleeping(tag), sh("echo tool")))
    await until(lambda: output(folder))

    os.kill(guard_of(folder), signal.SIGKILL)
    with anyio.fail_after(LIMIT_S):
        assert await adopter.wait(folder) is None

    assert await executor.wait(folder) is None
    assert (output(folder), alive(tag)) == (b"up\n", [])


async def test_an_order_without_the_newer_fields_is_carried_out(folder: Path) -> None:
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *sh("exit 4")))
    await executor.wait(folder)
    told = json.loads((folder / guard.ORDER).read_bytes())
    older = folder / "older"
    older.mkdir()
    del told["before"], told["stop_on"]
    guard.create(str(older / guard.ORDER), told)

    subprocess.run([sys.executable, "-I", "-S", guard.__file__, str(older)], check=True)
    found = await LocalExecutor().wait(older)

    assert found is not None
    assert found.exit_code == 4
