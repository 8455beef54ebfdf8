"""What must hold for any bytes at all: no crash, and no pass out of a damaged report."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Ending, Finished, Outcome, ResultFile, UnreadableReport, Verdict
from adapters.formats import read
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
ALL_PASSED = (GOLDEN / "pytest/all-passed.xml").read_bytes()
REAL = [
    (GOLDEN / name).read_bytes()
    for name in (
        "junit5-console/TEST-junit-jupiter.xml",
        "junit5-ant-launcher/TEST-shop.CartTest.xml",
        "junit-surefire/TEST-shop.CartTest.xml",
        "pytest/mixed.xml",
    )
]
WORDS = [
    "<testsuites>", "</testsuites>", "<testsuite>", "<testsuite tests='1' failures='1'>",
    "</testsuite>", "<testcase name='a'>", "</testcase>", "<testcase name='b' status='run'/>",
    "<failure message='x'>", "</failure>", "<error/>", "<skipped/>", "<system-err>",
    "</system-err>", "<flakyFailure/>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#1;", "&x;",
    "text", "\x01",
    "<!DOCTYPE a [<!ENTITY x 'y'>]>", "<?xml version='1.0' encoding='UTF-16'?>", "<a:b/>", "é",
]  # fmt: skip
quick = settings(max_examples=200, deadline=None, database=None)


def outcome(data: bytes) -> Outcome:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),)))


def read_if_possible(data: bytes) -> None:
    try:
        read(data)
    except UnreadableReport as error:
        assert str(error)


@quick
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_if_possible(data)

    assert outcome(data).verdict is Verdict.BLOCKED


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), st.sampled_from(["", "utf-16"]))
def test_any_heap_of_tags_is_read_or_refused(xml: str, encoding: str) -> None:
    data = xml.encode(encoding or "utf-8")

    read_if_possible(data)

    if "testcase" not in xml:
        assert outcome(data).verdict is Verdict.BLOCKED


@quick
@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=8),
)
def test_a_damaged_report_with_failures_never_passes(
    data: bytes, wounds: list[tuple[int, bytes]]
) -> None:
    for somewhere, patch in wounds:
        place = somewhere % len(data)
        data = data[:place] + patch + data[place + len(patch) + 1 :]

    read_if_possible(data)

    # These reports hold failures in several cases and count them in their headers.
    assert outcome(data).verdict in {Verdict.FAILED, Verdict.BLOCKED}


@pytest.mark.parametrize("data", [ALL_PASSED, REAL[0]], ids=["all passed", "mixed"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_report_cut_at_any_length_never_passes(data: bytes, encoding: str) -> None:
    data = data.decode("utf-8").encode(encoding)
    whole = max(m.end() for m in re.finditer(rb">\0?", data))

    for length in range(0, whole - 1, 1 if encoding == "utf-8" else 7):
        cut = outcome(data[:length])

        assert cut.verdict in {Verdict.BLOCKED, Verdict.FAILED}, length
        assert cut.verdict is Verdict.FAILED or cut.reason


def test_the_same_report_whole_does_pass() -> None:
    assert outcome(ALL_PASSED).verdict is Verdict.PASSED
    assert outcome(ALL_PASSED.decode("utf-8").encode("utf-16")).verdict is Verdict.PASSED


@quick
@given(st.integers(0, len(REAL[1])))
def test_a_cut_report_that_also_holds_illegal_characters_is_read(length: int) -> None:
    assert outcome(REAL[1][:length]).verdict in {Verdict.BLOCKED, Verdict.FAILED}
