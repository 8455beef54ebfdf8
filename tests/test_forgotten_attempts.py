"""A journal that was put back to a backup has forgotten attempts whose tools live.

Nothing is started beside them: they are ended first, and told of.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from orchestrator import guard
from orchestrator.attempt import StillAlive, prepare_folder
from orchestrator.executors.local import LocalExecutor
from orchestrator.workspace import Workspaces
from tests.attempts import alive, guard_of, order, output, sleeping, until, written_order
from tests.claims import rows
from tests.fleet import PASSING, Fleet, tool
from tests.test_recovery import counting, process, until_there

ALONE = """
    import fcntl
    lock = open({lock!r}, "a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        word = "alone"
    except BlockingIOError:
        word = "beside"
    open({starts!r}, "a").write(word + "\\n")
    first = open({starts!r}).read().count("\\n") == 1
    time.sleep(600 if first else 0)
"""


@pytest.mark.parametrize("mark", ["mark", "'00000000'"])
async def test_an_attempt_that_the_journal_forgot_is_ended_and_told_before_its_item_runs_again(
    fleet: Fleet, tmp_path: Path, mark: str
) -> None:
    """The second mark is that of another claim, which had the number before."""
    starts = tmp_path / "starts"
    run_id = await fleet.queue(
        tool(ALONE.format(lock=str(tmp_path / "lock"), starts=str(starts)) + PASSING)
    )
    with process(fleet):
        await until_there(starts)
    rows(
        tmp_path / "state",
        f"UPDATE assignments SET state = 'claimed', attempt = 0, mark = {mark}, tool = ''",  # noqa: S608
    )

    with capture_logs() as logs:
        await fleet.work_off()

    assert (await fleet.verdict(run_id))[0] == "Passed"
    assert starts.read_text().split() == ["alone", "alone"]
    told = [line for line in logs if line["event"] == "run.in_doubt"]
    assert [(line["run"], line["host"]) for line in told] == [(run_id, "lab_001")]


@asynccontextmanager
async def lively(root: Path, tag: str) -> AsyncIterator[tuple[Workspaces, Path]]:
    """Start a tool in an attempt's folder, as somebody whom the journal forgot."""
    workspaces, first = Workspaces(root), LocalExecutor()
    folder = workspaces.create("000001-1-ab").folder
    await first.start(folder, order(folder, *sleeping(tag)))
    await until(lambda: output(folder))
    yield workspaces, folder
    await first.wait(folder)


async def test_a_folder_in_which_a_guard_lives_is_made_anew_once_that_is_gone(
    tmp_path: Path, tag: str
) -> None:
    async with lively(tmp_path, tag) as (workspaces, folder):
        lived = guard_of(folder)

        with anyio.fail_after(10):
            attempt = await prepare_folder(workspaces, LocalExecutor(), folder.name)

        assert alive(tag) == []
        assert lived not in {process.pid for process in guard.processes() if process.alive}
        assert attempt.folder == folder
        assert not (folder / guard.GUARD).exists()


class Unable(LocalExecutor):
    """The real executor, which meets a process that SIGKILL does not end."""

    @override
    async def clear(self, folder: Path) -> tuple[Any, ...]:
        was_used = (folder / guard.ORDER).exists()
        await super().clear(folder)
        return ("7 dump",) if was_used else ()


async def test_a_folder_whose_processes_cannot_be_ended_stays_and_nothing_is_started(
    tmp_path: Path, tag: str
) -> None:
    async with lively(tmp_path, tag) as (workspaces, folder):
        with pytest.raises(StillAlive, match="there lives still: 7 dump"):
            await prepare_folder(workspaces, Unable(), folder.name)

        assert (folder / guard.ORDER).exists()


async def test_a_run_whose_first_tool_cannot_be_ended_is_blocked_and_not_run_beside_it(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is lost, so the run is claimed under another mark, and gets another folder."""
    run_id, other = await fleet.queue(counting(tmp_path, PASSING)), await fleet.queue(tool())
    folder = Workspaces(tmp_path / "state" / "attempts").create("000001-1-ab").folder
    told = {"LABFLEET_RUN_ID": str(run_id), "LABFLEET_ITEM": "1", "LABFLEET_HOST": "LAB_001"}
    written_order(folder, **told)
    monkeypatch.setattr("orchestrator.service.LocalExecutor", Unable)

    with capture_logs() as logs:
        await fleet.work_off()

    status, reason = await fleet.verdict(run_id)
    assert (status, await fleet.lab.run_status(other)) == ("Blocked", "Passed")
    assert "there lives still: 7 dump" in reason
    assert not (tmp_path / "starts").exists()
    survived = [line for line in logs if line["event"] == "tool.survived"]
    assert [(line["run"], line["host"]) for line in survived] == [(run_id, "LAB_001")]
