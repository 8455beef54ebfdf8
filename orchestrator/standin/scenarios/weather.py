"""Which call of a rehearsal meets which fault: by rule, by time and by chance."""

import random
from collections import Counter

from orchestrator.standin.faults import Fault

from .scenario import FaultRule, Scenario


class Weather:
    """The faults of one *scenario*; *counts* says how often each rule, by its place, struck."""

    def __init__(self, scenario: Scenario) -> None:
        self._rules = scenario.faults
        self._chance = random.Random(scenario.seed)
        self.counts: Counter[int] = Counter()

    def fault_for(self, operation: str, elapsed_s: float) -> Fault | None:
        """Return what happens to this call; the first rule that strikes is the one."""
        for place, rule in enumerate(self._rules):
            if _applies(rule, operation, elapsed_s) and self._chance.random() < rule.share:
                self.counts[place] += 1
                return self._fault(rule)
        return None

    def _fault(self, rule: FaultRule) -> Fault:
        wait = rule.retry_after_s
        return Fault(
            wait_s=self._chance.uniform(*rule.wait_s),
            status=self._chance.choice(rule.status) if rule.status else None,
            retry_after=None if wait is None else str(wait),
            drop=rule.drop,
        )


def _applies(rule: FaultRule, operation: str, elapsed_s: float) -> bool:
    ends_s = float("inf") if rule.for_s is None else rule.from_s + rule.for_s
    return rule.from_s <= elapsed_s < ends_s and operation in (rule.operations or (operation,))
