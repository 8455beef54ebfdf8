from pathlib import Path

import pytest

from adapters.base import Case, Report
from adapters.formats import read

GOLDEN = Path(__file__).parents[1] / "golden"

# Beside each report lies what it says, one case a line: status | raw status | name | seconds |
# message. A last `~` stands for the rest of a long message, one alone for any time.
REPORTS = sorted(
    str(path.relative_to(GOLDEN))
    for folder in ("junit*", "selenium", "pytest")
    for path in GOLDEN.glob(f"{folder}/*.xml")
)
MERGED = "junit4-ant/TESTS-TestSuites.xml"


def read_golden(name: str) -> Report:
    return read((GOLDEN / name).read_bytes())


def case_called(report: Report, name: str) -> Case:
    return next(case for case in report.cases if case.name == name)


@pytest.mark.parametrize("name", [name for name in REPORTS if name != MERGED])
def test_every_case_of_a_real_report_is_read(name: str) -> None:
    table = (GOLDEN / name).with_suffix(".cases").read_text("utf-8")
    rows = [line.split(" |") for line in table.splitlines()]

    report = read_golden(name)

    assert report.problems == ()
    assert len(report.cases) == len(rows)
    for case, row in zip(report.cases, rows, strict=True):
        status, raw_status, case_name, seconds, message = (cell.strip() for cell in row)
        assert (case.name, case.status, case.raw_status) == (case_name, status, raw_status)
        if seconds != "~":
            assert case.seconds == float(seconds)
        if message.endswith("~"):
            assert case.message.startswith(message[:-1])
        else:
            assert case.message == message


def test_ants_merged_report_holds_the_same_cases_as_its_parts() -> None:
    parts = ("CalcTest", "LoginTest", "SetupFails")

    merged = read_golden(MERGED)

    apart = [c for part in parts for c in read_golden(f"junit4-ant/TEST-old.{part}.xml").cases]
    assert list(merged.cases) == apart


def test_the_detail_holds_the_stack_and_the_full_message() -> None:
    report = read_golden("junit5-console/TEST-junit-jupiter.xml")

    wrong = case_called(report, "shop.CartTest.wrongTotal()")

    assert wrong.detail.startswith("org.opentest4j.AssertionFailedError: total of two items ==>")
    assert "at shop.CartTest.wrongTotal(CartTest.java:9)" in wrong.detail
    assert "unique-id" not in wrong.detail


def test_a_display_name_is_kept_where_it_says_more_than_the_name() -> None:
    report = read_golden("junit5-console/TEST-junit-jupiter.xml")

    assert case_called(report, "shop.CartTest.emptyTotal()").detail == (
        "display name: empty cart totals zero"
    )
    assert case_called(report, "shop.CartTest.readsProperty()").detail == ""


def test_ants_illegal_character_is_replaced_by_a_mark() -> None:
    data = (GOLDEN / "junit5-ant-launcher/TEST-shop.CartTest.xml").read_bytes()
    assert b"\x01" in data

    crash = case_called(read(data), "shop.CartTest.crash()")

    assert 'java.lang.IllegalStateException: db <down> & "gone" ]]> \ufffd' in crash.detail
