"""Visual Studio reports that lack what others have."""

import pytest

from adapters.base import Report
from adapters.formats import read


def run(content: str) -> Report:
    return read(f"<TestRun>{content}</TestRun>".encode())


def rows(report: Report) -> list[tuple[str, str]]:
    return [(case.name, str(case.status)) for case in report.cases]


def test_results_outside_any_list_are_cases() -> None:
    results = "<UnitTestResult testName='a' outcome='Failed'/><UnitTestResult testName='b'/>"

    assert rows(run(f"{results}<ResultSummary outcome='Failed'/>")) == [
        ("a", "Failed"),
        ("b", "Failed"),
    ]


@pytest.mark.parametrize("times", ["", "startTime='2026-01-02T03:04:05'", "endTime='2026-01-02'"])
def test_a_result_without_both_of_its_times_took_none(times: str) -> None:
    (case,) = run(f"<Results><UnitTestResult outcome='Passed' {times}/></Results>").cases

    assert case.seconds == 0.0


@pytest.mark.parametrize("definition", ["<UnitTest>", "<UnitTest id=' '>"])
def test_a_definition_without_an_id_names_no_result(definition: str) -> None:
    named = f"{definition}<TestMethod className='A.B'/></UnitTest>"
    result = "<UnitTestResult testName='t' outcome='Passed'/>"

    report = run(f"<TestDefinitions>{named}</TestDefinitions><Results>{result}</Results>")

    assert rows(report) == [("t", "Passed")]


def test_good_tests_of_cppunit_alone_are_read() -> None:
    assert rows(run("<SuccessfulTests><Test><Name>a</Name></Test></SuccessfulTests>")) == [
        ("a", "Passed")
    ]
