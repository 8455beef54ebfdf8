"""What is ours and not awaited by the server any more: somebody else settled it, or removed it.

The API has no claim and no owner, so a second labfleet elsewhere with the same token, or a person,
can settle an item while it is ours. That shows only here: a poll that could be read whole tells
that the item is finished, or its run is not there. Twice in a row, since pages move while they are
read. Both copies may have run by then; what can still be done is to say so, and not to start what
is not started. It is forgotten then, as if it had never been ours: were it listed again, it would
be taken again. A tool that runs goes on: its verdict is the only one that we know to be true.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

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
        self._missed: Counter[tuple[int, str]] = Counter()
        """By id and mark: the id of a claim that was let go is given out again."""

    def look(self, runs: Sequence[Run], active: Sequence[Execution]) -> list[Execution]:
        """Compare what the server awaits with a host's *active* items; tell what is gone, once.

        Returns those of them that no tool was started for yet, until they are let go.
        """
        finished = {run.id: {it.sequence_number for it in run.items if it.finished} for run in runs}
        gone = []
        for execution in active:
            key = execution.claim.id, execution.claim.mark
            # An item that its listed run leaves out may be anything; but to forget what no poll
            # has ever listed to this process does no harm.
            ended = finished.get(execution.claim.assignment.run_id)
            open_ = ended is not None and execution.claim.assignment.item not in ended
            if open_ and execution.turn.listed.is_set():
                del self._missed[key]
                continue
            self._missed[key] += 1
            if self._missed[key] == POLLS:
                self._tell(execution)
            if self._missed[key] >= POLLS:
                gone.append(execution)
        return [one for one in gone if one.may_be_forgotten and not one.turn.given_up]

    def _tell(self, execution: Execution) -> None:
        self._count()
        reason = (
            "somebody else settled it, or removed it: does another labfleet have this token, or is"
            " this journal an older copy?"
        )
        log.error("run.vanished", **execution.who, phase=execution.phase, reason=reason)

    def forget(self, active: Iterable[tuple[int, str]]) -> None:
        """Keep in mind only what is still under way."""
        for key in self._missed.keys() - set(active):
            del self._missed[key]
