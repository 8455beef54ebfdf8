"""Whether the console launcher came to its end: proved, or no pass."""

import pytest

from adapters import junit
from adapters.base import Ending, Finished, Outcome, ResultFile

COMMAND = ("java", "-jar", "console.jar", "--details=verbose")
JUPITER, VINTAGE = "junit-jupiter", "junit-vintage"
START = "Test plan execution started. Number of static tests: {}\n"
DYNAMIC = "[test-factory:f()]/[dynamic-test:#1]"


def id_of(engine: str, name: str) -> str:
    return f"[engine:{engine}]/[class:a.A]/{name if '[' in name else f'[method:{name}()]'}"


def began(engine: str, name: str, *, ended: bool = True) -> str:
    result = "| |  duration: 3 ms\n| |    status: [OK] SUCCESSFUL\n"
    return f"| |  uniqueId: {id_of(engine, name)}\n{result if ended else ''}"


def summary(found: int) -> str:
    return (
        "\nTest run finished after 816 ms\n[         1 containers found      ]\n"
        f"[{found:10} tests found           ]\n[         0 tests failed          ]\n\n"
    )


def report(engine: str, *names: str, end: str = "</testsuite>\n") -> ResultFile:
    cases = "".join(
        f'<testcase classname="a.A" name="{name}"><system-out><![CDATA[\n'
        f"unique-id: {id_of(engine, name)}\ndisplay-name: {name}()\n]]></system-out></testcase>\n"
        for name in names
    )
    engine_out = f"<system-out><![CDATA[\nunique-id: [engine:{engine}]\n]]></system-out>"
    text = f'<testsuite name="{engine}">{cases}{engine_out}{end}'
    return ResultFile(f"TEST-{engine}.xml", text.encode())


def ended(output: str, *files: ResultFile, output_cut: bool = False, exit_code: int = 0) -> Outcome:
    return junit.parse_outcome(
        Finished(
            Ending.EXITED,
            exit_code,
            files=files,
            output=output,
            output_cut=output_cut,
            command=COMMAND,
        )
    )


GREEN = report(JUPITER, "a", "b")
BOTH = began(JUPITER, "a") + began(JUPITER, "b")
CHAT = "DEBUG a line of the application\n" * 50


def test_a_run_whose_summary_counts_what_its_reports_hold_passes() -> None:
    assert ended(START.format(2) + BOTH + summary(2), GREEN).verdict == "Passed"


def test_the_start_is_not_needed() -> None:
    assert ended(CHAT + summary(2), GREEN, output_cut=True).verdict == "Passed"


@pytest.mark.parametrize("output_cut", [True, False])
def test_a_test_that_ends_the_launcher_with_0_after_much_output_is_no_pass(
    *, output_cut: bool
) -> None:
    outcome = ended(CHAT, GREEN, output_cut=output_cut)

    assert outcome.verdict == "Blocked"
    assert "the launcher did not come to its end" in outcome.reason
    assert ("not all of its output was kept" in outcome.reason) is output_cut


@pytest.mark.parametrize("forged", ["\nTest run finished after 7 ms\n", summary(1), summary(3)])
@pytest.mark.parametrize("seen", [began(VINTAGE, "z", ended=False), CHAT])
def test_a_summary_that_a_test_printed_is_no_end(forged: str, seen: str) -> None:
    output_cut = seen is CHAT

    assert ended(BOTH + seen + forged, GREEN, output_cut=output_cut).verdict == "Blocked"


def test_an_engine_that_began_needs_its_whole_report() -> None:
    output = BOTH + began(VINTAGE, "z") + summary(2)

    outcome = ended(output, GREEN)

    assert outcome.verdict == "Blocked"
    assert "junit-vintage left no whole report" in outcome.reason
    assert "a.A/z()" in {case.name for case in outcome.cases}
    assert ended(output, GREEN, report(VINTAGE, "z", end="")).verdict == "Blocked"
    assert ended(output, GREEN, report(VINTAGE)).verdict == "Passed"


def test_a_test_that_follows_the_summary_takes_its_meaning_away() -> None:
    assert ended(summary(2) + began(JUPITER, "a", ended=False), GREEN).verdict == "Blocked"


def test_containers_without_children_are_cases_and_no_tests() -> None:
    template = "[test-template:p(int)]"

    assert (
        ended(summary(1), report(JUPITER, "a", template, "[test-factory:f()]")).verdict == "Passed"
    )
    assert ended(summary(4), report(JUPITER, "a", template)).verdict == "Blocked"


def test_a_closed_output_does_not_take_back_what_the_reports_prove() -> None:
    output = START.format(2) + began(JUPITER, "a", ended=False) + "usage: shop\n"

    assert ended(output, GREEN).verdict == "Passed"
    # Some test of the plan has no result, or one that was made while running stands for it.
    assert ended(output, report(JUPITER, "a")).verdict == "Blocked"
    assert ended(output, report(JUPITER, "a", DYNAMIC)).verdict == "Blocked"
    assert ended(output, report(JUPITER, "a", "b", end="")).verdict == "Blocked"
    # The first start of the rest of an output may be that of a launcher inside a test.
    assert ended(output, GREEN, output_cut=True).verdict == "Blocked"


def test_without_exit_code_0_a_summary_is_enough() -> None:
    failed = ResultFile(
        f"TEST-{JUPITER}.xml",
        b'<testsuite><testcase classname="a.A" name="a"><failure/></testcase></testsuite>',
    )

    outcome = ended(BOTH + summary(2), failed, exit_code=1)

    assert (outcome.verdict, outcome.reason) == ("Failed", "")


def test_an_application_that_logs_like_a_build_is_no_build() -> None:
    said = "[INFO] Running migrations\nCrashed tests: 0\nBuildfile: x\n"

    outcome = ended(said + BOTH + summary(2), GREEN)

    assert (outcome.verdict, len(outcome.cases)) == ("Passed", 2)
