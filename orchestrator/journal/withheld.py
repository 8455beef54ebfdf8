"""Outcomes that are not to be told, since their numbers would take them to another test.

A result goes by the numbers of a run and of an item, and by nothing else. A server that was put
back to a backup gives the number of a run out again while the first one's tool runs, or while its
result waits to be taken; and where a server tells no numbers of items, theirs are only guessed.
What is known to belong to another test is withheld: it ends as a dead letter with the reason, and
goes out only if a person owes it anew. What the server lists in its place is not run, for its
numbers are taken.
"""

import sqlite3
from collections.abc import Collection, Iterable

from orchestrator.assignment import Assignment, Claim
from orchestrator.journal.rows import claim_of

OTHER_TEST = "the server lists this run again, but for another test"
NO_SUCH_NUMBER = (
    "the server tells no item numbers, and has none for the place of an item in its list: it is not"
    " known which number is which test's"
)
_BEGUN_OR_OWED = (
    "SELECT id, document, attempt, mark, tool FROM assignments AS a"
    " WHERE server = ? AND run_id = ? AND item = ? AND (state = 'started' OR (state = 'finished'"
    " AND EXISTS (SELECT 1 FROM outbox WHERE assignment_id = a.id AND +state IN ('owed', 'dead'))))"
)


def withhold_strangers(
    db: sqlite3.Connection, server: str, listed: Iterable[Assignment], told: Collection[int]
) -> list[Claim]:
    """Withhold what is begun, or owed, and listed for another test now; return all that is.

    Not the ids in *told* that a person has owed anew.
    """
    found = []
    for one in listed:
        row = db.execute(_BEGUN_OR_OWED, (server, one.run_id, one.item)).fetchone()
        if row is None or _is_of(claim := claim_of(*row), one):
            continue
        if not claim.assignment.withheld:
            if claim.id in told:
                continue
            _withhold(db, claim.id, OTHER_TEST)
        found.append(claim)
    return found


def _is_of(claim: Claim, listed: Assignment) -> bool:
    """Whether what is listed is the claim's test; the rest of its run may have left the list."""
    ours = claim.assignment
    # Not its automation: that may be edited while its tool runs, and is the same test still.
    if ours.test_id and listed.test_id:
        return (ours.test_id, ours.test_name) == (listed.test_id, listed.test_name)
    return ours.test_name == listed.test_name


def withhold_run(db: sqlite3.Connection, server: str, run_id: int, reason: str) -> None:
    """Withhold all of a run that is not told yet and whose items have no numbers of their own."""
    rows = db.execute(
        "SELECT id FROM assignments WHERE server = ? AND run_id = ? AND state != 'delivered'"
        " AND json_extract(document, '$.by_position')",
        (server, run_id),
    )
    for (claim_id,) in rows.fetchall():
        _withhold(db, claim_id, reason)


def reason_of(db: sqlite3.Connection, claim_id: int) -> str:
    """Return why a claim's outcome is withheld, or nothing."""
    sql = "SELECT json_extract(document, '$.withheld') FROM assignments WHERE id = ?"
    row = db.execute(sql, (claim_id,)).fetchone()
    return str(row[0] or "") if row else ""


def _withhold(db: sqlite3.Connection, claim_id: int, reason: str) -> None:
    db.execute(
        "UPDATE assignments SET document = json_set(document, '$.withheld', ?) WHERE id = ?",
        (reason, claim_id),
    )
