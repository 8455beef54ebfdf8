"""Claims and outcomes for the tests of the journal and of what stands on it."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from adapters.base import Verdict
from orchestrator.assignment import Assignment, Claim, Settled
from orchestrator.database import open_database
from orchestrator.journal import Journal, Owed

SERVER = "https://qac.example.com/rest-api/service"
ALL_OWED = {"result": "{}", "log": "log.xml", "report": "report.mht"}


def assignment(run_id: int = 1, item: int = 1, **more: Any) -> Assignment:
    return Assignment("lab_01", run_id, item, **more)


def settled(
    verdict: Verdict = Verdict.PASSED, owed: Mapping[str, str] = ALL_OWED, **more: Any
) -> Settled:
    fields = {"reason": "", "tool": "junit", "finished_at": time.time()} | more
    return Settled(verdict=verdict, owed=owed, **fields)


@contextmanager
def opened(folder: Path, *, alone: bool = True, server: str = SERVER) -> Iterator[Journal]:
    with open_database(folder, alone=alone) as db:
        yield Journal(db, server)


async def claimed(journal: Journal, *assignments: Assignment) -> list[Claim]:
    return await journal.claim(assignments or [assignment()])


async def finished(journal: Journal, what: Settled, wanted: Assignment) -> Claim:
    """Carry *wanted* from its claim to its outcome."""
    (claim,) = await journal.claim([wanted])
    begun = await journal.start(claim, "junit")
    assert begun is not None
    assert await journal.finish(begun, what)
    return begun


async def all_owed(journal: Journal) -> list[Owed]:
    """Return every delivery owed, claim by claim."""
    ids = sorted(debt.claim_id for debt in await journal.debts())
    return [one for claim_id in ids for one in await journal.owed(claim_id)]


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Look into the journal's file from outside."""
    with closing(sqlite3.connect(folder / "journal.db", timeout=5)) as db, db:
        return db.execute(sql).fetchall()
