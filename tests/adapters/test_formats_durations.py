"""Durations in every spelling that some report has."""

import pytest

from adapters.formats.durations import seconds_between, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:02", 62.0),
        ("1:02:03", 3723.0),
        ("1:30,5", 90.5),
        ("1.02:03:04.5", 93_784.5),
        ("0:90:00", 5400.0),
        (" 00:00:01.2345678 ", 1.2345678),
        ("1:2:3:4", 0.0),
        ("1.02:03", 0.0),
        ("-00:00:01", 0.0),
        ("00:00:-1", 0.0),
        ("00:00:nan", 0.0),
        ("1000000:00", 0.0),
        ("11574.01:46:40", 0.0),
        ("11574.01:46:39", 999_999_999.0),
        (":", 0.0),
    ],
)
def test_a_clock_is_read_with_or_without_days_and_hours(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567,5", 1_234_567.5),
        ("1,234,567.5", 1_234_567.5),
        (",5", 0.5),
        (".5", 0.5),
        ("1,234,567", 1_234_567.0),
        ("1.234.567", 0.0),
        ("999999999", 999_999_999.0),
        ("1000000000", 0.0),
    ],
)
def test_the_last_of_comma_and_point_begins_the_fraction(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_times_far_apart_are_no_duration() -> None:
    assert seconds_between("0001-01-01T00:00:00", "9999-12-31T00:00:00") == 0.0
    assert seconds_between(" 2026-11-24T10:00:00 ", "2026-11-24T10:00:01.5") == 1.5
