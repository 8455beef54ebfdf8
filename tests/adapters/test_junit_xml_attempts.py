"""What is counted twice, or beyond one suite: attempts, inner suites, results around cases."""

import pytest

from adapters.base import Report
from adapters.formats import read

FLAKY = "<flakyFailure message='{}'/>"
RERUN = "<rerunFailure message='again'/>"


def suite(content: str, header: str = "") -> Report:
    return read(f"<testsuite name='s' {header}>{content}</testsuite>".encode())


def case(content: str = "", attributes: str = "") -> str:
    return f"<testcase name='t' {attributes}>{content}</testcase>"


def counted(claimed: int, shown: int) -> str:
    return f"suite s: its header counts {claimed} failures and errors, its cases show {shown}"


def held(claimed: int, holds: int | str) -> str:
    return f"suite s: its header counts {claimed} tests, it holds {holds}"


def test_a_pass_after_failed_attempts_tells_the_last_one() -> None:
    (passed,) = suite(case(FLAKY.format("one") + FLAKY.format("two"))).cases

    assert (passed.status, passed.raw_status) == ("Passed", "flakyFailure")
    assert passed.message == "passed after 2 failed, the last: two"


@pytest.mark.parametrize(
    ("attempts", "bad"),
    [(FLAKY.format("x"), 0), ("<failure/>" + RERUN, 1)],
)
def test_as_many_attempts_as_there_are_may_be_counted_as_tests(attempts: str, bad: int) -> None:
    header = f"tests='2' failures='{bad + 1}'"

    assert suite(case(attempts), header).problems == ()
    assert suite(case(attempts), f"tests='3' failures='{bad + 2}'").problems == (
        counted(bad + 2, bad),
        held(3, 1),
    )


@pytest.mark.parametrize(
    ("attempts", "bad"),
    [(FLAKY.format("x") * 2, 0), ("<failure/>" + RERUN * 2, 1)],
)
def test_every_attempt_of_a_case_may_be_counted(attempts: str, bad: int) -> None:
    assert suite(case(attempts), f"tests='3' failures='{bad + 2}'").problems == ()


def test_attempts_of_all_cases_may_be_counted() -> None:
    assert suite(case(FLAKY.format("x")) * 2, "tests='4' failures='2'").problems == ()


@pytest.mark.parametrize("word", ["success", "successful", "passed"])
def test_a_suite_that_calls_itself_no_success_over_good_cases_is_a_problem(word: str) -> None:
    assert suite(case(), f"{word}='true'").problems == ()
    assert suite(case(), f"{word}='false'").problems == (
        f'suite s: its header says {word}="false", none of its cases is bad',
    )


@pytest.mark.parametrize("attribute", ["status", "result", "outcome"])
def test_an_unknown_element_that_tells_of_harm_is_a_problem(attribute: str) -> None:
    assert suite(f"<job {attribute}='passed'/>" + case()).problems == ()
    assert suite(f"<job {attribute}='failed'/>" + case()).problems == (
        "suite s: it holds <job>, which tells of harm",
    )


INNER = [
    case("<failure/>") + case("<error/>") + case("<skipped/>", "assertions='2'") + case(),
    case("<failure/>") + case("<skipped/>", "assertions='9'") + case(FLAKY.format("x")),
    case(FLAKY.format("x")),
]


def nested(header: str) -> tuple[str, ...]:
    return suite("".join(f"<testsuite>{inner}</testsuite>" for inner in INNER), header).problems


def test_a_suite_counts_what_all_of_its_inner_suites_hold() -> None:
    assert nested("tests='8' failures='2' errors='1' skipped='2'") == ()
    # Attempts are counted as tests and as failures.
    assert nested("tests='10' failures='4' errors='1' skipped='2'") == ()
    # A header may count assertions.
    assert nested("tests='11' failures='2' errors='1'") == ()


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("tests='9' failures='3' skipped='2'", held(9, 8)),
        ("tests='12' failures='3'", held(12, 8)),
        ("tests='8' failures='4'", counted(4, 3)),
    ],
)
def test_a_claim_beyond_all_inner_suites_is_a_problem(header: str, problem: str) -> None:
    assert nested(header) == (problem,)


def test_tests_that_inner_suites_of_mocha_leave_out_are_excused_one_by_one() -> None:
    inner = f"<testsuite name='Mocha Tests' tests='2'>{case()}</testsuite>" * 2

    assert suite(inner, "tests='4'").problems == ()
    assert suite(inner, "tests='5'").problems == (held(5, 2),)


def test_messages_that_qt_counts_as_errors_do_not_hide_a_failure() -> None:
    names = ("QtVersion", "QTestVersion", "QtBuild")
    properties = "".join(f"<property name='{name}' value='5'/>" for name in names)
    content = f"<properties>{properties}</properties>{case()}"

    assert suite(content, "tests='1' failures='0' errors='5'").problems == ()
    assert suite(content, "tests='1' failures='1' errors='5'").problems == (counted(1, 0),)


def test_only_google_tests_disabled_mean_that_a_filter_left_tests_out() -> None:
    header = "tests='3' disabled='0'"
    google = read(f"<testsuite name='AllTests' {header}>{case()}</testsuite>".encode())

    assert google.problems == ()
    assert suite(case(), header).problems == (held(3, 1),)


def test_each_result_outside_any_case_counts_as_one_failure() -> None:
    content = "<error message='a'/><error>b</error>" + case()
    outside = tuple(f"suite s: error outside any test case: {said}" for said in "ab")

    assert suite(content, "errors='2'").problems == outside
    assert suite(content, "errors='3'").problems == (*outside, counted(3, 2))


def test_a_case_that_says_nothing_of_its_assertions_made_none() -> None:
    for nothing in ("", "assertions=''", "assertions='x'"):
        content = case("", "assertions='2'") + case("", nothing)

        assert suite(content, "tests='2'").problems == ()
        assert suite(content, "tests='3'").problems == (held(3, 2),)


def test_skipped_cases_that_are_there_excuse_no_missing_one() -> None:
    content = case("<skipped/>") * 2 + case()

    assert suite(content, "tests='4' skipped='3'").problems == ()
    assert suite(content, "tests='4' skipped='2'").problems == (held(4, 3),)


def test_a_suite_of_which_nothing_is_there_says_so() -> None:
    assert suite("", "tests='2'").problems == (held(2, "none"),)
