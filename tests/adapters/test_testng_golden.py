from pathlib import Path

import pytest

from adapters.base import Case, Ending, Finished, Report, ResultFile
from adapters.formats import OtherDocument, read
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
REPORTS = ["testng/testng-results.xml", "testng/selenium.xml", "surefire-testng/testng-results.xml"]


def read_golden(name: str) -> Report:
    return read((GOLDEN / name).read_bytes())


def case_called(report: Report, name: str) -> Case:
    return next(case for case in report.cases if case.name == name)


@pytest.mark.parametrize("name", REPORTS)
def test_every_case_of_a_real_report_is_read(name: str) -> None:
    # One case a line: status | raw status | name | seconds | message.
    table = (GOLDEN / name).with_suffix(".cases").read_text("utf-8")

    report = read_golden(name)

    rows = [
        " | ".join([case.status.value, case.raw_status, case.name, str(case.seconds), case.message])
        for case in report.cases
    ]
    assert [row.rstrip() for row in rows] == table.splitlines()


def test_the_failed_configuration_of_a_real_report_is_its_only_problem() -> None:
    problems = [read_golden(name).problems for name in REPORTS]

    assert problems[0] == ("configuration method ng.SetupFails.up failed: no server",)
    assert problems[1:] == [(), problems[0]]


def test_the_detail_holds_stack_description_and_reporter_output() -> None:
    report = read_golden("testng/testng-results.xml")

    create = case_called(report, "ng.OrderTest.create")
    each = case_called(report, "ng.OrderTest.each(2, null)")

    assert create.detail == "description: creates an order\nreporter-output:\nmade order 7"
    assert each.detail.startswith("java.lang.AssertionError: i=2 expected [true]")
    assert "at ng.OrderTest.each(OrderTest.java:13)" in each.detail


def test_the_stack_of_an_attempt_that_failed_is_kept_with_the_last_one() -> None:
    flaky = case_called(read_golden("testng/testng-results.xml"), "ng.OrderTest.flaky")

    assert flaky.detail.startswith("failed attempt:\njava.lang.AssertionError: first try\n")


def test_the_suite_of_what_failed_is_no_result() -> None:
    with pytest.raises(OtherDocument):
        read_golden("surefire-testng/testng-failed.xml")


@pytest.mark.parametrize("part", [step / 16 for step in range(1, 16)])
def test_a_real_report_that_is_cut_off_gives_a_problem_and_no_pass(part: float) -> None:
    data = (GOLDEN / "testng/testng-results.xml").read_bytes()
    data = data[: int(len(data) * part)]

    outcome = outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),)))

    assert outcome.verdict in {"Failed", "Blocked"}
    assert "cut off" in outcome.reason or "broken at" in outcome.reason
