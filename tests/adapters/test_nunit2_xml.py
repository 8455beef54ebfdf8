import pytest

from adapters.base import Report
from adapters.formats.nunit.nunit2 import read


def report(body: str, header: str = "") -> Report:
    return read(f"<test-results {header}>{body}</test-results>".encode())


def case(attributes: str, body: str = "") -> str:
    return f'<test-case name="N.F.A" {attributes}>{body}</test-case>'


def said(text: str, element: str = "failure") -> str:
    return f"<{element}><message><![CDATA[{text}]]></message></{element}>"


def suite(body: str, attributes: str = 'type="TestFixture" name="F" result="Success"') -> str:
    return f"<test-suite {attributes}><results>{body}</results></test-suite>"


def statuses(given: Report) -> list[str]:
    return [case.status.value for case in given.cases]


@pytest.mark.parametrize(
    ("attributes", "status", "raw"),
    [
        ('result="Success" executed="True" success="True"', "Passed", "Success"),
        ('result="Success"', "Passed", "Success"),
        ('result="Failure"', "Failed", "Failure"),
        ('result="Error"', "Failed", "Error"),
        ('result="Ignored"', "Skipped", "Ignored"),
        ('result="Skipped"', "Skipped", "Skipped"),
        ('result="Inconclusive" success="False"', "Blocked", "Inconclusive"),
        ('result="NotRunnable"', "Blocked", "NotRunnable"),
        ('result="Cancelled"', "Blocked", "Cancelled"),
        # Other writers' words, and words of nobody.
        ('result="Passed"', "Passed", "Passed"),
        ('result="Failed"', "Failed", "Failed"),
        ('result="NotRun"', "Skipped", "NotRun"),
        ('result="Mysterious"', "Blocked", "Mysterious"),
        # Version 2.2 to 2.4.
        ('executed="True" success="True"', "Passed", 'success="True"'),
        ('executed="True" success="False"', "Failed", 'success="False"'),
        ('executed="False"', "Skipped", 'executed="False"'),
        ('executed="true" success="true"', "Passed", 'success="True"'),
        ('executed="True"', "Blocked", ""),
        ("", "Blocked", ""),
        # Contradictions cannot pass.
        ('result="Success" success="False"', "Failed", 'Success, success="False"'),
        ('result="Success" executed="False"', "Blocked", "Success"),
    ],
)
def test_attributes_tell_the_status(attributes: str, status: str, raw: str) -> None:
    [read_case] = report(f'<test-case name="N.F.A" {attributes}/>').cases

    assert (read_case.status, read_case.raw_status) == (status, raw)
    assert (
        status != "Blocked"
        or raw in {"Inconclusive", "NotRunnable", "Cancelled"}
        or read_case.message
    )


def test_a_case_with_a_failure_in_it_cannot_have_passed() -> None:
    failed = case('result="Success"', said("no"))
    empty = case('executed="True" success="True"', "<failure/>")

    assert statuses(report(failed + empty)) == ["Failed", "Failed"]


@pytest.mark.parametrize(
    "message",
    [
        "TestFixtureSetUp failed in F",
        "Parent SetUp failed in F",
        "TestFixtureSetUp failed",
        "OneTimeSetUp: System.Exception : no server",
    ],
)
def test_a_case_whose_fixture_died_is_blocked_with_the_fixtures_cause(message: str) -> None:
    dead = case('result="Failure"', said(message))
    fixture = (
        '<test-suite type="TestFixture" name="F" result="Error"><failure>'
        "<message>SetUp : System.Exception : no server</message>"
        f"<stack-trace>at N.F.Up</stack-trace></failure><results>{dead}</results></test-suite>"
    )

    [read_case] = report(fixture).cases

    assert read_case.status == "Blocked"
    assert read_case.message == f"{message}: SetUp : System.Exception : no server"
    assert "at N.F.Up" in read_case.detail


def test_a_fixture_set_up_of_the_old_versions_blocks_its_cases_too() -> None:
    dead = case('executed="True" success="False"', said("TestFixtureSetUp failed in F"))

    assert statuses(report(suite(dead, 'name="F" success="False"'))) == ["Blocked"]


def test_an_assertion_that_only_mentions_a_set_up_has_failed() -> None:
    failed = case('result="Failure"', said("expected no TestFixtureSetUp failed"))

    assert statuses(report(failed)) == ["Failed"]


@pytest.mark.parametrize("kind", ["TestFixture", "Namespace", "SetUpFixture", "Project"])
def test_a_suite_that_failed_by_itself_is_one_failed_case_more(kind: str) -> None:
    body = suite(
        '<test-case name="N.F.A" result="Success"/>', f'type="{kind}" name="F" result="Failure"'
    )

    given = report(suite(body, 'type="Assembly" name="a.dll" result="Failure"'))

    assert statuses(given) == ["Passed", "Failed"]
    assert given.cases[1].name == f"F ({kind})"
    assert given.problems == ()


def test_an_old_suite_without_success_is_one_failed_case_more() -> None:
    body = suite('<test-case name="N.F.A" success="True"/>', 'name="F" success="False"')

    assert statuses(report(body)) == ["Passed", "Failed"]


def test_a_suite_whose_child_is_bad_stands_for_nothing_of_its_own() -> None:
    body = suite('<test-case name="N.F.A" result="NotRunnable"/>', 'name="F" result="Failure"')

    assert statuses(report(body)) == ["Blocked"]


def test_a_suite_with_a_failure_in_it_cannot_have_passed() -> None:
    body = said("down broke") + case('result="Success"')

    given = report(f'<test-suite type="TestFixture" name="F" result="Success">{body}</test-suite>')

    assert statuses(given) == ["Passed", "Failed"]


@pytest.mark.parametrize("result", ["NotRunnable", "Failure", "Error", "Cancelled"])
def test_a_suite_that_could_not_run_is_one_blocked_case_with_its_reason(result: str) -> None:
    lost = (
        f'<test-suite type="Assembly" name="lost.dll" result="{result}">'
        f"{said('Could not load it', 'reason')}<results/></test-suite>"
    )

    given = report(suite('<test-case name="N.F.A" result="Success"/>') + lost)

    assert statuses(given) == ["Passed", "Blocked"]
    assert given.cases[1].name == "lost.dll (Assembly)"
    assert given.cases[1].message == "Could not load it"


@pytest.mark.parametrize("result", ["Inconclusive", "Ignored", "Skipped", "Success"])
def test_an_empty_suite_without_a_fault_is_nothing(result: str) -> None:
    given = report(f'<test-suite type="TestFixture" name="Empty" result="{result}"/>')

    assert given == Report(())


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ('total="2" failures="0"', "its header counts 2 tests, it holds 1"),
        ('total="1" failures="1"', "its header counts 1 failures, its cases show 0"),
        ('total="1" errors="1"', "its header counts 1 failures, its cases show 0"),
        ('total="1" not-run="1" invalid="1"', "its header counts 1 failures, its cases show 0"),
    ],
)
def test_a_claim_beyond_the_content_is_a_problem(header: str, problem: str) -> None:
    assert report('<test-case name="N.F.A" result="Success"/>', header).problems == (problem,)


@pytest.mark.parametrize(
    "header",
    [
        'total="1" errors="0" failures="0" not-run="1" ignored="1"',  # NUnit
        'total="2" errors="0" failures="0" not-run="0" ignored="1"',  # Pester
        'total="3" failures="0" not-run="2"',  # left out, and counted
        'total="" failures=""',
        "",
    ],
)
def test_versions_count_what_has_not_run_in_different_ways(header: str) -> None:
    body = '<test-case name="N.F.A" result="Success"/><test-case name="N.F.B" result="Ignored"/>'

    assert report(body, header).problems == ()


@pytest.mark.parametrize(
    ("name", "full_name"),
    [
        ("N.F.A", "N.F.A"),
        ("N.F.A(1.5)", "N.F.A(1.5)"),
        ('N.F("a.b").A', 'N.F("a.b").A'),
        ("A", "N.F.A"),
        ("A(1.5)", "N.F.A(1.5)"),
        ("", "(no name)"),
    ],
)
def test_a_name_without_its_class_gets_those_of_its_suites(name: str, full_name: str) -> None:
    named = f"<test-case name='{name}' result='Success'/>"
    fixture = suite(named, 'type="TestFixture" name="F"')
    space = suite(fixture, 'type="Namespace" name="N"')

    [read_case] = report(suite(space, 'type="Assembly" name="/w/a.dll"')).cases

    assert read_case.name == full_name


def test_a_name_in_suites_without_types_gets_the_innermost() -> None:
    short = '<test-case name="A" success="True"/>'

    assert report(suite(short, 'name="F"')).cases[0].name == "F/A"


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("0.016", 0.016),
        ("0,016", 0.016),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("00:01:02.5000000", 62.5),
        ("", 0.0),
        ("-1", 0.0),
        ("NaN", 0.0),
        ("a:b:c", 0.0),
    ],
)
def test_a_time_is_read_in_any_locale(time: str, seconds: float) -> None:
    [read_case] = report(f'<test-case name="N.F.A" result="Success" time="{time}"/>').cases

    assert read_case.seconds == seconds


def test_an_ignored_case_keeps_its_reason() -> None:
    [off] = report(case('result="Ignored"', said("BUG-17", "reason"))).cases

    assert (off.status, off.message, off.detail) == ("Skipped", "BUG-17", "BUG-17")


def test_a_driver_that_is_missing_blocks_a_case() -> None:
    texts = (
        "OpenQA.Selenium.DriverServiceNotFoundException : The chromedriver file does not exist",
        "SetUp : OpenQA.Selenium.SessionNotCreatedException : session not created",
        "OpenQA.Selenium.WebDriverException : unknown error: net::ERR_CONNECTION_REFUSED",
        "OpenQA.Selenium.NoSuchElementException : no such element",
    )

    given = report("".join(case('result="Error"', said(text)) for text in texts))

    assert statuses(given) == ["Blocked", "Blocked", "Blocked", "Failed"]


def test_several_assemblies_lie_side_by_side() -> None:
    one = suite('<test-case name="N.F.A" result="Success"/>', 'type="Assembly" name="a.dll"')
    both = suite(one + one, 'type="Test Project" name="" result="Success"')

    assert statuses(report(both, 'total="2"')) == ["Passed", "Passed"]
