"""Pure rules for the states of runs and items."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """States as the API spells them; which level may hold which is said by the rules below."""

    AWAITING = "Awaiting Run"
    IN_PROGRESS = "In Progress"
    PASSED = "Passed"
    FAILED = "Failed"
    BLOCKED = "Blocked"
    SKIPPED = "Skipped"
    NA = "NA"
    INCOMPLETE = "Incomplete"


# What an agent may report. NA stands in the server's own operation metadata only.
_REPORTED = {
    status.casefold(): status
    for status in (Status.PASSED, Status.FAILED, Status.BLOCKED, Status.SKIPPED, Status.NA)
}


class Item(NamedTuple):
    """What the cascade needs to know of an item."""

    sequence_number: int
    status: str


def read_status(text: str) -> Status:
    """Read a reported status, in any case. Raises ValueError for any other."""
    try:
        return _REPORTED[text.casefold()]
    except KeyError:
        known = ", ".join(_REPORTED.values())
        raise ValueError(f"status must be one of {known}, not {text!r}") from None


def derive_run_status(statuses: Iterable[str]) -> Status:
    """Derive a run's status: any Skipped makes it Incomplete, even beside a failure; NA is neutral.

    Source: vendor reference, PATCH items, for Skipped; the rest is the recommended reading.
    """
    found = set(statuses)
    if found <= {Status.AWAITING}:
        return Status.AWAITING
    if Status.AWAITING in found:
        return Status.IN_PROGRESS
    for wins, run_status in (
        (Status.SKIPPED, Status.INCOMPLETE),
        (Status.FAILED, Status.FAILED),
        (Status.BLOCKED, Status.BLOCKED),
    ):
        if wins in found:
            return run_status
    return Status.PASSED


def blocked_by_failure(items: Iterable[Item], failed: int, *, sequential: bool) -> list[int]:
    """Return the sequence numbers that the failure of *failed*, which stops its set, blocks.

    Only items that still wait. In a set of random order every one of them is yet to come.
    """
    return [
        item.sequence_number
        for item in items
        if item.status == Status.AWAITING and (not sequential or item.sequence_number > failed)
    ]
