"""What attributes say of a result."""

from collections.abc import Iterator, Mapping

from adapters.base import Verdict
from adapters.formats.attributes import count_of
from adapters.formats.capped_text import one_line
from adapters.formats.cases import BAD
from adapters.formats.result_words import status_of_word

# With no other attribute than these a case says nothing of its result: nearly every case of all.
PLAIN = frozenset({"name", "classname", "time", "file", "line", "timestamp", "assertions"})

_WORD_NAMES = frozenset({"status", "result", "outcome", "verdict", "state"})
# Attribute of a case -> what it means when it is false, and when it is true.
_FLAGS: Mapping[str, tuple[Verdict, Verdict]] = {
    **dict.fromkeys(("success", "successful", "passed"), (Verdict.FAILED, Verdict.PASSED)),
    **dict.fromkeys(("failed", "failure", "failures"), (Verdict.PASSED, Verdict.FAILED)),
    **dict.fromkeys(("error", "errors", "crashed"), (Verdict.PASSED, Verdict.FAILED)),
    **dict.fromkeys(("skipped", "ignored", "disabled"), (Verdict.PASSED, Verdict.SKIPPED)),
    # NUnit 2's word for a test that was left out.
    "executed": (Verdict.SKIPPED, Verdict.PASSED),
}
_TRUE = frozenset({"true", "yes"})
_FALSE = frozenset({"false", "no"})


def said_of_case(attributes: Mapping[str, str]) -> Iterator[tuple[Verdict, str]]:
    """Give each result that a case's attributes tell, with the report's own word for it.

    An unknown word is Blocked: it cannot be a pass.
    """
    for full_name, value in attributes.items():
        name = full_name.rpartition(":")[2].lower()
        word = one_line(value, 80)
        if not word:
            continue
        if name in _WORD_NAMES:
            yield status_of_word(word), word
        elif name in _FLAGS:
            yield _flag(name, word), f'{name}="{word}"'


def bad_word_of_suite(attributes: Mapping[str, str]) -> str:
    """Give what a suite's header calls no success; empty when it says nothing of that kind.

    Its `passed` may be a count, so only a plain "false" is one.
    """
    for name, value in attributes.items():
        word = one_line(value, 80)
        status = status_of_word(word) if name in _WORD_NAMES else Verdict.PASSED
        no_success = name in {"success", "successful", "passed"} and word.lower() in _FALSE
        if no_success or status in BAD:
            return f'{name}="{word}"'
    return ""


def _flag(name: str, word: str) -> Verdict:
    lowered, count = word.lower(), count_of(word)
    if lowered in _FALSE or count == 0:
        return _FLAGS[name][0]
    if lowered in _TRUE or count:
        return _FLAGS[name][1]
    return Verdict.BLOCKED
