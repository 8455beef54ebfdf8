from pathlib import Path

import pytest

from adapters.base import Case, Ending, Finished, ResultFile
from adapters.formats import read
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
JAVA, DOTNET = "org.openqa.selenium.WebDriverException", "OpenQA.Selenium.WebDriverException"
UNREACHABLE = "unknown error: net::ERR_CONNECTION_REFUSED"
# One bad case in each dialect; the message is put in.
DIALECTS = {
    "junit": f"<testsuite><testcase name='t'><error type='{JAVA}' message='%s'/></testcase>"
    "</testsuite>",
    "junit without a type": f"<testsuite><testcase name='t'><failure>{DOTNET} : %s</failure>"
    "</testcase></testsuite>",
    "nunit 2": f"<test-results><test-case name='t' result='Error'><failure><message>{DOTNET} : %s"
    "</message></failure></test-case></test-results>",
    "nunit 3": f"<test-run><test-case fullname='t' result='Failed'><failure><message>{DOTNET} : %s"
    "</message></failure></test-case></test-run>",
    "trx": "<TestRun><Results><UnitTestResult testName='t' outcome='Failed'><Output><ErrorInfo>"
    f"<Message>{DOTNET} : %s</Message></ErrorInfo></Output></UnitTestResult></Results></TestRun>",
    "xunit": f"<assemblies><test name='t' result='Fail'><failure exception-type='{DOTNET}'>"
    "<message>%s</message></failure></test></assemblies>",
    "testng": "<testng-results><test-method name='t' status='FAIL'>"
    f"<exception class='{JAVA}'><message>%s</message></exception></test-method></testng-results>",
}


def cases(xml: str) -> tuple[Case, ...]:
    return read(xml.encode()).cases


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_blocks_with_advice_and_keeps_the_tools_own_words(dialect: str) -> None:
    (blocked,) = cases(DIALECTS[dialect] % UNREACHABLE)
    (failed,) = cases(DIALECTS[dialect] % "stale element")

    assert (blocked.status, failed.status) == ("Blocked", "Failed")
    assert blocked.name.endswith("t")
    assert blocked.message.startswith("the page under test cannot be reached: check")
    assert blocked.message.endswith(UNREACHABLE)
    assert failed.message.endswith("stale element")
    assert blocked.raw_status == failed.raw_status


def test_the_cause_in_a_later_line_is_seen() -> None:
    lines = "session not created\n  from unknown error: no chrome binary at /x"
    xml = f"<testsuite><testcase name='t'><error type='SessionNotCreatedException'>{lines}</error>"

    (case,) = cases(f"{xml}</testcase></testsuite>")

    assert case.message == (
        "the browser is not installed where the test looks for it: session not created"
    )


def test_a_configuration_method_that_finds_no_browser_explains_the_skips_it_caused() -> None:
    thrown = (
        "<exception class='SessionNotCreatedException'><message>\n"
        "<![CDATA[session not created: Chrome instance exited]]>\n</message></exception>"
    )
    xml = (
        "<testng-results><suite><test><class name='A'>"
        f"<test-method is-config='true' name='up' status='FAIL'>{thrown}</test-method>"
        "<test-method name='m' status='SKIP'/>"
        f"<test-method name='n' status='SKIP'>{thrown}</test-method>"
        "</class></test></suite></testng-results>"
    )

    report = read(xml.encode())

    assert [case.status for case in report.cases] == ["Blocked", "Blocked"]
    assert all("the browser ended at once: it needs" in case.message for case in report.cases)
    assert "the browser ended at once: it needs" in report.problems[0]


def test_an_exception_that_testng_gives_without_a_message_is_told_by_its_class() -> None:
    xml = "<testng-results><test-method name='t' status='FAIL'><exception class='%s'/>"
    xml += "</test-method></testng-results>"

    (case,) = cases(xml % "java.lang.ClassNotFoundException")

    assert case.status == "Blocked"
    assert case.message == "a class is missing on the class path: java.lang.ClassNotFoundException"


SUITE = f"<failure><message>SetUp : {DOTNET} : Cannot start the driver service</message></failure>"
CHILD = "<failure><message>TestFixtureSetUp failed in F</message></failure>"
FIXTURES = {
    "nunit 2": f"<test-results><test-suite result='Error'>{SUITE}<results>"
    f"<test-case name='N.F.A' result='Failure'>{CHILD}</test-case></results></test-suite>"
    "</test-results>",
    "nunit 3": f"<test-run><test-suite result='Failed'>{SUITE}"
    f"<test-case fullname='N.F.A' result='Failed' site='Parent'>{CHILD}</test-case></test-suite>"
    "</test-run>",
}


@pytest.mark.parametrize("version", FIXTURES)
def test_the_cause_of_a_fixture_gives_its_cases_advice(version: str) -> None:
    (case,) = cases(FIXTURES[version])

    assert case.status == "Blocked"
    assert case.message.startswith("the driver does not start: run it by hand to see why: Test")
    assert case.message.endswith("Cannot start the driver service")


def test_a_tear_down_that_lost_its_browser_is_blocked_with_advice() -> None:
    said = "TearDown : OpenQA.Selenium.UnreachableBrowserException : x"
    xml = (
        "<test-run><test-suite name='F' result='Failed' site='TearDown'>"
        f"<failure><message>{said}</message></failure>"
        "<test-case fullname='N.F.A' result='Passed'/></test-suite></test-run>"
    )

    *_, case = cases(xml)

    assert (case.status, case.raw_status) == ("Blocked", "Failed(TearDown)")
    assert case.message.startswith("browser or driver do not answer any more")


def test_an_error_outside_any_test_of_xunit_is_told_with_advice() -> None:
    xml = (
        "<assemblies><assembly name='a'><errors><error type='cleanup'><failure>"
        f"<message>{DOTNET} : {UNREACHABLE}</message></failure></error></errors>"
        "</assembly></assemblies>"
    )

    (problem,) = read(xml.encode()).problems

    assert "cleanup: the page under test cannot be reached" in problem


def test_the_reason_of_a_run_is_the_advice_on_its_first_blocked_case() -> None:
    data = (GOLDEN / "selenium/environment-failures.xml").read_bytes()

    outcome = outcome_of(Finished(Ending.EXITED, 1, "", (ResultFile("r.xml", data),)))

    assert outcome.verdict == "Blocked"
    assert "the browser is not installed where the test looks for it: Could not start" in (
        outcome.reason
    )
