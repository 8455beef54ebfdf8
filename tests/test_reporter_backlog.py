"""What one delivery costs while much is owed: the journal's steps are counted, not the time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from orchestrator.api.wire import TakenItem
from orchestrator.database import open_database
from orchestrator.errors import TransientApiError
from orchestrator.journal import Journal
from orchestrator.reporter import RESULTS_IN_FLIGHT, UPLOADS_IN_FLIGHT, Reporter
from orchestrator.workspace import Workspaces
from tests.attempts import until
from tests.claims import SERVER, assignment, settled
from tests.desk import value
from tests.remote import new_metrics


class QuickClient:
    """The API of one host, which takes everything at once, or nothing."""

    def __init__(self) -> None:
        self.up = True
        self.calls = 0
        self.under_way = 0
        self.most: dict[str, int] = {"result": 0, "file": 0}

    async def update_item(self, run_id: int, item: int, result: Mapping[str, Any]) -> TakenItem:
        await self._take("result")
        return TakenItem()

    async def upload_log(self, run_id: int, item: int, file: Path) -> None:
        await self._take("file")

    upload_report = upload_log

    async def _take(self, kind: str) -> None:
        self.calls += 1
        self.under_way += 1
        self.most[kind] = max(self.most[kind], self.under_way)
        await anyio.lowlevel.checkpoint()
        self.under_way -= 1
        if not self.up:
            raise TransientApiError("update_item", "down", status=503)


async def work_off(folder: Path, count: int, client: QuickClient, *, outage: bool) -> float:
    """Deliver for *count* claims; return the database's steps, in hundreds, a call."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with open_database(folder) as db:
        db.execute("PRAGMA synchronous = OFF")
        journal = Journal(db, SERVER)
        for claim in await journal.claim([assignment(run) for run in range(count)]):
            await journal.finish(claim, settled())
        metrics = new_metrics()
        reporter = Reporter(
            journal,
            Workspaces(folder / "attempts"),
            metrics,
            client_of=lambda host: client,  # type: ignore[arg-type, return-value]  # a fake
            changed=lambda: None,
            pauses_s=(0.05, 0.1),
        )
        db.set_progress_handler(step, 100)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reporter.run)
            if outage:
                client.up = False
                await until(lambda: client.calls > 2 * count)
                assert reporter.owed == value(metrics.outbox_deliveries) == 3 * count
                client.up = True
            await until(lambda: reporter.idle and reporter.owed == 0)
            tasks.cancel_scope.cancel()
        db.set_progress_handler(None, 0)
        assert await journal.debts() == []
        assert value(metrics.outbox_deliveries) == 0
    return steps / client.calls


@pytest.mark.parametrize("outage", [False, True])
async def test_a_delivery_costs_the_same_however_much_is_owed(tmp_path: Path, outage: bool) -> None:
    with anyio.fail_after(20):
        few = await work_off(tmp_path / "few", 30, QuickClient(), outage=outage)
        many = await work_off(tmp_path / "many", 240, QuickClient(), outage=outage)

    assert many < 1.5 * few


async def test_no_more_is_begun_than_can_be_sent_at_once(tmp_path: Path) -> None:
    client = QuickClient()
    with anyio.fail_after(20):
        await work_off(tmp_path, 60, client, outage=False)

    assert client.calls == 180
    assert max(client.most.values()) <= RESULTS_IN_FLIGHT + UPLOADS_IN_FLIGHT
