"""Suites whose own result is in other tools' words, or contradicts itself."""

import pytest

from adapters.base import Report
from adapters.formats import read

PASSED = '<test-case name="N.F.A" result="Success"/>'


def version_2(attributes: str, cases: str = PASSED) -> Report:
    suite = f'<test-suite type="TestFixture" name="F" {attributes}><results>{cases}</results>'
    return read(f"<test-results>{suite}</test-suite></test-results>".encode())


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('result="Failed"', "Failed"),  # another writer's word
        ('result="Success" success="False"', "Failed"),
        ('result="Success" executed="False"', "Blocked"),
    ],
)
def test_a_suite_that_is_not_all_right_over_good_cases_is_one_bad_case_more(
    attributes: str, status: str
) -> None:
    good, own = version_2(attributes).cases

    assert (good.status, own.status, own.name) == ("Passed", status, "F (TestFixture)")


@pytest.mark.parametrize(
    ("attributes", "cases", "said"),
    [
        ('result="Failure"', PASSED, "failed and none of its tests did: most likely its tear-down"),
        ('result="Failure"', "", "could not run, the report does not say why"),
        ('result="NotRunnable"', PASSED, "could not run, the report does not say why"),
    ],
)
def test_a_suite_that_gives_no_reason_gets_the_likely_one(
    attributes: str, cases: str, said: str
) -> None:
    assert version_2(attributes, cases).cases[-1].message == f"the suite {said}"


@pytest.mark.parametrize("result", ["Passed", "Ok", "Success"])
def test_a_suite_that_is_all_right_in_any_words_adds_nothing(result: str) -> None:
    assert len(version_2(f'result="{result}"').cases) == 1


@pytest.mark.parametrize(
    ("run_state", "status"), [("Runnable", "Blocked"), ("NotRunnable", "Blocked"), ("", "Blocked")]
)
def test_a_test_that_is_only_listed_has_not_run(run_state: str, status: str) -> None:
    listed = f'<test-case fullname="N.F.A" runstate="{run_state}"/>'

    (case,) = read(f"<test-run>{listed}</test-run>".encode()).cases

    assert (case.status, case.raw_status) == (status, run_state)
    assert case.message == "it is listed without a result: it has not run"


def test_a_listed_suite_that_cannot_run_is_one_bad_case() -> None:
    def listed(run_state: str) -> Report:
        suite = f'<test-suite type="TestFixture" name="F" fullname="N.F" runstate="{run_state}"/>'
        return read(f"<test-run>{suite}</test-run>".encode())

    assert [case.status for case in listed("NotRunnable").cases] == ["Blocked"]
    assert listed("Runnable").cases == ()
