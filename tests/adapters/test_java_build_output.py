"""What builds print that no exit code tells."""

import pytest

from adapters.java.build_output import build_doubts, build_failure, classes_at_work

MAVEN = "[INFO] Scanning for projects...\n"
END = "[INFO] BUILD SUCCESS\n"
ADVICE = (
    "[ERROR] \n[ERROR] To see the full stack trace of the errors, re-run Maven with the -e\n"
    "[ERROR] Re-run Maven using the -X switch\n[ERROR] [Help 1] http://cwiki.apache.org/x\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anything\n",
        MAVEN + END,
        MAVEN + "[ERROR] BUILD FAILURE\n",
        "Buildfile: build.xml\nBUILD SUCCESSFUL\n",
        # The exit of a fork is waited for in vain after its tests are done.
        MAVEN + "[INFO] Reactor Summary for lab 1:\n[INFO] a ........ SUCCESS [ 1 s]\n" + END,
        MAVEN + "a test says: The forked VM terminated without reason\n" + END,
    ],
)
def test_an_ordinary_build_casts_no_doubt(text: str) -> None:
    assert build_doubts(text, 0) == []


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
    assert doubt in "; ".join(build_doubts(text, 0))


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

    assert classes_at_work(text) == ["a.C"]
