"""What is ours and not awaited by the server any more: somebody else settled it, or removed it.

The API has no claim and no owner, so a second labfleet elsewhere with the same token, or a person,
can settle an item while it is ours. That shows only here: a poll that could be read whole tells
that the item is finished, or its run is not there. Twice in a row, since pages move while they are
read. Both copies may have run by then; what can still be done is to say so, and not to start what
waits. It is forgotten then, as if it had never been ours: were it listed again, it would be taken
again. A tool that runs goes on: its verdict is the only one that we know to be true.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from orchestrator.api.wire import Run
from orchestrator.execution import Execution

log = structlog.get_logger()

POLLS = 2


class Vanished:
    """Looks at what polls bring, host by host."""

    def __init__(self, count: Callable[[], None]) -> None:
        """*count* is called for each item that vanished."""
        self._count = count
        self._missed: Counter[int] = Counter()

    def look(self, runs: Sequence[Run], active: Sequence[Execution]) -> list[Execution]:
        """Compare what the server awaits with a host's *active* items; tell what is gone, once.

        Returns those of them that no tool was prepared for yet.
        """
        finished = {run.id: {it.sequence_number for it in run.items if it.finished} for run in runs}
        gone = []
        for execution in active:
            claim_id, run_id = execution.claim.id, execution.claim.assignment.run_id
            # An item that its listed run leaves out may be anything.
            ended = finished.get(run_id)
            if ended is not None and execution.claim.assignment.item not in ended:
                del self._missed[claim_id]
                continue
            self._missed[claim_id] += 1
            if self._missed[claim_id] == POLLS:
                self._tell(execution)
                gone.append(execution)
        return [one for one in gone if one.phase == "waiting" and one.claim.attempt == 0]

    def _tell(self, execution: Execution) -> None:
        self._count()
        reason = "somebody else settled it, or removed it: does another labfleet have this token?"
        log.error("run.vanished", **execution.who, phase=execution.phase, reason=reason)

    def forget(self, claim_ids: set[int]) -> None:
        """Keep in mind only what is still under way."""
        for claim_id in self._missed.keys() - claim_ids:
            del self._missed[claim_id]
