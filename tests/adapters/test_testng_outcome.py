"""What an outcome is made of: TestNG's reports, Surefire's beside them, and the title."""

import pytest

from adapters import testng
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile
from tests.adapters.java_runs import GOLDEN

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


def outcome(
    title: str,
    *files: ResultFile,
    exit_code: int = 0,
    output: str = "",
    command: tuple[str, ...] = (),
) -> Outcome:
    finished = Finished(
        Ending.EXITED,
        exit_code,
        output,
        files,
        asked=Automation(title),
        output=output,
        command=command,
    )
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


MAVEN = "[INFO] Scanning for projects...\n"
END = "[INFO] BUILD SUCCESS\n[INFO] Total time:  1 s\n[INFO] Finished at: today\n"
DEAD = (GOLDEN / "maven-output/fork-died-failures-ignored.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (DEAD, "a JVM with tests ended before its time"),
        (MAVEN + "[INFO] Running TestSuite\n", "Maven did not come to its end"),
        (MAVEN + "[INFO] shop ui ..... FAILURE [  1.2 s]\n" + END, "failed: shop ui"),
    ],
)
def test_green_reports_of_a_build_that_did_not_end_well_are_no_pass(
    output: str, reason: str
) -> None:
    found = outcome("", own(("m", "PASS")), output=output)

    assert found.verdict == "Blocked"
    assert reason in found.reason


def test_a_class_that_surefire_began_and_no_report_tells_of_is_a_case() -> None:
    begun = MAVEN + "[INFO] Running p.A\n[INFO] Running p.B\n[INFO] Running TestSuite\n" + END

    found = outcome("", own(("m", "PASS")), output=begun)

    assert [(case.name, case.status.value) for case in found.cases] == [
        ("p.A.m", "Passed"),
        ("p.B", "Blocked"),
    ]


def test_a_build_that_did_well_and_says_so_passes() -> None:
    output = (
        f"{MAVEN}[INFO] Running TestSuite\n"
        f"[INFO] Tests run: 1, Failures: 0, Time elapsed: 1 s - in TestSuite\n{END}"
    )

    assert outcome("", own(("m", "PASS")), output=output).verdict == "Passed"


def test_what_a_test_prints_under_testng_itself_is_no_build() -> None:
    own_report = own(("m", "PASS"), folder="")

    assert outcome("p.A", own_report, output=MAVEN).verdict == "Passed"
    command = ("java", "org.testng.TestNG")
    assert outcome("", own(("m", "PASS")), output=MAVEN, command=command).verdict == "Passed"


def test_a_build_whose_start_is_lost_needs_its_end_all_the_same() -> None:
    command = ("mvn", "-Dstyle.color=never", "test")

    def verdict(output: str) -> str:
        return outcome("", own(("m", "PASS"), folder=""), output=output, command=command).verdict

    assert verdict("a test's own output, and no end\n") == "Blocked"
    assert verdict("a test's own output\n" + END) == "Passed"


def test_a_source_that_does_not_compile_is_told_first() -> None:
    error = "/p/A.java:3: error: ';' expected"

    found = outcome("p.A", output=f"{error}\n1 error\n", exit_code=1)

    assert found.reason.startswith(f"{error}; the tool left no report (exit code 1)")
