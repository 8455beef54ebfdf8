"""NUnit 3 and 4 results: root `test-run`, as the console, the VSTest adapter and Unity write them.

A lone `test-suite` is read too: NUnitLite explores with it, an engine gives one for an assembly.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from adapters.base import Report, Verdict
from adapters.formats.attributes import count_of, unreadable_counts
from adapters.formats.capped_text import one_line
from adapters.formats.nunit.document import Dialect, read_as
from adapters.formats.nunit.state import WORD_CHARS, State, unknown_word
from adapters.formats.nunit.suite import Claims

_WORDS: Mapping[str, Verdict] = {
    "passed": Verdict.PASSED,
    "warning": Verdict.PASSED,
    "failed": Verdict.FAILED,
    "skipped": Verdict.SKIPPED,
    "inconclusive": Verdict.BLOCKED,
}
# Labels and sites under which a test did not get to run. Before 3.5 or so what cannot run is
# `Skipped` with the label Invalid.
_NOT_RUN_LABELS = frozenset({"invalid", "cancelled", "notrunnable"})
_NOT_RUN_SITES = frozenset({"parent", "setup"})
# Unity writes NUnit's whole state into one attribute: `Failed:Error(Child)`.
_STATE_NAMES = ("result", "label", "site", "runstate")
_STATE = re.compile(r"\s*(\w+)\s*(?::\s*(\w+)\s*)?(?:\(\s*(\w+)\s*\)\s*)?")


def read(data: bytes) -> Report:
    """Read one report; a file that breaks off gives its complete cases and a problem.

    Raises UnreadableReport for a DOCTYPE, an entity or a bottomless nesting.
    """
    return read_as(Dialect(_state_of, _claims_of), data)


def _state_of(attributes: dict[str, str]) -> State:
    return _state(*(attributes.get(name, "")[:WORD_CHARS] for name in _STATE_NAMES))


@lru_cache(maxsize=256)
def _state(result: str, label: str, site: str, run_state: str) -> State:
    text = one_line(result, WORD_CHARS)
    match = _STATE.fullmatch(text)
    if not text:
        return _without_result(one_line(run_state, WORD_CHARS))
    if not match or match[1].lower() not in _WORDS:
        return unknown_word(text)
    word = match[1]
    label = match[2] or one_line(label, WORD_CHARS)
    site = match[3] or one_line(site, WORD_CHARS)
    raw = word + (f":{label}" if label else "") + (f"({site})" if site else "")
    status = _status(word.lower(), label.lower(), site.lower())
    fault = word.lower() == "failed" or (word.lower() == "skipped" and status is Verdict.BLOCKED)
    remark = "warning" if word.lower() == "warning" else ""
    return State(status, raw, fault=fault, site=site.lower(), remark=remark)


def _status(word: str, label: str, site: str) -> Verdict:
    status = _WORDS[word]
    if status in {Verdict.FAILED, Verdict.SKIPPED} and label in _NOT_RUN_LABELS:
        return Verdict.BLOCKED
    if status is Verdict.FAILED and site in _NOT_RUN_SITES:
        return Verdict.BLOCKED
    return status


def _without_result(run_state: str) -> State:
    """Read an element of a list of tests (`--explore`): nothing of it has run."""
    fault = run_state.lower() == "notrunnable"
    remark = "it is listed without a result: it has not run"
    return State(Verdict.BLOCKED, run_state, fault=fault, remark=remark)


def _claims_of(attributes: dict[str, str]) -> Claims:
    """Read the root's counts; *total* may leave warnings out, *testcasecount* knows no filter."""
    count = {name: count_of(value) or 0 for name, value in attributes.items()}
    return Claims(
        tests=count.get("total", 0),
        bad=count.get("failed", 0),
        not_run=count.get("skipped", 0),
        unreadable=tuple(unreadable_counts(attributes, ("total", "failed"))),
    )
