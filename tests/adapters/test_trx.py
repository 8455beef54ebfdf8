import pytest

from adapters.base import Report, Verdict
from adapters.formats import read
from adapters.formats.durations import seconds_between

NAMESPACES = [
    "",
    "xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2006'",
    "xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'",
]


def run(results: str, rest: str = "", *, root: str = "") -> Report:
    return read(f"<TestRun {root}><Results>{results}</Results>{rest}</TestRun>".encode())


def rows(report: Report) -> list[tuple[str, str]]:
    return [(case.name, str(case.status)) for case in report.cases]


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("Passed", "Passed"),
        ("PASSED", "Passed"),
        ("PassedButRunAborted", "Passed"),
        ("Warning", "Passed"),
        ("Completed", "Passed"),
        ("Failed", "Failed"),
        ("failed", "Failed"),
        ("Error", "Failed"),
        ("Timeout", "Failed"),
        ("", "Failed"),
        ("NotExecuted", "Skipped"),
        ("Aborted", "Blocked"),
        ("NotRunnable", "Blocked"),
        ("Disconnected", "Blocked"),
        ("Inconclusive", "Blocked"),
        ("Pending", "Blocked"),
        ("InProgress", "Blocked"),
        ("Splendid", "Blocked"),
    ],
)
def test_each_outcome_has_its_status(outcome: str, status: str, namespace: str) -> None:
    report = run(f"<UnitTestResult testName='t' outcome='{outcome}'/>", root=namespace)

    assert rows(report) == [("t", status)]
    aborted = outcome == "PassedButRunAborted"
    assert report.problems == (
        ("1 of its results passed in a run that was aborted",) if aborted else ()
    )


def test_a_missing_outcome_is_an_error() -> None:
    (case,) = run("<UnitTestResult testName='t'/>").cases

    assert (case.status, case.raw_status) == (Verdict.FAILED, "Error")


def test_an_unknown_outcome_is_named() -> None:
    (case,) = run("<UnitTestResult testName='t' outcome='Splendid'/>").cases

    assert case.message == 'the report calls it "Splendid", a word not known here'


@pytest.mark.parametrize(
    "element",
    [
        "UnitTestResult",
        "GenericTestResult",
        "WebTestResult",
        "ManualTestResult",
        "LoadTestResult",
        "TestResultAggregation",
        "DataDrivenTest",
        "TestResult",
        "t:UnitTestResult",
    ],
)
def test_every_kind_of_result_is_a_case(element: str) -> None:
    report = run(f"<{element} testName='t' outcome='Failed'/>", root="xmlns:t='urn:t'")

    assert rows(report) == [("t", "Failed")]


@pytest.mark.parametrize(
    ("definition", "result", "name"),
    [
        ("className='Shop.CartTest'", "Adds", "Shop.CartTest.Adds"),
        ("className='Shop.CartTest, Shop, Version=1'", "Adds", "Shop.CartTest.Adds"),
        ("className='Shop.CartTest'", "Shop.CartTest.Adds(1)", "Shop.CartTest.Adds(1)"),
        ("className='Shop.Map`2[[A, a],[B, b]], Shop'", "Adds", "Shop.Map`2[[A, a],[B, b]].Adds"),
        ("ClassName='Shop.CartTest'", "Adds", "Shop.CartTest.Adds"),
        ("className=''", "Adds", "Adds"),
        ("", "Adds", "Adds"),
        ("className='Shop.CartTest'", "", "Shop.CartTest.(no name)"),
    ],
)
@pytest.mark.parametrize("first", ["results", "definitions"])
def test_a_case_gets_its_class_from_the_definitions(
    definition: str, result: str, name: str, first: str
) -> None:
    results = (
        f"<Results><UnitTestResult testId='AB' testName='{result}' outcome='Passed'/></Results>"
    )
    definitions = (
        f"<TestDefinitions><UnitTest id='ab'><Execution/><TestMethod {definition}/>"
        "</UnitTest><UnitTest id='c'><TestMethod className='Other'/></UnitTest></TestDefinitions>"
    )
    parts = (results, definitions) if first == "results" else (definitions, results)

    report = read(f"<TestRun>{''.join(parts)}</TestRun>".encode())

    assert [case.name for case in report.cases] == [name]


@pytest.mark.parametrize(
    "definitions", ["", "<TestDefinitions/>", "<TestDefinitions><A/></TestDefinitions>"]
)
def test_a_report_without_definitions_names_cases_by_themselves(definitions: str) -> None:
    report = run("<UnitTestResult testId='1' testName='t' outcome='Passed'/>", definitions)

    assert rows(report) == [("t", "Passed")]


def parent(outcome: str, *inner: str) -> str:
    results = "".join(f"<UnitTestResult testName='row' outcome='{word}'/>" for word in inner)
    return (
        f"<UnitTestResult testName='all' outcome='{outcome}'><InnerResults>{results}</InnerResults>"
        "</UnitTestResult>"
    )


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (parent("Failed", "Passed", "Failed"), [("row", "Passed"), ("row", "Failed")]),
        (parent("Passed", "Passed"), [("row", "Passed")]),
        (parent("NotExecuted", "Passed"), [("row", "Passed")]),
        (parent("Failed", "Passed"), [("row", "Passed"), ("all", "Failed")]),
        (parent("Failed", "Inconclusive"), [("row", "Blocked"), ("all", "Failed")]),
        (parent("Inconclusive", "Passed"), [("row", "Passed"), ("all", "Blocked")]),
        (parent("Inconclusive", "Failed"), [("row", "Failed")]),
        (parent("Passed", "Failed"), [("row", "Failed")]),
        (parent("Failed"), [("all", "Failed")]),
    ],
)
def test_a_result_with_rows_is_their_sum_unless_it_is_worse(
    xml: str, expected: list[tuple[str, str]]
) -> None:
    assert rows(run(xml)) == expected


def test_results_are_nested_to_any_depth() -> None:
    inner = parent("Failed", "Failed")
    xml = (
        f"<TestResultAggregation testName='list' outcome='Failed'><InnerResults>{inner}"
        "<GenericTestResult testName='g' outcome='Passed'/></InnerResults></TestResultAggregation>"
    )

    assert rows(run(xml)) == [("row", "Failed"), ("g", "Passed")]


def test_several_results_of_one_test_are_cases_of_their_own() -> None:
    one = "<UnitTestResult testId='1' executionId='{}' testName='t' outcome='{}'/>"

    report = run(one.format("a", "Failed") + one.format("b", "Passed"))

    assert rows(report) == [("t", "Failed"), ("t", "Passed")]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("00:00:01.2345678", 1.2345678),
        ("01:02:03", 3723.0),
        ("1.00:00:00.5", 86400.5),
        ("00:00:01,5", 1.5),
        ("2.5", 2.5),
        ("soon", 0.0),
        ("-00:00:01", 0.0),
        ("999999.00:00:00", 0.0),
    ],
)
def test_a_duration_is_read_in_every_spelling(duration: str, seconds: float) -> None:
    (case,) = run(f"<UnitTestResult duration='{duration}' outcome='Passed'/>").cases

    assert case.seconds == seconds


@pytest.mark.parametrize(
    ("started", "ended", "seconds"),
    [
        ("2026-11-24T10:00:00.1234567+01:00", "2026-11-24T09:00:02.1234567Z", 2.0),
        ("2026-11-24T10:00:00", "2026-11-24T10:00:00.5", 0.5),
        ("2026-11-24T10:00:00", "2026-11-24T09:00:00Z", 0.0),
        ("2026-11-24T10:00:00", "2026-11-24T09:00:00", 0.0),
        ("0001-01-01T00:00:00", "9999-12-31T00:00:00", 0.0),
        ("", "2026-11-24T09:00:00", 0.0),
    ],
)
def test_a_missing_duration_is_taken_from_the_times(
    started: str, ended: str, seconds: float
) -> None:
    assert seconds_between(started, ended) == seconds


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("OpenQA.Selenium.NoSuchDriverException : no", "Blocked"),
        (
            "Test method A.B threw exception:\nOpenQA.Selenium.SessionNotCreatedException: no",
            "Blocked",
        ),
        (
            "OpenQA.Selenium.WebDriverException : unknown error: net::ERR_CONNECTION_REFUSED",
            "Blocked",
        ),
        ("OpenQA.Selenium.WebDriverException : stale", "Failed"),
        ("Assert.Fail failed. SessionNotCreatedException: no", "Failed"),
        ("", "Failed"),
    ],
)
def test_an_error_of_the_environment_is_blocked(message: str, status: str) -> None:
    info = f"<Output><ErrorInfo><Message>{message}</Message></ErrorInfo></Output>"

    (case,) = run(f"<UnitTestResult outcome='Failed'>{info}</UnitTestResult>").cases

    assert case.status == status


def test_texts_of_a_result_are_kept_and_those_of_the_run_are_not_mixed_in() -> None:
    output = (
        "<Output><StdOut>out</StdOut><StdErr>err</StdErr><ErrorInfo><Message>why</Message>"
        "<StackTrace>at x</StackTrace></ErrorInfo><TextMessages><Message>a</Message>"
        "<Message>b</Message></TextMessages></Output>"
    )
    run_output = (
        "<ResultSummary outcome='Failed'><Output><StdOut>run</StdOut></Output></ResultSummary>"
    )

    (case,) = run(f"<UnitTestResult outcome='Failed'>{output}</UnitTestResult>", run_output).cases

    assert case.message == "why"
    assert case.detail == "why\nat x\nsystem-out:\nout\nsystem-err:\nerr\nmessages:\nab"


def test_a_failure_before_the_cut_is_not_lost() -> None:
    xml = (
        "<TestRun><Results><UnitTestResult testName='a' outcome='Passed'/>"
        "<UnitTestResult testName='b' outcome='Failed'><Output><ErrorInfo><Message>why"
    )

    report = read(xml.encode())

    assert rows(report) == [("a", "Passed"), ("b", "Failed")]
    assert report.cases[1].message == "why"
    assert report.problems == ("cut off at line 1",)


def test_an_unfinished_pass_is_none() -> None:
    report = read(b"<TestRun><Results><UnitTestResult testName='a' outcome='Passed'><Output>")

    assert report.cases == ()


def test_classes_are_found_for_more_cases_than_are_kept() -> None:
    result = "<UnitTestResult testId='{0}' testName='t{0}' outcome='{1}'/>"
    results = "".join(result.format(n, "Passed") for n in range(20_100)) + result.format(
        7, "Failed"
    )
    definition = "<UnitTest id='{0}'><TestMethod className='C{0}'/></UnitTest>"
    definitions = "".join(definition.format(n) for n in range(20_100))

    report = run(results, f"<TestDefinitions>{definitions}</TestDefinitions>")

    assert rows(report)[19_999:] == [("C19999.t19999", "Passed"), ("C7.t7", "Failed")]
    assert "100 Passed" in report.notes[0]
