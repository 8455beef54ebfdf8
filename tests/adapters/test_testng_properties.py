"""What must hold for any TestNG report at all: no crash, and no pass out of a damaged one."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import Ending, Finished, Outcome, ResultFile
from adapters.formats import read
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
REAL = (GOLDEN / "testng/testng-results.xml").read_bytes()
quick = settings(max_examples=200, deadline=None, database=None)


def outcome(data: bytes) -> Outcome:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),)))


def number_of_failures(data: bytes) -> int:
    return sum(case.status == "Failed" for case in read(data).cases)


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
