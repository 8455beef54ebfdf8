"""What an import may hold: an export can be made by anyone, and what it says is served later."""

import json
import re
from collections.abc import Callable, Mapping

from orchestrator.standin.errors import Refusal
from orchestrator.standin.library import check_link
from orchestrator.standin.versions import DataError

Row = dict[str, str | int | None]

STORED_NAME = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"(([0-9a-f]{2})*\$([0-9a-f]{2})*)?")


def check_row(table: str, row: object, columns: set[str]) -> Row:
    """Return *row* if it can be a row of *table*. Raises DataError, which says what is wrong."""
    if not isinstance(row, dict) or not set(row) <= columns:
        raise DataError(f"{table}: a row is no object, or has columns that are not known")
    for name, value in row.items():
        if not _can_be_stored(value):
            raise DataError(f"{table}: {name} must be text, a whole number or null")
        check = _CHECKS.get(name)
        if check is not None and value is not None and not check(value):
            raise DataError(f"{table}: {name} is not of its form")
    return row


def is_number(value: object) -> bool:
    """Say whether *value* is a whole number that fits where ids go."""
    # What follows the last id must fit too, and be read by those who know floats only.
    return type(value) is int and abs(value) < 2**53


def _can_be_stored(value: object) -> bool:
    if isinstance(value, str):
        # A lone surrogate is valid in JSON, but no text that could be stored.
        return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
    return value is None or is_number(value)


def _is_list_of_texts(value: object) -> bool:
    found = _parsed(value)
    return isinstance(found, list) and all(isinstance(entry, str) for entry in found)


def _is_flat_object(value: object) -> bool:
    found = _parsed(value)
    return isinstance(found, dict) and all(isinstance(entry, str) for entry in found.values())


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None


def _is_link(value: object) -> bool:
    try:
        return isinstance(value, str) and check_link(value) == value
    except Refusal:
        return False


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "stored_name": _matches(STORED_NAME),  # becomes a path
    "password_hash": _matches(_HASH),
    "link": _is_link,  # becomes a header
    "agents": _is_list_of_texts,
    "params": _is_flat_object,
}
