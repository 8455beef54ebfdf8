"""The pure rules: dates, and the states of runs."""

import pytest

from orchestrator.standin.dates import now, read_date, seconds_between
from orchestrator.standin.states import Item, blocked_by_failure, derive_run_status

A, P, F, B, S, NA = "Awaiting Run", "Passed", "Failed", "Blocked", "Skipped", "NA"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07.0000000"),
        ("2026-03-04T05:06:07", "2026-03-04T05:06:07.0000000"),
        ("2026-03-04T05:06:07.089Z", "2026-03-04T05:06:07.0890000"),
        ("2026-03-04T05:06:07.1234567", "2026-03-04T05:06:07.1234567"),
        ("2026-03-04T05:06:07.5+02:00", "2026-03-04T03:06:07.5000000"),
        ("2026-03-04T23:06:07-05:30", "2026-03-05T04:36:07.0000000"),
    ],
)
def test_dates_are_read_with_0_to_7_digits_and_any_zone(sent: str, kept: str) -> None:
    assert read_date(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "2026-03-04",
        "2026-03-04 05:06:07",
        "2026-02-30T05:06:07Z",
        "2026-03-04T25:06:07Z",
        "2026-03-04T05:06:07.12345678Z",
        "2026-03-04T05:06:07+24:00",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "٢٠٢٦-03-04T05:06:07Z",
        "/Date(1772600767000)/",
    ],
)
def test_other_dates_and_year_1_are_refused(sent: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_date(sent)


def test_the_present_is_written_like_any_other_date() -> None:
    present = now()

    assert read_date(present) == present


def test_seconds_are_counted_between_dates() -> None:
    start, end = read_date("2026-03-04T23:59:59.6"), read_date("2026-03-05T00:01:00.4")

    assert seconds_between(start, end) == 61


@pytest.mark.parametrize(
    ("statuses", "run"),
    [
        ([A, A], "Awaiting Run"),
        ([A, P], "In Progress"),
        ([A, S], "In Progress"),
        ([A, F, B], "In Progress"),
        ([P, F, S, B], "Incomplete"),
        ([P, F, B], "Failed"),
        ([P, B, NA], "Blocked"),
        ([P, P], "Passed"),
        ([P, NA], "Passed"),
        ([NA], "Passed"),
    ],
)
def test_a_runs_status_follows_the_table(statuses: list[str], run: str) -> None:
    assert derive_run_status(statuses) == run
    assert derive_run_status(reversed(statuses)) == run


def test_only_items_that_wait_are_blocked_and_in_order_only_later_ones() -> None:
    items = [Item(1, A), Item(3, F), Item(4, P), Item(7, A), Item(9, A)]

    assert blocked_by_failure(items, 3, sequential=True) == [7, 9]
    assert blocked_by_failure(items, 3, sequential=False) == [1, 7, 9]
