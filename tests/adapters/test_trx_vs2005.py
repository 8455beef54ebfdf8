"""Results of Visual Studio 2005, small documents."""

from adapters.base import Report
from adapters.formats import read


def result(outcome: int, name: str = "t") -> str:
    return (
        f"<UnitTestResult><testName>{name}</testName><outcome><value__>{outcome}</value__>"
        "</outcome></UnitTestResult>"
    )


def report(content: str) -> Report:
    return read(f"<Tests>{content}</Tests>".encode())


RUN = "<TestRun><result><totalTestCount>{}</totalTestCount><outcome><value__>{}</value__></outcome>"
END = "</result></TestRun>"


def test_a_failure_is_counted_whatever_follows_it() -> None:
    given = report(RUN.format(3, 1) + END + result(1, "a") + result(10, "b") + result(10, "c"))

    assert [str(case.status) for case in given.cases] == ["Failed", "Passed", "Passed"]
    assert given.problems == ()


def test_a_run_without_results_is_a_report() -> None:
    assert report(RUN.format(0, 10) + END) == Report(())
    assert report(RUN.format(2, 10) + END).problems == ("its counters claim 2 results, it holds 0",)


def test_a_result_without_a_name_is_a_case() -> None:
    given = report("<UnitTestResult><outcome><value__>1</value__></outcome></UnitTestResult>")

    assert [(case.name, case.status) for case in given.cases] == [("(no name)", "Failed")]


def test_a_definition_without_an_id_or_a_class_does_no_harm() -> None:
    tests = "<tests><value/><value><id><id>1</id></id></value></tests>"

    given = report(f"<TestRun>{tests}</TestRun>{result(10)}")

    assert [case.name for case in given.cases] == ["t"]


def test_no_number_is_an_outcome_beyond_the_last() -> None:
    assert [case.raw_status for case in report(result(13) + result(14)).cases] == ["Pending", "14"]


def test_an_aborted_run_is_a_problem_whatever_its_results_say() -> None:
    said = 'the run\'s outcome is "PassedButRunAborted", none of its cases is bad'

    assert report(RUN.format(1, 5) + END + result(10)).problems == (said,)
    assert report(RUN.format(1, 10) + END + result(5)).problems == (
        "1 of its results passed in a run that was aborted",
    )
