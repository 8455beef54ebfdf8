"""Words that stand for a result in any tool's report, and roots of documents that hold none."""

import pytest

from adapters.formats import OtherDocument, read
from adapters.formats.result_words import is_harm, status_of_word

PASSED = """
    run passed pass success successful succeeded ok completed complete executed fixed xfail bpass
    warning
"""
SKIPPED = "disabled notrun notexecuted skipped skip ignored suppressed pending"
FAILED = """
    failed fail failure error errored broken regression timeout timedout crashed xpass bfail
    panicked interrupted
"""


@pytest.mark.parametrize(
    ("words", "status"), [(PASSED, "Passed"), (SKIPPED, "Skipped"), (FAILED, "Failed")]
)
def test_every_word_for_a_result_is_known(words: str, status: str) -> None:
    for word in words.split():
        assert status_of_word(word) == status_of_word(word.upper()) == status, word


@pytest.mark.parametrize("word", ["not run", "NOT_RUN", "not-executed", "Timed Out"])
def test_words_may_be_written_apart(word: str) -> None:
    assert status_of_word(word) in {"Skipped", "Failed"}


def test_every_word_for_harm_is_known() -> None:
    for word in [*FAILED.split(), "crash", "fatal", "exception", "abort", "aborted", "panic"]:
        assert is_harm(word), word
    assert not any(is_harm(word) for word in [*PASSED.split(), *SKIPPED.split(), "", "odd"])


ROOTS = """
    coverage checkstyle pmd pmd-cpd BugCollection issues report CoverageSession robot suite
"""


@pytest.mark.parametrize("root", ROOTS.split())
def test_a_document_that_tools_leave_beside_reports_is_none(root: str) -> None:
    with pytest.raises(OtherDocument, match=f"^root element is <{root}>, "):
        read(f"<{root}/>".encode())
