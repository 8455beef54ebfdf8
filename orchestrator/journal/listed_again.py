"""What the server still awaits although the journal is done with it.

Two things bring that about. A server that was put back to a backup has forgotten results it
took: they are owed once more, a few times at most. And a server may leave the rest of a run
pending that a failure stopped, where the vendor's blocks it: each such item becomes a claim with
a problem, so that it ends as Blocked and no tool is started. Nothing is ever run again.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.assignment import ASSIGNMENT, Assignment, Claim

MAX_REPEATS = 3
"""How often one result is delivered again to a server that took it and awaits it still."""
_STOPPED = "an earlier item of this run failed and stops it"


@dataclass(frozen=True, slots=True)
class ListedAgain:
    """What was taken up again."""

    blocked: list[Claim]
    """To be carried out now: their problem says why they are not to be run."""
    owed: list[Claim]
    """Their results are owed once more."""


def take_up(
    db: sqlite3.Connection, server: str, awaited: Sequence[Assignment], before: float
) -> ListedAgain:
    """Take up those of *awaited* that the server was told about before *before*, Unix seconds."""
    # Results first: a failure that is owed anew may yet block the rest of its run.
    owed = [claim for one in awaited if (claim := _owe_again(db, server, one, before))]
    blocked = [claim for one in awaited if (claim := _block(db, server, one, before))]
    return ListedAgain(blocked, owed)


def _owe_again(
    db: sqlite3.Connection, server: str, assignment: Assignment, before: float
) -> Claim | None:
    row = db.execute(
        "UPDATE assignments SET state = 'finished', repeats = repeats + 1"
        " WHERE server = ? AND run_id = ? AND item = ? AND repeats < ?"
        " AND coalesce(delivered_at, finished_at) < ? AND EXISTS"
        " (SELECT 1 FROM outbox WHERE assignment_id = assignments.id AND kind = 'result'"
        " AND state IN ('done', 'dropped')) RETURNING id, document, attempt, tool",
        (server, assignment.run_id, assignment.item, MAX_REPEATS, before),
    ).fetchone()
    if row is None:
        return None
    db.execute(
        "UPDATE outbox SET state = 'owed', tries = 0, error = '', owed_at = ?"
        " WHERE assignment_id = ? AND kind = 'result'",
        (time.time(), row[0]),
    )
    return claim_of(*row)


def _block(
    db: sqlite3.Connection, server: str, assignment: Assignment, before: float
) -> Claim | None:
    """Claim a stopped item once the failures that stopped it are no news to the server."""
    row = db.execute(
        "UPDATE assignments SET state = 'claimed', document = json_set(document, '$.problem', ?)"
        " WHERE server = ? AND run_id = ? AND item = ? AND state = 'stopped' AND NOT EXISTS"
        " (SELECT 1 FROM assignments AS failed JOIN outbox ON assignment_id = failed.id"
        " WHERE failed.server = assignments.server AND failed.run_id = assignments.run_id"
        " AND failed.stops_run = 1 AND kind = 'result' AND (outbox.state = 'owed'"
        " OR coalesce(failed.delivered_at, failed.finished_at) >= ?))"
        " RETURNING id, document, attempt, tool",
        (_STOPPED, server, assignment.run_id, assignment.item, before),
    ).fetchone()
    return claim_of(*row) if row else None


def claim_of(row_id: int, document: str, attempt: int, tool: str) -> Claim:
    """Make a claim of the columns of its row."""
    return Claim(row_id, ASSIGNMENT.validate_json(document), attempt, tool)
