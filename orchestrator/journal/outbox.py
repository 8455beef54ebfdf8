"""The debts in the journal: which there are, and how each of them ends."""

import sqlite3
import time

from orchestrator.assignment import Debt, Owed
from orchestrator.journal.rows import claim_of


def debts(db: sqlite3.Connection, server: str, after: int) -> list[Debt]:
    """Return what is owed to *server* with ids greater than *after*, oldest first."""
    rows = db.execute(
        "SELECT a.id, count(*), max(o.kind = 'result'), min(o.owed_at), max(o.id)"
        " FROM outbox o CROSS JOIN assignments a ON a.id = o.assignment_id"
        " WHERE o.state = 'owed' AND o.id > ? AND a.server = ? GROUP BY a.id ORDER BY min(o.id)",
        (after, server),
    )
    return [Debt(row[0], row[1], bool(row[2]), *row[3:]) for row in rows]


def owed(db: sqlite3.Connection, claim_id: int) -> list[Owed]:
    """Return what is owed for one claim: the result first, whenever it was owed."""
    # The plus keeps SQLite from walking the index of all that is owed for a claim's few rows.
    rows = db.execute(
        "SELECT o.id, o.kind, o.body, o.owed_at, a.id, a.document, a.attempt, a.mark, a.tool"
        " FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
        " WHERE o.assignment_id = ? AND +o.state = 'owed' ORDER BY o.kind != 'result', o.id",
        (claim_id,),
    )
    return [Owed(row[0], claim_of(*row[4:]), *row[1:4]) for row in rows]


def dead_letters(db: sqlite3.Connection, server: str) -> int:
    """Count what *server* refused for good and nobody has owed anew; looks at every delivery."""
    sql = "SELECT count(*) FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
    rows = db.execute(f"{sql} WHERE o.state = 'dead' AND a.server = ?", (server,))
    return int(rows.fetchone()[0])


def strike_off(db: sqlite3.Connection, owed: Owed) -> bool:
    """Note that the server took *owed*; True when nothing is owed for its assignment any more."""
    # The result's body stays: a server that was put back to a backup needs it once more.
    db.execute(
        "UPDATE outbox SET state = 'done', error = '',"
        " body = CASE kind WHEN 'result' THEN body ELSE '' END WHERE id = ?",
        (owed.id,),
    )
    if owed.kind == "result":
        db.execute(
            "UPDATE assignments SET delivered_at = ? WHERE id = ?", (time.time(), owed.claim.id)
        )
    return _close(db, owed.claim.id)


def give_up(db: sqlite3.Connection, owed: Owed, error: str, state: str) -> tuple[int, bool]:
    """End *owed* as *state*, with all else of its assignment if it is the result.

    Returns how many deliveries that were, and whether the assignment is done with.
    """
    count = db.execute(
        "UPDATE outbox SET state = ?, error = ?"
        " WHERE assignment_id = ? AND +state = 'owed' AND (id = ? OR ?)",
        (state, error, owed.claim.id, owed.id, owed.kind == "result"),
    ).rowcount
    return count, _close(db, owed.claim.id)


def owe_result_again(db: sqlite3.Connection, assignment_id: int) -> None:
    """Owe a result anew, under a new id: the reporter looks for those it has not seen."""
    [body] = db.execute(
        "DELETE FROM outbox WHERE assignment_id = ? AND kind = 'result' RETURNING body",
        (assignment_id,),
    ).fetchall()
    db.execute(
        "INSERT INTO outbox (assignment_id, kind, body, owed_at) VALUES (?, 'result', ?, ?)",
        (assignment_id, *body, time.time()),
    )


def redeliver(
    db: sqlite3.Connection, server: str, run_id: int | None, item: int | None
) -> list[dict[str, int]]:
    """Owe dead letters anew: all of *server*, or those of one run, or of one of its items.

    They get new ids and begin again: with no try, and owed from now. Returns whose they were,
    and how many of each.
    """
    dead = db.execute(
        "SELECT a.id, a.run_id, a.item, count(*) FROM outbox o JOIN assignments a"
        " ON a.id = o.assignment_id WHERE o.state = 'dead' AND a.server = ?"
        " AND a.run_id = coalesce(?, a.run_id) AND a.item = coalesce(?, a.item)"
        " GROUP BY a.id ORDER BY a.id",
        (server, run_id, item),
    ).fetchall()
    now = time.time()
    for assignment_id, *_ in dead:
        # A person's word goes before ours: what was withheld is owed like anything else.
        db.execute(
            "UPDATE assignments SET document = json_remove(document, '$.withheld') WHERE id = ?",
            (assignment_id,),
        )
        letters = db.execute(
            "DELETE FROM outbox WHERE assignment_id = ? AND +state = 'dead'"
            " RETURNING assignment_id, kind, body, id",
            (assignment_id,),
        ).fetchall()
        db.executemany(
            "INSERT INTO outbox (assignment_id, kind, body, owed_at) VALUES (?, ?, ?, ?)",
            [(*letter[:3], now) for letter in sorted(letters, key=lambda letter: int(letter[3]))],
        )
    return [dict(zip(("run", "item", "letters"), row[1:], strict=True)) for row in dead]


def _close(db: sqlite3.Connection, assignment_id: int) -> bool:
    return bool(
        db.execute(
            "UPDATE assignments SET state = 'delivered' WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM outbox WHERE assignment_id = ? AND state IN ('owed', 'dead'))",
            (assignment_id, assignment_id),
        ).rowcount
    )
