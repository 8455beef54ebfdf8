"""What TestNG writes seldom, or only with settings and additions of a project."""

import pytest

from adapters.base import Case, Report, Verdict
from adapters.formats import read
from adapters.formats.testng.method import Place, Role
from adapters.formats.testng.retries import Entry, with_remark

THROWN = '<exception class="E"><message>{}</message></exception>'


def method(status: str, inside: str = "", name: str = "m", more: str = "") -> str:
    return f'<test-method name="{name}" status="{status}" {more}>{inside}</test-method>'


def config(status: str, inside: str = "", flag: str = "true") -> str:
    return method(status, inside, "up", f'is-config="{flag}"')


def in_test(*methods: str, header: str = 'name="A"') -> str:
    return f"<test><class {header}>{''.join(methods)}</class></test>"


def report(*tests: str) -> Report:
    return read(f"<testng-results><suite>{''.join(tests)}</suite></testng-results>".encode())


def rows(*methods: str) -> list[tuple[str, str, str]]:
    cases = report(in_test(*methods)).cases
    return [(case.name, str(case.status), case.message) for case in cases]


def only_case(*methods: str) -> Case:
    (case,) = report(in_test(*methods)).cases
    return case


def test_a_run_of_nothing_is_no_contradiction() -> None:
    assert report() == Report(())


def test_a_skip_is_put_down_to_the_configuration_of_its_own_test() -> None:
    tests = [
        in_test(config("FAIL", THROWN.format(said)), method("SKIP")) for said in ("one", "two")
    ]

    given = report(*tests)

    assert [case.message.rpartition(" ")[2] for case in given.cases] == ["one", "two"]


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("FAIL", "configuration method A.up failed"),
        ("STARTED", 'configuration method A.up ended as "STARTED"'),
    ],
)
def test_a_configuration_that_says_nothing_is_named(word: str, problem: str) -> None:
    assert report(in_test(config(word), method("PASS"))).problems == (problem,)


def test_a_configuration_that_was_skipped_is_no_problem() -> None:
    assert report(in_test(config("SKIP"), method("PASS"))).problems == ()


@pytest.mark.parametrize("flag", ["true", "TRUE", "yes", "1"])
def test_a_configuration_is_known_in_any_spelling(flag: str) -> None:
    assert rows(config("PASS", flag=flag), method("PASS")) == [("A.m", "Passed", "")]


@pytest.mark.parametrize("attributes", ["", "class=''"])
def test_an_exception_without_a_class_is_still_one(attributes: str) -> None:
    case = only_case(method("FAIL", f"<exception {attributes}/>"))

    assert (case.status, case.message) == ("Failed", "an exception")


def test_a_class_without_a_name_does_no_harm() -> None:
    given = report(in_test(method("PASS"), header="package='p'"))

    assert [case.name for case in given.cases] == ["m"]


def test_a_status_that_is_missing_is_told_from_one_that_nobody_knows() -> None:
    missing, unknown = report(in_test(method(""), method("ODD"))).cases

    assert (missing.raw_status, missing.message) == ("no status", "it has no status")
    assert unknown.message == 'the report calls it "ODD", a word not known here'


def test_a_method_of_which_nothing_is_said_is_a_blocked_case() -> None:
    case = only_case("<test-method/>")

    assert (case.name, case.status, case.seconds) == ("A.(no name)", "Blocked", 0.0)


def test_markup_in_a_message_is_text() -> None:
    assert only_case(method("FAIL", THROWN.format("a<b>b</b>c"))).message == "abc"


def test_a_stack_is_the_detail_and_takes_the_place_of_the_message() -> None:
    inside = '<exception class="E"><message>no</message><full-stacktrace>E: no\n at x'
    lines = "<reporter-output><line>one</line><line>two</line></reporter-output>"

    case = only_case(method("FAIL", f"{inside}</full-stacktrace></exception>{lines}"))

    assert case.detail == "E: no\n at x\nreporter-output:\none\ntwo"


def test_a_reporter_that_said_nothing_leaves_nothing() -> None:
    assert (
        only_case(method("PASS", "<reporter-output><line> </line></reporter-output>")).detail == ""
    )


def test_what_forbids_a_pass_is_said() -> None:
    elsewhere = '<suite url="S/testng-results.xml"/>'

    assert report(in_test(method("PASS", method("FAIL"))), elsewhere).problems == (
        "it holds a test-method inside another one",
        "the results of a suite are in another file: S/testng-results.xml",
    )


def test_problems_are_capped() -> None:
    problems = report(in_test(*[config("FAIL")] * 25, method("PASS"))).problems

    assert len(problems) == 21
    assert problems[-1] == "5 more problems"


RETRIED = 'retried="true"'


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_tries_without_a_result_are_one_blocked_case(count: int) -> None:
    tries = [method("SKIP", more=RETRIED)] * count

    assert rows(*tries) == [("A.m", "Blocked", "tried again, and no result of that is reported")]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_skip_that_was_meant_ends_any_number_of_marked_tries(count: int) -> None:
    skip = '<exception class="org.testng.SkipException"/>'

    statuses = [
        row[1] for row in rows(*[method("SKIP", skip, more=RETRIED)] * count, method("SKIP", skip))
    ]

    assert statuses == ["Skipped"]


def test_only_the_last_try_tells_whether_a_skip_ends_them() -> None:
    guess, marked = method("SKIP", THROWN.format("no")), method("SKIP", more=RETRIED)
    end = method("SKIP", '<exception class="org.testng.SkipException"/>')

    assert [row[1] for row in rows(guess, guess, marked, end)] == ["Skipped"]
    assert len(rows(marked, marked, guess, end)) == 4


def test_a_try_that_said_nothing_is_counted_alone() -> None:
    assert rows(method("SKIP", more=RETRIED), method("PASS")) == [
        ("A.m", "Passed", "passed after 1 failed attempt")
    ]


@pytest.mark.parametrize("other", ["name", "test-instance-name"])
def test_tries_are_told_apart_by_name_and_instance(other: str) -> None:
    tried = method("SKIP", THROWN.format("no"))
    more = "" if other == "name" else f'{other}="two"'

    passed = method("PASS", name="n" if other == "name" else "m", more=more)

    assert [row[1] for row in rows(tried, passed)] == ["Blocked", "Passed"]


def test_a_try_that_had_no_room_is_counted_all_the_same() -> None:
    place = Place(1, 1, "A", "S")
    lost = Entry(Role.ATTEMPT, place, None)
    case = Case("A.m", Verdict.PASSED, "PASS", detail="shown")

    told = with_remark(case, Entry(Role.FINAL, place, 0, attempts=[lost]), (case,))

    assert (told.message, told.detail) == ("passed after 1 failed attempt", "shown")
