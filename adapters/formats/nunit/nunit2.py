"""NUnit 2 results: root `test-results`; other tools write them too (Pester, xUnit.net, NUnit 3).

From 2.5 on a case has a `result`; 2.2 to 2.4 only say `executed` and `success`. A failed tear-down
of a fixture shows in the fixture's own result alone, in no case, no count and no exit code (seen
with 2.6.4).
"""

from collections.abc import Mapping

from adapters.base import Report, Verdict
from adapters.formats.attributes import count_of, unreadable_counts
from adapters.formats.capped_text import one_line
from adapters.formats.nunit.document import Dialect, read_as
from adapters.formats.nunit.state import WORD_CHARS, State, unknown_word
from adapters.formats.nunit.suite import Claims

_WORDS: Mapping[str, Verdict] = {
    "success": Verdict.PASSED,
    "failure": Verdict.FAILED,
    "error": Verdict.FAILED,
    "ignored": Verdict.SKIPPED,
    "skipped": Verdict.SKIPPED,
    "inconclusive": Verdict.BLOCKED,
    "notrunnable": Verdict.BLOCKED,
    "cancelled": Verdict.BLOCKED,
}
_FAULTS = frozenset({"failure", "error", "notrunnable", "cancelled"})
_BAD_COUNTS = ("errors", "failures", "invalid")


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    return read_as(Dialect(_state_of, _claims_of), data)


def _state_of(attributes: dict[str, str]) -> State:
    word = one_line(attributes.get("result", ""), WORD_CHARS)
    executed = _flag(attributes, "executed")
    success = _flag(attributes, "success")
    if not word:
        return _of_flags(executed, success)
    lowered = word.lower()
    if lowered not in _WORDS:
        return unknown_word(word)
    if _WORDS[lowered] is Verdict.PASSED and "false" in {executed, success}:
        return _contradiction(word, executed)
    return State(_WORDS[lowered], word, fault=lowered in _FAULTS)


def _of_flags(executed: str, success: str) -> State:
    """Read what 2.2 to 2.4 say; what has not run has no `success`."""
    if executed == "false":
        return State(Verdict.SKIPPED, 'executed="False"')
    if success == "true":
        return State(Verdict.PASSED, 'success="True"')
    if success == "false":
        return State(Verdict.FAILED, 'success="False"', fault=True)
    return State(Verdict.BLOCKED, "", remark="the report says nothing of its result")


def _contradiction(word: str, executed: str) -> State:
    if executed == "false":
        remark = f'the report calls it "{word}" and says that it was not executed'
        return State(Verdict.BLOCKED, word, fault=True, remark=remark)
    return State(Verdict.FAILED, f'{word}, success="False"', fault=True)


def _flag(attributes: Mapping[str, str], name: str) -> str:
    return attributes.get(name, "").strip().lower()


def _claims_of(attributes: dict[str, str]) -> Claims:
    """Read the root's counts: NUnit's own *total* leaves out what has not run, Pester's does not.

    2.2 to 2.4 write *total*, *failures* and *not-run* only.
    """
    count = {name: count_of(value) or 0 for name, value in attributes.items()}
    return Claims(
        tests=count.get("total", 0),
        bad=sum(count.get(name, 0) for name in _BAD_COUNTS),
        not_run=max(
            count.get("not-run", 0),
            sum(count.get(name, 0) for name in ("ignored", "skipped", "invalid")),
        ),
        unreadable=tuple(unreadable_counts(attributes, ("total", *_BAD_COUNTS))),
    )
