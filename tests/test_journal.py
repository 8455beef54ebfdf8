"""What the journal promises, looked at in its file."""

import sqlite3
from pathlib import Path

import anyio
import pytest

from adapters.base import Verdict
from orchestrator.assignment import Claim, Wanted
from orchestrator.database import open_database
from orchestrator.errors import StateError
from orchestrator.journal import Journal
from tests.claims import (
    ALL_OWED,
    SERVER,
    all_owed,
    assignment,
    claimed,
    finished,
    opened,
    rows,
    settled,
)


async def test_an_item_is_claimed_once_however_many_ask(tmp_path: Path) -> None:
    wanted = [assignment(run, item) for run in range(4) for item in range(1, 6)]
    won: list[Claim] = []

    async def ask(journal: Journal) -> None:
        won.extend(await journal.claim(wanted))

    with opened(tmp_path) as one, opened(tmp_path, alone=False) as other:
        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(ask, (one, other)[number % 2])

    assert sorted((c.assignment.run_id, c.assignment.item) for c in won) == sorted(
        (a.run_id, a.item) for a in wanted
    )
    assert rows(tmp_path, "SELECT count(*) FROM assignments") == [(20,)]


async def test_a_claim_survives_with_all_it_says(tmp_path: Path) -> None:
    wanted = Wanted("JUnit (Selenium)", "shop.CartTest", 60.5, 1, {"browser": "ü\u0000x"})
    full = assignment(2**62, 3, wanted=(wanted,), in_order=True, test_name="A\n'B'", awaited=True)
    with opened(tmp_path) as journal:
        await claimed(journal, full)

    with opened(tmp_path) as journal:
        [(claim, started)] = await journal.open_claims()

    assert (claim.assignment, claim.attempt, started) == (full, 0, False)


async def test_the_outcome_and_what_is_owed_are_written_together_or_not_at_all(
    tmp_path: Path,
) -> None:
    with open_database(tmp_path) as db:
        journal = Journal(db, SERVER)
        (claim,) = await claimed(journal)
        begun = await journal.start(claim, "junit")
        assert begun is not None
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.kind = 'report'"
            " BEGIN SELECT RAISE(ABORT, 'no space'); END"
        )

        with pytest.raises(StateError, match="no space"):
            await journal.finish(begun, settled())

        assert rows(tmp_path, "SELECT state, verdict FROM assignments") == [("started", "")]
        assert await all_owed(journal) == []
        db.execute("DROP TRIGGER full")
        assert await journal.finish(begun, settled())
        assert [one.kind for one in await all_owed(journal)] == list(ALL_OWED)


async def test_the_first_outcome_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        claim = await finished(journal, settled(Verdict.FAILED, reason="first"), assignment())

        assert not await journal.finish(claim, settled(Verdict.PASSED, reason="second"))

        assert rows(tmp_path, "SELECT verdict, reason FROM assignments") == [("Failed", "first")]
        assert len(await all_owed(journal)) == 3


async def test_each_start_is_an_attempt_and_none_follows_the_outcome(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        (claim,) = await claimed(journal)
        for attempt in (1, 2):
            begun = await journal.start(claim, f"tool_{attempt}")
            assert begun is not None
            assert (begun.attempt, begun.tool) == (attempt, f"tool_{attempt}")
            assert begun.attempt_name == claim.next_attempt_name
            claim = begun
        await journal.finish(claim, settled())

        assert await journal.start(claim, "junit") is None


async def test_of_two_that_know_the_same_attempt_one_begins_the_next(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path, alone=False) as other:
        (claim,) = await claimed(one)

        begun = await one.start(claim, "junit")

        assert begun is not None
        assert await other.start(claim, "junit") is None
        assert rows(tmp_path, "SELECT attempt FROM assignments") == [(1,)]


async def test_a_new_journal_gives_no_folder_out_that_an_old_one_gave_out(tmp_path: Path) -> None:
    names = set()
    for number in range(3):
        with opened(tmp_path / str(number)) as journal:
            (claim,) = await claimed(journal)
            names.add(claim.next_attempt_name)
            [(kept, _)] = await journal.open_claims()
            assert kept.next_attempt_name == claim.next_attempt_name

    assert len(names) == 3


@pytest.mark.parametrize("text", ["half \ud800", "\ud83d\ude00 halves"])
async def test_text_that_no_file_can_hold_does_not_cost_the_verdict(
    tmp_path: Path, text: str
) -> None:
    with opened(tmp_path) as journal:
        (claim,) = await claimed(journal)

        assert await journal.finish(claim, settled(reason=text, owed={"result": text}))

        [owed] = await all_owed(journal)
        await journal.postponed(owed, text)
        await journal.given_up(owed, text, state="dead")
        [row] = await journal.recent()
        assert row["verdict"] == "Passed"


async def test_an_assignment_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        with pytest.raises(StateError):
            await claimed(journal, assignment(test_name="\ud800"))

        assert len(await claimed(journal)) == 1


async def test_what_waits_under_another_address_is_counted(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        ours, theirs = Journal(db, SERVER), Journal(db, "https://other.example.com")
        await claimed(theirs, assignment(1), assignment(2))
        await finished(theirs, settled(), assignment(3))
        for one in await all_owed(theirs):
            if one.kind == "log":
                await theirs.delivered(one)

        assert await ours.other_servers() == {"https://other.example.com": 4}
        assert await theirs.other_servers() == {}


async def test_a_failure_that_stops_the_run_takes_the_rest_off_the_list(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        first, running, waiting, other = await claimed(
            journal,
            assignment(1, 1, stop_on_fail=True),
            assignment(1, 2),
            assignment(1, 3),
            assignment(2, 1),
        )
        assert await journal.start(running, "junit")

        await journal.finish(first, settled(Verdict.FAILED))

        assert await journal.start(waiting, "junit") is None
        assert await claimed(journal, assignment(1, 4)) == []
        still = [claim.id for claim, _ in await journal.open_claims()]
        assert still == [running.id, other.id]
    states = rows(tmp_path, "SELECT state FROM assignments ORDER BY run_id, item")
    assert [state for (state,) in states] == [
        "finished", "started", "stopped", "stopped", "claimed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stop_on_fail", "verdict"),
    [(False, Verdict.FAILED), *((True, v) for v in Verdict if v is not Verdict.FAILED)],
)
async def test_nothing_else_stops_a_run(
    tmp_path: Path, stop_on_fail: bool, verdict: Verdict
) -> None:
    with opened(tmp_path) as journal:
        await finished(journal, settled(verdict), assignment(1, 1, stop_on_fail=stop_on_fail))

        assert len(await claimed(journal, assignment(1, 2))) == 1


async def test_recovery_finds_what_has_no_verdict_and_whether_it_was_started(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        _, begun = await claimed(journal, assignment(7, 2), assignment(7, 1))
        await journal.start(begun, "junit")
        await finished(journal, settled(), assignment(6))

    with opened(tmp_path) as journal:
        found = await journal.open_claims()

    assert [(c.assignment.item, c.attempt, c.tool, started) for c, started in found] == [
        (1, 1, "junit", True),
        (2, 0, "", False),
    ]


async def test_another_servers_rows_are_apart(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        ours, theirs = Journal(db, SERVER), Journal(db, "https://other.example.com")
        await finished(ours, settled(Verdict.FAILED), assignment(1, 1, stop_on_fail=True))
        await ours.save_credentials("lab_01", 207, "token")

        begun, _ = await claimed(theirs, assignment(1, 1), assignment(1, 2))
        assert await all_owed(theirs) == []
        assert len(await theirs.open_claims()) == 2
        assert await ours.open_claims() == []
        assert await theirs.credentials() == {}
        assert await ours.credentials() == {"lab_01": (207, "token")}
        assert [row["item"] for row in await ours.recent()] == [1]
        # Folders have no server in their names.
        assert await theirs.start(begun, "junit")
        assert len(await theirs.kept_folders()) == 2


async def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        journal = Journal(db, SERVER)
        begun = await finished(journal, settled(), assignment(1))
        (claim,) = await claimed(journal, assignment(2))
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StateError, match="full"):
            await claimed(journal, *(assignment(run) for run in range(10, 500)))
        with pytest.raises(StateError, match="full"):
            await journal.finish(claim, settled(owed={"result": "x" * 100_000}))

        assert rows(tmp_path, "SELECT run_id, state FROM assignments") == [
            (1, "finished"), (2, "claimed"),
        ]  # fmt: skip
        assert {one.claim.id for one in await all_owed(journal)} == {begun.id}
        db.execute("PRAGMA max_page_count = 1000000")
        assert await journal.finish(claim, settled(owed={"result": "x" * 100_000}))
        assert len(await claimed(journal, *(assignment(run) for run in range(10, 500)))) == 490


async def test_a_file_that_breaks_while_in_use_is_a_clear_error(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        journal = Journal(db, SERVER)
        await claimed(journal, *(assignment(run) for run in range(500)))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file = tmp_path / "journal.db"
        with file.open("r+b") as stream:
            stream.seek(4096)
            stream.write(b"\xff" * (file.stat().st_size - 4096))
        db.execute("PRAGMA shrink_memory")

        with pytest.raises(StateError, match="malformed"):
            await journal.open_claims()


async def test_a_number_beyond_the_file_format_is_a_clear_error(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        with pytest.raises(StateError):
            await claimed(journal, assignment(2**70))

        assert len(await claimed(journal)) == 1


def test_the_connection_syncs_every_commit(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("INSERT INTO outbox VALUES (1, 99, 'log', '', 'owed', 0, 0, '')")
