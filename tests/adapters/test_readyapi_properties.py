"""Whatever the runner prints and whatever it wrote: no pass out of nothing, and no exception."""

from hypothesis import given
from hypothesis import strategies as st

from adapters import readyapi
from adapters.base import Automation, Ending, Finished, ResultFile, Verdict
from adapters.formats.soapui import readable

NAMES = ("a", "b", "b/a", "", "a] [", "é\t x")
STATUSES = ("FINISHED", "FAILED", "CANCELED", "", "?")
LINES = st.one_of(
    st.just("Running SoapUI tests in project [p]"),
    st.sampled_from(NAMES).map(lambda name: f"Running SoapUI testcase [{name}]"),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(STATUSES)).map(
        lambda said: (
            f"Finished running SoapUI testcase [{said[0]}], time taken: 1ms, status: {said[1]}"
        )
    ),
    st.sampled_from(STATUSES).map(lambda s: f"Project [p] finished with status [{s}] in 1ms"),
    st.integers(0, 3).map(lambda count: f"Total TestCases: 3 ({count} failed)"),
    st.text(max_size=40),
)
CASES = st.lists(
    st.tuples(st.sampled_from(("a", "b", "b/a")), st.sampled_from(("", "<failure/>"))), max_size=4
)


def finished(output: str, cases: list[tuple[str, str]], title: str = "") -> Finished:
    inner = "".join(f'<testcase name="{name}">{result}</testcase>' for name, result in cases)
    file = ResultFile("TEST-s.xml", f'<testsuite name="p.s">{inner}</testsuite>'.encode())
    return Finished(Ending.EXITED, 0, "", (file,), output=output, asked=Automation(title))


@given(st.lists(LINES, max_size=12).map("\n".join), CASES, st.text(max_size=12))
def test_the_output_and_the_title_can_only_take_a_pass_away(
    output: str, cases: list[tuple[str, str]], title: str
) -> None:
    alone = readyapi.parse_outcome(finished("", cases))

    told = readyapi.parse_outcome(finished(output, cases, title))

    assert told.verdict is not Verdict.PASSED or alone.verdict is Verdict.PASSED
    assert len(told.cases) >= len(alone.cases)
    for before, after in zip(alone.cases, told.cases, strict=False):
        assert after.name == before.name
        assert after.status is before.status or before.status is Verdict.PASSED


@given(st.lists(LINES, max_size=12).map("\n".join), st.lists(st.binary(max_size=60), max_size=3))
def test_no_files_and_broken_files_are_blocked(output: str, files: list[bytes]) -> None:
    found = tuple(ResultFile(f"TEST-{at}.xml", data) for at, data in enumerate(files))

    outcome = readyapi.parse_outcome(Finished(Ending.EXITED, 0, "", found, output=output))

    assert outcome.verdict is Verdict.BLOCKED
    assert outcome.reason


@given(
    st.lists(
        st.sampled_from(["<h3>", "<b>", "</b>", "</h3>", "<pre>", "</pre>", "<hr/>", "<a href='"])
        | st.text(max_size=8),
        max_size=20,
    ).map("".join),
    st.text(max_size=20),
)
def test_any_body_is_read_within_bounds(body: str, reason: str) -> None:
    shown = readable(f"<h3><b>{body}", reason)

    assert shown is not None
    assert "\n" not in shown.message
    assert len(shown.message) <= 500
