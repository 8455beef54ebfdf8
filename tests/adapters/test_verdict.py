from itertools import product

import pytest

from adapters.base import Case, Ending, Finished, Report, Verdict
from adapters.verdict import decide

P, F, B, S = Verdict.PASSED, Verdict.FAILED, Verdict.BLOCKED, Verdict.SKIPPED
OK = Finished(Ending.EXITED, 0)


def report(*statuses: Verdict, problems: tuple[str, ...] = ()) -> Report:
    cases = (Case(f"t{n}", status, "raw", message="why") for n, status in enumerate(statuses))
    return Report(tuple(cases), problems)


@pytest.mark.parametrize(
    ("finished", "read", "verdict", "reason"),
    [
        (OK, report(P), P, ""),
        (OK, report(P, S), P, ""),
        (OK, report(S, S), S, ""),
        (OK, report(P, F, B, S), F, ""),
        (OK, report(P, B), B, "1 case was blocked out of 2; the first is t1: why"),
        (OK, report(B, B), B, "2 cases were blocked out of 2; the first is t0: why"),
        (OK, report(), B, "the report holds no test case (exit code 0)"),
        (OK, None, B, "the tool left no report (exit code 0)"),
        (OK, report(P, problems=("a.xml: cut off at line 3",)), B, "a.xml: cut off at line 3"),
        (OK, report(F, problems=("a.xml: cut off at line 3",)), F, "a.xml: cut off at line 3"),
        (OK, report(S, problems=("x",)), B, "x"),
        (OK, report(problems=("x",)), B, "x; the report holds no test case"),
        (Finished(Ending.EXITED, 0, problems=("too large",)), report(P), B, "too large"),
        (Finished(Ending.EXITED, 0, problems=("too large",)), None, B, "too large; the tool left"),
        (Finished(Ending.EXITED, 1), report(P), B, "runner exit code 1, though no case"),
        (Finished(Ending.EXITED, 1), report(S), B, "runner exit code 1, though no case"),
        (Finished(Ending.EXITED, 1), report(P, F), F, ""),
        (Finished(Ending.EXITED, 1), report(P, B), B, "1 case was blocked out of 2"),
        (Finished(Ending.EXITED, 1), None, B, "the tool left no report (exit code 1)"),
        (Finished(Ending.EXITED, 2), report(), B, "the report holds no test case (exit code 2)"),
        (Finished(Ending.EXITED, -9), report(P), B, "runner signal SIGKILL"),
        (Finished(Ending.EXITED, None), report(P), B, "runner an unknown exit code"),
        (Finished(Ending.TIMED_OUT, None, seconds=60.04), report(P), B, "the tool was ended after"),
        (
            Finished(Ending.TIMED_OUT, None, seconds=60.04),
            report(S),
            B,
            "60.0 s, its time being up",
        ),
        (Finished(Ending.TIMED_OUT, 0, seconds=60.04), report(P), B, "its time being up"),
        (Finished(Ending.TIMED_OUT, None, seconds=60.04), report(P, F), F, "its time being up"),
        (Finished(Ending.TIMED_OUT, None), report(), B, "the report holds no test case"),
        (Finished(Ending.TIMED_OUT, None), None, B, "its time being up; it left no report"),
        (Finished(Ending.KILLED, None, seconds=5), report(P), B, "ended by us after 5.0 s"),
        (Finished(Ending.KILLED, None, seconds=5), report(F), F, "ended by us after 5.0 s"),
        (Finished(Ending.KILLED, None, seconds=5), None, B, "it left no report"),
        (Finished(Ending.NOT_STARTED, None, "No such file"), None, B, "started: No such file"),
        (Finished(Ending.NOT_STARTED, None, "", (), ("denied",)), None, B, "started: denied"),
        (Finished(Ending.NOT_STARTED, None), report(P), B, ": no cause is known"),
    ],
)
def test_the_verdict_of(
    finished: Finished, read: Report | None, verdict: Verdict, reason: str
) -> None:
    outcome = decide(finished, read)

    assert outcome.verdict is verdict
    assert reason in outcome.reason
    if not reason:
        assert outcome.reason == ""


STATUSES = [None, (), (P,), (S,), (F,), (B,), (P, S), (P, F), (F, B), (S, B)]
ALL = list(
    product(Ending, [0, 1, 255, -9, None], STATUSES, [(), ("x",)], [(), ("y",)])
)  # every way a run can end


@pytest.mark.parametrize("ending", list(Ending))
def test_only_a_sound_report_of_a_run_that_ended_itself_can_pass(ending: Ending) -> None:
    for how, code, statuses, problems, collector_problems in ALL:
        if how is not ending:
            continue
        read = None if statuses is None else report(*statuses, problems=problems)

        outcome = decide(Finished(how, code, problems=collector_problems), read)

        sound = how is Ending.EXITED and code == 0 and not collector_problems and not problems
        if how is not Ending.NOT_STARTED:
            assert outcome.cases == (read.cases if read else ())
        if outcome.verdict is P:
            assert sound and statuses in {(P,), (P, S)}
        if outcome.verdict is S:
            assert sound and statuses == (S,)
        if outcome.verdict is B:
            assert outcome.reason
        if how is not Ending.NOT_STARTED and F in (statuses or ()):
            assert outcome.verdict is F


def test_a_blocked_run_without_report_shows_the_end_of_its_output() -> None:
    output = "\n".join(f"line {n}" for n in range(200)) + "\nOutOfMemoryError\n"

    reason = decide(Finished(Ending.EXITED, 137, output), None).reason

    assert "exit code 137 (as after SIGKILL)" in reason
    assert reason.endswith("line 199\nOutOfMemoryError")
    assert "line 151" in reason
    assert "line 150\n" not in reason


def test_an_endless_last_line_is_cut() -> None:
    assert len(decide(Finished(Ending.EXITED, 1, "x" * 10**6), None).reason) < 5000


def test_a_run_without_output_says_so() -> None:
    assert decide(OK, None).reason.endswith("it wrote no output")


def test_many_problems_are_summed_up() -> None:
    reason = decide(OK, report(P, problems=tuple(f"p{n}" for n in range(30)))).reason

    assert "p9; 20 more problems" in reason


def test_notes_of_the_collector_stand_between_doubts_and_those_of_the_report() -> None:
    noted = Finished(Ending.EXITED, 0, problems=("too large",), notes=("left a link",))
    read = Report(report(F).cases, ("cut off",), ("too many",))

    assert decide(noted, read).reason == "too large; cut off; left a link; too many"


def test_what_a_reader_should_know_of_a_pass_is_joined() -> None:
    noted = Finished(Ending.EXITED, 0, notes=("left a link",))

    assert decide(noted, Report(report(P).cases, (), ("too many",))).reason == (
        "left a link; too many"
    )


def test_as_many_problems_as_are_said_leave_no_more() -> None:
    reason = decide(OK, report(P, problems=tuple(f"p{n}" for n in range(10)))).reason

    assert reason.endswith("p8; p9")


def test_a_run_that_was_ended_has_no_exit_code_to_speak_of() -> None:
    ended = Finished(Ending.TIMED_OUT, 143, "last words", seconds=5)

    assert decide(ended, report()).reason == (
        "the tool was ended after 5.0 s, its time being up; the report holds no test case"
        "; its last output:\nlast words"
    )


def test_doubts_about_cases_need_no_output_to_explain_them() -> None:
    said = Finished(Ending.EXITED, 0, "much output", problems=("too large",))

    assert decide(said, report(P)).reason == "too large"


@pytest.mark.parametrize(("notes", "said"), [((), ""), (("left a link",), "; left a link")])
def test_a_bad_exit_code_is_told_with_notes_and_output(notes: tuple[str, ...], said: str) -> None:
    assert decide(Finished(Ending.EXITED, 1, "oh", notes=notes), report(P)).reason == (
        f"runner exit code 1, though no case of its report failed{said}; its last output:\noh"
    )


def test_a_blocked_case_without_a_message_is_named_alone() -> None:
    blocked = Report((Case("t", B, "raw"),))

    assert decide(OK, blocked).reason == "1 case was blocked out of 1; the first is t"


def test_all_that_kept_a_tool_from_starting_is_said() -> None:
    refused = Finished(Ending.NOT_STARTED, None, problems=("no disk", "no tool"))

    assert decide(refused, None).reason == "the tool could not be started: no disk; no tool"


@pytest.mark.parametrize(("status", "verdict"), [(P, P), (S, S), (F, F)])
def test_a_note_changes_no_verdict(status: Verdict, verdict: Verdict) -> None:
    outcome = decide(Finished(Ending.EXITED, 0, notes=("left a link",)), report(status))

    assert (outcome.verdict, outcome.reason) == (verdict, "left a link")


@pytest.mark.parametrize(("statuses", "code"), [((P, B), 0), ((P,), 3)])
def test_a_blocked_run_tells_its_notes_too(statuses: tuple[Verdict, ...], code: int) -> None:
    noted = Finished(Ending.EXITED, code, notes=("2 processes were ended",))

    assert "; 2 processes were ended" in decide(noted, report(*statuses)).reason
