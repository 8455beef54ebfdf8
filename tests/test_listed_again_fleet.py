"""A whole labfleet against a server that awaits again what was reported to it."""

import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from orchestrator import journal
from tests.fleet import FAILING, PASSING, Fleet, tool


@pytest.fixture(autouse=True)
def _no_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LISTING_LAG_S", 0.0)


def await_again(fleet: Fleet, *numbers: int) -> None:
    """Make the stand-in a server that forgot these items, or never blocked them."""
    with closing(sqlite3.connect(fleet.folder / "standin" / "standin.db")) as db, db:
        for number in numbers:
            db.execute(
                "UPDATE run_items SET status = 'Awaiting Run' WHERE sequence_number = ?", (number,)
            )
        db.execute("UPDATE runs SET is_pending = 1")


def counting(fleet: Fleet, rest: str) -> bytes:
    """Return a script that notes each start in *folder*/starts."""
    return tool(f"    open({str(fleet.folder / 'starts')!r}, 'a').write('x')\n{rest}")


async def test_the_rest_of_a_stopped_run_ends_as_blocked_where_the_server_does_not_block_it(
    fleet: Fleet,
) -> None:
    scripts = [(counting(fleet, code), True) for code in (FAILING, PASSING)]
    run_id = await fleet.queue_set(scripts)
    await fleet.work_off()
    await_again(fleet, 2)

    await fleet.work_off()

    item = await fleet.item(run_id, 2)
    [step] = item["test_run_results"]
    assert item["status"] == "Blocked"
    assert "earlier item of this run failed" in step["actual_result"]
    assert (fleet.folder / "starts").read_text() == "x"
    assert [(row["item"], row["state"]) for row in await fleet.work_off()] == [
        (2, "delivered"),
        (1, "delivered"),
    ]


async def test_a_result_that_a_restored_server_lost_is_delivered_again_and_not_run_again(
    fleet: Fleet,
) -> None:
    run_id = await fleet.queue(counting(fleet, PASSING))
    await fleet.work_off()
    await_again(fleet, 1)

    with capture_logs() as logs:
        await fleet.work_off()

    assert await fleet.lab.statuses(run_id) == ["Passed"]
    assert (fleet.folder / "starts").read_text() == "x"
    [repeated] = [line for line in logs if line["event"] == "delivery.repeated"]
    assert (repeated["log_level"], repeated["run"], repeated["item"]) == ("warning", run_id, 1)


async def test_an_old_pass_is_not_told_of_another_test_that_got_its_run_number(
    fleet: Fleet,
) -> None:
    run_id = await fleet.queue(counting(fleet, PASSING))
    await fleet.work_off()
    await_again(fleet, 1)
    with closing(sqlite3.connect(fleet.folder / "standin" / "standin.db")) as db, db:
        db.execute("UPDATE run_items SET test_name = 'Another test'")
        db.execute("UPDATE tests SET title = 'Another test'")

    [row] = await fleet.work_off()

    assert await fleet.lab.statuses(run_id) == ["Awaiting Run"]
    assert (fleet.folder / "starts").read_text() == "x"
    assert (row["state"], row["attempt"]) == ("delivered", 1)
