"""Which skips of a TestNG report are earlier tries of the same test."""

import pytest

from adapters.base import Ending, Finished, ResultFile
from adapters.formats import read
from adapters.results import outcome_of

FAILED_TRY = '<exception class="java.lang.AssertionError"><message>no {}</message></exception>'
SKIP_EXCEPTION = '<exception class="org.testng.SkipException"><message>no</message></exception>'


def result(status: str, inside: str = "", param: str = "", **attributes: str) -> str:
    name = attributes.pop("name", "m")
    given = {"signature": f"{name}()[pri:0, instance:A@1]", **attributes}
    more = " ".join(f'{key}="{value}"' for key, value in given.items())
    row = f"<params><param><value>{param}</value></param></params>" if param else ""
    return f'<test-method name="{name}" status="{status}" {more}>{row}{inside}</test-method>'


def failed_try(number: int = 1, param: str = "", **attributes: str) -> str:
    return result("SKIP", FAILED_TRY.format(number), param, **attributes)


def document(*results: str, other_class: str = "") -> bytes:
    classes = f'<class name="A">{"".join(results)}</class><class name="B">{other_class}</class>'
    return f"<testng-results><suite><test>{classes}</test></suite></testng-results>".encode()


def rows(data: bytes) -> list[tuple[str, str, str]]:
    return [(case.name, case.status.value, case.message) for case in read(data).cases]


def test_a_pass_after_failed_tries_is_one_case_and_says_so() -> None:
    cases = rows(document(failed_try(1), failed_try(2), result("PASS")))

    assert cases == [("A.m", "Passed", "passed after 2 failed attempts, the last: no 2")]


def test_a_failure_after_failed_tries_is_one_failed_case() -> None:
    cases = rows(document(failed_try(1), result("FAIL", FAILED_TRY.format(2))))

    assert cases == [("A.m", "Failed", "no 2 (after 1 failed attempt)")]


def test_a_try_counts_behind_its_result_too() -> None:
    """Both can have begun in the same millisecond."""
    assert rows(document(result("PASS"), failed_try())) == [
        ("A.m", "Passed", "passed after 1 failed attempt, the last: no 1")
    ]


def test_rows_of_a_data_provider_are_tried_apart() -> None:
    cases = rows(
        document(
            failed_try(1, "x"),
            failed_try(2, "y"),
            result("PASS", param="x"),
            result("FAIL", FAILED_TRY.format(3), "y"),
            result("PASS", param="z"),
        )
    )

    assert cases == [
        ("A.m(x)", "Passed", "passed after 1 failed attempt, the last: no 1"),
        ("A.m(y)", "Failed", "no 3 (after 1 failed attempt)"),
        ("A.m(z)", "Passed", ""),
    ]


def test_equal_rows_made_anew_for_a_try_are_the_same_row() -> None:
    cases = rows(document(failed_try(1, "p.Order@1a2b"), result("PASS", param="p.Order@3c4d")))

    assert len(cases) == 1


def test_instances_and_overloads_are_tried_apart() -> None:
    signatures = ["m()[pri:0, instance:A@1]", "m()[pri:0, instance:A@2]", "m(int)[instance:A@1]"]

    tried = failed_try(signature=signatures[1])

    cases = rows(document(tried, *(result("PASS", signature=one) for one in signatures)))

    assert [bool(message) for _, _, message in cases] == [False, True, False]


def test_a_try_in_another_class_or_test_is_not_of_this_result() -> None:
    cases = rows(document(failed_try(), other_class=result("PASS")))

    assert [case[:2] for case in cases] == [("A.m", "Blocked"), ("B.m", "Passed")]


@pytest.mark.parametrize("status", ["PASS", "FAIL", "SUCCESS_PERCENTAGE_FAILURE"])
def test_repeated_invocations_are_cases_of_their_own(status: str) -> None:
    assert len(rows(document(result(status), result(status), result("PASS")))) == 3


@pytest.mark.parametrize("inside", [SKIP_EXCEPTION, ""])
def test_a_skip_that_was_meant_or_has_no_exception_is_no_try(inside: str) -> None:
    cases = rows(document(result("SKIP", inside), result("PASS")))

    assert [status for _, status, _ in cases] == ["Skipped", "Passed"]


def test_a_failed_try_without_a_result_is_blocked() -> None:
    assert [case[1:] for case in rows(document(failed_try(1), failed_try(2)))] == [
        ("Blocked", "no 1"),
        ("Blocked", "no 2"),
    ]


def test_a_failed_try_does_not_end_in_a_skip_by_guess() -> None:
    cases = rows(document(failed_try(), result("SKIP", SKIP_EXCEPTION)))

    assert [status for _, status, _ in cases] == ["Blocked", "Skipped"]


@pytest.mark.parametrize(
    ("last", "status"),
    [("PASS", "Passed"), ("FAIL", "Failed"), ("SKIP", "Skipped")],
)
def test_what_is_marked_as_tried_again_is_folded_into_any_result(last: str, status: str) -> None:
    tries = [result("SKIP", SKIP_EXCEPTION, retried="true"), result("SKIP", retried="true")]

    cases = rows(document(*tries, result(last, SKIP_EXCEPTION if last == "SKIP" else "")))

    assert [case[1] for case in cases] == [status]
    assert "2 failed attempts" in cases[0][2]


def test_what_is_marked_as_tried_again_and_has_no_result_is_one_blocked_case() -> None:
    cases = rows(document(failed_try(1, retried="true"), failed_try(2, retried="true")))

    assert cases == [("A.m", "Blocked", "tried again, and no result of that is reported: no 2")]


def test_a_run_of_passes_after_tries_passes() -> None:
    data = document(failed_try(), result("PASS"), result("PASS", name="n"))

    outcome = outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),)))

    assert (outcome.verdict, len(outcome.cases)) == ("Passed", 2)
