"""What is left of a run that was cut: the launcher's output, read with distrust."""

from pathlib import Path

import pytest

from adapters import junit
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Verdict
from adapters.junit.console_output import MIXED_UP, NO_RESULT, NOT_SURE, is_cut, read_console
from adapters.junit.unique_id import case_name

GOLDEN = Path(__file__).parents[1] / "golden/junit-console-output"
OUTPUTS = ("verbose-1.9.1-ascii", "verbose-1.6.2-unicode")
EMPTY = b'<testsuite name="JUnit Platform Suite" tests="0"></testsuite>'
GREEN = b'<testsuite name="v" tests="1"><testcase classname="old.A" name="a"/></testsuite>'


def output(name: str = OUTPUTS[0]) -> str:
    return (GOLDEN / f"{name}.txt").read_text("utf-8")


def statuses(text: str) -> dict[str, Verdict]:
    return {one.case.name: one.case.status for one in read_console(text).cases}


def cut(text: str, ending: Ending = Ending.TIMED_OUT, **files: bytes) -> Outcome:
    found = tuple(ResultFile(f"TEST-{name}.xml", data) for name, data in files.items())
    exit_code = 0 if ending is Ending.EXITED else None
    return junit.parse_outcome(Finished(ending, exit_code, text[-500:], found, output=text))


def before(marker: str) -> str:
    return output().partition(marker)[0]


def tree(*lines: str, depth: int = 2) -> str:
    return "".join("| " * depth + line + "\n" for line in lines)


def block(name: str, *result: str, depth: int = 2) -> str:
    engine = f"[engine:junit-jupiter]/[class:a.A]/[method:{name}()]"
    source = (
        "   source: MethodSource [className = 'a.A', methodName = 'x', methodParameterTypes = '']"
    )
    return tree(f" uniqueId: {engine}", source, *result, depth=depth)


PASS = (" duration: 3 ms", "   status: [OK] SUCCESSFUL")
FAIL = ("   caught: java.lang.Error: no", " duration: 3 ms", "   status: [X] FAILED")


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_test_of_a_real_output_is_read(name: str) -> None:
    rows = (GOLDEN / f"{name}.cases").read_text("utf-8").splitlines()

    read = read_console(output(name))

    said = [f"{one.case.status} | {one.case.raw_status} | {one.case.name}" for one in read.cases]
    assert said == rows
    assert read.planned == 21
    assert not is_cut(output(name))
    assert read.fixture_errors == (
        "java.lang.RuntimeException: teardown failed",
        "java.lang.RuntimeException: fixture failed",
    )


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_cut_of_the_output_makes_a_better_result_of_any_test(name: str) -> None:
    text = output(name)
    whole = statuses(text)
    lines = text.splitlines(keepends=True)

    for end in range(len(lines)):
        for rest in ("", lines[end][: len(lines[end]) // 2]):
            seen = statuses("".join(lines[:end]) + rest)
            better = {
                name
                for name, status in seen.items()
                if status is not Verdict.BLOCKED and whole.get(name) is not status
            }
            assert not better, (end, rest)


@pytest.mark.parametrize("ending", [Ending.TIMED_OUT, Ending.KILLED, Ending.EXITED])
def test_a_cut_run_keeps_what_had_ended_and_blocks_the_rest(ending: Ending) -> None:
    text = before("| | |  duration: 1 ms\n| | |    status: [OK] SUCCESSFUL\n| | +-- two")
    outcome = cut(text, ending, **{"junit-platform-suite": EMPTY})

    assert outcome.verdict is Verdict.BLOCKED
    assert [(case.name, case.status, case.message) for case in outcome.cases] == [
        ("mix.TearTest.a()", Verdict.PASSED, ""),
        ("mix.MixTest.a_pass()", Verdict.BLOCKED, NO_RESULT),
    ]
    assert "did not come to its end: its output tells of 2 tests of 21 planned" in outcome.reason
    assert "a fixture failed: java.lang.RuntimeException: teardown failed" in outcome.reason


def test_a_cut_run_with_a_failure_failed() -> None:
    outcome = cut(before("| | +-- d_off()"))

    assert outcome.verdict is Verdict.FAILED
    assert "its time being up" in outcome.reason


def test_the_green_report_of_one_engine_does_not_speak_for_another_that_was_ended_by_a_test() -> (
    None
):
    text = before("| | +-- c_fail()")

    outcome = cut(text, Ending.EXITED, **{"junit-vintage": GREEN})

    assert outcome.verdict is Verdict.BLOCKED
    assert {case.name for case in outcome.cases} > {"old.A.a", "mix.MixTest.a_pass()"}


def test_an_engine_that_has_reported_is_not_read_from_the_output_too() -> None:
    text = before("| | +-- c_fail()")

    outcome = cut(text, **{"junit-jupiter": GREEN})

    assert [case.name for case in outcome.cases] == ["old.A.a"]


def test_a_report_that_was_cut_is_filled_up_from_the_output() -> None:
    text = before("| | +-- c_fail()")
    report = GREEN.replace(b"</testsuite>", b"<testcase")

    outcome = cut(text, **{"junit-jupiter": report})

    assert outcome.verdict is Verdict.BLOCKED
    assert "mix.MixTest.b_display()" in {case.name for case in outcome.cases}


def test_a_lost_beginning_does_not_hide_that_the_end_is_missing() -> None:
    text = before("| | +-- c_fail()").partition("\n+-- JUnit Jupiter")[2]

    assert is_cut(text)
    assert read_console(text).planned is None
    assert cut(text, Ending.EXITED, **{"junit-vintage": GREEN}).verdict is Verdict.BLOCKED


def test_the_summary_of_a_launcher_inside_a_test_is_not_the_end() -> None:
    inner = "Test plan execution started. Number of static tests: 1\n" + block("inner", *PASS)
    text = before("| | +-- c_fail()") + inner + "Test run finished after 12 ms\n"

    assert is_cut(text)


def test_output_of_a_test_is_not_its_result() -> None:
    forged = "     status: [OK] SUCCESSFUL\n[OK]\n| |    status: [OK] SUCCESSFUL\n"

    assert statuses(block("a") + forged) == {"a.A.a()": Verdict.BLOCKED}


def test_a_result_at_another_depth_is_of_something_else() -> None:
    assert statuses(block("a") + tree(*PASS, depth=3)) == {"a.A.a()": Verdict.BLOCKED}


def test_a_forged_result_with_more_output_behind_it_is_doubted() -> None:
    read = read_console(block("a", *PASS) + "still at work\n")

    assert [(one.case.status, one.case.message) for one in read.cases] == [
        (Verdict.BLOCKED, NOT_SURE)
    ]


def test_a_forged_result_is_overruled_by_the_real_one() -> None:
    text = block("a", *PASS) + "more output\n" + tree(*FAIL) + block("b", *PASS)

    assert statuses(text) == {"a.A.a()": Verdict.BLOCKED, "a.A.b()": Verdict.PASSED}


def test_where_two_tests_are_at_work_at_once_no_later_result_is_believed() -> None:
    text = block("a", *PASS) + block("b") + block("c") + tree(*PASS) + block("d", *PASS)

    read = read_console(text)

    assert {one.case.name: one.case.status for one in read.cases} == {
        "a.A.a()": Verdict.PASSED,
        "a.A.b()": Verdict.BLOCKED,
        "a.A.c()": Verdict.BLOCKED,
        "a.A.d()": Verdict.BLOCKED,
    }
    assert read.cases[-1].case.message == MIXED_UP


def test_output_without_newline_does_not_hide_a_result() -> None:
    text = block("a") + "tail" + tree(" duration: 3 ms", "   status: [OK] SUCCESSFUL")

    read = read_console(text)

    assert (read.cases[0].case.status, read.cases[0].case.seconds) == (Verdict.PASSED, 0.003)


def test_a_missing_driver_is_no_failure_of_the_test() -> None:
    caught = "   caught: org.openqa.selenium.SessionNotCreatedException: no browser"

    text = block("a", caught, " duration: 3 ms", "   status: [X] FAILED")

    assert statuses(text) == {"a.A.a()": Verdict.BLOCKED}


def test_a_line_of_bars_without_end_is_read_at_once() -> None:
    assert statuses(block("a") + "| " * 500_000 + "x\n") == {"a.A.a()": "Blocked"}


@pytest.mark.parametrize(
    ("unique_id", "name"),
    [
        ("[engine:e]/[class:a.A]/[method:m(int, %5BLjava.lang.String;)]", "a.A.m(int, String[])"),
        ("[engine:e]/[class:a.A]/[method:m(%5BI, a.B$C)]", "a.A.m(int[], C)"),
        ("[engine:e]/[runner:a.A]/[test:x%2By(a.A)]", "a.A.x+y"),
        ("[engine:cucumber]/[feature:f.feature]/[scenario:3]", "a.A"),
        ("no id", "a.A"),
    ],
)
def test_a_unique_id_gives_the_name_of_the_report(unique_id: str, name: str) -> None:
    assert case_name(unique_id, "a.A") == name


def test_a_test_of_no_class_is_called_by_its_id() -> None:
    assert case_name("[engine:cucumber]/[feature:f.feature]/[scenario:3]", "") == "f.feature/3"


def test_a_fixture_that_failed_is_named_where_no_report_tells_of_it() -> None:
    text = output(OUTPUTS[1])
    files = (ResultFile("TEST-junit-jupiter.xml", GREEN),)
    finished = Finished(Ending.EXITED, 1, "", files, output=text, asked=Automation(""))

    outcome = junit.parse_outcome(finished)

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason.startswith("a fixture failed: java.lang.RuntimeException: teardown")
