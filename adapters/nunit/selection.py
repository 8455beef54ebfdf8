"""What a title asks NUnit for: names of tests or categories, in a file of the script or in all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.base import AdapterError

# What a title can begin with, `Shop.Tests.dll: Shop.Tests.CartTests`, or be altogether.
_FILE = re.compile(
    r"\s*(?P<file>[^:]*\.(?:dll|exe|nunit|slnx?|csproj|vbproj|fsproj))\s*(?::(?P<rest>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_CATEGORY = re.compile(r"cat(?:egory)?:(?P<name>.*)", re.IGNORECASE | re.DOTALL)
# NUnit allows no comma, exclamation mark, plus or minus in the name of a category, and its
# expressions give a meaning to more. Source: NUnit docs, "Category Attribute".
_CATEGORY_NAME = re.compile(r"\w[\w. ]*")
_NAME = re.compile(r"[^\W\d][^\x00-\x1f\x7f]*")
_OPENING, _CLOSING = "([{<", ")]}>"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run; everything when neither names nor categories are given."""

    names: tuple[str, ...] = ()
    """Full names of namespaces, fixtures and tests, with a `.` before the test."""
    categories: tuple[str, ...] = ()
    """One of them is enough."""
    file: str = ""
    """The assembly or project that the title names."""
    expected: tuple[str, ...] = ()
    """The names as `adapters.expected` wants them."""


def selection(title: str) -> Selection:
    """Read `[FILE:] NAME, NAME` or `[FILE:] cat:NAME, cat:NAME`; a `#` may stand before a test.

    Raises AdapterError for what is neither, for both at once, and for what begins like an option.
    """
    match = _FILE.fullmatch(title)
    file, rest = (match["file"].strip(), match["rest"] or "") if match else ("", title)
    parts = [part.strip() for part in _split(rest) if part.strip()]
    found = [(part, _CATEGORY.fullmatch(part)) for part in parts]
    categories = tuple(_category(category["name"].strip()) for _, category in found if category)
    names = tuple(_name(part) for part, category in found if not category)
    if names and categories:
        raise AdapterError("a title names either tests or categories, not both")
    return Selection(tuple(map(_dotted, names)), categories, file, names)


def _name(part: str) -> str:
    if not _NAME.fullmatch(part):
        raise AdapterError(f"{part[:80]!r} is not the name of a test, a fixture or a namespace")
    return part


def _dotted(name: str) -> str:
    before, bracket, arguments = name.partition("(")
    return before.replace("#", ".", 1) + bracket + arguments


def _category(name: str) -> str:
    if not _CATEGORY_NAME.fullmatch(name):
        raise AdapterError(f"{name[:80]!r} is not the name of a category")
    return name


def _split(text: str) -> Iterator[str]:
    """Split at commas, those between arguments or inside a string apart."""
    start = depth = 0
    quoted = escaped = False
    for place, letter in enumerate(text):
        if escaped or (quoted and letter == "\\"):
            escaped = not escaped
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in _OPENING + _CLOSING:
            depth = max(0, depth + (1 if letter in _OPENING else -1))
        elif letter == "," and not quoted and not depth:
            yield text[start:place]
            start = place + 1
    yield text[start:]
