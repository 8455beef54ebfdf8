"""What the elements and attributes of a TestNG report mean, a small document each."""

import pytest

from adapters.base import Case, Ending, Finished, Report, ResultFile, UnreadableReport, Verdict
from adapters.formats import read
from adapters.formats.kept_cases import CASE_LIMIT
from adapters.formats.testng.words import is_skip_exception
from adapters.results import outcome_of


def method(name: str, status: str, inside: str = "", **attributes: str) -> str:
    given = {"signature": f"{name}()[pri:0, instance:p.A@1]", "duration_ms": "5", **attributes}
    more = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in given.items())
    return f'<test-method name="{name}" status="{status}" {more}>{inside}</test-method>'


def config(name: str, status: str, inside: str = "") -> str:
    return method(name, status, inside, is_config="true")


def thrown(class_name: str, message: str = "") -> str:
    said = f"<message><![CDATA[{message}]]></message>" if message else ""
    return f'<exception class="{class_name}">{said}</exception>'


def params(*values: str | None) -> str:
    texts = ["<value is-null='true'/>" if v is None else f"<value>\n {v}\n</value>" for v in values]
    return "<params>" + "".join(f"<param>{text}</param>" for text in texts) + "</params>"


def in_class(*methods: str, name: str = "p.A", more: str = "") -> str:
    return f'<class name="{name}" {more}>{"".join(methods)}</class>'


def suite(*tests: str, name: str = "S") -> str:
    inside = "".join(f'<test name="t">{test}</test>' for test in tests)
    return f'<suite name="{name}">{inside}</suite>'


def document(*suites: str, counts: str = "") -> bytes:
    return f"<testng-results {counts}>{''.join(suites)}</testng-results>".encode()


def of_class(*methods: str, counts: str = "") -> bytes:
    return document(suite(in_class(*methods)), counts=counts)


def only_case(*methods: str) -> Case:
    (case,) = read(of_class(*methods)).cases
    return case


def statuses(report: Report) -> list[tuple[str, str]]:
    return [(case.name, case.status.value) for case in report.cases]


def verdict_of(data: bytes) -> Verdict:
    return outcome_of(Finished(Ending.EXITED, 0, "", (ResultFile("r.xml", data),))).verdict


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PASS", "Passed"),
        ("pass ", "Passed"),
        ("FAIL", "Failed"),
        ("SUCCESS_PERCENTAGE_FAILURE", "Failed"),
        ("STARTED", "Blocked"),
        ("UNKNOWN", "Blocked"),
        ("", "Blocked"),
    ],
)
def test_the_status_decides_and_an_unknown_word_is_no_pass(word: str, status: str) -> None:
    case = only_case(method("m", word))

    assert case.status == status
    assert bool(case.message) == (status == "Blocked")


def test_an_expected_exception_does_not_fail_a_test_that_passed() -> None:
    assert only_case(method("m", "PASS", thrown("E", "wanted"))).status == "Passed"


@pytest.mark.parametrize(
    ("exception", "message", "status"),
    [
        ("org.testng.SkipException", "not here", "Skipped"),
        ("org.testng.internal.TimeBombSkipException", "later", "Skipped"),
        ("lab.Checks$SkipOnWindows", "", "Skipped"),
        ("java.lang.Throwable", "A.b() depends on not successfully finished methods", "Blocked"),
        ("java.lang.Throwable", "x depends on nonexistent group g", "Blocked"),
        ("java.lang.RuntimeException", "no server", "Blocked"),
        ("", "no class is given", "Blocked"),
    ],
)  # fmt: skip
def test_the_exception_of_a_skip_tells_whether_it_was_meant(
    exception: str, message: str, status: str
) -> None:
    case = only_case(method("m", "SKIP", thrown(exception, message)))

    assert (case.status, case.message) == (status, message or exception)


def test_a_skip_without_any_reason_stays_a_skip_and_says_so() -> None:
    case = only_case(config("up", "PASS"), method("m", "SKIP"))

    assert (case.status, case.message) == (
        "Skipped",
        'the report says "SKIP" and gives no reason',
    )


@pytest.mark.parametrize("first", [True, False])
def test_a_failed_configuration_blocks_the_skips_of_its_class(first: bool) -> None:
    methods = [config("up", "FAIL", thrown("E", "no server")), method("m", "SKIP")]

    report = read(of_class(*(methods if first else reversed(methods))))

    assert statuses(report) == [("p.A.m", "Blocked")]
    assert report.cases[0].message == "configuration method p.A.up failed: no server"


def skipped_in(name: str, *configs: str) -> str:
    return in_class(*configs, method(name.lower(), "SKIP"), name=name)


def test_a_skip_is_put_down_to_the_nearest_failed_configuration() -> None:
    report = read(
        document(
            suite(
                # Of its class, else of its test, wherever that stands.
                skipped_in("A") + skipped_in("B", config("up", "FAIL")),
                skipped_in("C", config("up", "FAIL")) + skipped_in("D", config("up", "FAIL")),
                # Of its suite.
                skipped_in("E"),
            ),
            suite(skipped_in("F"), skipped_in("G", config("up", "FAIL")), name="two"),
            # Of the report.
            suite(skipped_in("H"), name="three"),
        )
    )

    assert {case.status for case in report.cases} == {"Blocked"}
    assert {case.name[0]: case.message.split()[2] for case in report.cases} == {
        "A": "B.up",
        "B": "B.up",
        "C": "C.up",
        "D": "D.up",
        "E": "B.up",
        "F": "G.up",
        "G": "G.up",
        "H": "B.up",
    }


def test_a_configuration_that_wants_a_skip_explains_it() -> None:
    case = only_case(
        config("up", "SKIP", thrown("org.testng.SkipException", "no printer")),
        method("m", "SKIP"),
    )

    assert (case.status, case.message) == (
        "Skipped",
        "configuration method p.A.up was skipped: no printer",
    )


def test_a_skipped_configuration_alone_explains_nothing() -> None:
    assert only_case(config("up", "SKIP"), method("m", "SKIP")).status == "Skipped"


@pytest.mark.parametrize("word", ["FAIL", "SUCCESS_PERCENTAGE_FAILURE", "STARTED", ""])
def test_a_configuration_that_fails_after_the_tests_forbids_the_pass(word: str) -> None:
    data = of_class(method("m", "PASS"), config("down", word, thrown("E", "no way")))

    report = read(data)

    assert statuses(report) == [("p.A.m", "Passed")]
    assert "configuration method p.A.down " in report.problems[0]
    assert report.problems[0].endswith(": no way")
    assert verdict_of(data) is Verdict.BLOCKED


def test_configuration_methods_are_no_cases() -> None:
    assert only_case(config("up", "PASS"), method("m", "PASS"), config("down", "SKIP"))


def test_an_environment_failure_is_blocked() -> None:
    kind = "org.openqa.selenium.SessionNotCreatedException"

    case = only_case(method("m", "FAIL", thrown(kind, "session not created")))

    assert (case.status, case.raw_status) == ("Blocked", "FAIL")


def test_names_hold_class_parameters_and_instance() -> None:
    report = read(
        of_class(
            method("m", "PASS", params("1", " a\n  b ", None, "")),
            method("m", "PASS", params(*map(str, range(30)))),
            method("m", "PASS", params("x" * 500)),
            method("m", "PASS", test_instance_name="shop two"),
            method("m", "PASS", test_instance_name="m"),
        )
    )

    names = [case.name for case in report.cases]
    assert names[0] == "p.A.m(1, a b, null, )"
    assert names[1].endswith(", 18, 19, …)")
    assert names[2] == f"p.A.m({'x' * 99}…)"
    assert names[3:] == ["p.A.m [shop two]", "p.A.m"]


def test_a_package_that_is_written_apart_belongs_to_the_class() -> None:
    apart = in_class(method("m", "PASS"), name="A", more='package="p.q"')
    default = in_class(method("m", "PASS"), name="B", more='package="[default]"')

    report = read(document(suite(apart + default + method("m", "PASS"))))

    assert [case.name for case in report.cases] == ["p.q.A.m", "B.m", "S/m"]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("1500", 1.5), ("1,500", 1.5), ("", 0.0), ("-3", 0.0), ("soon", 0.0), ("2.5", 0.0025)],
)
def test_durations_are_milliseconds(duration: str, seconds: float) -> None:
    assert only_case(method("m", "PASS", duration_ms=duration)).seconds == seconds


def test_elements_that_a_project_adds_mean_nothing() -> None:
    inside = """<attributes><attribute name="exception"><message>no</message></attribute>
        </attributes><custom><exception class="E"><message>no</message></exception>
        <line>no</line></custom>
        <custom-attributes/>"""

    case = only_case(method("m", "SKIP", inside))

    assert (case.status, case.detail) == ("Skipped", "")


@pytest.mark.parametrize(
    ("counts", "problem"),
    [
        ('total="3" passed="1" failed="1" skipped="1"', ""),
        # TestNG 7: ignored methods are counted and not listed, tries counted and listed.
        ('total="9" passed="1" failed="1" skipped="0" retried="1" ignored="6"', ""),
        ("", ""),
        ('total="4" passed="1" failed="1" skipped="1"', "its root counts 4 results, it holds 3"),
        ('passed="2" failed="1" skipped="1"', "its root counts 4 results, it holds 3"),
        ('total="3" failed="2"', "its root counts 2 failures, it holds 1"),
        ('total="many"', 'it says total="many", which is no count'),
    ],
)
def test_a_claim_beyond_the_content_is_a_problem(counts: str, problem: str) -> None:
    report = read(
        of_class(
            config("up", "PASS"),
            method("a", "PASS"),
            method("b", "FAIL"),
            method("c", "SKIP"),
            counts=counts,
        )
    )

    assert report.problems == ((problem,) if problem else ())


@pytest.mark.parametrize(
    "part", ['<suite url="S/testng-results.xml"/>', '<suite name="S"><test url="t.xml"/></suite>']
)
def test_results_in_another_file_are_a_problem(part: str) -> None:
    data = document(suite(in_class(method("m", "PASS"))), part)

    assert "in another file" in read(data).problems[0]
    assert verdict_of(data) is Verdict.BLOCKED


def test_a_method_inside_a_method_is_a_problem() -> None:
    data = of_class(method("m", "PASS", method("n", "FAIL")))

    assert verdict_of(data) is Verdict.BLOCKED


@pytest.mark.parametrize("word", ["PASS", "FAIL"])
def test_of_an_unfinished_method_only_a_failure_counts(word: str) -> None:
    whole = of_class(method("a", "PASS"), method("b", word, thrown("E", "no")))

    report = read(whole[: whole.index(b"</message>") - 4])

    assert [case.name for case in report.cases][1:] == (["p.A.b"] if word == "FAIL" else [])
    assert report.problems[0].startswith("cut off")


def test_a_doctype_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="DOCTYPE"):
        read(b'<!DOCTYPE testng-results [<!ENTITY a "b">]><testng-results/>')


def test_illegal_characters_a_mark_and_a_namespace_do_no_harm() -> None:
    bad = method("m", "FAIL", thrown("E", "a\x01b"))
    text = document(suite(in_class(bad))).decode().replace("<suite", '<suite xmlns="urn:x"')

    (case,) = read(b"\xef\xbb\xbf" + text.encode()).cases

    assert (case.status, case.message) == ("Failed", "a\ufffdb")


def test_too_many_cases_are_counted_and_no_failure_is_lost() -> None:
    rows = [method("m", "PASS", params(str(n))) for n in range(CASE_LIMIT + 5)]

    good, bad = read(of_class(*rows)), read(of_class(*rows, method("z", "FAIL")))

    assert (len(good.cases), good.problems) == (CASE_LIMIT, ())
    assert "left out are 5 Passed" in good.notes[0]
    assert bad.cases[-1].status == "Failed"


@pytest.mark.parametrize(
    ("exception", "skips"),
    [
        ("org.testng.SkipException", True),
        ("shop.Base$SkippedByUs", True),
        ("SkipException", True),
        ("shop.Skipping.Failure", False),
        ("java.lang.AssertionError", False),
        ("Skip" * 20_000 + "!", False),
    ],
)
def test_an_exception_to_skip_is_known_by_its_class_alone(exception: str, skips: bool) -> None:
    assert is_skip_exception(exception) is skips
