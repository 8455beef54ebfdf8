import pytest

from adapters import nunit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile


def outcome(
    code: int | None, *cases: str, title: str = "", ending: Ending = Ending.EXITED
) -> Outcome:
    body = "".join(f'<test-case name="N.F.{case}/>' for case in cases)
    data = f'<test-results total="0">{body}</test-results>'.encode()
    files = (ResultFile("TestResult.xml", data),) if cases else ()
    return nunit.parse_outcome(Finished(ending, code, "fatal", files, asked=Automation(title)))


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (255, "the runner did not understand its command line"),
        (254, "the assembly was not found or cannot be loaded"),
        (2**32 - 2, "the assembly was not found or cannot be loaded"),
        (253, "the fixture was not found"),
        (252, "a fixture is invalid"),
        (251, "the tests ended, but their domain or agent could not be unloaded"),
        (156, "the runner met an unexpected error"),
        (2**32 - 100, "the runner met an unexpected error"),
    ],
)
def test_the_runners_own_error_is_said_in_words(code: int, meaning: str) -> None:
    given = outcome(code)

    assert given.verdict == "Blocked"
    assert given.reason.startswith(f"{meaning}; the tool left no report (exit code ")


@pytest.mark.parametrize("code", [0, 1, 7, 100, 137, 200, -9])
def test_other_codes_mean_nothing_of_that_kind(code: int) -> None:
    assert outcome(code).reason.startswith("the tool left no report")


@pytest.mark.parametrize("code", [0, 1, 254])
def test_a_failed_case_has_failed_whatever_the_code(code: int) -> None:
    given = outcome(code, 'A" result="Failure"')

    assert (given.verdict, given.reason) == ("Failed", "")


def test_a_code_that_can_be_the_number_of_invalid_tests_is_not_explained() -> None:
    assert outcome(254, 'A" result="NotRunnable"').reason.startswith("1 case was blocked")


def test_a_bad_code_over_good_cases_is_no_pass() -> None:
    given = outcome(156, 'A" result="Success"')

    assert given.verdict == "Blocked"
    assert given.reason.startswith("the runner met an unexpected error; runner exit code 156")


def test_a_run_that_was_ended_has_no_code_to_explain() -> None:
    given = outcome(None, 'A" result="Success"', ending=Ending.TIMED_OUT)

    assert given.verdict == "Blocked"
    assert given.reason.startswith("the tool was ended after")


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("N.F.A", "Passed"),
        ("N.F", "Passed"),
        ("Shop.dll: N.F#A", "Passed"),
        ("N.F.A, N.F.B", "Blocked"),
        ("N.F#A, N.G#B", "Blocked"),
        ("cat:smoke", "Passed"),
        ("-odd", "Passed"),
    ],
)
def test_a_named_test_without_a_result_is_blocked(title: str, verdict: str) -> None:
    assert outcome(0, 'A" result="Success"', title=title).verdict == verdict
