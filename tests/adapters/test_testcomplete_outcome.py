import pytest

from adapters import testcomplete
from adapters.base import Ending, Finished, Outcome, ResultFile
from tests.adapters.tclogx_samples import golden, header, node, summary, zipped

PASSED = zipped(golden("all-passed"))
FAILED = zipped(golden("failed-and-passed"))
WARNED = zipped(
    {
        "Summary.dat": summary(node("test0", name="a", status=1)),
        "Description.tcLog": header(status=1),
    }
)


def outcome(
    code: int | None, log: bytes | None, error: bytes | None = None, *, name: str = "run.tcLogX"
) -> Outcome:
    given = {name: log, "run.mht": b"report" if log else None, "error.log": error}
    files = tuple(ResultFile(file, data) for file, data in given.items() if data is not None)
    ending = Ending.TIMED_OUT if code is None else Ending.EXITED
    return testcomplete.parse_outcome(Finished(ending, code, "said", files, seconds=3))


@pytest.mark.parametrize(
    ("code", "log", "verdict", "reason"),
    [
        (0, PASSED, "Passed", ""),
        (1, PASSED, "Passed", "the run ended with warnings (exit code 1)"),
        (1, WARNED, "Passed", "the run ended with warnings (exit code 1)"),
        (2, PASSED, "Blocked", "runner exit code 2, though no case of its report failed"),
        (0, FAILED, "Failed", ""),
        (1, FAILED, "Failed", "the run ended with warnings"),
        (2, FAILED, "Failed", ""),
        (4, FAILED, "Failed", "the product ended the run after its /Timeout"),
        (4, PASSED, "Blocked", "the product ended the run after its /Timeout"),
        (5, PASSED, "Blocked", "runner exit code 5"),
        (3221225477, PASSED, "Blocked", "runner exit code"),
        (3221225477, FAILED, "Failed", ""),
        (None, PASSED, "Blocked", "the tool was ended after 3.0 s"),
        (None, FAILED, "Failed", "the tool was ended after 3.0 s"),
    ],
)
def test_a_code_of_a_test_that_ran_and_its_log_give_a_verdict(
    code: int | None, log: bytes, verdict: str, reason: str
) -> None:
    result = outcome(code, log)

    assert result.verdict == verdict
    assert result.reason.startswith(reason)
    assert (result.log_file, result.report_file) == ("run.tcLogX", "run.mht")


@pytest.mark.parametrize("log", [PASSED, FAILED, None], ids=["passed", "failed", "no log"])
@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((3,), "the test could not be run"),
        ((127,), "the installation of the product is damaged"),
        ((1000, 232), "another TestComplete or TestExecute is running"),
        ((1001, 233), "the machine has not enough free disk space"),
        ((-1, 4294967295, 255), "no licence was to be had"),
        ((-6, 4294967290, 250), "the TestComplete service is not available"),
        ((-10, 4294967286, 246), "no user session could be created"),
        ((-11, 4294967285, 245), "the current user session could not be logged off"),
        ((-12, 4294967284, 244), "the launcher could not start the product"),
        ((-13, 4294967283, 243), "the launcher gave up waiting"),
        ((-14, 4294967282, 242), "the TestComplete service is too old"),
    ],
)
def test_a_code_of_a_test_that_could_not_run_is_blocked_whatever_the_log_says(
    codes: tuple[int, ...], reason: str, log: bytes | None
) -> None:
    for code in codes:
        result = outcome(code, log)

        assert result.verdict == "Blocked"
        assert result.reason.startswith(reason)
        assert f"(exit code {codes[0]})" in result.reason
        assert all(case.status != "Failed" for case in result.cases)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"Another instance is already running.", "another TestComplete or TestExecute is"),
        (b"The license check has failed", "no licence was to be had"),
        (b"No interactive user session", "there is no interactive desktop"),
        ("\ufeffGeen licentie: license".encode("utf-16-le"), "no licence was to be had"),
        (b"\xef\xbb\xbfA syntax error in Unit1", "the test could not be run"),
        (b"", "the test could not be run"),
    ],
)
def test_the_error_log_tells_what_code_3_does_not(said: bytes, reason: str) -> None:
    result = outcome(3, None, said)

    assert result.verdict == "Blocked"
    assert result.reason.startswith(reason)
    assert not {"\0", "\ufffd"} & set(result.reason)


def test_the_words_of_the_error_log_are_in_the_reason() -> None:
    assert "A syntax error in Unit1" in outcome(3, None, b"A syntax error\r\nin Unit1").reason
    assert "oh" in outcome(0, None, b"oh").reason


def test_an_error_log_beside_a_good_log_is_a_note() -> None:
    result = outcome(0, PASSED, b"license ends soon")

    assert (result.verdict, result.reason) == ("Passed", "error log: license ends soon")


@pytest.mark.parametrize("code", [0, 1, 2, 4, None])
def test_without_a_log_nothing_passes_and_nothing_fails(code: int | None) -> None:
    result = outcome(code, None)

    assert result.verdict == "Blocked"
    assert (result.log_file, result.report_file) == ("", "")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_log_that_is_cut_off_passes_nothing_and_is_still_handed_on(code: int) -> None:
    result = outcome(code, PASSED[: len(PASSED) // 2])

    assert result.verdict == "Blocked"
    assert "run.tcLogX: the archive is damaged or cut off" in result.reason
    assert result.log_file == "run.tcLogX"


def test_warnings_fail_where_the_log_has_the_name_for_it() -> None:
    strict = "run.warnings-fail.tcLogX"

    assert outcome(1, WARNED, name=strict).verdict == "Failed"
    assert outcome(0, PASSED, name=strict).verdict == "Passed"
    # A warning that belongs to no test is no failure of one, and no pass.
    assert outcome(1, PASSED, name=strict).verdict == "Blocked"
    assert outcome(1, WARNED, name=strict).log_file == strict
