"""Deliver what the outbox holds: of each assignment the result, then its log, then its report.

A delivery is tried until the server takes it. Doing one twice is harmless, since a status is
set and files are overwritten, so nothing more than the journal is needed to deliver everything
at least once. What the server refuses for good, or does not take for a month, becomes a dead
letter, counted and shown; a run that it no longer knows is dropped with a line. No failure here
changes a verdict.
"""

import math
import time
from collections.abc import Callable

import anyio
import structlog
from anyio.abc import TaskGroup

from orchestrator.api.client import HostClient
from orchestrator.backoff import Pauses
from orchestrator.errors import (
    ApiError,
    PermanentApiError,
    ServerAwayError,
    StateError,
    TransientApiError,
)
from orchestrator.journal import Journal, Owed
from orchestrator.journal.ledger import Ledger
from orchestrator.journal.withheld import NO_SUCH_NUMBER
from orchestrator.logs import redact
from orchestrator.metrics import Metrics
from orchestrator.sending import send
from orchestrator.threads import in_thread
from orchestrator.undelivered import awaits_no_more, has_no_such_number, is_gone, knows_host
from orchestrator.workspace import Workspaces

log = structlog.get_logger()

RESULTS_IN_FLIGHT = 8
UPLOADS_IN_FLIGHT = 4
"""Beside the results, so that big files on a slow line hold up no verdict."""
LONGEST_OWED_S = 30 * 86_400.0
"""After that a delivery is a dead letter: no server is down for so long."""
_FILE_REFUSED_S = 3600.0
"""After that a log or report for which a working server has only a 500 is a dead letter."""
PAUSES_S = (1.0, 45.0)
"""The first pause at most, and the longest: all is delivered within a minute of an outage's end."""
# What a person can put right, and then the verdict is wanted: tokens, rights, proxies, addresses.
_CURABLE = frozenset({None, 401, 403, 407, *range(300, 400)})


class Reporter:
    """Works the outbox off until it is cancelled."""

    def __init__(
        self,
        journal: Journal,
        workspaces: Workspaces,
        metrics: Metrics,
        *,
        client_of: Callable[[str], HostClient | None],
        changed: Callable[[], None],
        pauses_s: tuple[float, float] = PAUSES_S,
    ) -> None:
        self._journal = journal
        self._workspaces = workspaces
        self._metrics = metrics
        self._client_of = client_of
        self._changed = changed
        self._pauses = Pauses(*pauses_s)
        self._wake = anyio.Event()
        self._held_until = -math.inf
        self._ledger = Ledger()
        # Nothing is known of the outbox before the first look, nor while one is under way.
        self._looked = False
        self._news = True
        self.dead = 0
        """How many reports the server refused for good, in this process and before it."""
        self._dead_counted = False
        metrics.outbox_oldest_age.set_function(self._oldest_age_s)
        metrics.dead_letters.set_function(lambda: self.dead)

    def _oldest_age_s(self) -> float:
        oldest_at = self._ledger.oldest_at
        return max(0.0, time.time() - oldest_at) if math.isfinite(oldest_at) else 0.0

    @property
    def owed(self) -> int:
        """How many deliveries are known to be owed."""
        return self._ledger.deliveries

    @property
    def idle(self) -> bool:
        """Whether nothing is owed, or only what waits for its next try."""
        return self._looked and not self._ledger.busy and not self._wake.is_set()

    def wake(self) -> None:
        """Say that something new is owed."""
        self._news = True
        self._wake.set()

    def redeliver(self) -> None:
        """Say that dead letters are owed anew."""
        self._dead_counted = False
        self.wake()

    def retry_now(self) -> None:
        """Forget every pause: credentials or the way to the server have changed."""
        self._pauses.clear()
        self._held_until = -math.inf
        self._ledger.all_due()
        self.wake()

    def resume(self) -> None:
        """Try all again that the server did not itself put off: it is back."""
        self._pauses.shorten()
        self._held_until = -math.inf
        self._ledger.all_due(self._pauses.due)
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever: one assignment's deliveries in turn, those of several side by side."""
        async with anyio.create_task_group() as deliveries:
            told = False
            while True:
                # Before the look: what comes during it wakes us again.
                self._wake = anyio.Event()
                look_at = math.inf
                try:
                    await self._look()
                    told = False
                except StateError as error:
                    if not told:
                        log.error("delivery.postponed", error=str(error))
                    told = True
                    look_at = anyio.current_time() + self._pauses.first_s
                next_due = min(look_at, self._start_due(deliveries))
                self._metrics.outbox_deliveries.set(self.owed)
                self._changed()
                with anyio.move_on_after(max(0.0, next_due - anyio.current_time())):
                    await self._wake.wait()

    async def _look(self) -> None:
        """Learn what is newly owed; what is known already is not read again."""
        if not self._news:
            return
        self._looked = self._news = False
        try:
            await self._count_dead()
            self._ledger.learn(await self._journal.debts(self._ledger.last_id))
        except StateError:
            self._news, self._dead_counted = True, False
            raise
        self._looked = True

    async def _count_dead(self) -> None:
        if not self._dead_counted:
            # Set before the count: what is said during it is counted the next time.
            self._dead_counted = True
            self.dead = await self._journal.dead_letters()
            if self.dead:
                log.error("delivery.dead_letters", letters=self.dead, see="labfleet runs --dead")

    def _start_due(self, deliveries: TaskGroup) -> float:
        """Begin what is due, as far as lanes are free; return when the next one will be due."""
        next_due, now = math.inf, anyio.current_time()
        if self._held_until > now:
            return self._held_until
        for result, limit in ((True, RESULTS_IN_FLIGHT), (False, UPLOADS_IN_FLIGHT)):
            while (claim_id := self._ledger.take(now, result=result, limit=limit)) is not None:
                deliveries.start_soon(self._serve, claim_id, result)
            next_due = min(next_due, self._ledger.next_due(result=result, limit=limit))
        return next_due

    async def _serve(self, claim_id: int, result: bool) -> None:
        """Deliver a claim's result, or else its files, as far as the server takes them."""
        try:
            while True:
                # Read only now: a night's debts are not held in memory while they wait.
                owed = await self._journal.owed(claim_id)
                self._ledger.correct(claim_id, owed)
                if not owed:
                    self._pauses.forget(claim_id)
                    return
                if (owed[0].kind == "result") is not result or not await self._deliver(owed[0]):
                    return
        except StateError as error:
            self._pause(claim_id, "result" if result else "log", error)
        finally:
            self._ledger.put_back(claim_id, self._pauses.due(claim_id))
            self._wake.set()

    async def _deliver(self, owed: Owed) -> bool:
        """Try one delivery; False when those behind it have to wait."""
        assignment = owed.claim.assignment
        with structlog.contextvars.bound_contextvars(
            host=assignment.host, run=assignment.run_id, item=assignment.item
        ):
            try:
                return await self._try(owed)
            except StateError as error:
                # The server may have taken it; to send it again does no harm.
                self._pause(owed.claim.id, owed.kind, error)
            except Exception as error:
                log.exception("delivery.crashed")
                self._pause(owed.claim.id, owed.kind, error)
            return False

    async def _try(self, owed: Owed) -> bool:
        if withheld := owed.claim.assignment.withheld:
            return await self._give_up(owed, withheld, "dead")
        try:
            client = self._client_of(owed.claim.assignment.host)
            folder = self._workspaces.attempt(owed.claim.attempt_name).folder
            wrong = await send(client, owed, folder)
        except FileNotFoundError:
            return await self._give_up(owed, "its file is gone", "dropped")
        except PermanentApiError as error:
            return await self._refused(owed, error)
        except ServerAwayError as error:
            # No try, and as true for all the others: they are not even looked up meanwhile.
            self._held_until = anyio.current_time() + (error.retry_after_s or 0.0)
            return False
        except (TransientApiError, OSError) as error:
            return await self._postpone(owed, error)
        return await (self._misplaced(owed, wrong) if wrong else self._done(owed))

    async def _misplaced(self, owed: Owed, reason: str) -> bool:
        """Send nothing more of a run whose items' numbers proved to be others."""
        await self._journal.withhold_run(owed.claim.assignment.run_id, reason)
        return await self._give_up(owed, reason, "dead")

    async def _done(self, owed: Owed) -> bool:
        done_with = await self._journal.delivered(owed)
        log.info("delivery.done", kind=owed.kind)
        if done_with:
            await in_thread(self._clear_away, owed)
        return True

    async def _refused(self, owed: Owed, error: PermanentApiError) -> bool:
        if error.status in _CURABLE:
            return await self._postpone(owed, error)
        if error.status == 404:
            client = self._client_of(owed.claim.assignment.host)
            if await has_no_such_number(client, owed):
                return await self._misplaced(owed, NO_SUCH_NUMBER)
            if not await is_gone(client, owed):
                return await self._postpone(owed, error)
            too_big = "" if owed.kind == "result" else ", or the file is too big for it"
            reason = f"the server no longer knows this run{too_big}"
            return await self._give_up(owed, reason, "dropped")
        client = self._client_of(owed.claim.assignment.host)
        tried = owed.kind == "result" and self._pauses.failures(owed.claim.id)
        if tried and await awaits_no_more(client, owed.claim.assignment):
            # A try whose answer was lost had arrived, and a second one is refused.
            return await self._done(owed)
        return await self._give_up(owed, str(error), "dead")

    async def _give_up(self, owed: Owed, reason: str, state: str) -> bool:
        """End one delivery without success; True, since nothing waits for it any more."""
        count, done_with = await self._journal.given_up(owed, redact(reason), state=state)
        if state == "dead":
            self.dead += count
            self._metrics.deliveries_dead.inc(count)
            log.error("delivery.dead", kind=owed.kind, error=reason)
        else:
            log.warning("delivery.dropped", kind=owed.kind, reason=reason)
        if done_with:
            await in_thread(self._clear_away, owed)
        return True

    async def _postpone(self, owed: Owed, error: Exception) -> bool:
        age_s = time.time() - owed.owed_at
        if age_s > LONGEST_OWED_S:
            return await self._give_up(owed, f"not taken for a month: {error}", "dead")
        # What is sent after this file waits for it.
        failed = owed.kind != "result" and isinstance(error, ApiError) and error.status == 500
        client = self._client_of(owed.claim.assignment.host)
        if failed and age_s > _FILE_REFUSED_S and await knows_host(client):
            return await self._give_up(owed, f"not taken for an hour: {error}", "dead")
        self._pause(owed.claim.id, owed.kind, error)
        await self._journal.postponed(owed, redact(str(error)))
        return False

    def _pause(self, claim_id: int, kind: str, error: Exception) -> None:
        asked_s = error.retry_after_s if isinstance(error, TransientApiError) else None
        if self._pauses.failed(claim_id, asked_s) == 1:
            log.warning("delivery.postponed", kind=kind, error=str(error))

    def _clear_away(self, owed: Owed) -> None:
        """Remove the folders of every attempt of an assignment that is done with."""
        try:
            for name in owed.claim.attempt_names:
                self._workspaces.remove(name)
        except (OSError, StateError) as error:
            # The next start tries again.
            log.warning("delivery.done", kind="workspace", error=str(error))
