"""The body that reports an outcome: its steps, its times, and its size."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies

from adapters.base import Case, Outcome, Verdict
from orchestrator.api import sent
from orchestrator.item_result import MAX_BODY_BYTES, MAX_STEPS, make_result

NOW = datetime(2026, 3, 4, 5, 6, 7, 89_000, UTC)


def case(name: str, status: Verdict = Verdict.PASSED, message: str = "", detail: str = "") -> Case:
    return Case(name, status, "raw", 0.1, message, detail)


def of(outcome: Outcome) -> sent.Result:
    return make_result(outcome, NOW, NOW + timedelta(seconds=72.4))


def sent_bytes(result: sent.Result) -> int:
    """As the client puts it on the wire."""
    return len(json.dumps(json.loads(result.model_dump_json())).encode())


def test_every_case_is_a_step_in_its_order_with_its_text() -> None:
    cases = (
        case("a"),
        case("b", Verdict.FAILED, "one line", "the\nwhole\tstack"),
        case("c", Verdict.SKIPPED, "not today"),
    )
    result = of(Outcome(Verdict.FAILED, cases))

    assert [(s.status, s.step, s.actual_result) for s in result.test_run_results] == [
        ("Passed", "a", ""), ("Failed", "b", "the\nwhole\tstack"), ("Skipped", "c", "not today"),
    ]  # fmt: skip
    assert (result.status, result.run_time) == ("Failed", 72)
    assert (result.date_started, result.date_finished) == (
        "2026-03-04T05:06:07.089Z", "2026-03-04T05:07:19.489Z",
    )  # fmt: skip


def test_the_reason_is_the_first_step() -> None:
    result = of(Outcome(Verdict.BLOCKED, (case("a"),), "no report was written"))

    assert result.test_run_results[0] == sent.Step(
        status="Blocked", step="labfleet", actual_result="no report was written"
    )
    assert len(result.test_run_results) == 2


def test_of_too_many_cases_the_bad_ones_are_shown_and_the_rest_counted() -> None:
    cases = tuple(case(f"good {n}") for n in range(MAX_STEPS + 500))
    bad = (case("late", Verdict.FAILED), case("later", Verdict.BLOCKED))
    steps = of(Outcome(Verdict.FAILED, (*cases, *bad))).test_run_results

    assert [step.step for step in steps[:3]] == ["late", "later", "good 0"]
    assert len(steps) == MAX_STEPS + 1
    assert steps[-1].actual_result.startswith("502 more cases")
    assert len(of(Outcome(Verdict.PASSED, cases[:MAX_STEPS])).test_run_results) == MAX_STEPS


def test_texts_are_cut_and_say_so() -> None:
    [step] = of(Outcome(Verdict.FAILED, (case("n" * 1500, detail="x" * 40_000),))).test_run_results

    assert step.step == "n" * 1000 + "… [500 more characters]"
    assert step.actual_result == "x" * 32_768 + "… [7,232 more characters]"


def test_control_characters_do_not_pass() -> None:
    nasty = "\x1b[31mred\x1b[0m\x00\x07\r\nnext\u202e\ud800"
    [step] = of(Outcome(Verdict.FAILED, (case(nasty, detail=nasty),))).test_run_results

    assert step.step == step.actual_result == "red\nnext\ufffd"
    [reason] = of(Outcome(Verdict.BLOCKED, (), nasty)).test_run_results
    assert reason.actual_result == "red\nnext\ufffd"


@pytest.mark.parametrize("seconds", [-3600.0, 0.0, 0.4, 7200.6])
def test_the_finish_is_never_before_the_start(seconds: float) -> None:
    result = make_result(Outcome(Verdict.PASSED), NOW, NOW + timedelta(seconds=seconds))

    assert result.date_finished >= result.date_started
    assert result.run_time == max(0, round(seconds))


def test_times_of_any_zone_are_sent_as_utc() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert make_result(Outcome(Verdict.PASSED), local, local).date_started.endswith("05:06:07.089Z")


@pytest.mark.parametrize("letter", ["x", '"', "ü", "😀", "\n"])
def test_the_whole_stays_below_what_servers_take(letter: str) -> None:
    cases = tuple(
        case(f"{n} " + letter * 900, Verdict.FAILED, detail=letter * 6_000) for n in range(2200)
    )
    result = of(Outcome(Verdict.FAILED, cases, letter * 50_000))

    assert 1_000_000 < sent_bytes(result) <= MAX_BODY_BYTES + 10_000
    assert result.test_run_results[5].step.startswith("4 ")
    assert "more characters" in result.test_run_results[5].actual_result


def test_one_long_text_among_many_short_ones_is_not_cut_for_them() -> None:
    cases = tuple(case(str(n)) for n in range(2000))
    long = case("long", Verdict.FAILED, detail="x" * 30_000)

    steps = of(Outcome(Verdict.FAILED, (*cases[:-1], long))).test_run_results

    assert len(steps[-1].actual_result) == 30_000


@given(
    strategies.lists(
        strategies.builds(
            case, strategies.text(), strategies.sampled_from(Verdict), strategies.text()
        ),
        max_size=20,
    ),
    strategies.text(strategies.characters()),
)
@settings(max_examples=100, deadline=None)
def test_any_outcome_can_be_sent(cases: list[Case], reason: str) -> None:
    result = of(Outcome(Verdict.FAILED, tuple(cases), reason))

    assert json.loads(result.model_dump_json().encode())["status"] == "Failed"
    assert len(result.test_run_results) == len(cases) + bool(reason)
