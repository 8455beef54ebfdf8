"""What a request carries, read as the server's framework reads it.

Names are matched without regard to case and underscores, unknown ones are ignored, null counts as
not sent, and JSON or form bodies are taken. Source: the framework's documents.
"""

import json
from collections.abc import Mapping

from aiohttp import web

from .dialect import is_operation
from .errors import Refusal
from .quirks import QUIRKS

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def query_value(request: web.Request, name: str) -> str | None:
    """Return the value of query parameter *name*, or None if it is not there."""
    exact = _exact(request)
    wanted = _key(name, exact=exact)
    found = (value for key, value in request.query.items() if _key(key, exact=exact) == wanted)
    return next(found, None)


async def read_fields(request: web.Request) -> "Fields":
    """Read the body. Raises Refusal 400 if it is not a JSON object or a form."""
    if request.content_type in _FORMS:
        try:
            form = await request.post()
        except (ValueError, LookupError) as error:  # no boundary, broken parts, an odd charset
            raise Refusal(400, "The body is not a well-formed form") from error
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        return Fields(texts, exact=_exact(request))
    if request.content_type != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    document = _parse(await request.read())
    if not isinstance(document, dict):
        raise Refusal(400, "The body must be a JSON object")
    return Fields(document, exact=_exact(request))


def _exact(request: web.Request) -> bool:
    return is_operation(request) and request.app[QUIRKS].on("exact-input-names")


class Fields:
    """The properties of one object in a request; readers raise Refusal 400 on a wrong type."""

    def __init__(self, given: Mapping[str, object], *, exact: bool = False) -> None:
        """Take the properties as they came; *exact* reads none by another spelling."""
        self._exact = exact
        self._given = {_key(name, exact=exact): value for name, value in given.items()}

    def has(self, name: str) -> bool:
        """Say whether *name* was sent with a value."""
        return self._value(name) is not None

    def text(self, name: str, *, limit: int | None = None) -> str | None:
        """Read a string of at most *limit* characters."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Refusal(400, f"{name} must be a string")
        if limit is not None and len(value) > limit:
            raise Refusal(400, f"{name} must have at most {limit} characters")
        return value

    def required_text(self, name: str, *, limit: int | None = None) -> str:
        """Read a string that is there and not blank."""
        value = self.text(name, limit=limit)
        if value is None or not value.strip():
            raise Refusal(400, f"{name} is required")
        return value

    def number(self, name: str) -> int | None:
        """Read a whole number of 0 or more, also as a string of digits."""
        value = self._value(name)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:20])
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**18:
            raise Refusal(400, f"{name} must be a whole number of 0 or more")
        return value

    def flag(self, name: str) -> bool | None:
        """Read a boolean, also as the words true and false."""
        value = self._value(name)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.casefold(), value)
        if value is None or isinstance(value, bool):
            return value
        raise Refusal(400, f"{name} must be true or false")

    def texts(self, name: str) -> list[str] | None:
        """Read an array of strings."""
        values = self._array(name)
        if values is None:
            return None
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) != len(values):
            raise Refusal(400, f"{name} must be an array of strings")
        return texts

    def objects(self, name: str) -> "list[Fields] | None":
        """Read an array of objects."""
        values = self._array(name)
        if values is None:
            return None
        objects = [Fields(value, exact=self._exact) for value in values if isinstance(value, dict)]
        if len(objects) != len(values):
            raise Refusal(400, f"{name} must be an array of objects")
        return objects

    def dictionary(self, name: str) -> dict[str, str]:
        """Read an object of strings; numbers and booleans are turned into strings."""
        value = self._value(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or any(isinstance(v, dict | list) for v in value.values()):
            raise Refusal(400, f"{name} must be a flat object")
        return {
            key: inner if isinstance(inner, str) else json.dumps(inner)
            for key, inner in value.items()
        }

    def _array(self, name: str) -> list[object] | None:
        value = self._value(name)
        if value is not None and not isinstance(value, list):
            raise Refusal(400, f"{name} must be an array")
        return value

    def _value(self, name: str) -> object:
        return self._given.get(_key(name, exact=self._exact))


def _parse(body: bytes) -> object:
    try:
        document: object = json.loads(body, parse_constant=_no_constant)
        # A lone surrogate ("\ud800") is valid JSON, but no text that could be stored.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not well-formed JSON") from None
    return document


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _key(name: str, *, exact: bool) -> str:
    return name if exact else name.replace("_", "").casefold()
