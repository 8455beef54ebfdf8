"""What builds print that no exit code tells."""

import time

import pytest

from adapters.base import Case, Ending, Finished, Report, Verdict
from adapters.java.at_work import with_classes_at_work
from adapters.java.build_output import build_doubts, build_failure, classes_at_work
from adapters.java.runner import Runner, runner_of

MAVEN = "[INFO] Scanning for projects...\n"
STATISTICS = "[INFO] Total time:  1 s\n[INFO] Finished at: today\n"
END = f"[INFO] BUILD SUCCESS\n{STATISTICS}"
ANT_END = "\nBUILD SUCCESSFUL\nTotal time: 0 seconds\n"
ADVICE = (
    "[ERROR] \n[ERROR] To see the full stack trace of the errors, re-run Maven with the -e\n"
    "[ERROR] Re-run Maven using the -X switch\n[ERROR] [Help 1] http://cwiki.apache.org/x\n"
)


def doubts(text: str, runner: Runner, exit_code: int = 0, *, output_cut: bool = False) -> str:
    finished = Finished(Ending.EXITED, exit_code, output=text, output_cut=output_cut)
    return "; ".join(build_doubts(finished, runner))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anything\n",
        MAVEN + END,
        "Buildfile: build.xml\n" + ANT_END,
        # The exit of a fork is waited for in vain after its tests are done.
        MAVEN + "[INFO] Reactor Summary for lab 1:\n[INFO] a ........ SUCCESS [ 1 s]\n" + END,
        MAVEN + "a test says: The forked VM terminated without reason\n" + END,
    ],
)
def test_an_ordinary_build_casts_no_doubt(text: str) -> None:
    assert doubts(text, Runner.UNKNOWN) == ""


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (MAVEN, "Maven did not come to its end"),
        ("Buildfile: build.xml\n\ntest:\n", "Ant did not come to its end"),
        (MAVEN + "[ERROR] There was a timeout or other error in the fork\n" + END, "JVM"),
        (MAVEN + "[ERROR] ExecutionException The forked VM terminated without s\n" + END, "JVM"),
        (MAVEN + "[ERROR] Crashed tests:\n" + END, "JVM"),
        (MAVEN + "[INFO] shop ui ..... FAILURE [  1.2 s]\n" + END, "failed: shop ui"),
        (MAVEN + "[INFO] shop ui .... SKIPPED\n" + END, "failed: shop ui"),
    ],
)
def test_exit_code_0_is_doubted_where_the_output_speaks_against_it(text: str, doubt: str) -> None:
    assert doubt in doubts(text, Runner.UNKNOWN)


LOST = "the end of a long line of a test\n"


@pytest.mark.parametrize("runner", [Runner.MAVEN, Runner.ANT])
def test_the_end_must_be_there_whatever_has_become_of_the_start(runner: Runner) -> None:
    assert f"{runner} did not come to its end" in doubts(LOST, runner)
    assert "not all of the output was kept" in doubts(LOST, runner, output_cut=True)
    assert doubts(LOST, runner, exit_code=1) == ""
    assert doubts(LOST, Runner.CONSOLE) == doubts(LOST, Runner.TESTNG) == ""


@pytest.mark.parametrize(
    ("runner", "end"),
    [
        (Runner.MAVEN, END),
        (Runner.MAVEN, f"12:00:01 [main] INFO BUILD SUCCESS\n{STATISTICS}"),
        # A build that a test runs prints its own.
        (Runner.MAVEN, f"[INFO] BUILD FAILURE\n{STATISTICS}{END}a hook's last word\n"),
        (Runner.ANT, ANT_END),
        (Runner.ANT, "\nBUILD SUCCESSFUL - at 24/11/26 12:00\nTotal time: 0 seconds\n"),
    ],
)
def test_the_end_is_known_in_each_form(runner: Runner, end: str) -> None:
    assert doubts(LOST + end, runner) == ""


@pytest.mark.parametrize(
    ("runner", "end"),
    [
        (Runner.MAVEN, "[INFO] BUILD SUCCESS\n"),
        (Runner.MAVEN, f"{END}[INFO] BUILD FAILURE\n{STATISTICS}"),
        (Runner.MAVEN, f"a test says BUILD SUCCESS\n{STATISTICS}"),
        (Runner.MAVEN, ANT_END),
        (Runner.ANT, "BUILD SUCCESSFUL\n"),
        (Runner.ANT, "     [exec] BUILD SUCCESSFUL\nTotal time: 0 seconds\n"),
        (Runner.ANT, END),
    ],
)
def test_what_looks_like_an_end_is_none(runner: Runner, end: str) -> None:
    assert "did not come to its end" in doubts(end, runner)


@pytest.mark.parametrize(
    "line", ["Crashed tests: 0", "Buildfile: x", "There was an error in the forked process: no"]
)
def test_a_line_of_the_tests_own_is_no_sign_of_a_build(line: str) -> None:
    assert doubts(f"{line}\n{END}", Runner.MAVEN) == ""


@pytest.mark.parametrize(
    "said", ["Crashed tests:\n", "[INFO] shop ui .... SKIPPED\n", MAVEN, "Buildfile: x\n"]
)
def test_what_maven_says_means_nothing_where_it_was_not_started(said: str) -> None:
    assert doubts(said + ANT_END, Runner.ANT) == ""
    assert doubts(said, Runner.CONSOLE) == doubts(said, Runner.TESTNG) == ""


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ((), Runner.UNKNOWN),
        (("java", "-jar", "c.jar", "--details=verbose"), Runner.CONSOLE),
        (("java", "-Dx=--details=verbose", "org.testng.TestNG"), Runner.TESTNG),
        (("docker", "exec", "box", "mvn", "-Dstyle.color=never"), Runner.MAVEN),
        (("xvfb-run", "ant", "-noinput"), Runner.ANT),
    ],
)
def test_what_was_started_is_known_by_the_words_of_our_own(
    command: tuple[str, ...], runner: Runner
) -> None:
    assert runner_of(command) is runner


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing\n", ""),
        # A test's own log: without a word of Maven's it says nothing of the build.
        ("[ERROR] database is down\n", ""),
        (
            "[ERROR] Failed to execute goal x:test on project lab: No tests were executed! -> "
            "[Help 1]\n" + ADVICE,
            "Failed to execute goal x:test on project lab: No tests were executed!",
        ),
        (
            '[ERROR] Unknown lifecycle phase "x". -> [Help 1]\n' + ADVICE,
            'Unknown lifecycle phase "x".',
        ),
        (
            "[ERROR] COMPILATION ERROR : \n[ERROR] /p/A.java:[3,5] cannot find symbol\n"
            "[ERROR] Failed to execute goal c on project lab: Compilation failure\n" + ADVICE,
            "Failed to execute goal c on project lab: Compilation failure: "
            "/p/A.java:[3,5] cannot find symbol",
        ),
        (
            "    [javac] /p/A.java:3: error: ';' expected\n\nBUILD FAILED\n/p/build.xml:9: Compile "
            "failed\n",
            "/p/build.xml:9: Compile failed: /p/A.java:3: error: ';' expected",
        ),
        ("/p/A.java:3: error: ';' expected\n1 error\n", "/p/A.java:3: error: ';' expected"),
    ],
)
def test_a_failed_build_gives_its_cause(text: str, said: str) -> None:
    assert build_failure(text) == said


def test_classes_that_began_and_did_not_end_are_known() -> None:
    text = (
        "[INFO] Running a.A\n[INFO] Tests run: 1, Failures: 0, Time elapsed: 1 s - in a.A\n"
        "[INFO] Running a.B\n[ERROR] Tests run: 1, Failures: 1 <<< FAILURE! -- in a.B\n"
        "[INFO] Running a.C\n"
    )

    assert classes_at_work(text, Runner.MAVEN) == ["a.C"]
    assert classes_at_work(text, Runner.CONSOLE) == []
    # Its end may be the work of a test that ended Maven.
    assert classes_at_work(text + END, Runner.MAVEN) == ["a.C"]


def test_what_a_class_prints_between_its_begin_and_its_end_is_no_class() -> None:
    text = (
        "[INFO] Running a.A\n[INFO] Running migrations\n[INFO] Running app.Server\n"
        "[INFO] Tests run: 1, Failures: 0, Time elapsed: 1 s - in a.A\n[INFO] Running cleanup\n"
    )

    assert classes_at_work(text + END, Runner.MAVEN) == []
    assert "migrations" in classes_at_work(text, Runner.MAVEN)


def test_only_classes_that_no_report_knows_are_added() -> None:
    report = Report(
        (Case("a.A.x[1.5 $]", Verdict.PASSED, ""), Case("b.B$In.y", Verdict.PASSED, ""))
    )
    known = ["a.A", "b.B", "b.B$In"]

    assert with_classes_at_work(report, known) is report
    more = with_classes_at_work(report, [*known, "a.AB", "a.A.xyz"])

    assert more is not None
    assert [case.name for case in more.cases[2:]] == ["a.AB", "a.A.xyz"]


def test_many_classes_and_many_cases_are_compared_at_once() -> None:
    names = [f"shop.part{number}.CartTest" for number in range(4_000)]
    cases = tuple(Case(f"{name}.m{at}()", Verdict.PASSED, "") for name in names for at in range(10))
    start_s = time.process_time()

    assert with_classes_at_work(Report(cases), names) is not None
    assert time.process_time() - start_s < 2
