"""What labfleet has taken and what it owes, in one SQLite file that survives everything.

An item is claimed by an insert that only one can win, and moves
`claimed → started → finished → delivered`; `stopped` is where the rest of a run goes whose
earlier item failed and stops it. The outcome and the reports owed for it are written in one
transaction, so a verdict cannot be known and not owed. One method is one transaction; all run
one after another in a worker thread, fully synchronised to disk. Every method raises StateError
when the file cannot be written or read, and has then changed nothing.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio

from adapters.base import Verdict
from orchestrator.assignment import ASSIGNMENT, Assignment, Claim, Debt, Owed, Settled
from orchestrator.database import transaction
from orchestrator.errors import LabfleetError, StateError
from orchestrator.journal import hosts, outbox, overview, withheld
from orchestrator.journal.listed_again import ListedAgain, take_up
from orchestrator.journal.room import Room
from orchestrator.journal.rows import writable
from orchestrator.plain_text import plain
from orchestrator.threads import in_thread

__all__ = ["Claim", "Debt", "Journal", "ListedAgain", "Owed", "Settled"]

LISTING_LAG_S = 60.0
"""A poll that began within this time of a delivery may show the server as it was before it."""
_LISTED_TO_S = 1800.0
"""How exactly it is known when a poll last brought an item."""
# By the mark too, for the id may be another's by now.
_FORGET = (
    "DELETE FROM assignments WHERE (id, mark, attempt) = (?, ?, ?)"
    " AND state IN ('claimed', 'started')"
)

_T = TypeVar("_T")


class Journal:
    """The open journal; one server's part of the database."""

    def __init__(self, db: sqlite3.Connection, server: str) -> None:
        self._db = db
        self._server = server
        self._strangers: set[int] = set()
        # One transaction at a time; the worker thread is never abandoned half way.
        self._one = anyio.CapacityLimiter(1)
        file = db.execute("PRAGMA database_list").fetchone()[2]
        self._room = Room(Path(file).with_name("journal.room"))

    async def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        return await in_thread(self._transaction, work, limiter=self._one)

    async def _do_vital(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do what frees the disk in the end: for that, room is held."""
        write = partial(self._transaction, work)
        return await in_thread(self._room.lent_to, write, limiter=self._one)

    def _transaction(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            with transaction(self._db):
                return work(self._db)
        except (sqlite3.Error, OverflowError, ValueError) as error:
            # A full disk, mostly: it passes, and whoever asked can ask again. Or one text or
            # number that cannot be written: that must not end what the others are doing.
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
        mark = os.urandom(4).hex()
        now = time.time()
        row = db.execute(
            "INSERT INTO assignments"
            " (server, run_id, item, host, document, state, mark, claimed_at, listed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (*run, assignment.item, assignment.host, document, state, mark, now, now),
        ).fetchone()
        if row is None:
            # `forget_before` relies on this being written at least once an hour.
            db.execute(
                "UPDATE assignments SET listed_at = ?"
                " WHERE server = ? AND run_id = ? AND item = ? AND listed_at < ?",
                (now, *run, assignment.item, now - _LISTED_TO_S),
            )
        return Claim(row[0], assignment, 0, mark) if row and not stopped else None

    async def listed_again(self, assignments: Sequence[Assignment], began_at: float) -> ListedAgain:
        """Take up what a poll still shows as awaiting its run although we are done with it.

        The poll began at *began_at*, in Unix seconds. A stranger is returned once a process.
        """
        awaited = [one for one in assignments if one.awaited]
        if not awaited:
            return ListedAgain([], [])
        before = began_at - LISTING_LAG_S
        again = await self._do(lambda db: take_up(db, self._server, awaited, before))
        new = [claim for claim in again.strangers if claim.id not in self._strangers]
        self._strangers.update(claim.id for claim in new)
        return ListedAgain(again.blocked, again.owed, new)

    async def withhold_strangers(
        self, listed: Sequence[Assignment], told: Collection[int]
    ) -> list[Claim]:
        """Withhold what is begun, or owed, and *listed* for another test; ids *told* are known."""
        work = partial(withheld.withhold_strangers, server=self._server, listed=listed, told=told)
        return await self._do(work)

    async def withhold_run(self, run_id: int, reason: str) -> None:
        """Tell the server nothing more of a run whose items' numbers were only guessed."""
        await self._do(lambda db: withheld.withhold_run(db, self._server, run_id, reason))

    async def forsake(self, claim: Claim) -> bool:
        """Forget a claim of which nothing runs, as if it never was; whether it could be.

        It cannot once another attempt was begun than those that *claim* knows of.
        """
        which = (claim.id, claim.mark, claim.attempt)
        return bool(await self._do(lambda db: db.execute(_FORGET, which).rowcount))

    async def start(self, claim: Claim, tool: str) -> Claim | None:
        """Begin a new attempt; None when the item is no longer to be run.

        Nor when an attempt was begun that *claim* does not know of: it is somebody else's.
        After this the attempt may have a living tool, whatever happens to this process: only
        the executor can say what became of it. Raises LabfleetError where its outcome is withheld.
        """

        def work(db: sqlite3.Connection) -> Claim | None:
            if reason := withheld.reason_of(db, claim.id):
                raise LabfleetError(reason)
            self._room.hold()  # the tool may be what fills the disk
            row = db.execute(
                "UPDATE assignments SET state = 'started', attempt = attempt + 1, tool = ?,"
                " started_at = ? WHERE id = ? AND mark = ? AND attempt = ?"
                " AND state IN ('claimed', 'started') RETURNING attempt",
                (tool, time.time(), claim.id, claim.mark, claim.attempt),
            ).fetchone()
            return replace(claim, attempt=row[0], tool=tool) if row else None

        return await self._do(work)

    async def finish(self, claim: Claim, settled: Settled) -> bool:
        """Write the outcome and everything owed for it; False when it was settled before."""

        def work(db: sqlite3.Connection) -> bool:
            stops = claim.assignment.stop_on_fail and settled.verdict is Verdict.FAILED
            columns = (settled.verdict, plain(settled.reason), writable(settled.tool))
            done = db.execute(
                "UPDATE assignments SET state = 'finished', verdict = ?, reason = ?, tool = ?,"
                " finished_at = ?, stops_run = ? WHERE id = ? AND mark = ?"
                " AND state IN ('claimed', 'started')",
                (*columns, settled.finished_at, stops, claim.id, claim.mark),
            ).rowcount
            if not done:
                return False
            if stops:
                self._stop_rest(db, claim)
            db.executemany(
                "INSERT INTO outbox (assignment_id, kind, body, owed_at) VALUES (?, ?, ?, ?)",
                [
                    (claim.id, kind, writable(body), time.time())
                    for kind, body in settled.owed.items()
                ],
            )
            return True

        return await self._do_vital(work)

    def _stop_rest(self, db: sqlite3.Connection, claim: Claim) -> None:
        """Take the run's other items off the list: the server blocks them itself."""
        db.execute(
            "UPDATE assignments SET state = 'stopped'"
            " WHERE server = ? AND run_id = ? AND state = 'claimed'",
            (self._server, claim.assignment.run_id),
        )

    async def open_claims(self) -> list[tuple[Claim, bool]]:
        """Return what was taken and has no verdict yet, and whether its tool was started."""
        return await self._do(lambda db: overview.open_claims(db, self._server))

    async def other_servers(self) -> dict[str, int]:
        """Return what waits under another server's address: open claims and owed deliveries.

        The address is the key of a server, so that to write it in another way, such as a name
        for a number, leaves all that behind.
        """
        return await self._do(lambda db: overview.other_servers(db, self._server))

    async def debts(self, after: int = 0) -> list[Debt]:
        """Return what is owed, one entry an assignment and without the bodies, oldest first.

        Only deliveries with ids greater than *after*; what is owed anew gets a new one.
        """
        return await self._do(lambda db: outbox.debts(db, self._server, after))

    async def owed(self, claim_id: int) -> list[Owed]:
        """Return the deliveries owed for one claim, in the order of delivery."""
        return await self._do(lambda db: outbox.owed(db, claim_id))

    async def delivered(self, owed: Owed) -> bool:
        """Strike one delivery off; True when nothing is owed for its assignment any more."""
        return await self._do_vital(lambda db: outbox.strike_off(db, owed))

    async def postponed(self, owed: Owed, error: str) -> None:
        """Note one more failed try."""
        await self._do(
            lambda db: db.execute(
                "UPDATE outbox SET tries = tries + 1, error = ? WHERE id = ?",
                (plain(error), owed.id),
            )
        )

    async def given_up(self, owed: Owed, error: str, *, state: str) -> tuple[int, bool]:
        """End one delivery as 'dead' or 'dropped', and all of its assignment if it is the result.

        Returns how many deliveries that were, and whether the assignment is done with.
        """
        return await self._do_vital(lambda db: outbox.give_up(db, owed, plain(error), state))

    async def kept_folders(self) -> set[str]:
        """Return the names of the folders of attempts that were begun and are still wanted."""
        return await self._do(overview.kept_folders)

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
        return await self._do(lambda db: hosts.credentials(db, self._server))

    async def dead_letters(self) -> int:
        """Count what the server refused for good, and nobody has owed anew."""
        return await self._do(lambda db: outbox.dead_letters(db, self._server))

    async def redeliver(
        self, run_id: int | None = None, item: int | None = None
    ) -> list[dict[str, int]]:
        """Owe dead letters anew, all or those of a run or an item; return whose, and how many."""
        return await self._do(lambda db: outbox.redeliver(db, self._server, run_id, item))

    async def know_hosts(self, ids: Mapping[str, int | None]) -> tuple[set[str], dict[str, str]]:
        """Take in the settings' identities; return who is paused, and which claims went where."""
        return await self._do(lambda db: hosts.know(db, self._server, ids))

    async def pause(self, host: str, *, paused: bool) -> None:
        """Remember, over every end of the process, that *host* is paused or not."""
        await self._do(lambda db: hosts.pause(db, self._server, host, paused=paused))

    async def unsettled_ids(self) -> set[int]:
        """Return the ids of hosts with items of ours that the server still lists."""
        return await self._do(lambda db: hosts.unsettled(db, self._server))

    async def recent(self, limit: int = 100, *, dead: bool = False) -> list[dict[str, object]]:
        """Return the newest assignments as people ask for them; with *dead*, undeliverable ones."""
        return await self._do(lambda db: overview.recent(db, self._server, limit, dead=dead))

    async def forget_before(self, moment: float) -> None:
        """Delete what was delivered before *moment*, in Unix seconds, and is not listed since.

        What the server still lists must be remembered, or it would be taken and run again. When
        it was listed last is written at most half an hour late, so call this only after polls
        of an hour or more, whatever the wall clock says: then nothing is forgotten that was not
        seen missing, but for hosts that are not polled at all.
        """
        await self._do(
            lambda db: db.execute(
                "DELETE FROM assignments WHERE state IN ('delivered', 'stopped')"
                " AND coalesce(delivered_at, claimed_at) < ? AND listed_at < ?",
                (moment, moment),
            )
        )
