"""What people ask of the journal."""

import sqlite3

from orchestrator.assignment import Claim, folder_name
from orchestrator.journal.rows import claim_of


def recent(
    db: sqlite3.Connection, server: str, limit: int, *, dead: bool = False
) -> list[dict[str, object]]:
    """Return the newest assignments, newest first, each with what the server refused of it.

    With *dead*, only those that have dead letters. *folder* names that of the last attempt.
    """
    rows = db.execute(
        "SELECT run_id AS run, item, host, tool, state, verdict, reason, attempt,"
        " json_extract(document, '$.test_name') AS test, claimed_at, started_at,"
        " finished_at, delivered_at, (SELECT group_concat(kind || ': ' || error, '; ')"
        " FROM outbox WHERE assignment_id = assignments.id AND state = 'dead') AS refused, id, mark"
        " FROM assignments WHERE server = ? AND (NOT ? OR id IN"
        " (SELECT assignment_id FROM outbox WHERE state = 'dead')) ORDER BY id DESC LIMIT ?",
        (server, dead, limit),
    )
    names = [column[0] for column in rows.description]
    return [_row(**dict(zip(names, row, strict=True))) for row in rows]


def _row(id: int, mark: str, attempt: int, **row: object) -> dict[str, object]:
    folder = folder_name(id, attempt, mark) if attempt else ""
    return row | {"attempt": attempt, "folder": folder}


def open_claims(db: sqlite3.Connection, server: str) -> list[tuple[Claim, bool]]:
    """Return what was taken and has no verdict yet, and whether its tool was started."""
    rows = db.execute(
        "SELECT id, document, attempt, mark, tool, state FROM assignments"
        " WHERE server = ? AND state IN ('claimed', 'started') ORDER BY run_id, item",
        (server,),
    )
    return [(claim_of(*claim), state == "started") for *claim, state in rows]


def kept_folders(db: sqlite3.Connection) -> set[str]:
    """Return the names of the folders of attempts that were begun and are still wanted."""
    sql = "SELECT id, attempt, mark FROM assignments WHERE state IN ('started', 'finished')"
    rows = db.execute(f"{sql} OR state = 'claimed' AND attempt > 0")
    return {folder_name(row[0], n, row[2]) for row in rows for n in range(1, row[1] + 1)}


def other_servers(db: sqlite3.Connection, server: str) -> dict[str, int]:
    """Return how many open claims and owed deliveries each server but *server* has."""
    rows = db.execute(
        "SELECT server, count(*) FROM"
        " (SELECT server FROM assignments WHERE state IN ('claimed', 'started') UNION ALL"
        " SELECT a.server FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
        " WHERE o.state = 'owed') WHERE server != ? GROUP BY server ORDER BY server",
        (server,),
    )
    return dict(rows.fetchall())
