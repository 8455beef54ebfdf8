"""What is run, or owed, while its numbers become another test's is told to nobody."""

import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.attempts import until
from tests.claims import all_owed, assignment, finished, opened, settled
from tests.fleet import JUNIT, PASSING, Fleet, tool
from tests.standin.lab import PROJECT, open_lab
from tests.test_recovery import WAITS


def give_out_again(fleet: Fleet) -> None:
    """Make the stand-in one that was put back, and gave the number of the run to another test."""
    with closing(sqlite3.connect(fleet.folder / "standin" / "standin.db")) as db, db:
        db.execute("UPDATE run_items SET test_name = 'Another test'")
        db.execute("UPDATE tests SET title = 'Another test'")


@pytest.mark.parametrize("owed", [False, True])
async def test_a_number_given_out_again_while_its_test_is_under_way_gets_no_pass_of_it(
    fleet: Fleet, owed: bool
) -> None:
    release, log = fleet.folder / "release", fleet.folder / "starts"
    waits = f"    open({str(log)!r}, 'a').write('x')\n{WAITS.format(release=str(release))}{PASSING}"
    run_id = await fleet.queue(tool(waits))
    async with fleet.running() as service:
        await until(log.exists)
        if owed:
            fleet.lab.faults.answer("update_item", 500)
            release.touch()
            await until(lambda: fleet.lab.faults.calls["update_item"] > 0)
        give_out_again(fleet)
        polls = fleet.lab.faults.calls["current_runs"]
        await until(lambda: fleet.lab.faults.calls["current_runs"] > polls + 2)
        fleet.lab.faults.clear()
        release.touch()
        await until(lambda: service.reporter.dead > 0)
        [row] = await service.recent_runs(10)

    assert await fleet.lab.statuses(run_id) == ["Awaiting Run"]
    assert "another test" in str(row["refused"])
    assert (row["state"], row["verdict"], log.read_text()) == ("dead", "Passed", "x")


async def test_an_outcome_withheld_is_told_again_on_a_persons_word_only(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        claim = await finished(journal, settled(), assignment(1, test_name="One", test_id=7))
        same = [assignment(1, test_name="One", test_id=7, in_order=True, stop_on_fail=True)]
        assert await journal.withhold_strangers(same, ()) == []
        other = [assignment(1, test_name="One", test_id=8)]
        assert [one.id for one in await journal.withhold_strangers(other, ())] == [claim.id]
        result, *_ = await all_owed(journal)
        assert "another test" in result.claim.assignment.withheld
        await journal.given_up(result, result.claim.assignment.withheld, state="dead")

        await journal.redeliver(1)

        assert await journal.withhold_strangers(other, {claim.id}) == []
        result, *_ = await all_owed(journal)
        assert result.claim.assignment.withheld == ""
        assert result.owed_at <= time.time()


TELLING = tool("""
    bad = "" if "good" in sys.argv[2] else '<failure message="no"/>'
    report = '<testsuite><testcase classname="c" name="%s">%s</testcase></testsuite>'
    Path(results, "r.xml").write_text(report % (sys.argv[2], bad))
""")
"""Passes if the title that it is given is a good one."""


async def queue_with_a_gap(fleet: Fleet, *titles: str, inactive: int) -> int:
    """Queue a set in which the test at place *inactive* keeps its number and is not run."""
    door, wanted = fleet.lab.door, []
    for place, title in enumerate(titles):
        test_id = await door.add_test(PROJECT, f"T{place} {title}")
        await door.add_automation(PROJECT, test_id, JUNIT, Title=title)
        await door.attach_zip(PROJECT, test_id, JUNIT, TELLING)
        wanted.append({"TestId": test_id, "IsActive": place != inactive})
    made = await door.call("POST", f"{PROJECT}/testsets", json={"Title": "S", "Items": wanted})
    host = fleet.hosts["lab_001"].id
    return await door.queue(project=PROJECT, host_id=host, test_set_id=int(made["id"]))


@pytest.mark.parametrize(
    ("titles", "inactive", "expected"),
    [
        (("good", "bad", "good"), 0, {"Awaiting Run"}),
        (("good", "good", "good", "bad"), 1, {"Passed", "Awaiting Run", "Blocked"}),
    ],
)
async def test_a_run_whose_numbers_are_not_the_places_in_its_list_gets_no_pass_of_another_test(
    tmp_path: Path, titles: tuple[str, ...], inactive: int, expected: set[str]
) -> None:
    runner = [sys.executable, "-I", "-S", "tool.py", "{results}", "{title}"]
    async with open_lab(tmp_path / "standin", "no-sequence") as lab:
        fleet = Fleet(lab, tmp_path, locks=tmp_path / "locks", tool={"executable": runner})
        await fleet.add_hosts(1)
        run_id = await queue_with_a_gap(fleet, *titles, inactive=inactive)

        rows = await fleet.work_off()

        items = await lab.door.items(PROJECT, run_id)
    told = {str(item["test_name"]): str(item["status"]) for item in items}
    passed = [name for name, status in told.items() if status == "Passed"]
    assert all(name.startswith("T0") for name in passed), told
    assert set(told.values()) <= expected
    assert "dead" in {row["state"] for row in rows}
