"""What is told of a run in the report and the log that are made for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.base import Case, Ending, Verdict


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One attempt of one item, ended: no secrets and no environment are among these."""

    host: str
    tool: str
    run_id: int
    item: int
    attempt: int
    test_name: str
    test_set: str
    configuration: str
    release: str
    verdict: Verdict
    reason: str
    cases: Sequence[Case]
    started_at: datetime
    finished_at: datetime
    command: Sequence[str]
    """As it may be shown: whoever fills this in redacts it."""
    ending: Ending
    exit_code: int | None
    """Negative for the signal that ended the tool."""
    output_tail: str
    labfleet_version: str
