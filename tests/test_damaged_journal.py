"""A journal that is damaged is kept aside, told of, and never in the way of the next start."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from adapters.base import Verdict
from orchestrator.database import open_database
from orchestrator.errors import StateError
from tests.attempts import alive
from tests.claims import SERVER, assignment, opened, settled
from tests.fleet import LIMIT_S, PASSING, Fleet
from tests.test_cli import labfleet
from tests.test_recovery import counting, process, until_there

RUNS = 500


async def filled(folder: Path, *, closed_well: bool = True, runs: int = RUNS) -> Path:
    """Leave a journal with *runs* claims, two of them begun and one of these ended; name it."""
    with opened(folder) as journal:
        claims = await journal.claim([assignment(run) for run in range(1, runs + 1)])
        await journal.save_credentials("lab_01", 7, "a-token")
        begun = [await journal.start(claim, "junit") for claim in claims[:2]][-1]
        assert begun is not None
        assert await journal.finish(begun, settled(Verdict.FAILED))
        if not closed_well:
            # As a kill leaves it: the newest is in the log beside the file.
            for path in folder.glob("journal.db*"):
                (folder / f"copy-{path.name}").write_bytes(path.read_bytes())
    for path in folder.glob("copy-*"):
        path.rename(folder / path.name.removeprefix("copy-"))
    return folder / "journal.db"


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_oddly(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1000)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def garbage(file: Path) -> None:
    file.write_bytes(b"not a database at all " * 500)


def overwrite(file: Path) -> None:
    """Lose one page in the middle, as a bad sector does."""
    with file.open("r+b") as opened_file:
        opened_file.seek(file.stat().st_size // 2 // 4096 * 4096)
        opened_file.write(b"\xff" * 4096)


def events(logs: list[Any]) -> list[str]:
    return [line["event"] for line in logs if line["event"] != "run.in_doubt"]


@pytest.mark.parametrize("harm", [cut, cut_oddly, garbage, overwrite])
@pytest.mark.parametrize("closed_well", [True, False])
async def test_a_damaged_file_is_kept_as_it_is_and_a_new_one_begun(
    tmp_path: Path, harm: Callable[[Path], None], closed_well: bool
) -> None:
    file = await filled(tmp_path)
    harm(file)
    if not closed_well:
        Path(f"{file}-wal").write_bytes(b"left by a kill")
    before = file.read_bytes()

    with capture_logs() as logs, opened(tmp_path) as journal:
        assert await journal.claim([assignment(RUNS + 1)])
        assert [one.assignment.run_id for one, _ in await journal.open_claims()] == [RUNS + 1]

    (kept,) = [path for path in tmp_path.glob("*.damaged-*") if path.name.endswith("Z")]
    assert kept.read_bytes() == before
    assert kept.stat().st_mode & 0o777 == 0o600
    assert events(logs) == ["journal.damaged", "journal.begun"]
    assert {line["log_level"] for line in logs} == {"error"}
    assert str(kept) in str(logs[0])
    with capture_logs() as logs, open_database(tmp_path):
        assert logs == []


async def test_an_index_that_lost_its_last_write_is_damage_too(tmp_path: Path) -> None:
    """A quick look lets it pass; a started run would be claimed again beside its tool."""
    file = await filled(tmp_path, runs=3)
    with closing(sqlite3.connect(file)) as db:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'assignments_open'"
        (page,) = db.execute(sql).fetchone()
        old = file.read_bytes()[(page - 1) * 4096 : page * 4096]
        db.execute("UPDATE assignments SET state = 'claimed' WHERE state = 'started'")
        db.execute("UPDATE assignments SET state = 'started' WHERE run_id = 3")
        db.commit()
    with file.open("r+b") as opened_file:
        opened_file.seek((page - 1) * 4096)
        opened_file.write(old)

    with capture_logs() as logs, opened(tmp_path):
        pass

    assert events(logs) == ["journal.damaged", "journal.begun"]


@pytest.mark.parametrize(("harm", "at_least"), [(cut, 100), (cut_oddly, 400), (overwrite, 400)])
async def test_runs_in_doubt_are_told_as_far_as_they_can_be_read(
    tmp_path: Path, harm: Callable[[Path], None], at_least: int
) -> None:
    file = await filled(tmp_path)
    harm(file)

    with capture_logs() as logs, open_database(tmp_path):
        pass

    doubts = [line for line in logs if line["event"] == "run.in_doubt"]
    assert at_least <= len(doubts) == logs[-1]["runs_in_doubt"] < RUNS + 1
    told = {line["run"]: (line["item"], line["host"], line["state"], line["verdict"])
            for line in doubts}  # fmt: skip
    assert told[1] == (1, "lab_01", "started", "")
    assert told[2] == (1, "lab_01", "finished", "Failed")
    assert told[3] == (1, "lab_01", "claimed", "")


async def test_the_newest_that_a_kill_left_beside_the_file_is_told_too(tmp_path: Path) -> None:
    file = await filled(tmp_path, closed_well=False)
    empty(file)

    with capture_logs() as logs, open_database(tmp_path):
        pass

    assert "is empty, while the log of its last writes" in logs[0]["error"]
    (kept,) = tmp_path.glob("*.damaged-*Z-wal")
    assert kept.stat().st_size > 0


async def test_identities_of_registration_outlive_the_journal(tmp_path: Path) -> None:
    file = await filled(tmp_path)
    overwrite(file)

    with opened(tmp_path) as journal:
        assert await journal.credentials() == {"lab_01": (7, "a-token")}


def spoil_tokens(file: Path) -> None:
    """Lose the page with the tokens; their hosts' names are in the page of the index too."""
    with closing(sqlite3.connect(file)) as db:
        [page] = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = 'credentials'"
        ).fetchone()
    with file.open("r+b") as opened_file:
        opened_file.seek((page - 1) * 4096)
        opened_file.write(b"\xff" * 4096)


async def test_hosts_whose_tokens_are_lost_are_named_with_what_to_do(tmp_path: Path) -> None:
    spoil_tokens(await filled(tmp_path, runs=3))

    with capture_logs() as logs, opened(tmp_path) as journal:
        assert await journal.credentials() == {}

    assert logs[-1]["tokens_lost_of"] == ["lab_01"]
    assert "`labfleet register`" in logs[-1]["means"]


async def test_of_a_journal_that_was_removed_no_file_is_said_to_be_kept(tmp_path: Path) -> None:
    (tmp_path / "attempts" / "1-1").mkdir(parents=True)

    with capture_logs() as logs, open_database(tmp_path):
        pass

    assert "journal.db is gone, while folders of its runs are there still" in logs[0]["error"]
    assert logs[0]["kept_as"].startswith("nothing")


@pytest.mark.parametrize("harm", [spoil_tokens, garbage])
async def test_commands_that_are_no_start_leave_a_damaged_journal_and_say_so(
    tmp_path: Path, harm: Callable[[Path], None], unused_url: str
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    file, settings = await filled(state), tmp_path / "labfleet.toml"
    settings.write_text(
        f'state_dir = "state"\n[server]\nurl = "{SERVER}"\n[web]\n'
        f"port = {unused_url.rpartition(':')[2]}\n"
    )
    harm(file)
    before = file.read_bytes()

    redelivered = await labfleet("redeliver", "-c", settings)
    runs = await labfleet("runs", "-c", settings)

    said = "is left as it is: start labfleet, which keeps it aside"
    assert (redelivered.returncode, said in redelivered.stderr) == (1, True), redelivered.stderr
    assert said in runs.stderr
    assert runs.returncode == (1 if harm is garbage else 0)
    assert file.read_bytes() == before
    assert not list(state.glob("*.damaged-*"))
    with capture_logs() as logs, open_database(state):
        assert events(logs) == ["journal.damaged", "journal.begun"]


async def test_two_damaged_journals_in_a_second_are_both_kept(tmp_path: Path) -> None:
    for _ in range(3):
        garbage(tmp_path / "journal.db")
        with open_database(tmp_path):
            pass

    assert len(list(tmp_path.glob("journal.db.damaged-*"))) == 3


@pytest.mark.parametrize("harm", [garbage, overwrite])
async def test_who_is_not_alone_on_it_puts_nothing_aside(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    file = await filled(tmp_path)
    harm(file)
    before = file.read_bytes()

    with (
        pytest.raises(StateError, match=r"journal\.db is damaged"),
        open_database(tmp_path, alone=False),
    ):
        pass

    assert file.read_bytes() == before
    assert not list(tmp_path.glob("*.damaged-*"))


def test_a_file_that_only_cannot_be_written_now_is_not_called_damaged(unprivileged: Path) -> None:
    folder = unprivileged / "state"
    with open_database(folder):
        pass
    folder.chmod(0o500)

    with (
        pytest.raises(StateError, match="is its disk full, or not writable"),
        open_database(folder),
    ):
        pass


async def test_a_run_whose_journal_is_damaged_is_told_ended_and_run_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    start = tmp_path / "starts"
    run_id = await fleet.queue(
        counting(tmp_path, f"    time.sleep(600 if {str(start)!r} and"
                 f" Path({str(start)!r}).read_text() == 'x' else 0)\n" + PASSING)
    )  # fmt: skip
    with process(fleet):
        await until_there(start)
    overwritten = fleet.folder / "state" / "journal.db"
    Path(f"{overwritten}-wal").unlink(missing_ok=True)
    garbage(overwritten)

    with capture_logs() as logs:
        await fleet.work_off()

    assert events(logs)[:2] == ["journal.damaged", "journal.begun"]
    told = [line for line in logs if line["event"] == "run.in_doubt"]
    assert [(line["run"], line["item"]) for line in told] == [(run_id, 1)]
    assert (await fleet.verdict(run_id))[0] == "Passed"
    assert start.read_text() == "xx"
    assert alive(str(tmp_path / "state")) == []


async def test_a_lost_journal_does_not_hide_that_tools_ran(fleet: Fleet, tmp_path: Path) -> None:
    await fleet.queue(counting(tmp_path, PASSING))
    fleet.lab.faults.answer("update_item", 503, times=1000)
    with process(fleet):
        with anyio.fail_after(LIMIT_S):
            while not fleet.lab.faults.calls["update_item"]:
                await anyio.sleep(0.02)
    fleet.lab.faults.clear()
    for path in (tmp_path / "state").glob("journal.db*"):
        path.unlink()

    with capture_logs() as logs:
        await fleet.work_off()

    assert "is gone, while folders of its runs are there still" in next(
        line["error"] for line in logs if line["event"] == "journal.damaged"
    )
    assert [line["host"] for line in logs if line["event"] == "run.in_doubt"] == ["lab_001"]
