import time
import tracemalloc

import pytest

from adapters.base import Case, Ending, Finished, Report, ResultFile, UnreadableReport, Verdict
from adapters.formats import read, xml_cleaning
from adapters.formats.kept_cases import KeptCases
from adapters.results import outcome_of

MIB = 1024 * 1024


def peak_bytes_of_reading(data: bytes) -> tuple[Report, int]:
    tracemalloc.start()
    try:
        return read(data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds_of_reading(data: bytes) -> float:
    """Of the processor's time: the machine may be busy with other things."""
    started_s = time.process_time()
    read(data)
    return time.process_time() - started_s


def suite_of(case: bytes, size_bytes: int, last: bytes = b"") -> bytes:
    return b"<testsuite>" + case * (size_bytes // len(case)) + last + b"</testsuite>"


def test_a_report_of_30_megabytes_is_read_quickly() -> None:
    case = b"""<testcase classname='shop.CartTest' name='adds()' time='0.001'>
<system-out><![CDATA[
unique-id: [engine:junit-jupiter]/[class:shop.CartTest]/[method:adds()]
display-name: adds()
]]></system-out></testcase>
"""
    data = suite_of(case, 30 * MIB, b"<testcase name='last'><failure/></testcase>")
    started_s = time.process_time()  # the machine may be busy with other things

    report = read(data)

    assert time.process_time() - started_s < 3
    total = 30 * MIB // len(case) + 1
    assert len(report.cases) == 20_001
    assert report.cases[-1].name == "last"
    assert report.problems == ()
    assert report.notes == (
        f"{total} cases are too many: 20001 are kept, left out are {total - 20_001} Passed",
    )


LONG_FAILURE = b"<testcase><failure>" + b"x" * 40_000 + b"</failure></testcase>"
MANY_RESULTS = b"<testcase>" + b"<failure>why</failure>" * 30_000 + b"</testcase>"
ONE_TEXT = b"<testcase><failure>" + b"y\n" * 15 * MIB + b"</failure></testcase>"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("cases", suite_of(b"<testcase name='adds'/>", MIB)),
        ("failures", suite_of(LONG_FAILURE, 30 * MIB)),
        ("one text", suite_of(b" ", 1, ONE_TEXT)),
        ("results", suite_of(b" ", 1, MANY_RESULTS)),
        ("errors", suite_of(b"<error>why</error>", MIB)),
        ("illegal", suite_of(b"<testcase name='adds'><!--\x01--></testcase>", 2 * MIB)),
        ("nested", b"<testsuite>" * 3 * MIB),
    ],
)
def test_memory_is_bounded_whatever_a_report_is_full_of(what: str, data: bytes) -> None:
    try:
        _, peak = peak_bytes_of_reading(data)
    except ValueError as refused:
        assert (what, "nested deeper" in str(refused)) == ("nested", True)
    else:
        assert peak < 40 * MIB


def test_a_million_cases_are_read_in_linear_time_and_bounded_memory() -> None:
    case = b"<testcase name='a'/>"

    _, peak = peak_bytes_of_reading(suite_of(case, 50_000 * len(case)))
    seconds = [seconds_of_reading(suite_of(case, n * len(case))) for n in (100_000, 1_000_000)]

    assert peak < 16 * MIB
    assert seconds[1] < 10 * seconds[0] * 1.6


BIG = b"x" * 64 * MIB
ONE_HUGE_TEXT = {
    "junit": (b"<testsuite><testcase><system-out><![CDATA[", b"]]></system-out></testcase>"
              b"</testsuite>"),
    "testng": (b"<testng-results><test-method name='a' status='PASS'><reporter-output><line>",
               b"</line></reporter-output></test-method></testng-results>"),
    "nunit 2": (b"<test-results><test-case name='a' result='Success'><output>",
                b"</output></test-case></test-results>"),
    "nunit 3": (b"<test-run><test-case fullname='a' result='Passed'><output><![CDATA[",
                b"]]></output></test-case></test-run>"),
    "trx": (b"<TestRun><Results><UnitTestResult testName='a' outcome='Passed'><Output><StdOut>",
            b"</StdOut></Output></UnitTestResult></Results></TestRun>"),
    "vs2005": (b"<Tests><UnitTestResult><outcome><value__>10</value__></outcome><stdout>",
               b"</stdout></UnitTestResult></Tests>"),
    "xunit": (b"<assemblies><test name='a' result='Pass'><output>", b"</output></test>"
              b"</assemblies>"),
}  # fmt: skip


@pytest.mark.parametrize("dialect", ONE_HUGE_TEXT)
def test_one_huge_text_is_read_quickly_in_bounded_memory(dialect: str) -> None:
    head, tail = ONE_HUGE_TEXT[dialect]
    data = head + BIG + tail

    report, peak = peak_bytes_of_reading(data)

    assert [case.status for case in report.cases] == [Verdict.PASSED]
    assert report.problems == ()
    assert peak < 4 * MIB
    assert seconds_of_reading(data) < 3


LONG_TOKENS = {
    "attribute": (b"<testcase><failure message='", b"'/></testcase>"),
    "comment": (b"<testcase><failure/></testcase><!--", b"-->"),
    "instruction": (b"<testcase><failure/></testcase><?a ", b"?>"),
}


@pytest.mark.parametrize("token", LONG_TOKENS)
def test_one_long_token_is_read_in_linear_time(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # With slices so small a reader that begins the token again for each takes some 5 s.
    monkeypatch.setattr(xml_cleaning, "SLICE_BYTES", 4096)
    head, tail = LONG_TOKENS[token]
    data = b"<testsuite>" + head + b"a" * 6 * MIB + tail + b"</testsuite>"
    started_s = time.process_time()

    report = read(data)

    assert time.process_time() - started_s < 1
    assert [case.status for case in report.cases] == [Verdict.FAILED]
    assert report.problems == ()


@pytest.mark.parametrize("token", LONG_TOKENS)
def test_a_token_without_end_is_refused(token: str) -> None:
    data = b"<testsuite>" + LONG_TOKENS[token][0] + b"a" * 40 * MIB
    started_s = time.process_time()

    with pytest.raises(UnreadableReport, match="longer than 16 MiB: refused"):
        read(data)

    assert time.process_time() - started_s < 2


def test_a_long_token_before_the_root_is_refused_too() -> None:
    with pytest.raises(UnreadableReport, match="longer than 16 MiB: refused"):
        read(b"<!--" + b"a" * 40 * MIB + b"--><testsuite/>")


def test_a_failure_beyond_the_limit_is_never_lost() -> None:
    xml = suite_of(b"<testcase/>", 25_000 * 11, b"<testcase name='bad'><failure/></testcase>")

    outcome = outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", xml),)))

    assert outcome.verdict is Verdict.FAILED
    assert outcome.cases[-1].name == "bad"
    assert "25001 cases are too many" in outcome.reason


def test_a_pass_of_too_many_cases_says_how_many_were_left_out() -> None:
    xml = suite_of(b"<testcase/>", 25_000 * 11)

    outcome = outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", xml),)))

    assert outcome.verdict is Verdict.PASSED
    assert "left out are 5000 Passed" in outcome.reason


def test_a_blocked_case_beyond_every_limit_is_no_pass() -> None:
    kept = KeptCases(limit=0)

    kept.extend([Case("b", Verdict.BLOCKED, "error")] * 1_001)

    assert kept.notes() == ()
    assert "1 Blocked" in kept.problems()[0]


def test_the_limit_holds_for_all_files_together() -> None:
    xml = suite_of(b"<testcase/>", 15_000 * 11)
    bad = suite_of(b"<testcase><failure/></testcase>", 1_500 * 31)
    files = tuple(ResultFile(f"{n}.xml", data) for n, data in enumerate([xml, xml, bad]))

    outcome = outcome_of(Finished(Ending.EXITED, 0, "", files))

    assert outcome.verdict is Verdict.FAILED
    assert len(outcome.cases) == 21_000
    assert "31500 cases are too many: 21000 are kept, left out are 10000 Passed, 500 Failed" in (
        outcome.reason
    )


def test_blocked_cases_do_not_take_the_place_of_the_first_failure() -> None:
    kept = KeptCases(limit=2)

    kept.extend([Case("b", Verdict.BLOCKED, "error")] * 2_000)
    kept.add(Case("f", Verdict.FAILED, "failure"))

    assert [case.name for case in kept.cases[-2:]] == ["b", "f"]
    assert kept.problems() == ("2001 cases are too many: 1003 are kept, left out are 998 Blocked",)
