import pytest

from adapters.base import Case, Verdict
from adapters.formats import read
from adapters.formats.durations import seconds_of


def only_case(xml: str) -> Case:
    report = read(f"<testsuite name='shop'>{xml}</testsuite>".encode())
    assert report.problems == ()
    (case,) = report.cases
    return case


@pytest.mark.parametrize(
    ("content", "status", "raw_status"),
    [
        ("", "Passed", "passed"),
        ("<system-out>x</system-out><system-err>boo</system-err>", "Passed", "passed"),
        ("<properties><property name='failure'/></properties>", "Passed", "passed"),
        ("<failure/>", "Failed", "failure"),
        ("<error/>", "Failed", "error"),
        ("<skipped/>", "Skipped", "skipped"),
        ("<disabled/>", "Skipped", "disabled"),
        ("<aborted/>", "Skipped", "aborted"),
        ("<flakyFailure message='first'/>", "Passed", "flakyFailure"),
        ("<flakyError/><flakyFailure/>", "Passed", "flakyFailure"),
        ("<failure/><rerunFailure/>", "Failed", "failure"),
        ("<rerunError/>", "Failed", "rerunError"),
        ("<skipped/><failure/>", "Failed", "failure"),
        ("<failure/><skipped/>", "Failed", "failure"),
        ("<skipped/><error type='x.SessionNotCreatedException'/>", "Blocked", "error"),
        ("<error type='x.SessionNotCreatedException'/><failure/>", "Failed", "failure"),
        ("<failure/><error type='x.SessionNotCreatedException'/>", "Failed", "failure"),
        ("<flakyFailure/><failure/>", "Failed", "failure"),
        ("<system-out><failure/></system-out>", "Passed", "passed"),
        ("<skipped><failure/></skipped>", "Failed", "failure"),
        ("<skipped><a><error/></a></skipped>", "Failed", "error"),
        ("<skipped>why<a/>so<failure><b/></failure></skipped><aborted/>", "Failed", "failure"),
        ("<flakyFailure><a/><failure/></flakyFailure>", "Failed", "failure"),
        ("<failure><skipped/></failure>", "Failed", "failure"),
        ("<failures><failure/></failures>", "Failed", "failure"),
        ("<Failure/>", "Failed", "Failure"),
        ("<ERROR/>", "Failed", "ERROR"),
        ("<Skipped/>", "Skipped", "Skipped"),
        ("<FlakyFailure/>", "Passed", "FlakyFailure"),
        ("<System-Out>x</System-Out>", "Passed", "passed"),
    ],
)
def test_the_most_severe_result_of_a_case_wins(content: str, status: str, raw_status: str) -> None:
    case = only_case(f"<testcase name='t'>{content}</testcase>")

    assert (case.status, case.raw_status) == (status, raw_status)


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ("status='run'", "Passed"),
        ("status='run' result='completed'", "Passed"),
        ("status='PASSED'", "Passed"),
        ("status=''", "Passed"),
        ("status='notrun'", "Skipped"),
        ("status='notrun' result='suppressed'", "Skipped"),
        ("status='disabled'", "Skipped"),
        ("status='failed'", "Failed"),
        ("status='run' result='error'", "Failed"),
        ("status='inconclusive'", "Blocked"),
        ("status='passed' result='who knows'", "Blocked"),
    ],
)
def test_a_status_attribute_counts_and_an_unknown_word_is_no_pass(
    attributes: str, status: str
) -> None:
    assert only_case(f"<testcase name='t' {attributes}/>").status == status


@pytest.mark.parametrize(
    "element",
    [
        "failed",
        "fail",
        "crash",
        "timeout",
        "incomplete",
        "inconclusive",
        "exception",
        "warning",
        "failures",
        "status",
        "j:x",
    ],
)
def test_an_element_that_nobody_knows_blocks_its_case(element: str) -> None:
    case = only_case(f"<testcase name='t' xmlns:j='urn:j'><{element}>no</{element}></testcase>")

    local = element.removeprefix("j:")
    assert (case.status, case.raw_status) == (Verdict.BLOCKED, local)
    assert case.message == f"the report holds <{local}>, an element not known here"


@pytest.mark.parametrize(
    "content",
    [
        "<properties><property name='a'><item><crash/></item></property></properties>",
        "<property name='a' value='b'/>",
        "<Attachments><Attachment><filePath>a.png</filePath></Attachment></Attachments>",
        "<system-out><crash/></system-out>",
        "<output>x</output>",
    ],
)
def test_what_says_nothing_of_the_result_does_not_block_a_case(content: str) -> None:
    assert only_case(f"<testcase name='t'>{content}</testcase>").status == "Passed"


@pytest.mark.parametrize(
    ("attributes", "status", "raw_status"),
    [
        ("success='false'", "Failed", 'success="false"'),
        ("Success='False' executed='True'", "Failed", 'success="False"'),
        ("passed='no'", "Failed", 'passed="no"'),
        ("passed='0'", "Failed", 'passed="0"'),
        ("outcome='failed'", "Failed", "failed"),
        ("verdict='fail'", "Failed", "fail"),
        ("Status='Failed'", "Failed", "Failed"),
        ("RESULT='Fail'", "Failed", "Fail"),
        ("j:status='failed' xmlns:j='urn:j'", "Failed", "failed"),
        ("status='passed' Status='failed'", "Failed", "failed"),
        ("failures='1'", "Failed", 'failures="1"'),
        ("error='true'", "Failed", 'error="true"'),
        ("success='perhaps'", "Blocked", 'success="perhaps"'),
        ("failure='it broke'", "Blocked", 'failure="it broke"'),
        ("executed='False'", "Skipped", 'executed="False"'),
        ("skipped='true'", "Skipped", 'skipped="true"'),
        ("success='true' passed='1' executed='yes'", "Passed", 'success="true"'),
        ("failures='0' errors='0' skipped='0'", "Passed", 'failures="0"'),
        ("success=''", "Passed", "passed"),
        ("id='7' tag='failed'", "Passed", "passed"),
    ],
)
def test_an_attribute_that_tells_the_result_is_read(
    attributes: str, status: str, raw_status: str
) -> None:
    case = only_case(f"<testcase name='t' {attributes}/>")

    assert (case.status, case.raw_status) == (status, raw_status)


def test_names_of_attributes_count_in_any_case_of_letters() -> None:
    case = only_case("<TestCase Name='adds' ClassName='shop.Cart' Time='2'/>")

    assert (case.name, case.seconds) == ("shop.Cart.adds", 2.0)


def test_an_unknown_status_is_named() -> None:
    case = only_case("<testcase name='t' status='inconclusive'/>")

    assert case.message == 'the report calls it "inconclusive", a word not known here'


def test_a_result_element_gives_the_message_that_the_attribute_lacks() -> None:
    case = only_case("<testcase name='t' status='failed'><failure message='why'/></testcase>")

    assert (case.status, case.message) == (Verdict.FAILED, "why")


@pytest.mark.parametrize(
    ("element", "status"),
    [
        ("<error type='org.openqa.selenium.SessionNotCreatedException'/>", "Blocked"),
        ("<error type='org.openqa.selenium.remote.NoSuchDriverException'/>", "Blocked"),
        ("<error type='org.openqa.selenium.remote.UnreachableBrowserException'/>", "Blocked"),
        ("<error type='java.lang.UnsupportedClassVersionError'/>", "Blocked"),
        ("<error type='java.lang.NoClassDefFoundError'/>", "Blocked"),
        ("<error type='java.lang.ClassNotFoundException'/>", "Blocked"),
        ("<error type='java.net.ConnectException'/>", "Blocked"),
        ("<error type='java.net.UnknownHostException'/>", "Blocked"),
        ("<failure type='org.openqa.selenium.SessionNotCreatedException'/>", "Blocked"),
        ("<failure message='selenium.SessionNotCreatedException: Message: x'/>", "Blocked"),
        ("<error>java.lang.NoClassDefFoundError: shop/Cart\n at x</error>", "Blocked"),
        ("<error type='org.openqa.selenium.NoSuchElementException'/>", "Failed"),
        ("<error type='org.openqa.selenium.TimeoutException'/>", "Failed"),
        ("<error type='org.openqa.selenium.WebDriverException' message='x'/>", "Failed"),
        ("<error type='shop.ConnectException'/>", "Failed"),
        ("<failure type='AssertionError' message='SessionNotCreatedException: no'/>", "Failed"),
        ("<failure message='expected SessionNotCreatedException'/>", "Failed"),
    ],
)
def test_an_error_of_the_environment_is_blocked_and_one_of_the_application_failed(
    element: str, status: str
) -> None:
    assert only_case(f"<testcase name='t' classname='C'>{element}</testcase>").status == status


@pytest.mark.parametrize(
    ("name", "classname", "element", "status"),
    [
        ("shop.CartTest", "shop.CartTest", "error", "Blocked"),
        ("shop.CartTest", "junit.framework.TestSuite", "error", "Blocked"),
        ("initializationError", "shop.CartTest", "error", "Blocked"),
        ("cart adds up", "cart adds up", "failure", "Failed"),  # jest-junit's default names
        ("adds", "shop.CartTest", "failure", "Failed"),
        ("", "", "failure", "Failed"),
    ],
)
def test_a_fixture_that_died_is_blocked(
    name: str, classname: str, element: str, status: str
) -> None:
    case = only_case(f"<testcase name='{name}' classname='{classname}'><{element}/></testcase>")

    assert case.status == status


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("name='adds' classname='shop.Cart'", "shop.Cart.adds"),
        ("name='adds'", "shop/adds"),
        ("name='adds' classname=''", "shop/adds"),
        ("name='shop.Cart' classname='shop.Cart'", "shop.Cart"),
        ("name='shop.Cart.adds' classname='shop.Cart'", "shop.Cart.adds"),
        ("name='shop.Cart' classname='junit.framework.TestSuite'", "shop.Cart"),
        ("classname='shop.Cart'", "shop.Cart.(no name)"),
    ],
)
def test_a_case_is_named_by_class_or_suite(attributes: str, name: str) -> None:
    assert only_case(f"<testcase {attributes}/>").name == name


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.25", 0.25),
        (" 3 ", 3.0),
        ("1,234.567", 1234.567),
        ("1,234,567", 1234567.0),
        ("1.234,5", 1234.5),
        ("1.234.567,5", 1234567.5),
        ("0,25", 0.25),
        ("1e-3", 0.001),
        ("", 0.0),
        ("NaN", 0.0),
        ("inf", 0.0),
        ("-1", 0.0),
        ("1e300", 0.0),
        ("soon", 0.0),
    ],
)
def test_a_time_is_read_in_every_spelling(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
    assert only_case(f"<testcase name='t' time='{text}'/>").seconds == seconds


def test_a_long_text_is_cut_and_says_so() -> None:
    text = "first line\n" + "x" * 100_000 + "\nCaused by: the end"

    case = only_case(f"<testcase name='t'><failure>{text}</failure></testcase>")

    assert case.message == "first line"
    assert len(case.detail) < 40_000
    assert "characters left out" in case.detail
    assert case.detail.endswith("Caused by: the end")


def test_the_display_name_is_found_behind_a_long_output() -> None:
    out = "x" * 100_000 + "\nunique-id: [engine:junit-jupiter]\ndisplay-name: sums up\n"

    case = only_case(f"<testcase name='t()'><system-out>{out}</system-out></testcase>")

    assert case.message == "sums up"


def test_a_case_within_a_case_is_a_case_of_its_own() -> None:
    report = read(
        b"<testsuite><testcase name='a'><testcase name='b'><failure/></testcase></testcase>"
        b"</testsuite>"
    )

    assert [(case.name, case.status) for case in report.cases] == [
        ("b", Verdict.FAILED),
        ("a", Verdict.PASSED),
    ]


@pytest.mark.parametrize(
    "element",
    ["<crash message='boom'/>", "<test status='failed'/>", "<Fatal/>", "<x result='Error'/>"],
)
def test_an_unknown_element_beside_the_cases_that_tells_of_harm_is_a_problem(element: str) -> None:
    report = read(f"<testsuite><testcase name='a'/>{element}</testsuite>".encode())

    assert len(report.cases) == 1
    assert "tells of harm" in report.problems[0]


@pytest.mark.parametrize("element", ["<host/>", "<metadata><x/></metadata>", "<x status='done'/>"])
def test_any_other_unknown_element_beside_the_cases_is_passed_over(element: str) -> None:
    report = read(f"<testsuite><testcase name='a'/>{element}</testsuite>".encode())

    assert not report.problems
