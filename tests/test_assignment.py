"""How a listed run becomes assignments."""

from typing import Any

import pytest

from orchestrator.api import wire
from orchestrator.assignment import ASSIGNMENT, Assignment, Claim, Wanted
from orchestrator.listed import assignments_of


def run_of(*items: dict[str, Any], **more: Any) -> wire.Run:
    return wire.Run.model_validate({"id": 88310, "test_run_items": list(items), **more})


def item(number: int, **more: Any) -> dict[str, Any]:
    return {"sequence_number": number, "status": "Awaiting Run"} | more


def numbers(run: wire.Run) -> list[int]:
    return [one.item for one in assignments_of("lab_01", run)]


def test_a_run_without_items_is_one_assignment_that_says_so() -> None:
    [one] = assignments_of("lab_01", run_of())

    assert (one.run_id, one.item) == (88310, 1)
    assert "without items" in one.problem
    assert not one.awaited


def test_only_what_awaits_its_run_is_taken_by_number() -> None:
    run = run_of(
        item(5), item(2, status="Passed"), item(1, status="AWAITING_RUN"), item(3, status=None),
        item(4, status="Blocked"),
    )  # fmt: skip

    assert numbers(run) == [1, 3, 5]
    assert [one.awaited for one in assignments_of("lab_01", run)] == [True, False, True]
    assert numbers(run_of(item(1, status="Failed"))) == []


@pytest.mark.parametrize(
    ("sequential", "stops", "in_order"),
    [(False, False, False), (True, False, True), ("Y", False, True), (False, True, True)],
)
def test_items_go_in_order_where_the_run_or_a_stop_wants_it(
    sequential: bool | str, stops: bool, in_order: bool
) -> None:
    run = run_of(item(1), item(2, stop_on_fail=stops), is_sequential=sequential)

    assert [one.in_order for one in assignments_of("h", run)] == [in_order] * 2
    assert [one.stop_on_fail for one in assignments_of("h", run)] == [False, stops]


def test_the_flag_of_a_finished_item_still_orders_the_rest() -> None:
    run = run_of(item(1, status="Passed", stop_on_fail=True), item(2), item(3))

    assert [one.in_order for one in assignments_of("h", run)] == [True, True]


def test_a_single_test_has_nothing_to_stop() -> None:
    [one] = assignments_of("h", run_of(item(1, stop_on_fail=True)))

    assert not one.stop_on_fail


def test_all_that_people_and_tools_want_to_know_comes_along() -> None:
    run = run_of(
        item(1, test_name="Add item", automations=[{"agent": "junit", "title": "A"}]),
        test_set_name="Nightly", configuration_name="Chrome", release_name="2026.3",
    )  # fmt: skip
    [one] = assignments_of("lab_01", run)

    assert (one.test_name, one.test_set, one.configuration, one.release) == (
        "Add item", "Nightly", "Chrome", "2026.3",
    )  # fmt: skip
    assert one.wanted == (Wanted("JUnit (Selenium)", "A"),)
    assert ASSIGNMENT.validate_json(ASSIGNMENT.dump_json(one)) == one


@pytest.mark.parametrize(
    ("automation", "wanted"),
    [
        ({"title": "T", "entry_point": "E"}, Wanted("JUnit (Selenium)", "E")),
        ({"title": "T", "timeout": 90}, Wanted("JUnit (Selenium)", "T", 90.0)),
        ({"timeout": 0}, Wanted("JUnit (Selenium)")),
        ({"timeout": -5}, Wanted("JUnit (Selenium)")),
        ({"timeout": None, "run_mode": 1}, Wanted("JUnit (Selenium)", run_mode=1)),
        ({"params": {"a": 1, "b": None}}, Wanted("JUnit (Selenium)", params={"a": "1"})),
    ],
)
def test_an_automation_is_read_with_its_defaults(
    automation: dict[str, Any], wanted: Wanted
) -> None:
    run = run_of(item(1, automations=[{"agent": "JUNIT", **automation}]))

    assert assignments_of("h", run)[0].wanted == (wanted,)


def test_folders_of_attempts_are_named_by_claim_attempt_and_mark() -> None:
    claim = Claim(7, Assignment("h", 1, 1), 2, "c0ffee00")

    assert claim.attempt_name == "000007-2-c0ffee00"
    assert claim.next_attempt_name == "000007-3-c0ffee00"
    assert claim.attempt_names == [f"000007-{number}-c0ffee00" for number in (1, 2, 3)]
