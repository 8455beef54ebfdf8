from pathlib import Path

import pytest

from adapters.formats import read

GOLDEN = Path(__file__).parents[1] / "golden"
REPORTS = ["trx/vstest.trx", "trx/mstest-2006.trx", "xunit/v2.xml", "xunit/v1.xml"]


@pytest.mark.parametrize("name", REPORTS)
def test_every_case_of_a_documented_report_is_read(name: str) -> None:
    table = (GOLDEN / name).with_suffix(".cases").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split(" |")] for line in table.splitlines()]

    report = read((GOLDEN / name).read_bytes())

    assert report.problems == ()
    assert [
        [str(case.status), case.raw_status, case.name, case.seconds, case.message]
        for case in report.cases
    ] == [[*row[:3], float(row[3]), row[4]] for row in rows]


def test_the_detail_holds_message_stack_and_output() -> None:
    case = read((GOLDEN / "trx/vstest.trx").read_bytes()).cases[1]

    assert case.detail.splitlines() == [
        "Assert.AreEqual failed. Expected:<30>. Actual:<20>.",
        "total of two items",
        "at Shop.Tests.CartTest.WrongTotal() in CartTest.cs:line 19",
        "system-out:",
        "opening the cart",
    ]
