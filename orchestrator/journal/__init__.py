"""What labfleet has taken and what it owes, in one SQLite file that survives everything.

An item is claimed by an insert that only one can win, and moves
`claimed → started → finished → delivered`; `stopped` is where the rest of a run goes whose
earlier item failed and stops it. The outcome and the reports owed for it are written in one
transaction, so a verdict cannot be known and not owed. One method is one transaction; all run
one after another in a worker thread, fully synchronised to disk. Every method raises StateError
when the file cannot be written or read, and has then changed nothing.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio
from anyio import to_thread

from adapters.base import Verdict
from orchestrator.assignment import ASSIGNMENT, Assignment, Claim, Debt, Owed, Settled
from orchestrator.database import transaction
from orchestrator.errors import StateError
from orchestrator.journal.listed_again import ListedAgain, claim_of, take_up

__all__ = ["Claim", "Debt", "Journal", "ListedAgain", "Owed", "Settled"]

LISTING_LAG_S = 60.0
"""A poll that began within this time of a delivery may show the server as it was before it."""
_DAY_S = 86_400.0

_T = TypeVar("_T")


class Journal:
    """The open journal; one server's part of the database."""

    def __init__(self, db: sqlite3.Connection, server: str) -> None:
        self._db = db
        self._server = server
        # One transaction at a time; the worker thread is never abandoned half way.
        self._one = anyio.CapacityLimiter(1)

    async def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        return await to_thread.run_sync(self._transaction, work, limiter=self._one)

    def _transaction(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            with transaction(self._db):
                return work(self._db)
        except (sqlite3.Error, OverflowError) as error:
            # A full disk, mostly: it passes, and whoever asked can ask again.
            raise StateError(f"the journal in state_dir cannot be used: {error}") from error

    async def claim(self, assignments: Sequence[Assignment]) -> list[Claim]:
        """Make ours what nobody has taken yet, and return just that.

        An item of a run that an earlier item's failure has stopped is taken but not returned.
        """
        return await self._do(lambda db: [c for a in assignments if (c := self._claim(db, a))])

    def _claim(self, db: sqlite3.Connection, assignment: Assignment) -> Claim | None:
        run = (self._server, assignment.run_id)
        stopped = db.execute(
            "SELECT 1 FROM assignments WHERE server = ? AND run_id = ? AND stops_run = 1", run
        ).fetchone()
        state = "stopped" if stopped else "claimed"
        document = ASSIGNMENT.dump_json(assignment).decode()
        now = time.time()
        row = db.execute(
            "INSERT INTO assignments"
            " (server, run_id, item, host, document, state, claimed_at, listed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (*run, assignment.item, assignment.host, document, state, now, now),
        ).fetchone()
        if row is None:
            # Once a day is enough to know it from what the server has forgotten.
            db.execute(
                "UPDATE assignments SET listed_at = ?"
                " WHERE server = ? AND run_id = ? AND item = ? AND listed_at < ?",
                (now, *run, assignment.item, now - _DAY_S),
            )
        return Claim(row[0], assignment, 0) if row and not stopped else None

    async def listed_again(self, assignments: Sequence[Assignment], began_at: float) -> ListedAgain:
        """Take up what a poll still shows as awaiting its run although we are done with it.

        The poll began at *began_at*, in Unix seconds.
        """
        awaited = [one for one in assignments if one.awaited]
        if not awaited:
            return ListedAgain([], [])
        before = began_at - LISTING_LAG_S
        return await self._do(lambda db: take_up(db, self._server, awaited, before))

    async def start(self, claim: Claim, tool: str) -> Claim | None:
        """Begin a new attempt; None when the item is no longer to be run.

        After this the attempt may have a living tool, whatever happens to this process: only
        the executor can say what became of it.
        """

        def work(db: sqlite3.Connection) -> Claim | None:
            row = db.execute(
                "UPDATE assignments SET state = 'started', attempt = attempt + 1, tool = ?,"
                " started_at = ? WHERE id = ? AND state IN ('claimed', 'started')"
                " RETURNING attempt",
                (tool, time.time(), claim.id),
            ).fetchone()
            return Claim(claim.id, claim.assignment, row[0], tool) if row else None

        return await self._do(work)

    async def finish(self, claim: Claim, settled: Settled) -> bool:
        """Write the outcome and everything owed for it; False when it was settled before."""

        def work(db: sqlite3.Connection) -> bool:
            stops = claim.assignment.stop_on_fail and settled.verdict is Verdict.FAILED
            settled_columns = (settled.verdict, settled.reason, settled.tool, settled.finished_at)
            done = db.execute(
                "UPDATE assignments SET state = 'finished', verdict = ?, reason = ?, tool = ?,"
                " finished_at = ?, stops_run = ? WHERE id = ? AND state IN ('claimed', 'started')",
                (*settled_columns, stops, claim.id),
            ).rowcount
            if not done:
                return False
            if stops:
                self._stop_rest(db, claim)
            db.executemany(
                "INSERT INTO outbox (assignment_id, kind, body, owed_at) VALUES (?, ?, ?, ?)",
                [(claim.id, kind, body, time.time()) for kind, body in settled.owed.items()],
            )
            return True

        return await self._do(work)

    def _stop_rest(self, db: sqlite3.Connection, claim: Claim) -> None:
        """Take the run's other items off the list: the server blocks them itself."""
        db.execute(
            "UPDATE assignments SET state = 'stopped'"
            " WHERE server = ? AND run_id = ? AND state = 'claimed'",
            (self._server, claim.assignment.run_id),
        )

    async def open_claims(self) -> list[tuple[Claim, bool]]:
        """Return what was taken and has no verdict yet, and whether its tool was started."""

        def work(db: sqlite3.Connection) -> list[tuple[Claim, bool]]:
            rows = db.execute(
                "SELECT id, document, attempt, tool, state FROM assignments"
                " WHERE server = ? AND state IN ('claimed', 'started') ORDER BY run_id, item",
                (self._server,),
            )
            return [(claim_of(*row[:4]), row[4] == "started") for row in rows]

        return await self._do(work)

    async def debts(self) -> list[Debt]:
        """Return what is owed, one entry an assignment and without the bodies, oldest first."""

        def work(db: sqlite3.Connection) -> list[Debt]:
            rows = db.execute(
                "SELECT a.id, count(*), max(o.kind = 'result'), min(o.owed_at)"
                " FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
                " WHERE o.state = 'owed' AND a.server = ? GROUP BY a.id ORDER BY min(o.id)",
                (self._server,),
            )
            return [Debt(row[0], row[1], bool(row[2]), row[3]) for row in rows]

        return await self._do(work)

    async def owed(self, claim_id: int | None = None) -> list[Owed]:
        """Return the deliveries owed, of one claim or of all, in the order of delivery."""

        def work(db: sqlite3.Connection) -> list[Owed]:
            rows = db.execute(
                "SELECT o.id, o.kind, o.body, o.tries, o.owed_at, a.id, a.document,"
                " a.attempt, a.tool"
                " FROM outbox o JOIN assignments a ON a.id = o.assignment_id"
                " WHERE o.state = 'owed' AND a.server = ? AND a.id = coalesce(?, a.id)"
                " ORDER BY o.assignment_id, o.id",
                (self._server, claim_id),
            )
            return [Owed(r[0], claim_of(*r[5:]), *r[1:5]) for r in rows]

        return await self._do(work)

    async def delivered(self, owed: Owed) -> bool:
        """Strike one delivery off; True when nothing is owed for its assignment any more."""

        def work(db: sqlite3.Connection) -> bool:
            db.execute("UPDATE outbox SET state = 'done', error = '' WHERE id = ?", (owed.id,))
            if owed.kind == "result":
                db.execute(
                    "UPDATE assignments SET delivered_at = ? WHERE id = ?",
                    (time.time(), owed.claim.id),
                )
            return self._close(db, owed.claim.id)

        return await self._do(work)

    def _close(self, db: sqlite3.Connection, assignment_id: int) -> bool:
        return bool(
            db.execute(
                "UPDATE assignments SET state = 'delivered' WHERE id = ? AND NOT EXISTS"
                " (SELECT 1 FROM outbox WHERE assignment_id = ? AND state IN ('owed', 'dead'))",
                (assignment_id, assignment_id),
            ).rowcount
        )

    async def postponed(self, owed: Owed, error: str) -> None:
        """Note one more failed try."""
        await self._do(
            lambda db: db.execute(
                "UPDATE outbox SET tries = tries + 1, error = ? WHERE id = ?", (error, owed.id)
            )
        )

    async def given_up(self, owed: Owed, error: str, *, state: str) -> tuple[int, bool]:
        """End one delivery as 'dead' or 'dropped', and all of its assignment if it is the result.

        Returns how many deliveries that were, and whether the assignment is done with.
        """

        def work(db: sqlite3.Connection) -> tuple[int, bool]:
            count = db.execute(
                "UPDATE outbox SET state = ?, error = ? WHERE state = 'owed' AND"
                " (id = ? OR (? AND assignment_id = ?))",
                (state, error, owed.id, owed.kind == "result", owed.claim.id),
            ).rowcount
            return count, self._close(db, owed.claim.id)

        return await self._do(work)

    async def kept_ids(self) -> set[int]:
        """Return the ids of the assignments whose folders are still wanted."""

        def work(db: sqlite3.Connection) -> set[int]:
            rows = db.execute(
                "SELECT id FROM assignments WHERE state IN ('claimed', 'started', 'finished')"
            )
            return {row[0] for row in rows}

        return await self._do(work)

    async def save_credentials(self, host: str, host_id: int, token: str) -> None:
        """Keep the identity that registration brought."""
        await self._do(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?)",
                (self._server, host, host_id, token),
            )
        )

    async def credentials(self) -> dict[str, tuple[int, str]]:
        """Return host key → (id, token) of every registered identity."""

        def work(db: sqlite3.Connection) -> dict[str, tuple[int, str]]:
            rows = db.execute(
                "SELECT host, host_id, token FROM credentials WHERE server = ?", (self._server,)
            )
            return {host: (host_id, token) for host, host_id, token in rows}

        return await self._do(work)

    async def recent(self, limit: int = 100) -> list[dict[str, object]]:
        """Return the newest assignments as people ask for them, newest first."""

        def work(db: sqlite3.Connection) -> list[dict[str, object]]:
            rows = db.execute(
                "SELECT run_id AS run, item, host, tool, state, verdict, reason, attempt,"
                " json_extract(document, '$.test_name') AS test, claimed_at, started_at,"
                " finished_at, delivered_at, (SELECT group_concat(kind || ': ' || error, '; ')"
                " FROM outbox WHERE assignment_id = assignments.id AND state = 'dead') AS refused"
                " FROM assignments WHERE server = ? ORDER BY id DESC LIMIT ?",
                (self._server, limit),
            )
            names = [column[0] for column in rows.description]
            return [dict(zip(names, row, strict=True)) for row in rows]

        return await self._do(work)

    async def forget_before(self, moment: float) -> None:
        """Delete what was delivered before *moment*, in Unix seconds, and is not listed since.

        What the server still lists must be remembered, or it would be taken and run again.
        """
        await self._do(
            lambda db: db.execute(
                "DELETE FROM assignments WHERE state IN ('delivered', 'stopped')"
                " AND coalesce(delivered_at, claimed_at) < ? AND listed_at < ?",
                (moment, moment),
            )
        )
