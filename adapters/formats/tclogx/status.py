"""What TestComplete's numbers for a result mean, for a case, a log item and a whole run."""

from collections.abc import Mapping

from adapters.base import Verdict
from adapters.formats.tclogx.nodes import whole_number

WARNING, ERROR, INCOMPLETE = 1, 2, 3

_VERDICTS: Mapping[int, Verdict] = {
    0: Verdict.PASSED,
    # A warning is no failure to the product: it has an exit code of its own.
    WARNING: Verdict.PASSED,
    ERROR: Verdict.FAILED,
    INCOMPLETE: Verdict.BLOCKED,
}
_MESSAGES: Mapping[int, str] = {
    WARNING: "it ended with warnings",
    INCOMPLETE: "it was not run to its end",
}


def verdict_of(status: str | None) -> Verdict:
    """Give the meaning of a status; an unknown one cannot be a pass."""
    number = whole_number(status)
    return Verdict.BLOCKED if number is None else _VERDICTS.get(number, Verdict.BLOCKED)


def message_of(status: str | None) -> str:
    """Say what a person should know of a status that has no message of its own."""
    number = whole_number(status)
    if number is not None and number in _VERDICTS:
        return _MESSAGES.get(number, "")
    return f"its status is {status[:80]!r}, which is not known" if status else "it has no status"
