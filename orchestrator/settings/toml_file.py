"""The settings file as text: its values, and the line where each of them stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import SettingsError

_WHERE = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of .*)\)$"
)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A file that is TOML; whether its values make sense is asked later."""

    path: Path
    text: str
    values: Mapping[str, object]


def read(path: Path) -> SettingsFile:
    """Read *path*; raises SettingsError that says where it is not TOML, never what stands there."""
    text = _text(path)
    fault = ""
    try:
        return SettingsFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        fault = _syntax_fault(path, str(error))
    except (RecursionError, ValueError):
        fault = f"{path}: is not TOML that can be read: nested too deep, or a number too long"
    # Outside the handler: newer Pythons keep the whole document, tokens and all, in the error.
    raise SettingsError(fault)


def _text(path: Path) -> str:
    fault = ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        fault = (
            f"{path}: no such file. deploy/labfleet.toml is an example to copy,"
            " and `labfleet schema` prints all keys."
        )
    except OSError as error:
        fault = f"{path}: cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        fault = f"{path}: is not UTF-8: byte {error.start} is no part of a character"
    raise SettingsError(fault)


def _syntax_fault(path: Path, said: str) -> str:
    found = _WHERE.match(said)
    if found is None:
        return f"{path}: is not TOML: {said}"
    place = f"{path}:{found['line']}:{found['column']}" if found["line"] else f"{path}: at the end"
    return f"{place}: is not TOML: {found['what']}"


def lines(text: str) -> dict[tuple[str, ...], int]:
    """Say for every table and key of *text*, which must be TOML, the line where it begins.

    The TOML reader itself finds the statements: lines are added until they are a document of
    their own, which half a statement never is. So quoted keys, dotted keys, inline tables, and
    arrays and strings over several lines are right without a second grammar.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, source in _statements(text):
        values = tomllib.loads(source)
        if source.lstrip().startswith("["):
            paths = [*_paths(values)]
            table = paths[-1]
        else:
            paths = [table + path for path in _paths(values)]
        for path in paths:
            found.setdefault(path, number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    begun, pending = 1, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        begun, pending = (begun, f"{pending}\n{line}") if pending else (number, line)
        if not _is_document(pending):
            continue
        if tomllib.loads(pending):
            yield begun, pending
        pending = ""


def _is_document(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _paths(values: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        yield (key,)
        if isinstance(value, Mapping):
            yield from ((key, *path) for path in _paths(value))
