"""What NUnit reports hold seldom: markup in texts, missing attributes, counts of inner suites."""

import pytest

from adapters.base import Case, Report
from adapters.formats import read

PASSED = '<test-case name="N.F.A" result="Success"/>'
IGNORED = '<test-case name="N.F.B" result="Ignored"/>'


def version_2(body: str, header: str = "") -> Report:
    return read(f"<test-results {header}>{body}</test-results>".encode())


def version_3(body: str, header: str = "") -> Report:
    return read(f"<test-run {header}>{body}</test-run>".encode())


def suite(body: str, attributes: str = 'type="TestFixture" name="F" result="Success"') -> str:
    return f"<test-suite {attributes}><results>{body}</results></test-suite>"


def only_case(report: Report) -> Case:
    (case,) = report.cases
    return case


@pytest.mark.parametrize("text", ["<a><b/></a>", "<a><b><c/></b></a>", "<a/><b/>", "<message/>"])
@pytest.mark.parametrize("element", ["output", "reason", "message"])
def test_markup_in_a_text_does_not_end_its_case(element: str, text: str) -> None:
    inside = f"<{element}>{text}</{element}><failure><message>no<i><i/></i></message></failure>"

    case = only_case(version_3(f'<test-case fullname="t" result="Passed">{inside}</test-case>'))

    assert (case.status, case.message) == ("Failed", "no")


@pytest.mark.parametrize(
    "odd", ["<properties><property/></properties>", "<categories><category/></categories>"]
)
def test_labels_without_names_do_no_harm(odd: str) -> None:
    case = f'<test-case fullname="t" result="Failed">{odd}</test-case>'

    assert only_case(version_3(case)).status == "Failed"


def test_names_of_attributes_count_in_any_case_of_letters() -> None:
    case = only_case(version_3('<test-case FullName="t" Result="Failed"/>'))

    assert (case.name, case.status) == ("t", "Failed")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("", "(no name)"),
        ('name="A" classname="N.F"', "N.F.A"),
        ('name="A(B(1.5))"', 'F("x").A(B(1.5))'),
        ("name='F(\"x\").A'", 'F("x").A'),
    ],
)
def test_a_case_without_its_full_name_gets_one(attributes: str, name: str) -> None:
    fixture = suite(
        f"<test-case {attributes} result='Passed'/>", "type='TestFixture' name='F(\"x\")'"
    )

    assert only_case(version_3(fixture)).name == name


def test_a_run_that_says_and_holds_nothing_is_no_contradiction() -> None:
    assert version_3("") == version_2("") == Report(())


def held(claimed: int, holds: int) -> tuple[str, ...]:
    return (f"its header counts {claimed} tests, it holds {holds}",)


def test_tests_that_have_not_run_and_are_there_excuse_none_that_is_missing() -> None:
    body = suite(PASSED + IGNORED + IGNORED) + suite(IGNORED)

    assert version_2(body, 'total="4" not-run="3"').problems == ()
    assert version_2(body, 'total="5" not-run="3"').problems == held(5, 4)


@pytest.mark.parametrize("count", ["ignored", "skipped", "invalid"])
def test_tests_that_have_not_run_may_be_counted_and_left_out(count: str) -> None:
    bad = 1 if count == "invalid" else 0
    header = f'total="3" not-run="0" {count}="2"'

    problems = version_2(PASSED, header).problems

    assert [said for said in problems if "tests" in said] == []
    assert len(problems) == bad
    assert version_2(PASSED, header.replace("3", "4")).problems[-1:] == held(4, 1)


@pytest.mark.parametrize("label", ["Invalid", "Cancelled", "NotRunnable"])
@pytest.mark.parametrize("result", ["Failed", "Skipped"])
def test_a_label_of_what_could_not_run_blocks_a_case(result: str, label: str) -> None:
    case = f'<test-case fullname="t" result="{result}" label="{label}"/>'

    assert only_case(version_3(case)).status == "Blocked"


@pytest.mark.parametrize("kind", ["Namespace", "TestSuite", "TestFixture", "SetUpFixture"])
def test_a_suite_of_a_kind_that_has_a_name_gives_it_to_its_cases(kind: str) -> None:
    inside = suite('<test-case name="A" result="Success"/>', f'type="{kind}" name="F"')

    assert only_case(version_2(inside)).name == "F.A"


@pytest.mark.parametrize("count", ["total", "failures", "errors", "invalid"])
def test_a_count_of_version_2_that_cannot_be_read_is_a_problem(count: str) -> None:
    assert version_2(PASSED, f'{count}="many"').problems == (
        f'it says {count}="many", which is no count',
    )


@pytest.mark.parametrize("count", ["total", "failed"])
def test_a_count_of_version_3_that_cannot_be_read_is_a_problem(count: str) -> None:
    passed = '<test-case fullname="t" result="Passed"/>'

    assert version_3(passed, f'{count}="many"').problems == (
        f'it says {count}="many", which is no count',
    )


def test_a_lone_suite_of_version_3_is_a_report() -> None:
    case = '<test-case fullname="t" result="Failed"/>'

    assert only_case(read(f"<test-suite>{case}</test-suite>".encode())).status == "Failed"


def test_a_detail_of_some_pages_is_kept_whole() -> None:
    text = "line\n" * 4000
    failure = f"<failure><message>{text}</message></failure>"

    case = only_case(version_3(f'<test-case fullname="t" result="Failed">{failure}</test-case>'))

    assert case.detail == text.strip()


def test_a_failure_of_a_suite_counts_as_one() -> None:
    body = suite(PASSED, 'type="TestFixture" name="F" result="Failure"') * 2

    assert version_2(body, 'failures="2"').problems == ()
    assert version_2(body, 'failures="3"').problems == (
        "its header counts 3 failures, its cases show 2",
    )


def test_a_suite_that_could_not_run_tells_its_time_and_all_that_was_said() -> None:
    said = "<failure><message>no</message><stack-trace>at x</stack-trace></failure>"
    lost = f'<test-suite fullname="N.F" result="Failed" duration="1.5">{said}</test-suite>'

    case = only_case(version_3(lost))

    assert (case.name, case.status, case.seconds) == ("N.F (suite)", "Blocked", 1.5)
    assert case.detail == "no\nat x"


def fixture(cause: str, case: str) -> str:
    said = f"<failure><message>{cause}</message></failure>"
    return f'<test-suite type="TestFixture" name="F" result="Failed">{said}{case}</test-suite>'


@pytest.mark.parametrize("said", ["One or more child tests had errors", "Child test failed"])
@pytest.mark.parametrize(
    ("failure", "message"),
    [("", "no server"), ("<failure><message>dead</message></failure>", "dead: no server")],
)
def test_a_case_that_failed_with_its_parent_tells_the_parents_cause(
    failure: str, message: str, said: str
) -> None:
    case = f'<test-case fullname="t" result="Failed" site="Parent">{failure}</test-case>'
    # The nearest suite that failed by itself: one whose children failed gives no cause.
    given = version_3(fixture("no server", fixture(said, case)))

    assert (only_case(given).status, only_case(given).message) == ("Blocked", message)


def test_a_case_that_is_cut_off_with_its_fixture_is_blocked_with_the_cause() -> None:
    said = "<failure><message>TestFixtureSetUp failed in F</message></failure>"
    case = f'<test-case name="A" result="Failure">{said}<properties>'
    text = f"<test-results>{fixture('no server', case)}"

    cut = read(text[: text.index("<properties>") + 12].encode())

    assert [(case.name, case.status) for case in cut.cases] == [("F.A", "Blocked")]
    assert cut.cases[0].message == "TestFixtureSetUp failed in F: no server"
    assert cut.problems == ("cut off at line 1",)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("01:01:01", 3661), ("1.234.567,5", 1_234_567.5), ("1,234,567.5", 1_234_567.5)],
)
def test_long_times_are_read(time: str, seconds: float) -> None:
    case = f'<test-case fullname="t" result="Passed" duration="{time}"/>'

    assert only_case(version_3(case)).seconds == seconds
