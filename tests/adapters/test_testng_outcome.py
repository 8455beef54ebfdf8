"""What an outcome is made of: TestNG's reports, Surefire's beside them, and the title."""

import pytest

from adapters import testng
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile

FOLDER = "m/target/surefire-reports"


def own(*methods: tuple[str, str], folder: str = FOLDER) -> ResultFile:
    tests = "".join(f'<test-method name="{name}" status="{status}"/>' for name, status in methods)
    text = f'<suite><test><class name="p.A">{tests}</class></test></suite>'
    return ResultFile(
        f"{folder}/testng-results.xml".lstrip("/"),
        f"<testng-results>{text}</testng-results>".encode(),
    )


def retold(name: str, inside: str = "", folder: str = FOLDER) -> ResultFile:
    case = f'<testcase name="{name}" classname="p.A">{inside}</testcase>'
    return ResultFile(f"{folder}/TEST-TestSuite.xml", f"<testsuite>{case}</testsuite>".encode())


def outcome(title: str, *files: ResultFile, exit_code: int = 0) -> Outcome:
    finished = Finished(Ending.EXITED, exit_code, "", files, asked=Automation(title))
    return testng.parse_outcome(finished)


def names(found: Outcome) -> list[str]:
    return [case.name for case in found.cases]


def test_surefires_own_report_tells_nothing_twice() -> None:
    found = outcome("", own(("m", "PASS")), retold("m"))

    assert (found.verdict, names(found)) == ("Passed", ["p.A.m"])


def test_surefires_own_report_is_read_where_testngs_is_switched_off() -> None:
    found = outcome("", retold("m"), own(("n", "PASS"), folder="other/target/surefire-reports"))

    assert (found.verdict, sorted(names(found))) == ("Passed", ["p.A.m", "p.A.n"])


def test_reports_in_folders_of_their_own_are_of_the_same_run() -> None:
    deeper = own(("m", "PASS"), folder=f"{FOLDER}/testng-native-results")

    found = outcome("", deeper, retold("m"))

    assert (found.verdict, names(found)) == ("Passed", ["p.A.m"])


@pytest.mark.parametrize("inside", ["<failure message='no'/>", "<error/>"])
def test_a_failure_that_only_surefire_knows_forbids_the_pass(inside: str) -> None:
    found = outcome("", own(("m", "PASS")), retold("n", inside))

    assert found.verdict == "Blocked"
    assert "Surefire's own report calls p.A.n" in found.reason


def test_a_report_of_surefires_that_is_cut_off_forbids_the_pass() -> None:
    broken = ResultFile(f"{FOLDER}/TEST-x.xml", b"<testsuite><testcase name='m'>")

    assert outcome("", own(("m", "PASS")), broken).verdict == "Blocked"


def test_a_failure_that_both_know_is_told_once() -> None:
    found = outcome("", own(("m", "FAIL")), retold("m", "<failure/>"))

    assert (found.verdict, names(found), found.reason) == ("Failed", ["p.A.m"], "")


@pytest.mark.parametrize(
    ("title", "missing"),
    [
        ("p.A", []),
        ("p.A#m", []),
        ("p.A.m", []),
        ("p.A#n", ["p.A.n"]),
        ("p.A.n", ["p.A.n"]),
        ("p.A#m+n", ["p.A.n"]),
        ("p.A, p.B", ["p.B"]),
        ("A#m", ["A.m"]),
        ("p", []),
        ("group:smoke, p.B", []),
        ("smoke.xml", []),
        ("p.A#mm", ["p.A.mm"]),
        ("smoke.xml, p.B", []),
    ],
)
def test_what_the_title_names_and_the_report_lacks_is_blocked(
    title: str, missing: list[str]
) -> None:
    found = outcome(title, own(("m", "PASS"), folder=""))

    assert names(found) == ["p.A.m", *missing]
    assert found.verdict == ("Blocked" if missing else "Passed")


@pytest.mark.parametrize(("title", "verdict"), [("A#m", "Passed"), ("p.A#n", "Blocked")])
def test_surefire_knows_classes_without_their_package(title: str, verdict: str) -> None:
    assert outcome(title, own(("m", "PASS"))).verdict == verdict


def test_no_report_is_blocked_whatever_the_exit_code() -> None:
    assert outcome("p.A", exit_code=0).verdict == "Blocked"
    assert outcome("p.A", exit_code=1).verdict == "Blocked"
