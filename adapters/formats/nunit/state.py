"""What an element of an NUnit report says of its result, before its texts are read."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.base import Verdict
from adapters.formats.capped_text import one_line
from adapters.formats.cases import not_known
from adapters.formats.durations import seconds_of
from adapters.formats.result_words import status_of_word

WORD_CHARS = 80


@dataclass(frozen=True, slots=True)
class State:
    """The result of a case or of a suite, as its attributes tell it."""

    status: Verdict
    raw: str
    """The report's own words."""
    fault: bool = False
    """It failed, could not run or was stopped: no suite is all right that says so of itself."""
    site: str = ""
    """NUnit 3's word for the place of the failure, in small letters."""
    remark: str = ""
    """Our words for a status that the report does not explain."""


def unknown_word(word: str) -> State:
    """Give the meaning of a word outside a dialect's own: other tools' words, or nothing good."""
    word = one_line(word, WORD_CHARS)
    status = status_of_word(word)
    if status is Verdict.BLOCKED:
        return State(status, word, remark=not_known(word))
    return State(status, word, fault=status is Verdict.FAILED)


def duration_s(attributes: Mapping[str, str]) -> float:
    """Give how long a case or a suite took: `duration` is of version 3, `time` of 2."""
    return seconds_of(attributes.get("duration") or attributes.get("time") or "")
