"""Durations as reports write them, in seconds: of any locale, as a clock shows them, in days."""

import re
from datetime import datetime

# "1.02:03:04.5" is a time span of .NET, days first; minutes and hours may be missing.
_CLOCK = re.compile(r"(?:(?:(\d{1,6})\.)?(\d{1,6}):)?(\d{1,6}):([^:]*)")
_LONGEST_S = 1e9
"""No test has run longer; such a figure is no duration."""


def seconds_of(text: str) -> float:
    """Read a duration in seconds; 0 for what is missing, negative or no number."""
    clock = _CLOCK.fullmatch(text.strip())
    if not clock:
        return _sensible(_number(text))
    days, hours, minutes = (int(part or 0) for part in clock.groups()[:3])
    return _sensible(days * 86400 + hours * 3600 + minutes * 60 + _sensible(_number(clock[4])))


def seconds_between(started: str, ended: str) -> float:
    """Take a duration from two times in ISO 8601; 0 where one of them cannot be read."""
    try:
        return _sensible((_time(ended) - _time(started)).total_seconds())
    except (ValueError, TypeError, OverflowError):  # the second for one time with a zone, one not
        return 0.0


def _number(text: str) -> float:
    """Read a number of any locale.

    Of comma and point the last begins the fraction, the other parts thousands ("1,234.5" is
    Surefire's); a comma alone is another locale's decimal point, several part thousands.
    """
    comma, point = text.rfind(","), text.rfind(".")
    if 0 <= point < comma:
        text = text.replace(".", "")
    elif 0 <= comma < point or text.count(",") > 1:
        text = text.replace(",", "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0.0


def _sensible(seconds: float) -> float:
    # Also refuses NaN, which compares with nothing, and figures that no clock has shown.
    return seconds if 0.0 <= seconds < _LONGEST_S else 0.0


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.strip())
