"""What must hold for any TestNG report at all: no crash, and no pass out of a damaged one."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Ending, Finished, Outcome, ResultFile, UnreadableReport
from adapters.formats import read
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
REAL = (GOLDEN / "testng/testng-results.xml").read_bytes()
# The same run with nothing in it that is bad: every way to lose a case would show as a pass.
PASSED = (
    b'<testng-results total="2" passed="2" failed="0" skipped="0"><suite name="S"><test name="t">'
    b'<class name="p.A"><test-method status="PASS" name="a" duration-ms="1"/>'
    b'<test-method status="PASS" name="b" duration-ms="1"></test-method></class></test></suite>'
    b"</testng-results>"
)
WORDS = [
    "<suite name='S'>", "</suite>", "<test>", "</test>", "<class name='A'>", "</class>",
    "<test-method name='m' status='PASS'>", "<test-method name='m' status='SKIP'>",
    "<test-method name='m' status='FAIL'>", "<test-method name='m' retried='true' status='SKIP'>",
    "<test-method is-config='true' status='FAIL'>", "<test-method/>", "</test-method>",
    "<params>", "</params>", "<param>", "</param>", "<value>", "</value>",
    "<value is-null='true'/>",
    "<exception class='E'>", "<exception>", "</exception>", "<message>", "</message>",
    "<full-stacktrace>", "</full-stacktrace>", "<reporter-output>", "</reporter-output>",
    "<![CDATA[", "]]>", "<!--", "-->", "text", "&#1;", "\x01", "&x;", "é",
]  # fmt: skip
quick = settings(max_examples=200, deadline=None, database=None)


def outcome(data: bytes) -> Outcome:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),)))


def number_of_failures(data: bytes) -> int:
    return sum(case.status == "Failed" for case in read(data).cases)


@quick
@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
def test_any_heap_of_tags_is_read_or_refused(tags: str) -> None:
    data = f"<testng-results>{tags}</testng-results>".encode()

    try:
        read(data)
    except UnreadableReport as error:
        assert str(error)

    # Never raises, and what could not be read whole is no pass.
    found = outcome(data)
    assert found.verdict != "Passed" or found.cases


@quick
@given(st.integers(1, len(PASSED) - 1))
def test_a_report_of_passes_that_is_cut_off_anywhere_does_not_pass(length: int) -> None:
    assert outcome(PASSED[:length]).verdict == "Blocked"


@quick
@given(st.data())
def test_a_real_report_that_lost_a_piece_does_not_pass(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(REAL) - 2))
    end = data.draw(st.integers(start + 1, len(REAL)))

    assert outcome(REAL[:start] + REAL[end:]).verdict in {"Failed", "Blocked"}


@quick
@given(st.sampled_from(["PASS", "FAIL", "SKIP", "ODD"]), st.integers(0, 3), st.booleans())
def test_no_failure_is_folded_away(word: str, tries: int, retried: bool) -> None:
    mark = " retried='true'" if retried else ""
    inside = "<exception class='java.lang.AssertionError'/>"
    skip = f"<test-method name='m' status='SKIP'{mark}>{inside}</test-method>" * tries
    fails = f"<test-method name='m' status='{word}'/><test-method name='m' status='FAIL'/>"
    body = f"<suite><test><class name='A'>{skip}{fails}{skip}</class></test></suite>"

    found = number_of_failures(f"<testng-results>{body}</testng-results>".encode())

    assert found == 1 + (word == "FAIL")
