"""What the outcomes and durations of a Visual Studio test report mean."""

import re
from collections.abc import Mapping
from datetime import datetime

from adapters.base import Verdict
from adapters.formats.junit import words as junit_words

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

# Days are written as "1.02:03:04.5", and some writers put the decimal point of their locale.
_SPAN = re.compile(r"(?:(\d{1,6})\.)?(\d{1,6}):(\d{1,2}):(\d{1,2}(?:[.,]\d{0,20})?)")
_LONGEST_S = 1e9


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


def seconds_of(duration: str, started: str, ended: str) -> float:
    """Read a duration in seconds, or take it from two times; 0 where neither can be read."""
    span = _SPAN.fullmatch(duration.strip())
    if not span:
        return junit_words.seconds_of(duration) if duration.strip() else _between(started, ended)
    days, hours, minutes = (int(part or 0) for part in span.groups()[:3])
    seconds = days * 86400 + hours * 3600 + minutes * 60 + float(span[4].replace(",", "."))
    return seconds if seconds < _LONGEST_S else 0.0


def _between(started: str, ended: str) -> float:
    try:
        seconds = (_time(ended) - _time(started)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # the second for one time with a zone, one not
        return 0.0
    return seconds if 0 <= seconds < _LONGEST_S else 0.0


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.strip())
