"""Kinds of values in the settings file, each with its check; no message quotes a value."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints

DAY_S = 86_400.0


def _no_switch(value: object) -> object:
    # Without this, `limit = true` would quietly mean 1.
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic takes ValueError only
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("should hold no NUL character")
    return value


def _variable(name: str) -> str:
    # Our own variables carry tokens on the way in and the run's context on the way out.
    if name.upper().startswith("LABFLEET_"):
        raise ValueError("names that begin with LABFLEET_ belong to labfleet itself")
    if not name or "=" in name:
        raise ValueError("should be the name of an environment variable")
    return _no_nul(name)


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _no_line_break(value: SecretStr) -> SecretStr:
    # A line break is a badly pasted token, and no HTTP header can carry it.
    if not value.get_secret_value().isprintable():
        raise ValueError("should be one line of printable characters")
    return value


Count = Annotated[int, BeforeValidator(_no_switch)]
Number = Annotated[float, BeforeValidator(_no_switch)]
Seconds = Number
Word = Annotated[str, StringConstraints(min_length=1)]
Argument = Annotated[str, AfterValidator(_no_nul)]
Variable = Annotated[str, AfterValidator(_variable)]
OptionalPath = Annotated[Path | None, BeforeValidator(_empty_is_none)]
Token = Annotated[SecretStr, Field(min_length=1), AfterValidator(_no_line_break)]


def http_address(value: str, *, may_have_path: bool) -> str:
    """Give *value* back if it is the address of a server; raises ValueError without quoting it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        # Its own words would quote what stands there, and that may be a password.
        raise ValueError("should be an http or https address") from None
    if not value.isprintable() or " " in value:
        raise ValueError("should hold no blanks and no control characters")
    if "@" in parts.netloc:
        raise ValueError("should hold no user and no password")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http or https address with a host name")
    if parts.query or parts.fragment or (parts.path.strip("/") and not may_have_path):
        raise ValueError("should end with the host name" + (" or a path" if may_have_path else ""))
    return value
