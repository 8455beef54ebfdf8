"""The decoder's rules for `currentruns`: what moves, what is absent, what is odd."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.api.received import MalformedAnswer
from orchestrator.api.wire import AutomationDocument, Page, Run, read_page
from tests.standin.lab import golden

JUNIT = {"agent": "junit", "title": "a.b"}


def page(*runs: Any, **result_set: Any) -> Page:
    return read_page({"metadata": {"result_set": result_set}, "results": list(runs)})


def run(*items: Any, **more: Any) -> Run:
    read = page({"id": 7, "test_run_items": list(items), **more})
    assert read.problems == ()
    return read.runs[0]


def problem(*items: Any, **more: Any) -> str:
    read = page({"id": 7, "test_run_items": list(items), **more})
    (text,) = read.problems
    return text


def numbers(*items: Any) -> list[int]:
    return [item.sequence_number for item in run(*items).items]


def steps(*numbers: int) -> dict[str, Any]:
    return {"test_run_results": [{"sequence_number": number} for number in numbers]}


def own(number: Any, *nested: int) -> dict[str, Any]:
    return {"sequence_number": number, **steps(*nested)}


def automation(**values: Any) -> AutomationDocument:
    return run({"automations": [{**JUNIT, **values}]}).items[0].automations[0]


def test_the_recommended_body_is_read_whole() -> None:
    read = read_page(golden("current_runs.json"))

    assert (read.count, read.total, read.problems) == (1, 1, ())
    (found,) = read.runs
    assert (found.id, found.test_set_id, found.test_set_name) == (88310, 951, "Nightly checkout")
    assert (found.configuration_name, found.release_name) == ("Chrome / Windows 11", "2026.3")
    assert found.is_sequential
    (item,) = found.items
    assert (item.sequence_number, item.stop_on_fail, item.pending) == (1, True, True)
    assert item.test_name == "Add item to basket"
    (wanted,) = item.automations
    assert wanted.agent == "TestComplete/TestExecute"
    assert wanted.title == wanted.entry_point == "Shop\\Checkout\\Script\\Basket\\AddItem"
    assert (wanted.timeout, wanted.run_mode, wanted.params) == (600.0, 1, {})


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([own(4), own(9)], [4, 9]),
        ([own(4, 1, 1), own(9, 2, 2)], [4, 9]),
        ([own("4")], [4]),
        ([steps(3, 3), steps(5)], [3, 5]),
        ([{"test_run_results": {"sequence_number": 6}}], [6]),
        ([steps(1, 2, 3)], [1]),
        ([steps(7, 8)], [1]),
        ([steps(1, 2), steps(1)], [1, 2]),
        ([steps(1), steps(1)], [1, 2]),
        ([{}, {}], [1, 2]),
        ([own(None), own(0)], [1, 2]),
        ([own(1), {}], [1, 2]),
        ([own(5), steps(6)], [5, 6]),
        ([{"test_run_results": "none"}, {"test_run_results": [None]}], [1, 2]),
    ],
)
def test_an_items_number_is_its_own_else_its_steps_else_its_position(
    items: list[Any], found: list[int]
) -> None:
    assert numbers(*items) == found


@pytest.mark.parametrize("items", [[own(2), {}], [own(3), own(3)], [{}, own(1)], [own(-1)]])
def test_items_that_cannot_be_told_apart_are_not_run(items: list[Any]) -> None:
    # A position in place of an item's own number would give a verdict to another test.
    assert problem(*items).startswith("run 7: ")


@pytest.mark.parametrize(
    "place",
    [
        {"automations": [JUNIT]},
        {"automations": JUNIT},
        {"automation": JUNIT},
        {"automation": [JUNIT]},
        {"automations": None, "automation": JUNIT},
        {"automations": [], "automation": JUNIT},
        {"automations": [], **JUNIT},
        JUNIT,
    ],
)
def test_an_automation_is_found_wherever_it_stands(place: dict[str, Any]) -> None:
    (found,) = run(place).items[0].automations

    assert (found.agent, found.title) == ("junit", "a.b")


def test_a_flat_automation_brings_its_limit_and_parameters() -> None:
    item = {"entry_point": "x.y", "timeout": 5, "params": {"a": "1"}, "test_name": "T"}

    (found,) = run(item).items[0].automations

    assert (found.entry_point, found.timeout, found.params) == ("x.y", 5.0, {"a": "1"})


def test_several_automations_keep_their_order_and_none_is_none() -> None:
    agents = run({"automations": [{"agent": "testng"}, JUNIT]}).items[0].automations

    assert [found.agent for found in agents] == ["testng", "junit"]
    assert run({"test_name": "T"}).items[0].automations == ()


@pytest.mark.parametrize("yes", [True, "Y", "y", "true", "Yes", 1])
def test_yes_is_read_in_every_form(yes: Any) -> None:
    assert run(is_sequential=yes).is_sequential
    assert run({"stop_on_fail": yes}).items[0].stop_on_fail


@pytest.mark.parametrize("no", [False, "N", "n", "false", "", 0, None])
def test_no_is_read_in_every_form(no: Any) -> None:
    assert not run(is_sequential=no).is_sequential
    assert not run({"stop_on_fail": no}).items[0].stop_on_fail


@pytest.mark.parametrize(
    "status", [None, "", "Awaiting Run", "awaiting run", "AwaitingRun", "In Progress"]
)
def test_an_item_without_a_verdict_is_pending(status: str | None) -> None:
    assert run({"status": status}).items[0].pending
    assert run({"status_code": status}).items[0].pending
    assert run({}).items[0].pending


@pytest.mark.parametrize("status", ["Passed", "FAILED", "blocked", "Skipped", "NA", "N/A"])
def test_an_item_with_a_verdict_is_not_pending(status: str) -> None:
    assert not run({"status": status}).items[0].pending
    assert not run({"status": None, "status_code": status}).items[0].pending


def test_an_item_of_unknown_status_is_neither_run_nor_kept_silent() -> None:
    read = page({"id": 7, "test_run_items": [{"status": "Paused"}, {}]})

    assert [item.pending for item in read.runs[0].items] == [False, True]
    assert read.problems == ("run 7 item 1: unknown status 'Paused'",)


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [(600, 600), ("60", 60), (1.5, 1.5), (0, None), (None, None), (-1, None), ("", None),
     ("PT10M", None), (float("nan"), None), (float("inf"), None), (10**400, None), ([], None)],
)  # fmt: skip
def test_a_limit_is_seconds_or_none(sent: Any, seconds: float | None) -> None:
    assert automation(timeout=sent).timeout == seconds


@pytest.mark.parametrize("sent", ["x", [], 10**30, float("nan"), None, ""])
def test_an_odd_run_mode_hides_nothing(sent: Any) -> None:
    assert automation(run_mode=sent).run_mode is None
    assert automation(run_mode="2").run_mode == 2


def test_parameters_that_are_no_text_are_written_as_json_writes_them() -> None:
    sent = {"a": "x", "b": 1, "c": True, "d": 1.5, "e": None, "f": {"g": [1]}}

    assert automation(params=sent).params == {
        "a": "x", "b": "1", "c": "true", "d": "1.5", "f": '{"g": [1]}',
    }  # fmt: skip


@pytest.mark.parametrize("empty", [None, {}, [], ""])
def test_no_parameters_are_none(empty: Any) -> None:
    assert automation(params=empty).params == {}


@pytest.mark.parametrize("names", [("Key", "Value"), ("key", "value")])
def test_parameters_may_come_as_a_list_of_keys_and_values(names: tuple[str, str]) -> None:
    key, value = names
    sent = [{key: "a", value: "b"}, {key: "c", value: 3}, {key: "d", value: None}]

    assert automation(params=sent).params == {"a": "b", "c": "3"}


@pytest.mark.parametrize(
    "sent",
    [
        ["a=b"],
        [{"name": "a", "value": "b"}],
        [{"key": "a"}],
        [{"key": "a", "value": "b", "type": "int"}],
        [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
        [{"key": 1, "value": "2"}],
        "a=b",
    ],
)
def test_parameters_of_unknown_form_are_not_dropped_silently(sent: Any) -> None:
    assert "params" in problem({"automations": [{**JUNIT, "params": sent}]})


def test_numbers_as_text_and_text_as_numbers_are_read() -> None:
    read = run({"test_name": 12, "sequence_number": "3"}, id="88", release_name=2026.3)

    assert (read.id, read.release_name) == (88, "2026.3")
    assert (read.items[0].test_name, read.items[0].sequence_number) == ("12", 3)


def test_what_only_informs_may_be_anything() -> None:
    read = run({"test_name": {"x": 1}}, test_set_name=[], test_set_id="none", project={"a": None})

    assert (read.test_set_name, read.test_set_id, read.items[0].test_name) == ("", None, "")


def test_nulls_are_like_absent() -> None:
    names = ("test_set_id", "test_set_name", "configuration_name", "release_name", "is_sequential")
    item = dict.fromkeys(["id", "sequence_number", "test_name", "automations", "test_run_results"])

    read = run(item, **dict.fromkeys(names))

    assert read.model_dump() == run({}).model_dump()
    assert page({"id": 7, "test_run_items": None}).runs[0].items == ()


def test_half_a_surrogate_pair_can_be_stored() -> None:
    read = run({"test_name": "a\ud800", "title": "\udfff"}, test_set_name="\ud800")

    read.model_dump_json().encode()


@pytest.mark.parametrize(
    "bad",
    [{"id": "x"}, {"id": 0}, {"id": 2**63}, {}, None, [], 5, {"id": 3, "test_run_items": [5]},
     {"id": 3, "test_run_items": [{"status": {}}]}, {"id": 3, "test_run_items": "x"}],
)  # fmt: skip
def test_one_unreadable_run_does_not_hide_the_others(bad: Any) -> None:
    read = page({"id": 1}, bad, {"id": 2}, count=3, total=3)

    assert [found.id for found in read.runs] == [1, 2]
    assert (read.count, len(read.problems)) == (3, 1)


def test_a_problem_never_quotes_what_it_is_about() -> None:
    assert "hunter2" not in problem({"status": {"x": "hunter2"}})
    assert "hunter2" not in page({"id": "hunter2"}).problems[0]


@pytest.mark.parametrize(
    "answer", [None, [], "x", 5, {}, {"results": None}, {"results": {}}, {"metadata": {}}]
)
def test_an_answer_without_a_list_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        read_page(answer)


@pytest.mark.parametrize("total", [None, "many", [], float("nan")])
def test_a_total_that_is_none_is_not_guessed(total: Any) -> None:
    assert page({"id": 1}, total=total).total is None
    assert read_page({"results": []}).total is None
    assert page({"id": 1}, total="150").total == 150


NAMES = st.text(max_size=3) | st.sampled_from(
    ["metadata", "result_set", "total", "results", "id", "test_run_items", "sequence_number",
     "test_run_results", "status", "status_code", "automations", "automation", "agent", "title",
     "timeout", "run_mode", "params", "is_sequential", "stop_on_fail", "test_set_id", "items",
     "test_name", "nested_number"]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["\ud800", "Y", "Passed", "1", 2**63, 10**400, -1, 0, 1])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6)
)
RUNS = st.fixed_dictionaries(
    {"id": SCALARS},
    optional={
        "test_run_items": st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=4) | VALUES
    },
)


@given(VALUES | st.fixed_dictionaries({"results": st.lists(RUNS | VALUES), "metadata": VALUES}))
def test_any_value_is_a_page_that_can_be_stored_or_malformed(answer: Any) -> None:
    try:
        read = read_page(answer)
    except MalformedAnswer:
        return
    # What is read goes into the journal, which writes JSON in UTF-8.
    read.model_dump_json().encode()
    for found in read.runs:
        listed = [item.sequence_number for item in found.items]
        assert len(set(listed)) == len(listed)
        assert all(0 < number < 2**63 for number in [found.id, *listed])
