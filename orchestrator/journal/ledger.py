"""The debts that a process knows of, in memory and without their bodies, by when they are due."""

import heapq
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestrator.assignment import Debt, Owed


class Ledger:
    """Who is to be served next, at the same cost however much is owed.

    Every claim that owes anything is either under way or waits in just one of two queues: those
    that owe their result, and those that owe but files.
    """

    def __init__(self) -> None:
        self._debts: dict[int, Debt] = {}
        self._queues: dict[bool, list[tuple[float, int, int]]] = {True: [], False: []}
        self._under_way: dict[int, bool] = {}
        # Of those due at the same time the one that came first is first.
        self._turns = itertools.count()
        self.deliveries = 0
        self.last_id = 0
        """The newest delivery known; what came since has a greater id."""

    @property
    def busy(self) -> bool:
        """Whether any claim is under way."""
        return bool(self._under_way)

    @property
    def oldest_at(self) -> float:
        """Unix seconds of the oldest debt, infinite when there is none."""
        return min((debt.owed_at for debt in self._debts.values()), default=math.inf)

    def learn(self, debts: Sequence[Debt]) -> None:
        """Take in what is owed with ids greater than *last_id*; it is due at once."""
        for debt in debts:
            self.last_id = max(self.last_id, debt.last_id)
            known = self._debts.get(debt.claim_id)
            if known is None:
                self._set(debt)
                self._enqueue(debt.claim_id, -math.inf)
            elif debt.last_id > known.last_id:
                # Its result is owed anew while its files still are.
                count = known.deliveries + debt.deliveries
                self._set(replace(known, deliveries=count, last_id=debt.last_id))

    def correct(self, claim_id: int, owed: Sequence[Owed]) -> None:
        """Take in what the journal says is owed for one claim now, which may be nothing."""
        if not owed:
            self.deliveries -= self._debts.pop(claim_id).deliveries
            return
        oldest_at = min(one.owed_at for one in owed)
        last_id = max(one.id for one in owed)
        self._set(Debt(claim_id, len(owed), owed[0].kind == "result", oldest_at, last_id))

    def take(self, now: float, *, result: bool, limit: int) -> int | None:
        """Return a claim that is due and is under way from now; at most *limit* are at a time."""
        if self.next_due(result=result, limit=limit) > now:
            return None
        _, _, claim_id = heapq.heappop(self._queues[result])
        self._under_way[claim_id] = result
        return claim_id

    def next_due(self, *, result: bool, limit: int) -> float:
        """Return when the next one of a queue is due: never, while *limit* are under way."""
        queue = self._queues[result]
        full = sum(kind == result for kind in self._under_way.values()) >= limit
        return math.inf if full or not queue else queue[0][0]

    def put_back(self, claim_id: int, due: float) -> None:
        """End the turn of a claim; what is left of it is due again at *due*."""
        del self._under_way[claim_id]
        if claim_id in self._debts:
            self._enqueue(claim_id, due)

    def all_due(self, due_of: Callable[[int], float] = lambda _: -math.inf) -> None:
        """Let nothing wait, but for what *due_of* says of a claim."""
        for result, queue in self._queues.items():
            self._queues[result] = [(due_of(claim), turn, claim) for _, turn, claim in queue]
            heapq.heapify(self._queues[result])

    def _set(self, debt: Debt) -> None:
        known = self._debts.get(debt.claim_id)
        self.deliveries += debt.deliveries - (known.deliveries if known else 0)
        self._debts[debt.claim_id] = debt

    def _enqueue(self, claim_id: int, due: float) -> None:
        queue = self._queues[self._debts[claim_id].result]
        heapq.heappush(queue, (due, next(self._turns), claim_id))
