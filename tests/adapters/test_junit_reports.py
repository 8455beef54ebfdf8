"""Which files count, and what a title lets one expect in them."""

import pytest

from adapters import junit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Verdict
from adapters.java.runner import Runner
from adapters.junit.expected import expected_names
from adapters.junit.reports import own_reports

SUREFIRE = "target/surefire-reports/"


def report(*cases: str, inside: str = "") -> bytes:
    names = (case.rpartition(".")[::2] for case in cases)
    found = (f'<testcase classname="{a}" name="{b}">{inside}</testcase>' for a, b in names)
    return f"<testsuite>{''.join(found)}</testsuite>".encode()


def outcome(title: str = "", **files: bytes) -> Outcome:
    found = tuple(ResultFile(name.replace("|", "/"), data) for name, data in files.items())
    return junit.parse_outcome(Finished(Ending.EXITED, 0, "", found, asked=Automation(title)))


def names(result: Outcome) -> list[str]:
    return [case.name for case in result.cases]


def kept(runner: Runner, *files: str) -> list[str]:
    return [file.name for file in own_reports([ResultFile(name, b"") for name in files], runner)]


def test_what_the_tests_made_beside_our_launchers_reports_does_not_count() -> None:
    files = ("TEST-junit-jupiter.xml", "out/TEST-junit-jupiter.xml")

    assert kept(Runner.CONSOLE, *files) == ["TEST-junit-jupiter.xml"]


@pytest.mark.parametrize("runner", [Runner.ANT, Runner.MAVEN, Runner.UNKNOWN])
def test_a_launcher_that_a_build_starts_does_not_speak_for_the_build(runner: Runner) -> None:
    files = ("TEST-junit-jupiter.xml", "reports/TEST-shop.LegacyTest.xml")

    assert kept(runner, *files) == list(files)


@pytest.mark.parametrize(
    "folder",
    [
        "src/web/target/surefire-reports",
        "resources/target/failsafe-reports",
        "src/main/resources/target/surefire-reports",
        "classes/target/surefire-reports/classes",
        "src/reports",
        "classes",
        "resources/reports",
    ],
)
def test_a_module_may_have_any_name(folder: str) -> None:
    bad = report("a.A.a", inside="<failure/>")

    result = outcome(
        **{f"core/{SUREFIRE}TEST-b.B.xml": report("b.B.b"), f"{folder}/TEST-a.xml": bad}
    )

    assert (result.verdict, names(result)) == ("Failed", ["b.B.b", "a.A.a"])


@pytest.mark.parametrize(
    "place",
    [
        "target/test-classes",
        "target/classes/x",
        "m/target/test-classes/surefire-reports",
        "build/resources/test",
        "build/classes",
        "m/src/test/resources/samples",
    ],
)
def test_a_resource_that_looks_like_a_report_is_no_result(place: str) -> None:
    result = outcome(**{f"{place}/TEST-sample.xml": report("a.A.a")})

    assert (result.verdict, result.cases) == ("Blocked", ())


def test_what_testng_writes_a_second_time_is_counted_once() -> None:
    result = outcome(
        **{
            f"{SUREFIRE}TEST-TestSuite.xml": report("a.A.a"),
            f"{SUREFIRE}junitreports/TEST-a.A.xml": report("a.A.a"),
        }
    )

    assert names(result) == ["a.A.a"]
    only = outcome(**{"out/junitreports/TEST-a.A.xml": report("a.A.a")})
    assert names(only) == ["a.A.a"]


CASES = ["shop.CartTest.sum(int)[1]", "shop.CartTest$Inner.deep", "ATest.a"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", []),
        ("shop.CartTest", ["shop.CartTest"]),
        ("CartTest, ATest", ["shop.CartTest", "ATest"]),
        ("CartTest#sum+off", ["shop.CartTest#sum", "shop.CartTest#off"]),
        ("shop.CartTest#sum(int, int), ATest#a", ["shop.CartTest#sum", "ATest#a"]),
        ("shop.CartTest#s*+off", []),
        ("shop/*Test, !ATest, %regex[.*]", []),
        # One method alone: whatever the report calls it, it is of this class.
        ("CartTest#off", []),
        ("OtherTest#off", ["OtherTest#off"]),
    ],
)
def test_a_title_says_what_the_report_must_hold(title: str, expected: list[str]) -> None:
    assert expected_names(title, CASES) == expected


def test_a_named_test_that_the_report_lacks_blocks() -> None:
    files = {f"{SUREFIRE}TEST-a.A.xml": report("a.A.a")}

    assert outcome("a.A#a, a.B", **files).verdict == "Blocked"
    assert outcome("A#a+b", **files).cases[-1].message == "no result reported"
    assert outcome("A#a, a", **files).verdict == "Passed"
    assert outcome("AllTests", **files).verdict == "Passed"


def test_a_title_that_names_nothing_is_told_in_the_launchers_own_line_first() -> None:
    output = (
        "org.junit.platform.commons.JUnitException: TestEngine with ID 'junit-jupiter' failed\n"
        "\tat org.junit.platform.launcher.core.EngineDiscoveryOrchestrator.discover\n"
        "Caused by: org.junit.platform.commons.PreconditionViolationException: Could not find"
        " method with name [nosuch] in class [shop.PriceTest].\n\tat org.junit\n"
    )

    outcome = junit.parse_outcome(Finished(Ending.EXITED, 255, output, output=output))

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason.startswith(
        "Could not find method with name [nosuch] in class [shop.PriceTest]; the tool left no"
    )
