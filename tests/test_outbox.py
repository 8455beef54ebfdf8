"""The journal's debts: their order, and how each of them ends."""

import time
from pathlib import Path

import pytest

from adapters.base import Verdict
from orchestrator.journal import Journal, Owed
from tests.claims import ALL_OWED, all_owed, assignment, finished, opened, rows, settled


def states(folder: Path) -> list[str]:
    return [state for (state,) in rows(folder, "SELECT state FROM outbox ORDER BY id")]


def item_state(folder: Path) -> str:
    [(state,)] = rows(folder, "SELECT state FROM assignments")
    return str(state)


async def owed_by(journal: Journal) -> list[Owed]:
    await finished(journal, settled(), assignment())
    return await all_owed(journal)


async def test_owed_are_result_then_log_then_report_of_the_oldest_claim_first(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        younger, older = await journal.claim([assignment(9), assignment(1)][::-1])
        for claim in (older, younger):
            await journal.finish(claim, settled())

        owed = await all_owed(journal)

    assert [(one.claim.id, one.kind, one.body) for one in owed] == [
        (number, kind, body) for number in (1, 2) for kind, body in ALL_OWED.items()
    ]
    assert all(abs(time.time() - one.owed_at) < 10 for one in owed)


async def test_an_item_is_delivered_with_its_last_debt(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        owed = await owed_by(journal)

        done_with = [await journal.delivered(one) for one in owed]

        assert done_with == [False, False, True]
        assert await all_owed(journal) == []
        assert await journal.kept_folders() == set()
    assert item_state(tmp_path) == "delivered"
    assert rows(tmp_path, "SELECT delivered_at > 1e9 FROM assignments") == [(1,)]


async def test_a_postponed_delivery_stays_owed_with_its_tries(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        result, *_ = await owed_by(journal)
        await journal.postponed(result, "503")
        await journal.postponed(result, "504")

        assert len(await all_owed(journal)) == 3
    assert rows(tmp_path, "SELECT tries, error FROM outbox WHERE kind = 'result'") == [(2, "504")]


async def test_a_result_refused_for_good_takes_its_files_with_it_and_is_kept(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        result, *_ = await owed_by(journal)

        assert await journal.given_up(result, "400 bad date", state="dead") == (3, False)

        assert await all_owed(journal) == []
        assert len(await journal.kept_folders()) == 1
        await journal.forget_before(time.time() + 1e6)
        [row] = await journal.recent()
        assert "result: 400 bad date" in str(row["refused"])
    assert item_state(tmp_path) == "finished"
    assert states(tmp_path) == ["dead"] * 3


async def test_a_refused_file_ends_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        result, log, report = await owed_by(journal)
        await journal.delivered(result)

        assert await journal.given_up(log, "413", state="dead") == (1, False)
        assert not await journal.delivered(report)

    assert states(tmp_path) == ["done", "dead", "done"]
    assert item_state(tmp_path) == "finished"


@pytest.mark.parametrize("kind", ["result", "report"])
async def test_what_is_dropped_is_done_with(tmp_path: Path, kind: str) -> None:
    with opened(tmp_path) as journal:
        owed = await owed_by(journal)
        for one in owed:
            if one.kind == kind:
                _, done_with = await journal.given_up(one, "404", state="dropped")
                assert done_with
                break
            await journal.delivered(one)

    assert item_state(tmp_path) == "delivered"
    assert "owed" not in states(tmp_path)


async def test_what_was_delivered_long_ago_is_forgotten_unless_it_is_still_listed(
    tmp_path: Path,
) -> None:
    month_s = 2_592_000
    with opened(tmp_path) as journal:
        for run_id in (1, 2, 3):
            await finished(journal, settled(owed={"result": "{}"}), assignment(run_id))
        for one in (await all_owed(journal))[:2]:
            await journal.delivered(one)
        rows(
            tmp_path,
            "UPDATE assignments SET claimed_at = claimed_at - 2592000,"
            " listed_at = listed_at - 2592000, delivered_at = delivered_at - 2592000",
        )
        await journal.claim([assignment(2)])

        await journal.forget_before(time.time() - month_s / 2)

        # The second is still listed, the third still owed.
        left = rows(tmp_path, "SELECT run_id FROM assignments ORDER BY id")
        assert left == [(2,), (3,)]
        assert await journal.claim([assignment(2)]) == []


async def test_when_an_item_was_listed_last_is_known_to_the_hour(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await finished(journal, settled(owed={"result": "{}"}), assignment())
        for one in await all_owed(journal):
            await journal.delivered(one)
        # It was listed all the time, and the last hour of polls came after a jump of the clock.
        rows(tmp_path, "UPDATE assignments SET delivered_at = 0, listed_at = listed_at - 3600")
        await journal.claim([assignment()])

        await journal.forget_before(time.time() - 60)

        assert await journal.claim([assignment()]) == []


async def test_only_the_results_text_is_kept_of_what_was_delivered(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for one in await owed_by(journal):
            await journal.delivered(one)

    assert rows(tmp_path, "SELECT body FROM outbox ORDER BY id") == [("{}",), ("",), ("",)]


async def test_what_is_owed_anew_has_an_id_that_no_delivery_had_before(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for one in await owed_by(journal):
            await journal.delivered(one)
        listed = [assignment(awaited=True)]
        for repeat in range(1, 3):
            await journal.listed_again(listed, time.time() + 1e6)

            [debt] = await journal.debts(after=2 + repeat)
            assert (debt.result, debt.deliveries, debt.last_id) == (True, 1, 3 + repeat)
            assert await journal.debts(debt.last_id) == []
            [again] = await journal.owed(debt.claim_id)
            assert again.body == "{}"
            await journal.delivered(again)


async def test_recent_items_come_newest_first_with_all_that_people_ask(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await finished(
            journal,
            settled(Verdict.BLOCKED, reason="no tool"),
            assignment(1, test_name="Add 'item'"),
        )
        await journal.claim([assignment(2, 4)])

        newest, oldest = await journal.recent()
        assert await journal.recent(1) == [newest]

    assert (newest["run"], newest["item"], newest["state"]) == (2, 4, "claimed")
    assert (oldest["verdict"], oldest["reason"]) == ("Blocked", "no tool")
    assert (oldest["test"], oldest["attempt"], oldest["refused"]) == ("Add 'item'", 1, None)
