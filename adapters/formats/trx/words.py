"""What the outcomes of a Visual Studio test report mean."""

from collections.abc import Mapping

from adapters.base import Verdict

RUN_ABORTED = frozenset({"passedbutrunaborted", "5"})
"""Outcomes of a case that passed in a run that did not: they cast doubt on all the others."""
# Outcome in small letters -> status. Numbers are what the names stand for in Microsoft's
# enumeration. Words beyond that list are those of other writers of the format.
OUTCOMES: Mapping[str, Verdict] = {
    **dict.fromkeys(("passed", "10", *RUN_ABORTED), Verdict.PASSED),
    **dict.fromkeys(("warning", "9", "completed", "11"), Verdict.PASSED),
    **dict.fromkeys(("failed", "1", "error", "0", "timeout", "2"), Verdict.FAILED),
    **dict.fromkeys(("notexecuted", "7", "skipped", "ignored", "none"), Verdict.SKIPPED),
    **dict.fromkeys(("aborted", "3", "inconclusive", "4"), Verdict.BLOCKED),
    **dict.fromkeys(("notrunnable", "6", "disconnected", "8"), Verdict.BLOCKED),
    **dict.fromkeys(("pending", "13", "inprogress", "12"), Verdict.BLOCKED),
}


def status_of(outcome: str | None) -> tuple[Verdict, str]:
    """Give the status of an outcome and the outcome as it is shown.

    The attribute is left out for the first word of Microsoft's enumeration, which is Error. An
    unknown word cannot be a pass.
    """
    if outcome is None or not outcome.strip():
        return Verdict.FAILED, "Error"
    word = outcome.strip()
    return OUTCOMES.get(word.lower(), Verdict.BLOCKED), word[:80]


def is_known(outcome: str) -> bool:
    """Tell whether an outcome as shown is one of the format's words."""
    return outcome.lower() in OUTCOMES
