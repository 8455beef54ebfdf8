"""Items that the server still awaits although the journal is done with them."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Verdict
from orchestrator.assignment import Wanted
from orchestrator.journal import LISTING_LAG_S, Journal
from orchestrator.journal.listed_again import MAX_REPEATS
from tests.claims import all_owed, assignment, finished, opened, rows, settled

LATER_S = LISTING_LAG_S + 10


async def deliver(journal: Journal) -> None:
    for one in await all_owed(journal):
        await journal.delivered(one)


async def stopped_run(journal: Journal) -> None:
    """Leave a run of which the first item failed and stopped the second."""
    failing = assignment(1, 1, stop_on_fail=True, awaited=True)
    first, _ = await journal.claim([failing, assignment(1, 2, awaited=True)])
    await journal.finish(first, settled(Verdict.FAILED))


async def test_a_stopped_item_that_the_server_does_not_block_becomes_a_claim_with_the_reason(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        listed = [assignment(1, 2, awaited=True)]

        again = await journal.listed_again(listed, time.time() + LATER_S)

        (claim,) = again.blocked
        assert "earlier item of this run failed" in claim.assignment.problem
        assert await journal.claim(listed) == []
        assert (await journal.listed_again(listed, time.time() + LATER_S)).blocked == []
    with opened(tmp_path) as journal:
        # The next process would not run it either.
        [(recovered, started)] = await journal.open_claims()
        assert (recovered, started) == (claim, False)
        assert await journal.finish(claim, settled(Verdict.BLOCKED))
        assert [one.claim.id for one in await all_owed(journal)] == [claim.id] * 3


@pytest.mark.parametrize("late_s", [-10.0, LISTING_LAG_S - 10])
async def test_a_poll_that_began_about_the_time_of_the_delivery_says_nothing(
    tmp_path: Path, late_s: float
) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        listed = [assignment(1, item, awaited=True) for item in (1, 2)]

        again = await journal.listed_again(listed, time.time() + late_s)

    assert again.blocked == again.owed == []


async def test_a_stopped_item_waits_for_the_failure_to_be_delivered(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        listed = [assignment(1, 2, awaited=True)]

        assert (await journal.listed_again(listed, time.time() + 1e6)).blocked == []

        result, *_ = await all_owed(journal)
        await journal.given_up(result, "400", state="dead")
        assert len((await journal.listed_again(listed, time.time() + LATER_S)).blocked) == 1


async def test_a_server_that_leaves_statuses_out_awaits_nothing_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        listed = [assignment(1, 1), assignment(1, 2)]

        again = await journal.listed_again(listed, time.time() + 1e6)

    assert again.blocked == again.owed == []


@pytest.mark.parametrize("end", ["delivered", "dropped"])
async def test_a_result_that_the_server_has_forgotten_is_owed_again_a_few_times(
    tmp_path: Path, end: str
) -> None:
    listed = [assignment(1, awaited=True)]
    with opened(tmp_path) as journal:
        await finished(journal, settled(owed={"result": "{}", "log": "log.xml"}), listed[0])
        repeats = []
        for _ in range(MAX_REPEATS + 3):
            for one in await all_owed(journal):
                if end == "delivered":
                    await journal.delivered(one)
                else:
                    await journal.given_up(one, "404", state="dropped")
            again = await journal.listed_again(listed, time.time() + LATER_S)
            repeats.append(len(again.owed))
            assert [one.kind for one in await all_owed(journal)] == ["result"] * len(again.owed)
            # Never run again.
            assert await journal.claim(listed) == again.blocked == await journal.open_claims() == []

    assert repeats == [1] * MAX_REPEATS + [0] * 3
    assert rows(tmp_path, "SELECT state, attempt FROM assignments") == [("delivered", 1)]


async def test_a_forgotten_failure_is_told_before_anything_is_blocked_for_it(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        listed = [
            assignment(1, 2, awaited=True),
            assignment(1, 1, stop_on_fail=True, awaited=True),
        ]

        again = await journal.listed_again(listed, time.time() + LATER_S)

    assert [claim.assignment.item for claim in again.owed] == [1]
    assert again.blocked == []


async def test_what_was_refused_or_is_under_way_is_left_alone(tmp_path: Path) -> None:
    listed = [assignment(run, awaited=True) for run in (1, 2, 3)]
    with opened(tmp_path) as journal:
        await finished(journal, settled(), listed[0])
        result, *_ = await all_owed(journal)
        await journal.given_up(result, "400", state="dead")
        await finished(journal, settled(), listed[1])
        await journal.claim(listed)

        again = await journal.listed_again(listed, time.time() + 1e6)

    assert again.blocked == again.owed == []


@pytest.mark.parametrize(
    "other",
    [
        {"test_name": "Another"},
        {"test_set": "Nightly"},
        {"configuration": "Firefox"},
        {"release": "2"},
        {"wanted": (Wanted("JUnit (Selenium)", "Other"),)},
        {"problem": "the server lists this run without items"},
        {"in_order": True},
        {"stop_on_fail": True},
    ],
)
async def test_a_number_given_out_again_for_another_test_gets_no_old_result(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    with opened(tmp_path) as journal:
        claim = await finished(journal, settled(), assignment(1, test_name="One"))
        await deliver(journal)
        strange = [assignment(1, **{"test_name": "One", "awaited": True} | other)]

        again = await journal.listed_again(strange, time.time() + LATER_S)

        assert (again.blocked, again.owed, again.strangers) == ([], [], [claim])
        assert await journal.claim(strange) == await all_owed(journal) == []
        # Told once.
        assert (await journal.listed_again(strange, time.time() + LATER_S)).strangers == []
    assert rows(tmp_path, "SELECT state, repeats FROM assignments") == [("delivered", 0)]


async def test_another_host_gets_no_old_result(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        claim = await finished(journal, settled(), assignment(1))
        await deliver(journal)
        strange = [replace(assignment(1, awaited=True), host="lab_02")]

        again = await journal.listed_again(strange, time.time() + LATER_S)

    assert (again.owed, again.strangers) == ([], [claim])


async def test_another_test_is_not_blocked_for_a_failure_of_the_old_one(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        strange = [assignment(1, 2, test_name="Another", awaited=True)]

        again = await journal.listed_again(strange, time.time() + LATER_S)

        assert again.blocked == []
        assert [claim.assignment.item for claim in again.strangers] == [2]
        assert await journal.open_claims() == []


async def test_a_blocked_item_that_the_server_has_forgotten_is_owed_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await stopped_run(journal)
        await deliver(journal)
        listed = [assignment(1, 2, awaited=True)]
        (claim,) = (await journal.listed_again(listed, time.time() + LATER_S)).blocked
        await journal.finish(claim, settled(Verdict.BLOCKED))
        await deliver(journal)

        again = await journal.listed_again(listed, time.time() + LATER_S)

    assert [one.id for one in again.owed] == [claim.id]
    assert again.strangers == []
