from pathlib import Path

import pytest

from adapters import ADAPTERS
from adapters.base import Ending, Finished, Outcome, ResultFile, ToolAdapter, Verdict
from adapters.results import outcome_of

GOLDEN = Path(__file__).parents[1] / "golden"
PASSED = b"<testsuite><testcase name='a'/></testsuite>"
FAILED = b"<testsuite><testcase name='b'><failure/></testcase></testsuite>"
EMPTY = (GOLDEN / "junit5-console/TEST-junit-vintage-empty.xml").read_bytes()


# TestComplete's reports are no JUnit XML; all other tools leave some, in one way or another.
@pytest.fixture(params=sorted(set(ADAPTERS) - {"testcomplete"}))
def adapter(request: pytest.FixtureRequest) -> ToolAdapter:
    return ADAPTERS[request.param]


def outcome(adapter: ToolAdapter, *files: bytes, ending: Ending = Ending.EXITED) -> Outcome:
    named = tuple(ResultFile(f"TEST-{n}.xml", data) for n, data in enumerate(files))
    code = 0 if ending is Ending.EXITED else None
    return adapter.parse_outcome(Finished(ending, code, "out", named, seconds=3))


@pytest.mark.parametrize(
    ("files", "verdict", "reason"),
    [
        ([PASSED], "Passed", ""),
        ([PASSED, EMPTY], "Passed", ""),
        ([EMPTY, PASSED], "Passed", ""),
        ([PASSED, b"<coverage/>"], "Passed", ""),
        ([PASSED, FAILED], "Failed", ""),
        ([PASSED, b"<coverage/>", FAILED], "Failed", ""),
        ([], "Blocked", "left no report"),
        ([EMPTY], "Blocked", "the report holds no test case"),
        ([EMPTY, EMPTY], "Blocked", "the report holds no test case"),
        ([b"<coverage/>"], "Blocked", "left no report"),
        ([b""], "Blocked", "TEST-0.xml: the file is empty"),
        ([PASSED, b""], "Blocked", "TEST-1.xml: the file is empty"),
        ([PASSED, b"<other/>"], "Blocked", "TEST-1.xml: root element is <other>"),
        ([PASSED, PASSED[:-9]], "Blocked", "TEST-1.xml: cut off at line 1"),
        ([FAILED, b"not xml"], "Failed", "TEST-1.xml: not XML"),
    ],
)
def test_all_files_of_a_run_make_one_outcome(
    adapter: ToolAdapter, files: list[bytes], verdict: str, reason: str
) -> None:
    result = outcome(adapter, *files)

    assert result.verdict == verdict
    assert reason in result.reason
    assert bool(reason) == bool(result.reason)


@pytest.mark.parametrize("ending", [Ending.TIMED_OUT, Ending.KILLED])
def test_a_killed_run_that_left_only_an_empty_report_is_blocked(
    adapter: ToolAdapter, ending: Ending
) -> None:
    result = outcome(adapter, EMPTY, ending=ending)

    assert result.verdict is Verdict.BLOCKED
    assert "after 3.0 s" in result.reason


def test_cases_of_all_files_stand_in_their_order(adapter: ToolAdapter) -> None:
    assert [case.name for case in outcome(adapter, FAILED, EMPTY, PASSED).cases] == ["b", "a"]


def test_what_a_report_warns_of_is_said_with_its_file() -> None:
    warned = b"""<TestRun><Results><UnitTestResult testName='t' outcome='Passed'/></Results>
        <ResultSummary outcome='Completed'><RunInfos><RunInfo outcome='Warning'><Text>slow</Text>
        </RunInfo></RunInfos></ResultSummary></TestRun>"""

    result = outcome_of(Finished(Ending.EXITED, 0, files=(ResultFile("r.trx", warned),)))

    assert (result.verdict, result.reason) == (Verdict.PASSED, "r.trx: slow")
