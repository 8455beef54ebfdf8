"""What can be wrong with settings, in words that never hold a value."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from adapters import ADAPTERS
from adapters.placeholders import PLACEHOLDERS, unknown_placeholders

Keys = tuple[str, ...]

_WORDING = {
    "missing": "is required",
    "greater_than_equal": "should be at least {ge}",
    "greater_than": "should be more than {gt}",
    "less_than_equal": "should be at most {le}",
    "less_than": "should be less than {lt}",
    "too_short": "should not be empty",
    "string_too_short": "should not be empty",
    "string_too_long": "should have at most {max_length} characters",
    "string_pattern_mismatch": "names here are made of a-z, 0-9 and _",
    "literal_error": "should be {expected}",
    "tuple_type": "should be a list",
    "dict_type": "should be a table",
    "mapping_type": "should be a table",
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "string_type": "should be a string",
    "path_type": "should be a string",
    "value_error": "{error}",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the dotted key it is about, and what should be there."""

    keys: Keys
    says: str


def of_fields(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Every fault of single fields of *model*, without values."""
    found = error.errors(include_url=False, include_input=False)
    return [_of_field(detail, model) for detail in found]


def _of_field(detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    keys = tuple(str(part) for part in detail["loc"] if part != "[key]")
    if detail["type"] == "extra_forbidden":
        return Fault(keys, f"is not a known key{suggest(keys[-1], _known(model, keys[:-1]))}")
    wording = _WORDING.get(detail["type"])
    if wording is None:
        return Fault(keys, detail["msg"].removeprefix("Input ").removeprefix("Value "))
    return Fault(keys, wording.format_map(detail.get("ctx", {})))


def _known(model: type[BaseModel], keys: Keys) -> Iterable[str]:
    table = section(model.model_fields[keys[0]]) if keys else model
    return table.model_fields if table else ()


def section(field: FieldInfo) -> type[BaseModel] | None:
    """Find the table that *field* holds, itself or under each name; None for a plain value."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next((it for it in kinds if isinstance(it, type) and issubclass(it, BaseModel)), None)


def suggest(word: str, known: Iterable[str]) -> str:
    """End a message about an unknown *word* with the known one that may be meant."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def across(values: Mapping[str, object]) -> Iterator[Fault]:
    """Every fault that shows only when tables are held against each other.

    Takes the values as written, so that these faults are told together with those of single
    fields: what has the wrong shape is passed over here, since its own fault is told there.
    """
    tools, hosts, seats = (table(values, name) for name in ("tools", "hosts", "seats"))
    if hosts and not tools:
        yield Fault(("tools",), "at least one is needed, since there are hosts")
    for key in tools:
        yield from _of_tool(key, table(tools, key), seats)
    for key in hosts:
        yield from _of_host(key, table(hosts, key), tools)
    yield from _twice(hosts, "id")
    yield from _twice(hosts, "host_name")
    web = table(values, "web")
    if web.get("admin_token") and web.get("admin_token_file"):
        says = "admin_token and admin_token_file exclude each other"
        yield Fault(("web", "admin_token_file"), says)


def _of_tool(key: str, tool: Mapping[str, object], seats: Mapping[str, object]) -> Iterator[Fault]:
    adapter = tool.get("adapter") or key
    if isinstance(adapter, str) and adapter not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        yield Fault(("tools", key, "adapter"), f"no such adapter; there are: {known}")
    for name in unknown_placeholders(_words(tool, "executable")):
        says = f"unknown placeholder {{{name}}}{suggest(name, PLACEHOLDERS)}"
        yield Fault(("tools", key, "executable"), says)
    for name in table(tool, "options"):
        yield from _of_option(key, str(adapter), name)
    if tool.get("access_key") and tool.get("access_key_file"):
        says = "access_key and access_key_file exclude each other"
        yield Fault(("tools", key, "access_key_file"), says)
    for name in _words(tool, "seats"):
        if name not in seats:
            yield Fault(("tools", key, "seats"), f"no {name} in [seats]{suggest(name, seats)}")


def _of_option(key: str, adapter: str, name: str) -> Iterator[Fault]:
    known = ADAPTERS[adapter].OPTIONS if adapter in ADAPTERS else {name: ""}
    if name not in known:
        says = f"no option of the adapter {adapter}{suggest(name, known)}"
        yield Fault(("tools", key, "options", name), says)


def _of_host(key: str, host: Mapping[str, object], tools: Mapping[str, object]) -> Iterator[Fault]:
    if tools:
        for name in _words(host, "tools"):
            if name not in tools:
                hint = suggest(name, tools)
                yield Fault(("hosts", key, "tools"), f"no table [tools.{name}]{hint}")
    given = [name for name in ("token", "token_file") if host.get(name)]
    if len(given) == 2:
        yield Fault(("hosts", key, "token_file"), "token and token_file exclude each other")
    if given and host.get("id") is None:
        yield Fault(("hosts", key, given[0]), "is of no use without id")
    if not given and host.get("id") is not None:
        yield Fault(("hosts", key, "id"), "is of no use without token or token_file")


def _twice(hosts: Mapping[str, object], name: str) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for key in hosts:
        host = table(hosts, key)
        value = host.get(name) or (key if name == "host_name" else None)
        if value is not None and first.setdefault(str(value), key) != key:
            yield Fault(("hosts", key, name), f"is the same as that of hosts.{first[str(value)]}")


def table(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Look the table *key* up in values as written; empty when it is missing or no table."""
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def _words(values: Mapping[str, object], key: str) -> list[str]:
    value = values.get(key)
    return (
        [word for word in value if isinstance(word, str)] if isinstance(value, list | tuple) else []
    )
