import pytest

from adapters.base import Report, UnreadableReport, Verdict
from adapters.formats import read


def assembly(content: str, header: str = "") -> Report:
    return read(
        f"<assemblies><assembly name='s.dll' {header}>{content}</assembly></assemblies>".encode()
    )


def rows(report: Report) -> list[tuple[str, str]]:
    return [(case.name, str(case.status)) for case in report.cases]


@pytest.mark.parametrize(
    ("attributes", "content", "status", "raw"),
    [
        ("result='Pass'", "", "Passed", "Pass"),
        ("result='pass'", "<output>x</output>", "Passed", "pass"),
        ("Result='Fail'", "", "Failed", "Fail"),
        ("result='Fail'", "<failure><message>m</message></failure>", "Failed", "Fail"),
        ("result='Skip'", "<reason>why</reason>", "Skipped", "Skip"),
        ("result='NotRun'", "", "Skipped", "NotRun"),
        ("result='Pass'", "<failure/>", "Failed", "Pass"),
        ("result='Pass'", "<warnings><warning>w</warning></warnings>", "Passed", "Pass"),
        ("result='Perhaps'", "", "Blocked", "Perhaps"),
        ("", "", "Blocked", "(no result)"),
        ("", "<failure/>", "Failed", "failure"),
        ("result='Fail'", "<failure exception-type='A.NoSuchDriverException'/>", "Blocked", "Fail"),
    ],
)
def test_each_result_has_its_status(attributes: str, content: str, status: str, raw: str) -> None:
    (case,) = assembly(
        f"<collection><test name='t' {attributes}>{content}</test></collection>"
    ).cases

    assert (case.status, case.raw_status) == (status, raw)


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("name='A.B.m(x: 1)' type='A.B' method='m'", "A.B.m(x: 1)"),
        ("name='it adds' type='A.B' method='m'", "A.B.it adds"),
        ("type='A.B' method='m'", "A.B.m"),
        ("name='it adds'", "it adds"),
        ("", "(no name)"),
    ],
)
def test_a_case_is_named_as_it_is_displayed(attributes: str, name: str) -> None:
    (case,) = assembly(f"<test {attributes} result='Pass'/>").cases

    assert case.name == name


@pytest.mark.parametrize(("time", "seconds"), [("1.5", 1.5), ("0,25", 0.25), ("", 0.0)])
def test_a_time_of_another_locale_is_read(time: str, seconds: float) -> None:
    (case,) = assembly(f"<test name='t' result='Pass' time='{time}'/>").cases

    assert case.seconds == seconds


@pytest.mark.parametrize("kind", ["assembly-cleanup", "fatal", "test-class-cleanup", ""])
def test_an_error_outside_any_test_is_a_problem(kind: str) -> None:
    error = (
        f"<errors><error type='{kind}' name='Shop.Cart'><failure exception-type='E'>"
        "<message>it died</message><stack-trace>at x</stack-trace></failure></error></errors>"
    )

    report = assembly(f"{error}<test name='t' result='Pass'/>", "total='1' errors='1'")

    said = " ".join(filter(None, ("error outside any test", kind, "Shop.Cart")))
    assert report.problems == (f"assembly s.dll: {said}: it died",)
    assert rows(report) == [("t", "Passed")]


def test_an_error_of_the_surroundings_says_what_helps() -> None:
    kind = "OpenQA.Selenium.SessionNotCreatedException"
    error = f"<error type='fatal'><failure exception-type='{kind}'><message>no</message></failure>"
    # The type stands with the failure or with the error, by version.
    for written in (error, f"<error exception-type='{kind}'><message>no</message>"):
        (problem,) = assembly(f"{written}</error>").problems

        assert problem.endswith("no session of the browser could be started: no"), written


def test_a_fixture_of_version_1_that_failed_is_a_problem() -> None:
    report = read(
        b"<assembly><class name='C'><failure exception-type='E'><message>no</message></failure>"
        b"<test name='t' result='Pass'/></class></assembly>"
    )

    assert report.problems == ("class C: error outside any test E: no",)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("total='2'", "its header counts 2 tests, it holds 1"),
        ("failed='1'", "its header counts 1 failed tests, its tests show 0"),
        ("errors='1'", "its header counts 1 errors, it holds 0"),
        ("failed='x'", 'it says failed="x", which is no count'),
        ("Failed='1,000'", "its header counts 1000 failed tests, its tests show 0"),
    ],
)
@pytest.mark.parametrize("kind", ["assembly", "collection", "class"])
def test_a_header_that_claims_more_is_a_problem(header: str, problem: str, kind: str) -> None:
    report = read(
        f"<assemblies><{kind} name='s' {header}><test name='t' result='Pass'/></{kind}>"
        "</assemblies>".encode()
    )

    assert report.problems == (f"{kind} s: {problem}",)


def test_headers_of_several_assemblies_are_held_against_their_own_tests() -> None:
    one = "<assembly total='1' failed='1' errors=''><test name='t' result='Fail'/></assembly>"

    report = read(f"<assemblies>{one * 3}</assemblies>".encode())

    assert len(report.cases) == 3
    assert report.problems == ()


def test_a_failure_before_the_cut_is_not_lost() -> None:
    report = read(
        b"<assemblies><assembly><test name='a' result='Pass'/><test name='b' result='Fail'>"
        b"<failure><message>why"
    )

    assert [(c.name, c.status, c.message) for c in report.cases] == [
        ("a", Verdict.PASSED, ""),
        ("b", Verdict.FAILED, "why"),
    ]
    assert report.problems == ("cut off at line 1",)


def test_an_unfinished_pass_is_none() -> None:
    assert assembly("<test name='a' result='Pass'/>").problems == ()
    assert read(b"<assembly total='1'><test name='a' result='Pass'><output>").cases == ()


def test_a_run_without_tests_is_read_and_a_manifest_is_not() -> None:
    assert read(b"<assemblies/>") == Report(())
    assert read(b"<assembly name='s.dll' total='0'/>") == Report(())
    with pytest.raises(UnreadableReport, match=r"called as an xUnit\.net report"):
        read(b"<assembly xmlns='urn:schemas-microsoft-com:asm.v1'><assemblyIdentity/></assembly>")


def test_problems_are_capped() -> None:
    report = assembly("<error/>" * 1000)

    assert len(report.problems) == 21
    assert report.problems[-1] == "980 more problems"


def test_an_error_inside_a_collection_counts_for_its_assembly() -> None:
    error = "<error type='test-class-cleanup'><failure><message>no</message></failure></error>"

    report = assembly(f"<collection name='c'>{error}</collection>", "errors='1'")

    assert report.problems == ("collection c: error outside any test test-class-cleanup: no",)


def test_each_error_of_an_assembly_counts_as_one() -> None:
    errors = "<error type='fatal'/>" * 2
    said = "assembly s.dll: error outside any test fatal: (no message)"

    def problems(claimed: int) -> tuple[str, ...]:
        header = f"name='s.dll' errors='{claimed}'"
        return read(f"<assembly {header}>{errors}</assembly>".encode()).problems

    assert problems(2) == (said, said)
    assert problems(3) == (
        said,
        said,
        "assembly s.dll: its header counts 3 errors, it holds 2",
    )


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("", "the report gives it no result"),
        ("result='Perhaps'", 'the report calls it "Perhaps", a word not known here'),
    ],
)
def test_a_doubtful_result_is_explained(attributes: str, message: str) -> None:
    (case,) = assembly(f"<test name='t' {attributes}/>").cases

    assert case.message == message


def test_texts_of_a_test_stand_one_below_the_other() -> None:
    failure = "<failure><message>no</message><stack-trace>at x</stack-trace></failure>"
    inside = f"<output>printed</output><reason>why</reason>{failure}"

    (case,) = assembly(f"<test name='t' result='Fail'>{inside}</test>").cases

    assert case.detail == "why\nno\nat x\nsystem-out:\nprinted"
    assert case.message == "no"


def test_a_container_without_a_name_is_called_by_its_kind() -> None:
    assert read(b"<assembly total='1'/>").problems == (
        "assembly: its header counts 1 tests, it holds 0",
    )


def test_errors_of_all_collections_count_for_their_assembly() -> None:
    collection = "<collection name='c'><error type='fatal'/></collection>"

    report = assembly(collection * 2, "errors='2'")

    assert report.problems == ("collection c: error outside any test fatal: (no message)",) * 2
