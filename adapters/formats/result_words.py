"""Words for a result, of any tool: where a format has no closed list of them."""

import re
from collections.abc import Mapping

from adapters.base import Verdict

_PASSED_WORDS = frozenset(
    {"run", "passed", "pass", "success", "successful", "succeeded", "ok", "completed", "complete"}
    # A warning is a pass, as in NUnit 3 and TRX, whose transforms put the word here.
    | {"executed", "fixed", "xfail", "bpass", "warning"}
)
_SKIPPED_WORDS = frozenset(
    {"disabled", "notrun", "notexecuted", "skipped", "skip", "ignored", "suppressed"}
    # Ginkgo, Jasmine, Mocha, phpspec: written, and not to be run yet.
    | {"pending"}
)
_FAILED_WORDS = frozenset(
    {"failed", "fail", "failure", "error", "errored", "broken", "regression", "timeout", "timedout"}
    | {"crashed", "xpass", "bfail", "panicked", "interrupted"}
)
_HARM_WORDS = _FAILED_WORDS | {"crash", "fatal", "exception", "abort", "aborted", "panic"}
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_WORDS: Mapping[str, Verdict] = {
    **dict.fromkeys(_PASSED_WORDS, Verdict.PASSED),
    **dict.fromkeys(_SKIPPED_WORDS, Verdict.SKIPPED),
    **dict.fromkeys(_FAILED_WORDS, Verdict.FAILED),
}


def status_of_word(word: str) -> Verdict:
    """Give the meaning of a `status` or `result` attribute; an unknown word cannot be a pass."""
    if not word.strip():
        return Verdict.PASSED
    return _WORDS.get(_joined(word), Verdict.BLOCKED)


def is_harm(word: str) -> bool:
    """Tell whether a word is no good news wherever it stands."""
    return _joined(word) in _HARM_WORDS


def _joined(word: str) -> str:
    return _BETWEEN_WORDS.sub("", word.lower())
