"""What the reporter does while the whole server is away, and when it is back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.api.circuit import Circuit
from orchestrator.api.client import HostClient
from orchestrator.backoff import Pauses
from tests.attempts import until
from tests.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as desk:
        yield desk


async def test_after_an_outage_all_is_tried_but_what_the_server_put_off(desk: Desk) -> None:
    desk.reporter._pauses = Pauses(60.0, 60.0)
    desk.lab.faults.answer("update_item", 503)
    desk.lab.faults.answer("update_item", 503, retry_after="600")
    out = await desk.owe(await desk.lab.run(desk.host), files={})
    desk.start()
    await until(lambda: desk.calls["update_item"] == 1 and desk.reporter.idle)
    await desk.owe(await desk.lab.run(desk.host), files={})
    await until(lambda: desk.calls["update_item"] == 2 and desk.reporter.idle)
    desk.reporter.resume()
    await until(lambda: desk.calls["update_item"] == 3 and desk.reporter.idle)

    assert desk.states() == ["done", "owed"]
    assert await desk.lab.statuses(out.assignment.run_id) == ["Passed"]


async def test_what_a_server_that_is_away_was_not_asked_is_no_try(desk: Desk) -> None:
    away = Circuit(60.0, failures=1)
    away.note(False, "no answer in time", probe=False, wanted_s=None)
    api = replace(desk.api, circuit=away)
    away.returned = (desk.reporter.resume,)
    desk.clients["lab_01"] = HostClient(api, desk.host.id, desk.host.token)
    run_id = await desk.lab.run(desk.host)
    await desk.owe(run_id)
    desk.start()
    await until(lambda: desk.reporter._held_until > 0 and desk.reporter.idle)
    assert desk.outbox()[0] == ("result", "owed", 0)

    away.note(True, "", probe=False, wanted_s=None)
    await desk.until_nothing_is_owed()

    assert await desk.lab.statuses(run_id) == ["Passed"]
