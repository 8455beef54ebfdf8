"""When nothing is left to do, or nothing can be done: what ends `labfleet run --until-idle`."""

import math

import anyio

from orchestrator.poller import Poller
from orchestrator.reporter import Reporter
from orchestrator.runner import Runner

ROUNDS = 3
"""A host that so many polls in a row brought no answer for is waited for no longer."""


class Idleness:
    """Looks whether it is time to end; what was left undone then is known afterwards."""

    def __init__(self) -> None:
        self._owed = -1
        self._last_work_at = -math.inf
        self.left_waiting = 0
        """How many items are ours, and were not begun."""
        self.unanswered = False
        """Whether any host was waited for no longer."""

    def come(self, runner: Runner, reporter: Reporter, poller: Poller) -> bool:
        """Whether every host was asked in vain since the last work was done, or gives no answer.

        What the server does not take now is no work: it stays owed. Nor is what waits for a
        script of a host that gives no answer.
        """
        silent = {key for key, host in poller.hosts.items() if host.unanswered >= ROUNDS}
        if runner.busy_beside(silent) or reporter.owed != self._owed:
            self._owed, self._last_work_at = reporter.owed, anyio.current_time()
            return False
        asked = (key in silent or it.asked > self._last_work_at for key, it in poller.hosts.items())
        if not reporter.idle or not all(asked):
            return False
        self.left_waiting, self.unanswered = len(runner.active), bool(silent)
        return True
