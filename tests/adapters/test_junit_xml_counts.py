"""What a header counts against what a report holds."""

import pytest

from adapters.base import Verdict
from adapters.formats import read


def problems(xml: str) -> tuple[str, ...]:
    return read(xml.encode()).problems


def problems_of_suite(header: str, content: str = "<testcase/>") -> tuple[str, ...]:
    return problems(f"<testsuite name='shop' {header}>{content}</testsuite>")


@pytest.mark.parametrize(
    "header",
    [
        "failures='1'",
        "Failures='1'",
        "ERRORS='1'",
        "j:failures='1' xmlns:j='urn:j'",
        "failed='1'",
        "failure='1'",
        "error='1'",
        "unexpected='1'",
        "failures='0' Failed='1'",
        "failures=' 1 '",
    ],
)
def test_a_failure_that_is_counted_and_not_there_is_a_problem(header: str) -> None:
    assert problems_of_suite(header) == (
        "suite shop: its header counts 1 failures and errors, its cases show 0",
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [("1,000", 1000), ("1'234'567", 1234567), ("1\u202f000", 1000), ("1000000000", 10**9)],
)
def test_marks_that_part_thousands_are_read(text: str, count: int) -> None:
    header = f'failures="{text}"'

    assert problems_of_suite(header) == (
        f"suite shop: its header counts {count} failures and errors, its cases show 0",
    )


@pytest.mark.parametrize("name", ["failures", "errors", "failed", "tests", "Failures"])
@pytest.mark.parametrize("text", ["+1", "1.0", "0x1", "-1", "1,00", "٣", "x", "9" * 19, "1e3"])
def test_a_count_that_is_no_number_is_a_problem(name: str, text: str) -> None:
    assert problems_of_suite(f"{name}='{text}'") == (
        f'suite shop: it says {name.lower()}="{text}", which is no count',
    )


@pytest.mark.parametrize(
    "xml",
    [
        "<testsuite tests='3'><testcase/></testsuite>",
        "<testsuites Tests='3'><testsuite><testcase/></testsuite></testsuites>",
        "<testsuites><testsuite tests='3'><testcase/></testsuite></testsuites>",
        "<testsuites tests='1'><testsuite tests='3'><testcase/></testsuite></testsuites>",
        "<testsuite tests='3' skipped='1'><testcase/></testsuite>",
        "<testsuite tests='3' skipped='1'><testcase/><testcase><skipped/></testcase></testsuite>",
        "<testsuites tests='3' skipped='1'><testsuite><testcase/><testcase><skipped/></testcase>"
        "</testsuite></testsuites>",
        # A flaky case is one test for Surefire, and no lost one may hide behind its attempts.
        "<testsuite tests='2' failures='0'><testcase><flakyFailure/></testcase></testsuite>",
    ],
)  # fmt: skip
def test_fewer_cases_than_claimed_are_a_problem(xml: str) -> None:
    assert any("tests, it holds" in problem for problem in problems(xml))


@pytest.mark.parametrize(
    "xml",
    [
        "<testsuite name='pytest' tests='9'><testcase/></testsuite>",  # subtests
        "<testsuites name='pytest tests'><testsuite name='ui' tests='9'><testcase/></testsuite>"
        "</testsuites>",
        "<testsuites tests='9'><testsuite name='pytest' tests='9'><testcase/></testsuite>"
        "</testsuites>",  # as tools that merge reports write it
        "<testsuites name='Mocha Tests' tests='5'><testsuite name='Cart' tests='5'><testcase/>"
        "</testsuite></testsuites>",  # with --grep
        "<testsuite name='unit' tests='40' hostname='tbd'><testcase/></testsuite>",  # Catch2
        "<testsuite tests='3' skipped='2'><testcase/></testsuite>",
        "<testsuite tests='3' disabled='2' skipped='0'><testcase/></testsuite>",
        "<testsuites tests='3'><testsuite tests='3' skipped='2'><testcase/></testsuite>"
        "</testsuites>",
        "<testsuites tests='2'><testsuite tests='1'><testcase/></testsuite><testsuite tests='1'>"
        "<testcase/></testsuite></testsuites>",
        "<testsuite tests='2'><testsuite tests='1'><testcase/></testsuite><testcase/></testsuite>",
        "<testsuite tests='1'><testcase/><testcase/></testsuite>",  # Surefire, after a rerun
        # Surefire counts no failed attempt, Gradle counts each as a test and as a failure.
        "<testsuite tests='1' failures='0'><testcase><flakyFailure/></testcase></testsuite>",
        "<testsuite tests='2' failures='1'><testcase><flakyFailure/></testcase></testsuite>",
        "<testsuites tests='2' failures='1'><testsuite tests='2' failures='1'><testcase>"
        "<flakyFailure/></testcase></testsuite></testsuites>",
        "<testsuite tests='1' failures='1'><testcase><crash/></testcase></testsuite>",
        "<testsuite tests='2' failures='2'><testcase><failure/><rerunFailure/></testcase>"
        "</testsuite>",
        "<testsuite tests='1' failures='1'><testcase><failure/><rerunFailure/></testcase>"
        "</testsuite>",
    ],
)
def test_what_tools_count_beside_cases_is_no_problem(xml: str) -> None:
    assert problems(xml) == ()


@pytest.mark.parametrize(
    "header", ["tests='2' failures='1'", "failures='1'", "tests='3' failures='2'"]
)
def test_a_flaky_attempt_does_not_stand_for_a_lost_failure(header: str) -> None:
    report = read(
        f"<testsuite {header}><testcase/><testcase><flakyFailure/></testcase></testsuite>".encode()
    )

    assert [case.status for case in report.cases] == [Verdict.PASSED] * 2
    assert any("failures and errors, its cases show 0" in said for said in report.problems)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("status='failed'", 'status="failed"'),
        ("Result='Error'", 'result="Error"'),
        ("outcome='no idea'", 'outcome="no idea"'),
        ("success='false'", 'success="false"'),
        ("Passed='No'", 'passed="No"'),
    ],
)
def test_a_suite_that_calls_itself_failed_is_a_problem(header: str, said: str) -> None:
    assert problems_of_suite(header) == (
        f"suite shop: its header says {said}, none of its cases is bad",
    )
    assert problems_of_suite(header, "<testcase><failure/></testcase>") == ()


@pytest.mark.parametrize("header", ["status='passed'", "success='true'", "passed='0'", "result=''"])
def test_a_suite_that_calls_itself_passed_is_none(header: str) -> None:
    assert problems_of_suite(header) == ()
