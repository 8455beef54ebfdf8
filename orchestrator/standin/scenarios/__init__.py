"""Rehearsals: what goes wrong, how often and when, and how much work comes in, all from one file.

`Scenario` is the file, `Weather` makes its faults happen, `Load` queues its runs, and `Rehearsal`
is the one that is on, with what can be told of it.
"""

from .rehearsal import REHEARSAL, Rehearsal, queue_due_runs
from .scenario import Scenario, ScenarioError, read_scenario

__all__ = [
    "REHEARSAL",
    "Rehearsal",
    "Scenario",
    "ScenarioError",
    "queue_due_runs",
    "read_scenario",
]
