"""Whose a process is: each guard and tool shows which state directory it came of."""

import subprocess
from pathlib import Path

import anyio

from orchestrator import guard
from orchestrator.executors.local import LocalExecutor
from orchestrator.owner import end_strays, living, marks_in, new_mark, owner_of
from tests.attempts import LIMIT_S, guard_of, order, python, sleeping, until


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
    guard.create(str(folder / guard.ORDER), {"mark": marks[0]})
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


def test_seals_of_one_owner_differ_and_show_the_owner(tmp_path: Path) -> None:
    marks = [new_mark(tmp_path, f"{number:06}-1-abc") for number in range(5000)]
    seals = {guard.seal(mark) for mark in marks}

    assert len(seals) == len(marks)
    assert {guard.owner_seal(seal) for seal in seals} == {guard.owner_seal(guard.seal(marks[0]))}
    assert all(1 << 60 <= seal < 1 << 61 for seal in seals)
    owners = {guard.owner_seal(guard.seal(new_mark(tmp_path / str(n), "1"))) for n in range(50)}
    assert len(owners) > 45
