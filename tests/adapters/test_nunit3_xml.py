import pytest

from adapters.base import Report
from adapters.formats.nunit.nunit3 import read


def report(body: str, header: str = "") -> Report:
    return read(f"<test-run {header}>{body}</test-run>".encode())


def case(attributes: str, body: str = "") -> str:
    return f'<test-case name="A" fullname="N.F.A" classname="N.F" {attributes}>{body}</test-case>'


def suite(body: str, attributes: str) -> str:
    return f'<test-suite name="F" fullname="N.F" {attributes}>{body}</test-suite>'


def said(element: str, text: str) -> str:
    return f"<{element}><message><![CDATA[{text}]]></message></{element}>"


def statuses(given: Report) -> list[str]:
    return [case.status.value for case in given.cases]


PASSED = case('result="Passed"')


@pytest.mark.parametrize(
    ("attributes", "status", "raw"),
    [
        ('result="Passed"', "Passed", "Passed"),
        ('result="Warning"', "Passed", "Warning"),
        ('result="Failed"', "Failed", "Failed"),
        ('result="Failed" label="Error"', "Failed", "Failed:Error"),
        ('result="Failed" label="Invalid"', "Blocked", "Failed:Invalid"),
        ('result="Failed" label="Cancelled"', "Blocked", "Failed:Cancelled"),
        ('result="Failed" label="Error" site="Parent"', "Blocked", "Failed:Error(Parent)"),
        ('result="Failed" site="SetUp"', "Blocked", "Failed(SetUp)"),
        ('result="Failed" label="Error" site="TearDown"', "Failed", "Failed:Error(TearDown)"),
        ('result="Failed" site="Child"', "Failed", "Failed(Child)"),
        ('result="Skipped"', "Skipped", "Skipped"),
        ('result="Skipped" label="Ignored" site="Parent"', "Skipped", "Skipped:Ignored(Parent)"),
        ('result="Skipped" label="Explicit"', "Skipped", "Skipped:Explicit"),
        ('result="Skipped" label="Invalid"', "Blocked", "Skipped:Invalid"),
        ('result="Inconclusive"', "Blocked", "Inconclusive"),
        # Unity's way, the whole state in one word.
        ('result="Failed:Error(SetUp)"', "Blocked", "Failed:Error(SetUp)"),
        ('result="Skipped:Ignored"', "Skipped", "Skipped:Ignored"),
        ('result="Mysterious"', "Blocked", "Mysterious"),
        ('result="a b c"', "Blocked", "a b c"),
    ],
)
def test_result_label_and_site_tell_the_status(attributes: str, status: str, raw: str) -> None:
    [read_case] = report(case(attributes)).cases

    assert (read_case.status, read_case.raw_status) == (status, raw)


def test_a_listed_test_has_not_run() -> None:
    body = case('runstate="Runnable"') + case(
        'runstate="Ignored"',
        '<properties><property name="_SKIPREASON" value="BUG-17"/></properties>',
    )

    given = report(body, 'testcasecount="2"')

    assert statuses(given) == ["Blocked", "Blocked"]
    assert given.cases[1].message == "it is listed without a result: it has not run: BUG-17"


def test_a_warning_is_flagged() -> None:
    [read_case] = report(case('result="Warning"', said("reason", "slow page"))).cases

    assert read_case.message == "warning: slow page"


def test_a_case_with_a_failure_in_it_cannot_have_passed() -> None:
    assert statuses(report(case('result="Passed"', said("failure", "no")))) == ["Failed"]


@pytest.mark.parametrize("body", [PASSED, case('result="Failed"')])
def test_a_tear_down_that_failed_is_one_failed_case_more(body: str) -> None:
    torn = suite(
        said("failure", "TearDown : broke") + body,
        'type="TestFixture" result="Failed" label="Error" site="TearDown"',
    )

    given = report(suite(torn, 'type="Assembly" result="Failed" site="Child"'), 'result="Failed"')

    assert statuses(given)[1:] == ["Failed"]
    assert given.cases[1].name == "N.F (TearDown)"
    assert given.cases[1].message == "TearDown : broke"
    assert given.problems == ()


def test_a_set_up_that_failed_and_left_no_case_is_one_blocked_case() -> None:
    dead = suite(
        said("failure", "no server"),
        'type="TestFixture" result="Failed" label="Error" site="SetUp"',
    )

    given = report(dead + PASSED)

    assert statuses(given) == ["Blocked", "Passed"]
    assert (given.cases[0].name, given.cases[0].message) == ("N.F (SetUp)", "no server")


def test_a_set_up_that_failed_adds_nothing_to_its_blocked_cases() -> None:
    body = case('result="Failed" site="Parent"', said("failure", "OneTimeSetUp: no server"))
    dead = suite(said("failure", "no server") + body, 'result="Failed" site="SetUp"')

    given = report(dead)

    assert statuses(given) == ["Blocked"]
    assert given.cases[0].message == "OneTimeSetUp: no server"


@pytest.mark.parametrize(
    "attributes",
    [
        'runstate="NotRunnable" result="Failed" label="Invalid"',
        'runstate="NotRunnable" result="Skipped" label="Invalid"',
        'runstate="NotRunnable" result="Failed" label="Error"',
        'runstate="NotRunnable"',
    ],
)
def test_an_assembly_that_could_not_be_loaded_is_one_blocked_case(attributes: str) -> None:
    lost = suite(said("reason", "Could not load it"), f'type="Assembly" {attributes}')

    given = report(PASSED + lost)

    assert statuses(given) == ["Passed", "Blocked"]
    assert given.cases[1].name == "F (Assembly)"
    assert "Could not load it" in given.cases[1].message


def test_an_assembly_without_tests_that_was_skipped_is_nothing() -> None:
    other = suite("", 'type="Assembly" runstate="Runnable" result="Skipped" label="NoTests"')

    assert statuses(report(PASSED + other)) == ["Passed"]


def test_a_suite_that_was_cancelled_after_its_passes_is_one_blocked_case_more() -> None:
    cut = suite(PASSED, 'type="TestFixture" result="Failed" label="Cancelled"')

    assert statuses(report(cut)) == ["Passed", "Blocked"]


def test_a_run_that_failed_for_nothing_in_it_is_a_problem() -> None:
    for result in ("Failed", "Failed(Child)"):
        given = report(PASSED, f'result="{result}"')
        assert given.problems == (f"its result is {result}, none of its cases is bad",)


@pytest.mark.parametrize("result", ["Passed", "Skipped", "Inconclusive", "Warning", "Unknown", ""])
def test_a_run_with_another_result_is_none(result: str) -> None:
    assert report(PASSED, f'result="{result}"').problems == ()


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        ('total="1" failed="0"', 0),
        ('total="0" testcasecount="50"', 0),
        ('total="2" skipped="1"', 0),
        ('total="1" failed="1"', 1),
        ('total="2" passed="2"', 1),
    ],
)
def test_only_a_claim_beyond_the_content_is_a_problem(header: str, problems: int) -> None:
    assert len(report(PASSED, header).problems) == problems


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ('name="A(1.5)" fullname="N.F.A(1.5)" classname="N.F"', "N.F.A(1.5)"),
        ('name="A" fullname="N.F(&quot;x.y&quot;).A" classname="N.F"', 'N.F("x.y").A'),
        ('name="A" classname="N.F"', "N.F.A"),
        ('name="A"', "N.F.A"),
    ],
)
def test_the_full_name_comes_first(attributes: str, name: str) -> None:
    body = f'<test-case {attributes} result="Passed"/>'
    inner = suite(suite(body, 'type="ParameterizedMethod"'), 'type="TestFixture"')

    assert [c.name for c in report(inner).cases] == [name]


def test_a_lone_suite_is_a_report() -> None:
    given = read(suite(PASSED, 'type="Assembly" result="Passed" total="1"').encode())

    assert statuses(given) == ["Passed"]
    assert read(suite(PASSED, 'type="Assembly" total="1" failed="1"').encode()).problems


def test_a_duration_is_read_in_any_locale() -> None:
    cases = report(
        case('result="Passed" duration="0.25"') + case('result="Passed" duration="0,25"')
    )

    assert [c.seconds for c in cases.cases] == [0.25, 0.25]


def test_attachments_and_properties_are_in_the_detail() -> None:
    [read_case] = report(
        case(
            'result="Passed"',
            '<properties><property name="Category" value="ui"/><property name="_PID" value="1"/>'
            '<property name="Author" value="qa"/></properties><output>hello</output><attachments>'
            "<attachment><filePath>/w/page.png</filePath><description>the page</description>"
            "</attachment></attachments>",
        )
    ).cases

    assert read_case.detail == (
        "output:\nhello\ncategory: ui\nAuthor: qa\nattachment: /w/page.png\ndescription: the page"
    )


def test_the_line_for_several_failures_is_the_first_of_them() -> None:
    text = "Multiple failures or warnings in test:\n  1)   total\n  2) other"

    assert report(case('result="Failed"', said("failure", text))).cases[0].message == "1)   total"


def test_the_settings_and_the_command_line_of_a_run_are_no_texts_of_its_cases() -> None:
    body = (
        "<command-line>nunit</command-line><filter><test>N.F.A</test></filter>"
        '<test-suite type="Assembly" result="Passed"><environment/><settings>'
        '<setting name="X" value="y"><item key="a" value="b"/></setting></settings>'
    )

    assert report(body + PASSED + "</test-suite>").cases[0].detail == ""
