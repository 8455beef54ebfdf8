from pathlib import Path

import pytest

from adapters.base import Case, Report
from adapters.formats.nunit import nunit2, nunit3

GOLDEN = Path(__file__).parents[1] / "golden"
READERS = {"nunit2": nunit2.read, "nunit3": nunit3.read}

# Beside each report lies what it says, one case a line: status | raw status | name | seconds |
# message. A last `~` stands for the rest of a long message.
REPORTS = sorted(
    str(path.relative_to(GOLDEN)) for folder in READERS for path in GOLDEN.glob(f"{folder}/*.xml")
)


def read_golden(name: str) -> Report:
    return READERS[name.partition("/")[0]]((GOLDEN / name).read_bytes())


def case_called(name: str, case: str) -> Case:
    return next(found for found in read_golden(name).cases if found.name == case)


@pytest.mark.parametrize("name", REPORTS)
def test_every_case_of_a_real_report_is_read(name: str) -> None:
    table = (GOLDEN / name).with_suffix(".cases").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split(" |")] for line in table.splitlines()]

    report = read_golden(name)

    assert report.problems == ()
    assert len(report.cases) == len(rows)
    for case, (status, raw_status, case_name, seconds, message) in zip(
        report.cases, rows, strict=True
    ):
        assert (case.status, case.raw_status, case.name) == (status, raw_status, case_name)
        assert case.seconds == float(seconds)
        if message.endswith("~"):
            assert case.message.startswith(message[:-1])
        else:
            assert case.message == message


def test_the_detail_holds_message_and_stack() -> None:
    wrong = case_called("nunit2/TestResult.xml", "Shop.Tests.CartTests.Wrong")

    assert wrong.detail.startswith("total\n  Expected: 30\n  But was:  20\n")
    assert "Shop.Tests.CartTests.Wrong ()" in wrong.detail


def test_a_case_of_a_fixture_whose_set_up_failed_shows_the_fixtures_stack() -> None:
    for name in ("nunit2/TestResult.xml", "nunit3/TestResult.xml"):
        assert "Shop.Tests.BadSetup.Up ()" in case_called(name, "Shop.Tests.BadSetup.B").detail


def test_the_detail_holds_output_categories_and_description() -> None:
    adds2 = case_called("nunit2/TestResult.xml", "Shop.Tests.CartTests.Adds")
    adds3 = case_called("nunit3/TestResult.xml", "Shop.Tests.CartTests.Adds")

    assert adds2.detail == "description: adds\ncategory: smoke"
    assert adds3.detail == "output:\nhello"


def test_several_failed_assertions_are_all_in_the_detail() -> None:
    many = case_called("nunit3/TestResult.xml", "Shop.Tests.CartTests.Many")

    assert many.detail.count("Expected: 1") == 2
    assert many.detail.count("Shop.Tests.CartTests.<Many>m__0 ()") == 2


def test_a_lone_failed_assertion_is_not_said_twice() -> None:
    wrong = case_called("nunit3/TestResult.xml", "Shop.Tests.CartTests.Wrong")

    assert wrong.detail.count("Expected: 30") == 1
