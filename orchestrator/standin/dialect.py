"""How one document is written: names, numbers, dates and absent values, as the switches say."""

from datetime import datetime

from aiohttp import web

from .dates import UtcDate, with_z
from .quirks import QUIRKS, Quirks

_UNSET = UtcDate("0001-01-01T00:00:00.0000000")
# None of these names means anything to the API.
_UNKNOWN: dict[str, object] = {
    "row_version": "AAAAAAAAB9E=",
    "tags": ["a", {"b": [1]}],
    "etag": None,
    "owner": {"id": 1, "name": "Example", "status": "Passed"},
}
_AS_THEY_ARE = frozenset({"params"})
"""Its names belong to the test, not to the API."""


def is_operation(request: web.Request) -> bool:
    """Whether *request* is for one of the ten operations; the side doors have no dialects."""
    return "/automation/v2/" in request.path


def write(request: web.Request, document: object) -> object:
    """Return *document* as this server writes it in answer to *request*."""
    quirks = request.app[QUIRKS] if is_operation(request) else _PLAIN
    return _value(document, quirks)


def _value(value: object, quirks: Quirks) -> object:
    if isinstance(value, dict):
        return _object(value, quirks)
    if isinstance(value, list):
        return [_value(inner, quirks) for inner in value]
    return _scalar(value, quirks)


def _object(given: dict[str, object], quirks: Quirks) -> dict[str, object]:
    written = {
        name: inner if name in _AS_THEY_ARE else _value(inner, quirks)
        for name, inner in _with_absent(given, quirks).items()
    }
    if quirks.on("unknown-fields"):
        written = {**_UNKNOWN, **written}
    return dict(reversed(written.items())) if quirks.on("reversed-properties") else written


def _with_absent(given: dict[str, object], quirks: Quirks) -> dict[str, object]:
    """Leave out what is None, or put something in its place."""
    kept: dict[str, object] = {}
    for name, value in given.items():
        if value is not None:
            kept[name] = value
        elif name.startswith("date_") and quirks.on("unset-dates"):
            kept[name] = _UNSET
        elif quirks.on("nulls-present") or (name == "timeout" and quirks.on("timeout-null")):
            kept[name] = None
    return kept


def _scalar(value: object, quirks: Quirks) -> object:
    if isinstance(value, UtcDate):
        return _date(value, quirks)
    if isinstance(value, bool):
        return ("Y" if value else "N") if quirks.on("yes-no") else value
    if isinstance(value, int):
        return str(value) if quirks.on("numbers-as-text") else value
    return value


def _date(date: UtcDate, quirks: Quirks) -> str:
    if quirks.on("dates-with-z"):
        return with_z(date)
    if quirks.on("dates-with-offset"):
        return datetime.fromisoformat(date[:19]).isoformat() + "+00:00"
    return date


_PLAIN = Quirks()
