"""A reporter at work between a journal and a stand-in, for tests of what is delivered."""

import collections
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import TaskGroup
from prometheus_client import Counter, Gauge

from adapters.base import Outcome, Verdict
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api, open_session
from orchestrator.assignment import Assignment, Claim, Settled
from orchestrator.database import open_database
from orchestrator.item_result import make_result
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.reporter import Reporter
from orchestrator.workspace import Workspaces
from tests.attempts import until
from tests.claims import SERVER
from tests.remote import new_metrics
from tests.standin.lab import DEMO, Host, Lab, open_lab

FILES = {"log": "log.xml", "report": "report.mht"}
PAUSES_S = (0.02, 0.1)


def value(metric: Counter | Gauge) -> float:
    """Return what a scrape says of *metric*, which has no labels."""
    return float(next(iter(metric.collect())).samples[0].value)


def events(logs: Sequence[Mapping[str, Any]]) -> list[tuple[Any, Any]]:
    return [(line["event"], line.get("kind")) for line in logs]


@dataclass
class Desk:
    folder: Path
    lab: Lab
    host: Host
    api: Api
    journal: Journal
    db: sqlite3.Connection
    """A second connection to the journal's file."""
    workspaces: Workspaces
    metrics: Metrics
    reporter: Reporter
    tasks: TaskGroup
    clients: dict[str, HostClient]
    looks: collections.Counter[str]
    """How often the outbox was looked at."""

    async def owe(
        self,
        run_id: int,
        verdict: Verdict = Verdict.PASSED,
        files: Mapping[str, str] = FILES,
        size: int = 10,
        wanted: Assignment | None = None,
        **result: Any,
    ) -> Claim:
        """Settle item 1 of *run_id* as a runner does, with files of *size* in its workspace."""
        (claim,) = await self.journal.claim([wanted or Assignment("lab_01", run_id, 1)])
        begun = await self.journal.start(claim, "junit")
        assert begun is not None
        folder = self.workspaces.create(begun.attempt_name).folder
        for name in files.values():
            (folder / name).write_bytes(b"x" * size)
        now = datetime.now(UTC)
        body = make_result(Outcome(verdict), now, now).model_dump() | result
        owed = {"result": json.dumps(body), **files}
        await self.journal.finish(begun, Settled(verdict, "", "junit", time.time(), owed))
        self.reporter.wake()
        return begun

    def start(self) -> None:
        self.tasks.start_soon(self.reporter.run)

    async def until_nothing_is_owed(self) -> None:
        await until(lambda: self.reporter.idle and self.reporter.owed == 0)

    def outbox(self) -> list[tuple[str, str, int]]:
        return list(self.db.execute("SELECT kind, state, tries FROM outbox ORDER BY id"))

    def states(self) -> list[str]:
        return [state for _, state, _ in self.outbox()]

    @property
    def calls(self) -> collections.Counter[str]:
        return self.lab.faults.calls

    async def uploaded(self, run_id: int, kind: str) -> int:
        """Return the status with which the stand-in hands an upload out again."""
        answer = await self.lab.call("GET", f"/standin/runs/{run_id}/items/1/{kind}", DEMO)
        return answer.status


@asynccontextmanager
async def open_desk(
    folder: Path, *quirks: str, request_timeout_s: float = 5.0, **bounds: int
) -> AsyncIterator[Desk]:
    async with (
        open_lab(folder / "lab", *quirks, **bounds) as lab,
        open_session() as session,
    ):
        host, metrics, clients = await lab.host(), new_metrics(), dict[str, HostClient]()
        api = Api(session, f"{lab.url}rest-api/service", metrics, request_timeout_s)
        clients["lab_01"] = HostClient(api, host.id, host.token)
        looks = collections.Counter[str]()
        workspaces = Workspaces(folder / "attempts")
        with ExitStack() as stack, open_database(folder / "state") as db:
            journal = Journal(db, SERVER)
            # The journal's own connection belongs to its thread.
            beside = stack.enter_context(
                closing(sqlite3.connect(folder / "state" / "journal.db", isolation_level=None))
            )
            reporter = Reporter(
                journal,
                workspaces,
                metrics,
                client_of=clients.get,
                changed=lambda: looks.update(looks=1),
                pauses_s=PAUSES_S,
            )
            # They end before the database is closed: a thread may be in it.
            async with anyio.create_task_group() as tasks:
                with anyio.fail_after(20):
                    yield Desk(
                        folder,
                        lab,
                        host,
                        api,
                        journal,
                        beside,
                        workspaces,
                        metrics,
                        reporter,
                        tasks,
                        clients,
                        looks,
                    )
                tasks.cancel_scope.cancel()
