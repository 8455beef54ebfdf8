"""What the server still awaits although the journal is done with it.

Two things bring that about. A server that was put back to a backup has forgotten results it
took: they are owed once more, a few times at most. And a server may leave the rest of a run
pending that a failure stopped, where the vendor's blocks it: each such item becomes a claim with
a problem, so that it ends as Blocked and no tool is started. Nothing is ever run again.

A server that was put back may also give the number of a run out again, for another test. The
outcome of the first is not that of the second: where the two differ in anything, nothing is owed
and nothing is run, and a person has to look.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orchestrator.assignment import Assignment, Claim
from orchestrator.journal.outbox import owe_result_again
from orchestrator.journal.rows import claim_of

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
    strangers: list[Claim] = field(default_factory=list)
    """Their numbers are listed for what is not the same test any more: left alone."""


def take_up(
    db: sqlite3.Connection, server: str, awaited: Sequence[Assignment], before: float
) -> ListedAgain:
    """Take up those of *awaited* that the server was told about before *before*, Unix seconds."""
    again = ListedAgain([], [])
    # Results first: a failure that is owed anew may yet block the rest of its run.
    for listed in awaited:
        if claim := _forgotten(db, server, listed, before):
            _owe_again(db, listed, claim, again)
    for listed in awaited:
        if claim := _left_over(db, server, listed, before):
            _block(db, listed, claim, again)
    return again


def is_same(claim: Claim, listed: Assignment) -> bool:
    """Whether the claim was made for what is listed now, in all that the server says of it.

    Our own reasons aside, and that the status or the test's id is told now, which some leave out.
    """
    ours = claim.assignment
    if ours.test_id and listed.test_id and ours.test_id != listed.test_id:
        return False
    aside = replace(
        listed,
        awaited=ours.awaited,
        test_id=ours.test_id,
        by_position=ours.by_position,
        withheld=ours.withheld,
    )
    return (replace(ours, problem=listed.problem) if ours.problem == _STOPPED else ours) == aside


def _forgotten(
    db: sqlite3.Connection, server: str, listed: Assignment, before: float
) -> Claim | None:
    """Find the claim of *listed* whose result the server has taken, and awaits again."""
    row = db.execute(
        "SELECT id, document, attempt, mark, tool FROM assignments AS a"
        " WHERE a.server = ? AND a.run_id = ? AND a.item = ? AND a.repeats < ?"
        " AND coalesce(a.delivered_at, a.finished_at) < ? AND EXISTS"
        " (SELECT 1 FROM outbox WHERE assignment_id = a.id AND kind = 'result'"
        " AND state IN ('done', 'dropped'))",
        (server, listed.run_id, listed.item, MAX_REPEATS, before),
    ).fetchone()
    return claim_of(*row) if row else None


def _owe_again(
    db: sqlite3.Connection, listed: Assignment, claim: Claim, again: ListedAgain
) -> None:
    if not is_same(claim, listed):
        again.strangers.append(claim)
        return
    db.execute(
        "UPDATE assignments SET state = 'finished', repeats = repeats + 1 WHERE id = ?",
        (claim.id,),
    )
    owe_result_again(db, claim.id)
    again.owed.append(claim)


def _left_over(
    db: sqlite3.Connection, server: str, listed: Assignment, before: float
) -> Claim | None:
    """Find a stopped item once the failures that stopped it are no news to the server."""
    row = db.execute(
        "SELECT id, document, attempt, mark, tool FROM assignments AS a"
        " WHERE a.server = ? AND a.run_id = ? AND a.item = ? AND a.state = 'stopped'"
        " AND NOT EXISTS (SELECT 1 FROM assignments AS failed"
        " JOIN outbox ON assignment_id = failed.id"
        " WHERE failed.server = a.server AND failed.run_id = a.run_id"
        " AND failed.stops_run = 1 AND kind = 'result' AND (outbox.state = 'owed'"
        " OR coalesce(failed.delivered_at, failed.finished_at) >= ?))",
        (server, listed.run_id, listed.item, before),
    ).fetchone()
    return claim_of(*row) if row else None


def _block(db: sqlite3.Connection, listed: Assignment, claim: Claim, again: ListedAgain) -> None:
    if not is_same(claim, listed):
        again.strangers.append(claim)
        return
    db.execute(
        "UPDATE assignments SET state = 'claimed',"
        " document = json_set(document, '$.problem', ?) WHERE id = ?",
        (_STOPPED, claim.id),
    )
    blocked = replace(claim, assignment=replace(claim.assignment, problem=_STOPPED))
    again.blocked.append(blocked)
