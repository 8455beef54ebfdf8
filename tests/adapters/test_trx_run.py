"""What a Visual Studio report says of its run, against what its cases say."""

import tracemalloc

import pytest

from adapters.base import Report
from adapters.formats import read

GOOD = "<UnitTestResult testName='t' outcome='Passed'/>"
BAD = "<UnitTestResult testName='t' outcome='Failed'/>"
ROWS = f"<UnitTestResult outcome='Failed'><InnerResults>{GOOD}{BAD}</InnerResults></UnitTestResult>"


def run(summary: str, results: str = GOOD) -> Report:
    return read(f"<TestRun><Results>{results}</Results>{summary}</TestRun>".encode())


def summary(outcome: str, content: str = "") -> str:
    said = f"outcome='{outcome}'" if outcome else ""
    return f"<ResultSummary {said}>{content}</ResultSummary>"


def message(outcome: str, text: str) -> str:
    info = f"<RunInfo {outcome}><Text>{text}</Text></RunInfo>"
    return summary("Completed", f"<RunInfos>{info}</RunInfos>")


@pytest.mark.parametrize("outcome", ["Completed", "passed", "Warning"])
def test_a_run_that_ended_well_has_no_problem(outcome: str) -> None:
    assert run(summary(outcome)).problems == ()


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ("Failed", "Failed"),
        ("Error", "Error"),
        ("", "Error"),
        ("Aborted", "Aborted"),
        ("Timeout", "Timeout"),
        ("Disconnected", "Disconnected"),
        ("PassedButRunAborted", "PassedButRunAborted"),
        ("5", "5"),
        ("Splendid", "Splendid"),
    ],
)
def test_a_bad_run_without_a_bad_case_is_a_problem(outcome: str, shown: str) -> None:
    assert run(summary(outcome)).problems == (
        f'the run\'s outcome is "{shown}", none of its cases is bad',
    )


def test_a_failed_run_with_a_bad_case_is_explained_and_an_aborted_one_is_not() -> None:
    assert run(summary("Failed"), BAD).problems == ()
    for outcome in ("Aborted", "PassedButRunAborted"):
        problems = run(summary(outcome), BAD).problems
        assert problems == (f'the run\'s outcome is "{outcome}"',)


@pytest.mark.parametrize("outcome", ["PassedButRunAborted", "passedbutrunaborted", "5"])
@pytest.mark.parametrize("counters", ["", "passedButRunAborted='1' total='1'"])
def test_a_case_that_passed_in_an_aborted_run_is_a_problem(outcome: str, counters: str) -> None:
    case = f"<UnitTestResult testName='t' outcome='{outcome}'/>"
    report = run(summary("Completed", f"<Counters {counters}/>"), case)

    assert [str(case.status) for case in report.cases] == ["Passed"]
    assert report.problems == ("1 of its results passed in a run that was aborted",)


def test_a_row_or_a_sum_of_rows_in_an_aborted_run_is_a_problem() -> None:
    row = "<InnerResults><UnitTestResult outcome='{}'/></InnerResults>"
    case = f"<UnitTestResult outcome='{{}}'>{row}</UnitTestResult>"
    for outcomes in (("PassedButRunAborted", "Passed"), ("Passed", "PassedButRunAborted")):
        report = run("", case.format(*outcomes))
        assert report.problems == ("1 of its results passed in a run that was aborted",)


@pytest.mark.parametrize(
    "outcome",
    ["outcome='Error'", "outcome='failed'", "outcome='x'", "outcome='PassedButRunAborted'", ""],
)
def test_an_error_of_the_run_is_a_problem(outcome: str) -> None:
    report = run(message(outcome, "The host process crashed\nmore"), BAD)

    assert report.problems == ("run-level error: The host process crashed",)


@pytest.mark.parametrize("outcome", ["Warning", "warning", "Completed", "Passed"])
def test_a_warning_of_the_run_is_a_note(outcome: str) -> None:
    report = run(message(f"outcome='{outcome}'", "No test is available"))

    assert (report.problems, report.notes) == ((), ("No test is available",))


def test_a_message_that_only_repeats_a_failed_case_is_no_problem() -> None:
    notice = message("outcome='Error'", "[xUnit.net 00:00:01.02]     Shop.CartTest.Adds [FAIL]")

    assert run(notice, BAD).problems == ()
    assert run(notice).problems == (
        "run-level error: [xUnit.net 00:00:01.02]     Shop.CartTest.Adds [FAIL]",
    )


def test_an_error_of_the_run_without_a_text_is_a_problem_too() -> None:
    assert run(message("outcome='Error'", " ")).problems == ("run-level error: (no text)",)


def test_the_text_of_a_message_is_found_among_other_elements() -> None:
    info = "<RunInfo outcome='Error'><Other>x</Other><Text>no</Text></RunInfo>"

    assert run(summary("Completed", info), BAD).problems == ("run-level error: no",)


def test_many_messages_are_capped() -> None:
    infos = "<RunInfo outcome='Error'><Text>no</Text></RunInfo>" * 1000

    problems = run(summary("Failed", infos), BAD).problems

    assert len(problems) == 21
    assert problems[-2:] == ("run-level error: no", "980 more run-level errors")


@pytest.mark.parametrize(
    ("counters", "results", "problem"),
    [
        ("total='2'", GOOD, "its counters claim 2 results, it holds 1"),
        ("total='1' failed='1'", GOOD, "its counters claim 1 bad results, its cases show 0"),
        ("Total='1' Error='1'", GOOD, "its counters claim 1 bad results, its cases show 0"),
        ("timeout='1' failed='1'", BAD, "its counters claim 2 bad results, its cases show 1"),
        ("passedButRunAborted='1'", GOOD, "its counters claim 1 bad results, its cases show 0"),
        ("failed='x'", GOOD, 'it says failed="x", which is no count'),
        ("total='x'", GOOD, 'it says total="x", which is no count'),
        ("total='7' failed='4'", ROWS * 2, "its counters claim 7 results, it holds 6"),
        ("total='6' failed='5'", ROWS * 2, "its counters claim 5 bad results, its cases show 2"),
        ("failed='1,000'", GOOD, "its counters claim 1000 bad results, its cases show 0"),
    ],
)  # fmt: skip
def test_counters_that_claim_more_are_a_problem(counters: str, results: str, problem: str) -> None:
    report = run(summary("Completed", f"<Counters {counters}/>"), results)

    assert report.problems == (problem,)


@pytest.mark.parametrize(
    ("counters", "results"),
    [
        ("total='3' failed='2'", ROWS),  # vstest
        ("total='6' failed='4'", ROWS * 2),
        ("total='1' failed='1'", ROWS),  # MSTest's own runner
        ("total='' failed=''", GOOD),
        ("total='0' failed='0'", BAD),
        ("total='1' inconclusive='1'", "<UnitTestResult outcome='Inconclusive'/>"),
        ("total='1' notExecuted='1'", "<UnitTestResult outcome='NotExecuted'/>"),
    ],
)
def test_what_runners_count_is_no_problem(counters: str, results: str) -> None:
    assert run(summary("Completed", f"<Counters {counters}/>"), results).problems == ()


def test_an_empty_run_is_read_and_one_that_says_nothing_is_a_problem() -> None:
    assert run(summary("Completed", "<Counters total='0'/>"), "") == Report(())
    assert read(b"<TestRun/>").problems == ("it holds neither results nor a summary",)


CPPUNIT = """<?xml version="1.0" encoding='ISO-8859-1' standalone='yes' ?>
<TestRun>
  <FailedTests>
    <FailedTest id="1"><Name>CartTest::total</Name><FailureType>Assertion</FailureType>
      <Location><File>cart.cpp</File><Line>19</Line></Location>
      <Message>equality assertion failed
- Expected: 30
</Message></FailedTest>
    <FailedTest id="3"><Name>CartTest::crash</Name><FailureType>Error</FailureType>
      <Message>uncaught exception</Message></FailedTest>
  </FailedTests>
  <SuccessfulTests><Test id="2"><Name>CartTest::empty</Name></Test></SuccessfulTests>
  <Statistics><Tests>3</Tests><FailuresTotal>2</FailuresTotal><Errors>1</Errors>
    <Failures>1</Failures></Statistics>
</TestRun>"""


def test_cppunits_own_results_are_read() -> None:
    report = read(CPPUNIT.encode())

    assert [(c.name, str(c.status), c.raw_status, c.message) for c in report.cases] == [
        ("CartTest::total", "Failed", "Assertion", "equality assertion failed"),
        ("CartTest::crash", "Failed", "Error", "uncaught exception"),
        ("CartTest::empty", "Passed", "passed", ""),
    ]
    assert report.cases[0].detail.endswith("cart.cpp:19")
    assert report.problems == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<Tests>3", "<Tests>5", "its statistics count 5 tests, it holds 3"),
        ("</TestRun>", "", "cut off at line 15"),
    ],
)
def test_cppunits_results_that_are_not_whole_are_a_problem(
    old: str, new: str, problem: str
) -> None:
    report = read(CPPUNIT.replace(old, new).encode())

    assert len(report.cases) == 3
    assert report.problems == (problem,)


def test_a_failure_of_cppunit_that_is_counted_and_not_there_is_a_problem() -> None:
    xml = "<TestRun><FailedTests/><SuccessfulTests><Test><Name>a</Name></Test></SuccessfulTests>"
    xml += "<Statistics><Tests>1</Tests><FailuresTotal>1</FailuresTotal></Statistics></TestRun>"

    assert read(xml.encode()).problems == ("its statistics count 1 failures, no test of it failed",)


def test_a_failed_test_of_cppunit_before_the_cut_is_not_lost() -> None:
    report = read(CPPUNIT[: CPPUNIT.index("<Message>uncaught")].encode())

    assert [case.name for case in report.cases] == ["CartTest::total", "CartTest::crash"]


@pytest.mark.parametrize("first", ["results", "definitions"])
def test_memory_is_bounded_whatever_the_number_of_definitions(first: str) -> None:
    definition = "<UnitTest id='{0:036}'><TestMethod className='C{0:0200}'/></UnitTest>"
    definitions = "".join(definition.format(number) for number in range(60_000))
    parts = [f"<Results>{GOOD}</Results>", f"<TestDefinitions>{definitions}</TestDefinitions>"]
    data = f"<TestRun>{''.join(parts if first == 'results' else parts[::-1])}</TestRun>".encode()
    tracemalloc.start()
    try:
        report = read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(report.cases) == 1
    assert peak < (4 if first == "results" else 30) * 1024 * 1024
