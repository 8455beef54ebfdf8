"""Dead letters are kept, listed, and delivered once a person says so."""

import json
from pathlib import Path
from typing import Any

import anyio
from aiohttp import ClientSession
from structlog.testing import capture_logs

from orchestrator.service import open_service
from tests.claims import ALL_OWED, all_owed, assignment, finished, opened, rows, settled
from tests.desk import value
from tests.fleet import LIMIT_S, PASSING, Fleet, tool
from tests.test_cli import labfleet
from tests.test_web import watched


async def dead_letter(fleet: Fleet) -> int:
    """Leave a run whose result the server refused for good."""
    run_id = await fleet.queue(tool(PASSING))
    fleet.lab.faults.answer("update_item", 400, times=1)
    fleet.write()
    done = await labfleet("run", "-c", fleet.file, "--until-idle")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "dead letters: 3 (labfleet runs --dead)"
    assert await fleet.lab.run_status(run_id) == "Awaiting Run"
    return run_id


async def test_a_dead_letter_is_listed_and_delivered_when_somebody_says_so(fleet: Fleet) -> None:
    run_id = await dead_letter(fleet)
    attempts = fleet.folder / "state" / "attempts"
    assert len(list(attempts.iterdir())) == 1

    with capture_logs() as logs:
        async with watched(fleet) as (service, at, session):
            with anyio.fail_after(LIMIT_S):
                while not service.reporter.idle:
                    await anyio.sleep(0.02)
            status = await labfleet("status", "--url", at)
            (shown,) = await get_json(session, f"{at}/api/runs")
            gauge = value(service.metrics.dead_letters)
            listed = await labfleet("runs", "--dead", "--url", at, "--json")
            done = await labfleet("redeliver", "--url", at, "--run", run_id, "--json")
            await fleet.until_status(run_id, "Passed")
            with anyio.fail_after(LIMIT_S):
                while service.reporter.owed or list(attempts.iterdir()):
                    await anyio.sleep(0.02)
            left = await get_json(session, f"{at}/api/runs?dead=1")
            gone = value(service.metrics.dead_letters)

    assert "dead letters" in status.stdout
    assert (shown["state"], gauge, gone) == ("dead", 3, 0)
    assert [line["letters"] for line in logs if line["event"] == "delivery.dead_letters"] == [3]
    (row,) = json.loads(listed.stdout)
    assert (row["run"], row["verdict"]) == (run_id, "Passed")
    assert "400" in row["refused"]
    assert json.loads(done.stdout) == [{"run": run_id, "item": 1, "letters": 3}]
    assert left == []
    assert await fleet.upload(run_id, "log")
    # Sent once and refused, sent once more and taken: never run again.
    assert fleet.lab.faults.calls["update_item"] == 2
    assert fleet.lab.faults.calls["get_script"] == 1


async def get_json(session: ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        return await response.json()


async def test_without_a_running_labfleet_the_journal_is_told_and_the_next_start_delivers(
    fleet: Fleet,
) -> None:
    run_id = await dead_letter(fleet)

    done = await labfleet("redeliver", "-c", fleet.file)
    await fleet.work_off()

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["run", "item", "letters", str(run_id), "1", "3"]
    assert await fleet.lab.run_status(run_id) == "Passed"


async def test_a_journal_that_a_labfleet_holds_is_not_touched_beside_it(fleet: Fleet) -> None:
    fleet.write()
    async with open_service(fleet.load(), fleet.locks):
        # It is open, and answers nowhere.
        done = await labfleet("redeliver", "-c", fleet.file, LABFLEET_WEB__PORT="1")

    assert done.returncode == 1
    assert "another labfleet is using" in done.stderr


async def test_only_what_was_asked_for_is_owed_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for run, item in ((1, 1), (1, 2), (2, 1)):
            await finished(journal, settled(), assignment(run, item))
        for one in await all_owed(journal):
            if one.kind == "result":
                await journal.postponed(one, "503")
                await journal.given_up(one, "400", state="dead")
        assert await all_owed(journal) == []

        none = await journal.redeliver(3)
        one = await journal.redeliver(1, 2)
        owed = [(it.claim.assignment.run_id, it.claim.assignment.item, it.kind)
                for it in await all_owed(journal)]  # fmt: skip
        rest = await journal.redeliver()

        assert none == []
        assert one == [{"run": 1, "item": 2, "letters": 3}]
        assert owed == [(1, 2, kind) for kind in ALL_OWED]
        assert [(it["run"], it["item"]) for it in rest] == [(1, 1), (2, 1)]
        assert await journal.redeliver() == []
        assert await journal.recent(dead=True) == []
    assert rows(tmp_path, "SELECT DISTINCT tries, error FROM outbox") == [(0, "")]


async def test_what_was_taken_already_is_not_owed_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        await finished(journal, settled(), assignment(1))
        result, log, report = await all_owed(journal)
        await journal.delivered(result)
        await journal.given_up(log, "400", state="dead")
        await journal.delivered(report)

        assert await journal.redeliver() == [{"run": 1, "item": 1, "letters": 1}]

        (again,) = await all_owed(journal)
        assert (again.kind, again.body) == ("log", log.body)
        assert again.id > report.id
        assert await journal.delivered(again)
    assert rows(tmp_path, "SELECT state FROM assignments") == [("delivered",)]
