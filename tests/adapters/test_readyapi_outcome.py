import time

import pytest

from adapters import readyapi
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Verdict
from adapters.readyapi.output import listen
from adapters.readyapi.trouble import LICENCE_PROMPT

FRONT = "12:00:01,234 INFO  [SoapUITestCaseRunner] "
BEGIN = f"{FRONT}Running SoapUI tests in project [Shop]"
PASS, FAIL = "", '<failure type="r" message="r">&lt;h3>&lt;b>a Failed&lt;/b></failure>'


def started(name: str) -> str:
    return f"{FRONT}Running SoapUI testcase [{name}]"


def ended(name: str, status: str = "FINISHED") -> str:
    return f"{FRONT}Finished running SoapUI testcase [{name}], time taken: 12ms, status: {status}"


def ran(name: str, status: str = "FINISHED") -> str:
    return f"{started(name)}\n{FRONT}running step [a]\n{ended(name, status)}"


def suite(name: str, **cases: str) -> ResultFile:
    bad = sum(bool(inner) for inner in cases.values())
    body = "".join(f'<testcase name="{c}" time="0.1">{i}</testcase>' for c, i in cases.items())
    head = f'<testsuite name="Shop.{name}" tests="{len(cases)}" failures="{bad}" errors="0">'
    return ResultFile(f"TEST-{name}.xml", f"{head}{body}</testsuite>".encode())


def outcome(
    *lines: str,
    files: tuple[ResultFile, ...] = (),
    code: int | None = 0,
    title: str = "",
    ending: Ending = Ending.EXITED,
) -> Outcome:
    output = "\n".join(lines)
    asked = Automation(title)
    return readyapi.parse_outcome(
        Finished(ending, code, output[-200:], files, output=output, asked=asked)
    )


def statuses(given: Outcome) -> dict[str, str]:
    return {case.name: case.status.value for case in given.cases}


def test_report_and_output_that_agree_are_passed() -> None:
    given = outcome(BEGIN, ran("pay"), ran("refund"), files=(suite("Orders", pay="", refund=""),))

    assert (given.verdict, given.reason) == ("Passed", "")


def test_a_report_alone_is_enough() -> None:
    assert outcome(files=(suite("Orders", pay=""),)).verdict == "Passed"


def test_a_failed_case_is_failed_without_a_doubt() -> None:
    given = outcome(
        BEGIN,
        ran("pay", "FAILED"),
        ran("refund"),
        f"{FRONT}TestSuite [Orders] finished with status [FAILED] in 12ms",
        "Total TestCases: 2 (1 failed)",
        files=(suite("Orders", pay=FAIL, refund=""),),
        code=255,
    )

    assert (given.verdict, given.reason) == ("Failed", "")
    assert statuses(given) == {"Shop.Orders/pay": "Failed", "Shop.Orders/refund": "Passed"}


@pytest.mark.parametrize("status", ["CANCELED", "CANCELLED", "WARNING", "UNKNOWN"])
def test_a_cancelled_case_is_blocked_though_its_report_calls_it_passed(status: str) -> None:
    given = outcome(BEGIN, ran("pay", status), ran("a"), files=(suite("Orders", pay="", a=""),))

    assert given.verdict == "Blocked"
    assert statuses(given) == {"Shop.Orders/pay": "Blocked", "Shop.Orders/a": "Passed"}
    assert "cancelled" in given.reason


def test_a_case_that_the_runner_calls_failed_is_failed_whatever_its_report_says() -> None:
    given = outcome(BEGIN, ran("pay", "FAILED"), files=(suite("Orders", pay=""),))

    assert statuses(given) == {"Shop.Orders/pay": "Failed"}
    assert given.verdict == "Failed"


def test_a_case_that_never_finished_is_blocked() -> None:
    given = outcome(BEGIN, started("pay"), files=(suite("Orders", pay=""),))

    assert statuses(given) == {"Shop.Orders/pay": "Blocked"}
    assert given.verdict == "Blocked"


def test_a_case_whose_set_up_died_is_in_no_report_and_forbids_a_pass() -> None:
    for status in ("FAILED", "CANCELED"):
        given = outcome(BEGIN, ran("a"), ended("pay", status), files=(suite("Orders", a=""),))

        assert given.verdict == "Blocked"
        assert "'pay'" in given.reason


def test_one_of_two_cases_of_a_name_that_was_cancelled_forbids_a_pass() -> None:
    files = (suite("Orders", pay=""), suite("Depot", pay=""))

    given = outcome(BEGIN, ran("pay"), ran("pay", "CANCELED"), files=files)

    assert given.verdict == "Blocked"
    assert set(statuses(given).values()) == {"Passed"}
    assert "'pay' was cancelled" in given.reason


def test_the_same_case_names_in_two_suites_are_no_doubt() -> None:
    files = (suite("Orders", pay="", a=FAIL), suite("Depot", pay="", a=""))

    given = outcome(
        BEGIN, ran("pay"), ran("a", "FAILED"), ran("pay"), ran("a"), files=files, code=255
    )

    assert (given.verdict, given.reason) == ("Failed", "")
    assert statuses(given)["Shop.Depot/a"] == "Passed"


def test_a_report_overwritten_by_a_second_suite_forbids_a_pass() -> None:
    given = outcome(BEGIN, ran("pay"), ran("refund"), files=(suite("Orders", refund=""),))
    same = outcome(BEGIN, ran("pay"), ran("pay"), files=(suite("Orders", pay=""),))

    assert (given.verdict, same.verdict) == ("Blocked", "Blocked")
    assert "'pay' ran, in the report it is not there" in given.reason
    assert "'pay' ran 2 times, in the report it is there 1 times" in same.reason


def test_a_case_run_by_a_step_of_another_is_in_no_report_and_no_doubt() -> None:
    given = outcome(
        BEGIN, started("pay"), ran("log in"), ended("pay"), files=(suite("Orders", pay=""),)
    )

    assert (given.verdict, given.reason) == ("Passed", "")


def test_an_inner_case_that_failed_is_the_failure_of_the_case_that_ran_it() -> None:
    files = (suite("Orders", pay=FAIL, login=""),)

    given = outcome(
        BEGIN, ran("login"), started("pay"), ran("login", "FAILED"), ended("pay", "FAILED"),
        files=files, code=255,
    )  # fmt: skip

    assert (given.verdict, given.reason) == ("Failed", "")
    assert statuses(given)["Shop.Orders/login"] == "Passed"


def test_cases_that_run_side_by_side_are_no_doubt() -> None:
    given = outcome(
        BEGIN, started("a"), started("b"), ended("a"), started("c"), ended("c"), ended("b"),
        files=(suite("Orders", a="", b="", c=""),),
    )  # fmt: skip

    assert (given.verdict, given.reason) == ("Passed", "")


def test_an_output_that_lost_its_beginning_misses_no_case() -> None:
    # "log in" ran inside "pay", whose first line is lost.
    given = outcome(ran("log in"), ended("pay"), files=(suite("Orders", pay=""),))

    assert (given.verdict, given.reason) == ("Passed", "")


@pytest.mark.parametrize(
    "line",
    [
        f"{FRONT}Project [Shop] finished with status [CANCELED] in 12ms",
        f"{FRONT}Project [Shop] finished with status [FAILED] in 12ms",
        f"{FRONT}TestSuite [Orders] finished with status [FAILED] in 12ms",
        f"{FRONT}TestCase [pay] finished with status [CANCELED] in 12ms",
        "Total TestCases: 3 (1 failed)",
    ],
)
def test_a_run_that_did_not_end_well_is_not_passed_by_its_good_cases(line: str) -> None:
    assert outcome(BEGIN, ran("pay"), line, files=(suite("Orders", pay=""),)).verdict == "Blocked"


def test_sums_that_say_all_is_well_are_no_doubt() -> None:
    lines = (
        f"{FRONT}Project [Shop] finished with status [FINISHED] in 12ms",
        "Total TestCases: 1 (0 failed)",
    )

    assert outcome(BEGIN, ran("pay"), *lines, files=(suite("Orders", pay=""),)).verdict == "Passed"


@pytest.mark.parametrize("name", ["GET /a/b", "v1.2 is here", "a] b [c", "pay", "x  y", "x\ty"])
def test_names_with_marks_of_a_reports_own_are_found(name: str) -> None:
    for status, verdict in (("FINISHED", "Passed"), ("CANCELED", "Blocked")):
        given = outcome(BEGIN, ran(name, status), files=(suite("Or/d.ers", **{name: ""}),))

        assert given.verdict == verdict, given.reason
        assert [case.status for case in given.cases] == [verdict]


def test_of_two_names_that_end_alike_the_longer_is_another_case() -> None:
    files = (suite("Orders", **{"b": "", "GET a/b": ""}),)

    given = outcome(BEGIN, ran("b", "CANCELED"), ran("GET a/b"), files=files)

    assert statuses(given) == {"Shop.Orders/b": "Blocked", "Shop.Orders/GET a/b": "Passed"}


def test_a_case_that_a_report_gives_a_class_is_found() -> None:
    data = b'<testsuite><testcase classname="Shop" name="pay"/></testsuite>'

    given = outcome(BEGIN, ran("pay", "CANCELED"), files=(ResultFile("TEST-a.xml", data),))

    assert statuses(given) == {"Shop.pay": "Blocked"}


def test_a_failure_that_the_report_shows_accuses_no_other_case_of_that_name() -> None:
    # The lines of the case that passed are lost.
    files = (suite("Orders", pay=FAIL), suite("Depot", pay=""))

    given = outcome(ran("pay", "FAILED"), files=files, code=255)

    assert statuses(given) == {"Shop.Orders/pay": "Failed", "Shop.Depot/pay": "Passed"}


def test_a_cancelled_run_is_told_beside_a_failed_case() -> None:
    line = f"{FRONT}Project [Shop] finished with status [CANCELED] in 12ms"

    given = outcome(BEGIN, ran("pay", "FAILED"), line, files=(suite("O", pay=FAIL),), code=255)

    assert (given.verdict, given.reason) == ("Failed", "Project Shop ended as CANCELED")


@pytest.mark.parametrize(
    "front",
    ["", "INFO [SoapUIProTestCaseRunner] ", "runner | 2026-11-24 12:00:01 INFO [a.b.C] "],
)
@pytest.mark.parametrize("product", ["SoapUI", "ReadyAPI", "Ready! API"])
def test_other_logs_and_products_are_heard_alike(front: str, product: str) -> None:
    lines = (BEGIN, ran("pay", "CANCELED"))
    text = "\n".join(lines).replace(FRONT, front).replace("SoapUI t", f"{product} t")

    assert outcome(text, files=(suite("Orders", pay=""),)).verdict == "Blocked"


def test_what_a_property_or_a_response_quotes_is_not_heard() -> None:
    lines = (
        f"{FRONT}Setting global property [labfleet.test_name] to [{ended('pay', 'CANCELED')}]",
        f"the log said: [x] Finished. {ended('pay', 'CANCELED')}",
        "Finished running SoapUI testcase [" + "], time taken: 1ms, status: " * 100_000,
    )

    given = outcome(BEGIN, ran("pay"), *lines, files=(suite("Orders", pay=""),))

    assert (given.verdict, given.reason) == ("Passed", "")


def test_a_case_that_the_title_names_and_nobody_ran_is_blocked() -> None:
    files = (suite("Orders", refund=""),)

    given = outcome(BEGIN, ran("refund"), title=r"Shop\Orders\pay", files=files)

    assert given.verdict == "Blocked"
    assert statuses(given)["Orders/pay"] == "Blocked"
    assert "no result reported" in given.reason


@pytest.mark.parametrize(
    "title", ["", "Shop", "no such", r"Shop\Orders", r"Orders\refund", r"S\Orders\refund\ "]
)
def test_a_title_whose_case_is_there_is_no_doubt(title: str) -> None:
    files = (suite("Orders", refund=""),)

    assert outcome(BEGIN, ran("refund"), title=title, files=files).verdict == "Passed"


def test_the_question_for_a_licence_is_blocked_with_what_to_do() -> None:
    for ending, code in ((Ending.KILLED, None), (Ending.EXITED, 255), (Ending.TIMED_OUT, None)):
        given = outcome("Checking", f"{LICENCE_PROMPT}: ", ending=ending, code=code)

        assert given.verdict == "Blocked"
        assert given.reason.startswith("ReadyAPI asks for a licence: give the tool an access_key")


def test_the_question_is_also_seen_where_only_the_tail_is_known() -> None:
    given = readyapi.parse_outcome(Finished(Ending.KILLED, None, f"{LICENCE_PROMPT}: "))

    assert given.reason.startswith("ReadyAPI asks for a licence")


ERROR = "12:00:01,234 ERROR [SoapUITestCaseRunner] java.lang.Exception: "


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        (
            f"{ERROR}TestSuite with name [Orders] is missing in Project [Shop]",
            255,
            "TestSuite with name [Orders] is missing in Project [Shop] (a title is",
        ),
        (
            f"{ERROR}TestCase with name [p] in TestSuite [O] is missing in Project [S]",
            255,
            "TestCase with name [p] in TestSuite [O] is missing in Project [S] (a title is",
        ),
        ("Missing SoapUI project file..", 255, "the runner did not take its command line: "),
        (f"{ERROR}Failed to load SoapUI project file [x]", 255, "the project cannot be loaded: "),
        (
            f"{FRONT}TestSuite [Orders] finished with status [FINISHED] in 0ms",
            0,
            "no case was run: TestSuite [Orders]",
        ),
        ("", 1, "the runner did not find its project file; "),
        ("", 102, "the runner did not find its project file; "),
        ("", 9, "the runner has trouble with its licence; "),
        ("", 255, "the tool left no report (exit code 255"),
        ("", 103, "the tool left no report (exit code 103"),
        ("", 4294967295, "the tool left no report (exit code -1"),
    ],
)
def test_without_a_report_the_output_says_why_it_is_blocked(
    line: str, code: int, reason: str
) -> None:
    given = outcome(line, code=code)

    assert given.verdict == "Blocked"
    assert given.reason.startswith(reason)


@pytest.mark.parametrize("code", [1, 103, 255, 4294967295])
def test_a_bad_exit_code_forbids_a_pass(code: int) -> None:
    given = outcome(BEGIN, ran("pay"), files=(suite("Orders", pay=""),), code=code)

    assert given.verdict == "Blocked"


@pytest.mark.parametrize("data", [b"", b"<testsuite", b"\xff\xfe\0", b"<testsuite/>", b"no"])
def test_what_cannot_be_read_is_blocked_and_raises_nothing(data: bytes) -> None:
    given = outcome(BEGIN, ran("pay"), files=(ResultFile("TEST-Orders.xml", data),))

    assert given.verdict == "Blocked"


def test_output_of_which_some_is_lost_forbids_a_pass() -> None:
    report = b'<testsuite name="Shop.S"><testcase name="One" time="0"/></testsuite>'
    files = (ResultFile("TEST-S.xml", report),)

    whole = readyapi.parse_outcome(Finished(Ending.EXITED, 0, "", files))
    cut = readyapi.parse_outcome(Finished(Ending.EXITED, 0, "", files, output_cut=True))

    assert whole.verdict is Verdict.PASSED
    assert cut.verdict is Verdict.BLOCKED
    assert "log less" in cut.reason


def seconds_to_hear(cases: int) -> float:
    lines = [started(f"C{number}") for number in range(cases)]
    lines += [ended(f"C{number}") for number in range(cases)]
    begun = time.perf_counter()
    assert len(listen("\n".join(lines)).finished) == cases
    return time.perf_counter() - begun


def test_the_time_to_hear_an_output_grows_with_its_lines_and_no_faster() -> None:
    # Linear makes it eight, quadratic sixty-four.
    assert min(seconds_to_hear(8000) for _ in range(3)) < 24 * min(
        seconds_to_hear(1000) for _ in range(5)
    )
