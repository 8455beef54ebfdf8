"""Dates as the API reads and prints them; kept as UTC text with seven fraction digits."""

import re
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(
    r"(?P<whole>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,7}))?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)


class UtcDate(str):
    """UTC, `YYYY-MM-DDTHH:MM:SS.fffffff`: sorts as text and keeps a tenth of a microsecond."""

    __slots__ = ()


def read_date(text: str) -> UtcDate:
    """Read 0 to 7 fraction digits, with `Z`, an offset, or nothing, which also means UTC.

    Raises ValueError for anything else, and for year 1, the framework's way to say "not set".
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date of the form YYYY-MM-DDTHH:MM:SS[.fffffff]Z: {text!r}")
    try:
        moment = datetime.fromisoformat(found["whole"]).replace(tzinfo=_zone(found["zone"]))
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error
    if moment.year == 1:
        raise ValueError("the date is not set")
    return _write(moment, found["fraction"] or "")


def now() -> UtcDate:
    """Return the present moment."""
    moment = datetime.now(UTC)
    return _write(moment, f"{moment.microsecond:06}")


def seconds_between(start: UtcDate, end: UtcDate) -> int:
    """Return the whole seconds from *start* to *end*, rounded."""
    # [:26] leaves six fraction digits, all that datetime holds.
    gap = datetime.fromisoformat(end[:26]) - datetime.fromisoformat(start[:26])
    return round(gap.total_seconds())


def with_z(date: UtcDate) -> str:
    """Write the other documented form: three fraction digits and `Z`."""
    return f"{date[:23]}Z"


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    away = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-away if text[0] == "-" else away)


def _write(moment: datetime, fraction: str) -> UtcDate:
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    return UtcDate(f"{whole}.{fraction:0<7}")
