"""Values as servers send them: types read with tolerance, and kept within what we can store.

Most of the answers' shape is not documented. What only informs may be anything and never makes
a run unreadable; what decides which item is run, and how, has to be understood.
"""

import json
import math
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

_LARGEST = 2**63 - 1
"""The journal's integers have 64 bits."""


class MalformedAnswer(ValueError):
    """An answer that cannot be what was asked for; the message says why, without its content."""


def _yes(value: object) -> bool:
    """Read the product's Y and N; both they and booleans occur."""
    if isinstance(value, str):
        return value.strip().casefold() in {"y", "yes", "true", "1"}
    return bool(value)


def _text(value: object) -> object:
    """Read text or a number; half a surrogate pair, which no file or database takes, goes."""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value


def _label(value: object) -> object:
    return _text(value) if isinstance(value, str | int | float) else ""


def _text_map(value: object) -> object:
    """Read parameters; what is no text is written as JSON writes it, and null is left out."""
    if isinstance(value, list) and value:
        value = _pairs(value)
    if isinstance(value, dict):
        return {_text(name): _parameter(it) for name, it in value.items() if it is not None}
    # Parameters in a form we do not know must not be lost silently: the test would be another.
    return value or {}


def _pairs(entries: list[object]) -> object:
    """Read a list of keys and values, which is how some writers put a dictionary."""
    found = {}
    for entry in entries:
        if not isinstance(entry, dict):
            return entries
        folded = {str(name).casefold(): value for name, value in entry.items()}
        if set(folded) != {"key", "value"} or not isinstance(folded["key"], str):
            return entries
        found[folded["key"]] = folded["value"]
    return found if len(found) == len(entries) else entries


def _parameter(value: object) -> object:
    return _text(value if isinstance(value, str) else json.dumps(value))


def _seconds(value: object) -> float | None:
    """Read a limit; zero, null and what is no number all mean that there is none."""
    try:
        seconds = float(value) if isinstance(value, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def whole(value: object) -> int | None:
    """Read an integer that only informs; None when it is none, or too big for any use."""
    try:
        number = int(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) <= _LARGEST else None


def many(value: object) -> object:
    """Accept one object where a list is expected."""
    return [value] if isinstance(value, dict) else value


def _texts(value: object) -> object:
    return [it for it in value if isinstance(it, str)] if isinstance(value, list) else []


YesNo = Annotated[bool, BeforeValidator(_yes)]
Text = Annotated[str, BeforeValidator(_text)]
Label = Annotated[str, BeforeValidator(_label)]
"""Text that only informs."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
TextMap = Annotated[dict[str, str], BeforeValidator(_text_map)]
Seconds = Annotated[float | None, BeforeValidator(_seconds)]
Whole = Annotated[int | None, BeforeValidator(whole)]
Id = Annotated[int, Field(ge=1, le=_LARGEST)]
Number = Annotated[int, Field(ge=0, le=_LARGEST)]
"""A sequence number; 0 stands for none."""


class Received(BaseModel):
    """A document of the server: unknown properties are ignored, and null is like absent."""

    # An answer may hold a token: an error about it must not print what it holds.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


_Document = TypeVar("_Document", bound=Received)


def read(model: type[_Document], answer: Any) -> _Document:
    """Read *answer* as *model*; raises MalformedAnswer, which names the place and not the value."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise MalformedAnswer(first_fault(error)) from error


def first_fault(error: ValidationError) -> str:
    """Say where the first fault is and what it is, without the value that stands there."""
    fault = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part)[:40] for part in fault["loc"]) or "the document"
    return f"{place}: {fault['msg']}"
