"""What casts doubt on a log, and what does not."""

import pytest

from adapters.base import Case, Report, UnreadableReport
from adapters.formats import read
from adapters.formats.kept_cases import CASE_LIMIT
from adapters.formats.tclogx import read_folder
from tests.adapters.tclogx_samples import document, golden, header, node, summary


def messages(kind: str, *texts: str) -> str:
    return node(f"{kind}s", *(node(f"{kind}{n}", msg=text) for n, text in enumerate(texts)))


def only_case(data: bytes) -> Case:
    (case,) = read(data).cases
    return case


@pytest.mark.parametrize(
    ("status", "verdict", "message"),
    [
        ("0", "Passed", ""),
        ("1", "Passed", "it ended with warnings"),
        ("2", "Failed", ""),
        ("3", "Blocked", "it was not run to its end"),
        ("2,0", "Failed", ""),
        ("4", "Blocked", "its status is '4', which is not known"),
        ("-1", "Blocked", "its status is '-1', which is not known"),
        ("1.5", "Blocked", "its status is '1.5', which is not known"),
        ("ok", "Blocked", "its status is 'ok', which is not known"),
        ("nan", "Blocked", "its status is 'nan', which is not known"),
        ("", "Blocked", "it has no status"),
    ],
)
def test_a_status_means(status: str, verdict: str, message: str) -> None:
    case = only_case(summary(node("test0", name="a", status=status)))

    assert (case.status, case.raw_status, case.message) == (verdict, status, message)


def test_a_case_without_a_status_or_a_name_is_still_a_case() -> None:
    case = only_case(summary(node("test0")))

    assert (case.name, case.status) == ("Web/(no name)", "Blocked")


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("1500", 1.5), ("1500,5", 1.5005), ("-5", 0), ("", 0), ("soon", 0), ("1e400", 0), ("inf", 0)],
)
def test_a_duration_is_in_milliseconds(duration: str, seconds: float) -> None:
    test = node("test0", name="a", status=0, duration=duration)

    assert only_case(summary(test)).seconds == pytest.approx(seconds)


def test_dates_may_have_a_decimal_comma() -> None:
    data = header(start_time="45698,5", stop_time="45698,75", root_logdata_name="a")

    assert only_case(data).seconds == 21_600


def test_an_error_in_a_case_that_passed_is_a_problem() -> None:
    test = node("test0", messages("error", "oh"), name="a", status=0)

    assert read(summary(test)).problems == ("a: its status is 0, and it holds an error",)


def test_of_many_contradictions_the_rest_is_counted() -> None:
    tests = (node(f"test{n}", messages("error", "oh"), name="a", status=0) for n in range(25))

    problems = read(summary(*tests)).problems

    assert len(problems) == 21
    assert problems[-1] == "5 more problems"


def test_tests_inside_tests_are_cases_with_messages_of_their_own() -> None:
    inner = node("tests", node("test0", messages("error", "inner"), name="b", status=2))
    outer = node("test0", messages("error", "outer"), inner, name="a", status=2)

    report = read(summary(outer))

    assert [(case.name, case.message) for case in report.cases] == [
        ("Web/a", "outer"),
        ("Web/b", "inner"),
    ]


@pytest.mark.parametrize(
    ("counters", "problem"),
    [
        ({"tests": 1, "failedtests": 0, "warningtests": 0, "incompletedtests": 0}, ""),
        ({}, ""),
        ({"tests": 2}, "its header counts 2 tests, it holds 1"),
        ({"tests": 0}, "its header counts 0 tests, it holds 1"),
        ({"failedtests": 1}, "its header says failedtests=1, its cases show 0"),
        ({"warningtests": 1}, "its header says warningtests=1, its cases show 0"),
        ({"incompletedtests": 1}, "its header says incompletedtests=1, its cases show 0"),
        (
            {"executionstatus": 2},
            "its header says that the run had errors, none of its cases is bad",
        ),
        ({"executionstatus": 1}, ""),
    ],
)
def test_counters_are_compared_with_the_cases(counters: dict[str, int], problem: str) -> None:
    report = read(summary(node("test0", name="a", status=0), **counters))

    assert report.problems == ((problem,) if problem else ())


def folder(**values: object) -> Report:
    return read_folder(
        {
            "Summary.dat": summary(node("test0", name="a", status=0)),
            "Description.tcLog": header(**values),
        }
    )


@pytest.mark.parametrize("completed", ["-1", "1", "True"])
def test_a_completed_run_is_not_in_doubt(completed: str) -> None:
    assert folder(completed=completed).problems == ()


@pytest.mark.parametrize("completed", ["0", "", "false"])
def test_a_run_that_was_not_completed_is_in_doubt(completed: str) -> None:
    assert folder(completed=completed).problems == ("the run was interrupted before its end",)


def test_a_header_with_errors_over_good_cases_is_a_problem() -> None:
    said = "the log's header says that the run had errors, none of its cases is bad"

    assert folder(status=2).problems == (said,)


def test_a_log_without_its_header_is_in_doubt() -> None:
    report = read_folder({"Summary.dat": summary(node("test0", name="a", status=0))})

    assert len(report.cases) == 1
    assert report.problems[0].startswith("no readable Description.tcLog")


def test_a_log_of_a_header_alone_is_in_doubt() -> None:
    report = read_folder({"Description.tcLog": header(root_logdata_name="a")})

    assert [case.name for case in report.cases] == ["a"]
    assert report.problems == ("neither Summary.dat nor RootLogData.dat says which tests were run",)


def test_an_interrupted_routine_is_blocked_whatever_its_status() -> None:
    files = golden("single-routine")
    files["Description.tcLog"] = header(completed="0", status=2)

    (case,) = read_folder(files).cases

    assert case.status == "Blocked"
    assert case.message.startswith("the run was interrupted before its end: NameError")


def test_an_error_in_the_log_of_an_item_that_passed_is_a_problem() -> None:
    files = golden("single-routine")
    files["RootLogData.dat"] = files["RootLogData.dat"].replace(
        b'"status" type="I" value="2"', b'"status" type="I" value="0"'
    )
    files["Description.tcLog"] = header()

    (problem,) = read_folder(files).problems

    assert problem.endswith("its status is 0, and its log holds an error")


def test_of_many_errors_in_the_logs_of_items_the_rest_is_counted() -> None:
    log = document(node("root", node("message 0", type=3, message="oh")))
    rows = (
        node(f"item {n}", name="t", moniker=f"m{n}", status=0, filename="a.dat") for n in range(25)
    )
    tree = document(node("root", *rows))

    report = read_folder({"Description.tcLog": header(), "RootLogData.dat": tree, "a.dat": log})

    assert len(report.problems) == 21
    assert report.problems[-1] == "5 more problems"


def item(number: int, owner: str, **values: object) -> str:
    more = {"status": 0, "name": f"n{number}", "projectkey": "{p}", **values}
    return node(f"item {number}", moniker=f"m{number}", ownermoniker=owner, **more)


@pytest.mark.parametrize("owner", ["nobody", "m1"])
def test_log_items_outside_the_tree_are_a_problem(owner: str) -> None:
    root = item(0, "", test="{p}")

    report = read(document(node("root", root, item(1, owner))))

    assert report.cases == ()
    assert report.problems == ("1 log items belong to no other",)


def test_a_ring_of_log_items_comes_to_an_end() -> None:
    report = read(document(node("root", item(0, "m1"), item(1, "m0"))))

    assert report.problems == ("2 log items belong to no other",)


def test_very_many_cases_are_kept_in_order_up_to_a_limit() -> None:
    count = CASE_LIMIT + 10
    tests = [node(f"test{n}", name=str(n), status=0) for n in reversed(range(count))]

    report = read(summary(*tests, tests=count))

    assert len(report.cases) == CASE_LIMIT
    assert report.cases[0].name == "Web/10"
    assert report.problems == ()
    assert report.notes[0].startswith(f"{count} cases are too many")


def test_a_summary_that_is_cut_off_gives_its_complete_cases_and_a_problem() -> None:
    data = golden("failed-and-passed")["Summary.dat"]
    cart = data.index(b'name="test1"')

    report = read(data[: cart + 60])

    # The project's name comes after its tests, and is lost.
    assert [(case.name, case.status) for case in report.cases] == [("Pay", "Failed")]
    assert report.problems[0].startswith("cut off at line")


def test_a_failed_test_that_is_cut_off_is_not_lost() -> None:
    data = summary(node("test0", name="a", status=2))

    cut = read(data[: data.index(b'value="2"/>') + 11])

    assert [case.status for case in cut.cases] == ["Failed"]
    passed = summary(node("test0", name="a", status=0))
    assert read(passed[: passed.index(b'value="0"/>') + 11]).cases == ()


@pytest.mark.parametrize("root", [b"<Nodes/>", b"<Nodes><Node name='root'/></Nodes>"])
def test_a_log_file_that_says_nothing_is_refused(root: bytes) -> None:
    with pytest.raises(UnreadableReport, match="a TestComplete log without a verdict"):
        read(root)
