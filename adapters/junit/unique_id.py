"""JUnit Platform's unique ids: from one the name that the XML report gives the same test.

Source: JUnit user guide, "Launcher API"; the names as 1.6.2 and 1.9.1 wrote them to reports.
"""

import re
from urllib.parse import unquote

_SEGMENT = re.compile(r"\[([^\[\]:]+):([^\[\]]*)\]")
_METHODS = frozenset({"method", "test-template", "test-factory"})
_ARGUMENTS = re.compile(r"\((.*)\)")
_VINTAGE_CLASS = re.compile(r"\([\w.$]+\)$")
_INDEX = re.compile(r"#(\d+)")
_ARRAY_CODES = {
    "Z": "boolean",
    "B": "byte",
    "C": "char",
    "D": "double",
    "F": "float",
    "I": "int",
    "J": "long",
    "S": "short",
}


def engine_of(unique_id: str) -> str:
    """Give the engine's id, which is also in the name of its report."""
    return next((value for kind, value in _segments(unique_id) if kind == "engine"), "")


def case_name(unique_id: str, class_name: str) -> str:
    """Name a test as its report does: class, method with simple types, indices of what is made.

    Without *class_name*, as for engines that know no classes, the id itself has to do.
    """
    segments = _segments(unique_id)
    name = ""
    for kind, value in segments:
        if kind in _METHODS:
            name = _ARGUMENTS.sub(_simple_arguments, value, count=1)
        elif kind == "test":
            name = _VINTAGE_CLASS.sub("", value)
        elif name and (index := _INDEX.fullmatch(value)):
            name += f"[{index[1]}]"
    if not name or not class_name:
        return class_name or "/".join(value for _, value in segments[1:]) or unique_id
    return f"{class_name}.{name}"


def _segments(unique_id: str) -> list[tuple[str, str]]:
    return [(kind, unquote(value)) for kind, value in _SEGMENT.findall(unique_id)]


def _simple_arguments(found: re.Match[str]) -> str:
    types = [one.strip() for one in found[1].split(",") if one.strip()]
    return f"({', '.join(map(_simple, types))})"


def _simple(type_name: str) -> str:
    element = type_name.lstrip("[")
    dimensions = len(type_name) - len(element)
    if dimensions:
        element = _ARRAY_CODES.get(element, element.removeprefix("L").removesuffix(";"))
    return re.split(r"[.$]", element)[-1] + "[]" * dimensions
