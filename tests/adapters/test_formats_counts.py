"""A count that cannot be read may claim a failure: in no dialect is it taken as none."""

from collections.abc import Callable

import pytest

from adapters.formats import read
from tests.adapters.tclogx_samples import node, summary


def element(text: str) -> Callable[[str, str], bytes]:
    return lambda name, value: text.format(f'{name}="{value}"').encode()


def of_cppunit(name: str, value: str) -> bytes:
    statistics = f"<Statistics><{name}>{value}</{name}></Statistics>"
    passed = "<SuccessfulTests><Test><Name>a</Name></Test></SuccessfulTests>"
    return f"<TestRun><FailedTests/>{passed}{statistics}</TestRun>".encode()


def of_vs2005(name: str, value: str) -> bytes:
    run = f"<TestRun><result><{name}>{value}</{name}></result></TestRun>"
    result = "<UnitTestResult><outcome><value__>10</value__></outcome></UnitTestResult>"
    return f"<Tests>{run}{result}</Tests>".encode()


def of_a_testcomplete_summary(name: str, value: str) -> bytes:
    return summary(node("test0", name="t", status=0), **{name: value})


GOOD_TRX = '<Results><UnitTestResult testName="t" outcome="Passed"/></Results>'
DIALECTS: dict[str, tuple[Callable[[str, str], bytes], tuple[str, ...]]] = {
    "junit": (
        element("<testsuite {}><testcase name='t'/></testsuite>"),
        ("tests", "failures", "errors", "failed", "broken"),
    ),
    "junit, all suites": (
        element("<testsuites {}><testsuite><testcase name='t'/></testsuite></testsuites>"),
        ("tests", "failures", "errors"),
    ),
    "nunit2": (
        element("<test-results {}><test-case name='t' result='Success'/></test-results>"),
        ("total", "errors", "failures", "invalid"),
    ),
    "nunit3": (
        element("<test-run {}><test-case name='t' result='Passed'/></test-run>"),
        ("total", "failed"),
    ),
    "xunit": (
        element("<assembly {}><test name='t' result='Pass'/></assembly>"),
        ("total", "failed", "errors"),
    ),
    "testng": (
        element("<testng-results {}><test-method name='t' status='PASS'/></testng-results>"),
        ("total", "passed", "failed", "skipped", "ignored", "retried"),
    ),
    "trx": (
        element(f"<TestRun>{GOOD_TRX}<ResultSummary outcome='Completed'><Counters {{}}/>"
                "</ResultSummary></TestRun>"),
        ("total", "failed", "error", "timeout", "aborted", "inconclusive", "notRunnable"),
    ),
    "vs2005": (of_vs2005, ("totalTestCount",)),
    "cppunit": (of_cppunit, ("Tests", "FailuresTotal", "Errors", "Failures")),
    "testcomplete": (
        of_a_testcomplete_summary,
        ("tests", "failedtests", "warningtests", "incompletedtests"),
    ),
}  # fmt: skip
COUNTS = [(dialect, name) for dialect, (_, names) in DIALECTS.items() for name in names]


@pytest.mark.parametrize("value", ["2,5", "two", "x5", "1 of 2"])
@pytest.mark.parametrize(("dialect", "name"), COUNTS)
def test_a_count_that_cannot_be_read_is_a_problem(dialect: str, name: str, value: str) -> None:
    report = read(DIALECTS[dialect][0](name, value))

    said = {"totalTestCount": "total"}.get(name, name).lower()
    (problem,) = report.problems
    assert problem.endswith(f'it says {said}="{value}", which is no count')
    assert [str(case.status) for case in report.cases] == ["Passed"]


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize(("dialect", "name"), COUNTS)
def test_a_count_that_is_left_empty_is_no_problem(dialect: str, name: str, value: str) -> None:
    assert read(DIALECTS[dialect][0](name, value)).problems == ()
