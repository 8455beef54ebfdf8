"""Whose a process is: each guard and tool shows which state directory it came of."""

import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from orchestrator import guard
from orchestrator.database import open_database
from orchestrator.executors.local import LocalExecutor
from orchestrator.owner import end_strays, living, marks_in, new_mark, owner_of
from tests.attempts import LIMIT_S, guard_of, order, python, sleeping, until, written_order
from tests.test_local_executor_crashes import ROOT

COLLIDING = (Path("/nowhere/16261"), Path("/nowhere/36199"))
"""Their owners have one seal, as two of 36,200 have."""

FORKS_ON = """
    import ctypes, os, sys, time
    from orchestrator import guard
    ctypes.CDLL(None).prctl(36, 1)  # all come back to this one, which shows nothing
    if os.fork() == 0:
        guard.put_seal(sys.argv[1])
        os.write(1, b"up ")
        until_s = time.monotonic() + 10
        while time.monotonic() < until_s:
            if os.fork():
                os._exit(0)
            time.sleep(float(sys.argv[2]))
        os.write(1, b"never ended")
        os._exit(0)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
"""


async def test_a_guard_and_its_tool_and_what_cleared_its_environment_are_their_owners(
    tmp_path: Path,
) -> None:
    state, tag = tmp_path / "state", tmp_path.name
    (folder := state / "attempts" / "000001-1-abc").mkdir(parents=True)
    bare = ["/usr/bin/env", "-i", *sleeping(tag)]
    code = f"import subprocess; subprocess.run({bare!r})"
    mark = new_mark(state, folder.name)
    executor = LocalExecutor()
    await executor.start(folder, order(folder, *python(code), mark=mark, grace_s=0.1))
    await until(lambda: len(living(owner_of(state))) == 3)

    found = living(owner_of(state))
    assert guard_of(folder) in {each.pid for each in found}
    assert marks_in(state) == [mark]
    assert living(owner_of(state), [mark]) == []
    assert living(owner_of(tmp_path)) == []

    executor.stop(folder)
    with anyio.fail_after(LIMIT_S):
        await executor.wait(folder)
    assert living(owner_of(state)) == []


def test_only_what_has_no_folder_is_a_stray(tmp_path: Path) -> None:
    marks = [new_mark(tmp_path, name) for name in ("000001-1-abc", "000002-1-def")]
    marks.append(new_mark(tmp_path / "another", "000002-1-def"))
    (folder := tmp_path / "attempts" / "000001-1-abc").mkdir(parents=True)
    written_order(folder, mark=marks[0])
    known, stray, foreign = (
        subprocess.Popen(["/bin/sleep", "600"], env={guard.MARK_VARIABLE: mark}) for mark in marks
    )
    try:
        assert end_strays(tmp_path) == ([f"{stray.pid} sleep"], [])
        assert (known.poll(), foreign.poll()) == (None, None)
        assert stray.wait() < 0
    finally:
        for each in (known, stray, foreign):
            each.kill()
            each.wait()


def test_what_a_moved_directorys_labfleet_goes_on_with_is_no_stray_at_the_old_path(
    tmp_path: Path,
) -> None:
    state, moved = tmp_path / "state", tmp_path / "moved"
    (folder := state / "attempts" / "000001-1-abc").mkdir(parents=True)
    mark = new_mark(state, folder.name)
    written_order(folder, mark=mark)
    command, shown = ["/bin/sleep", "600"], {guard.MARK_VARIABLE: mark}
    keeper = subprocess.Popen(command, env=shown, cwd=folder)  # lies where a guard does
    its_tool = subprocess.Popen(command, env=shown)
    try:
        state.rename(moved)
        state.mkdir()
        with open_database(moved):
            assert end_strays(state) == ([], [])
            assert (keeper.poll(), its_tool.poll()) == (None, None)
        ended, left = end_strays(state)
        assert (len(ended), left) == (2, [])
    finally:
        for each in (keeper, its_tool):
            each.kill()
            each.wait()


def test_a_mark_alone_decides_where_two_owners_have_one_seal() -> None:
    first, second = COLLIDING
    marks = [new_mark(state_dir, "000001-1-abc") for state_dir in COLLIDING]
    assert len({guard.owner_seal(guard.seal(mark)) for mark in marks}) == 1
    theirs = subprocess.Popen(
        ["/bin/sleep", "600"],
        env={guard.MARK_VARIABLE: marks[1]},
        preexec_fn=lambda: guard.put_seal(marks[1]),  # noqa: PLW1509 - no threads
    )
    try:
        assert living(owner_of(first)) == []
        assert end_strays(first) == ([], [])
        assert theirs.poll() is None
        assert end_strays(second) == ([f"{theirs.pid} sleep"], [])
    finally:
        theirs.kill()
        theirs.wait()


@pytest.mark.parametrize("pause_s", [0.03, 0.002])
def test_a_stray_that_forks_on_and_ends_is_not_missed(tmp_path: Path, pause_s: float) -> None:
    code = python(FORKS_ON)[-1]
    for number in range(3):
        state = tmp_path / str(number)
        command = [sys.executable, "-c", code, new_mark(state, "000001-1-abc"), str(pause_s)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as started:
            assert started.stdout
            assert started.stdout.read(3) == b"up "
            ended, left = end_strays(state)
            assert (started.stdout.read(), left) == (b"", [])
            assert ended


def test_seals_of_one_owner_differ_and_show_the_owner(tmp_path: Path) -> None:
    marks = [new_mark(tmp_path, f"{number:06}-1-abc") for number in range(100)]
    seals = {guard.seal(mark) for mark in marks}

    assert len(seals) == len(marks)
    assert {guard.owner_seal(seal) for seal in seals} == {guard.owner_seal(guard.seal(marks[0]))}
    assert all(1 << 60 <= seal < 1 << 61 for seal in seals)
    others = [Path(f"/nowhere/{number}") for number in range(2000)]
    assert len({guard.owner_seal(guard.seal(new_mark(other, "1"))) for other in others}) == 2000
