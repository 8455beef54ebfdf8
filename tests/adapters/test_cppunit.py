"""CppUnit's own results, whose root is that of Visual Studio's."""

from adapters.base import Report
from adapters.formats import read

ONE_FAILED = """<TestRun><FailedTests><FailedTest><Name>a</Name><Message>no
- why</Message><Location><File>a.cpp</File><Line>3</Line></Location></FailedTest></FailedTests>
"""


def report(passed: str, more: str = "") -> Report:
    return read(f"{ONE_FAILED}<SuccessfulTests>{passed}</SuccessfulTests>{more}</TestRun>".encode())


def test_message_and_place_of_a_failure_are_its_detail() -> None:
    case = report("").cases[0]

    assert (case.name, case.raw_status, case.message) == ("a", "failed", "no")
    assert case.detail == "no\n- why\na.cpp:3"


def test_a_test_without_a_name_is_still_a_case() -> None:
    assert report("<Test/>").cases[1].name == "(no name)"


def test_what_is_called_as_a_test_elsewhere_is_no_case() -> None:
    given = report("<Test><Name>b</Name></Test>", "<Notes><Test><Name>c</Name></Test></Notes>")

    assert [case.name for case in given.cases] == ["a", "b"]


def test_a_failed_test_that_is_cut_off_is_failed() -> None:
    cut = read(ONE_FAILED[: ONE_FAILED.index("- why")].encode())

    assert [(case.name, case.status) for case in cut.cases] == [("a", "Failed")]
    assert cut.problems == ("cut off at line 2",)


def test_a_good_test_that_is_cut_off_is_none() -> None:
    cut = read(f"{ONE_FAILED}<SuccessfulTests><Test><Name>b</Name>".encode())

    assert [case.name for case in cut.cases] == ["a"]
