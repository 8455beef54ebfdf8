"""One identity, one owner: whose claims are whose, whatever a host is called."""

from pathlib import Path

from orchestrator.journal import Journal
from orchestrator.journal.hosts import apart
from tests.claims import all_owed, assignment, claimed, finished, opened, settled


async def hosts_of(journal: Journal) -> list[str]:
    return [claim.assignment.host for claim, _ in await journal.open_claims()]


async def test_claims_follow_an_identity_that_got_another_key(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await finished(journal, settled(), assignment(1))
        await claimed(journal, assignment(2))

    with opened(tmp_path) as journal:
        _, moves = await journal.know_hosts({"lab_renamed": 207})

        assert moves == {"lab_01": "lab_renamed"}
        assert await hosts_of(journal) == ["lab_renamed"]
        assert {one.claim.assignment.host for one in await all_owed(journal)} == {"lab_renamed"}
        assert await journal.know_hosts({"lab_renamed": 207}) == (set(), {})


async def test_two_keys_that_change_places_take_their_claims_and_pauses_along(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207, "lab_02": 208})
        await journal.pause("lab_02", paused=True)
        await claimed(journal, assignment(1))

        paused, moves = await journal.know_hosts({"lab_01": 208, "lab_02": 207})

        assert moves == {"lab_01": "lab_02", "lab_02": "lab_01"}
        assert paused == {"lab_01"}
        assert await hosts_of(journal) == ["lab_02"]


async def test_claims_of_a_key_with_a_new_identity_wait_for_the_old_one(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await claimed(journal, assignment(1))

        await journal.know_hosts({"lab_01": 300})
        assert await hosts_of(journal) == [apart("lab_01", 207)]
        assert await journal.unsettled_ids() == {207}

        await journal.know_hosts({"lab_01": 300, "lab_02": 207})
        assert await hosts_of(journal) == ["lab_02"]


async def test_a_host_that_is_gone_or_has_no_identity_yet_keeps_its_claims(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await claimed(journal, assignment(1))
        for ids in ({}, {"lab_01": None}, {"lab_02": 208}):
            _, moves = await journal.know_hosts(ids)
            assert moves == {}

        assert await hosts_of(journal) == ["lab_01"]


async def test_another_servers_hosts_are_others(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await journal.pause("lab_01", paused=True)
        await claimed(journal, assignment(1))

    with opened(tmp_path, server="https://other.example.com/rest-api/service") as journal:
        assert await journal.know_hosts({"lab_02": 207, "lab_01": 207}) == (set(), {})
        assert await journal.unsettled_ids() == set()


async def test_a_pause_outlives_the_process_and_the_hosts_absence(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await journal.pause("lab_01", paused=True)
        await journal.know_hosts({})

    with opened(tmp_path) as journal:
        assert (await journal.know_hosts({"lab_01": 207}))[0] == {"lab_01"}
        await journal.pause("lab_01", paused=False)
        assert (await journal.know_hosts({"lab_01": 207}))[0] == set()


async def test_a_pause_stays_with_its_key_where_the_id_goes_nowhere(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207})
        await journal.pause("lab_01", paused=True)

        assert (await journal.know_hosts({"lab_01": 300}))[0] == {"lab_01"}
        assert (await journal.know_hosts({"lab_01": 300, "lab_02": 207}))[0] == {"lab_01", "lab_02"}


async def test_a_host_that_is_resumed_is_so_whatever_id_it_had_or_gets(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await journal.know_hosts({"lab_01": 207, "lab_010": 208})
        for key in ("lab_01", "lab_010"):
            await journal.pause(key, paused=True)
        await journal.know_hosts({"lab_01": 300, "lab_010": 301})

        await journal.pause("lab_01", paused=False)

        again = {"lab_01": 207, "lab_010": 208}
        assert (await journal.know_hosts(again))[0] == {"lab_010"}
