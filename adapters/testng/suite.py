"""A suite file for what a title names, since only a suite can give TestNG parameters."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from xml.sax.saxutils import quoteattr

from adapters.base import AdapterError
from adapters.java.names import known_classes
from adapters.testng.selection import Chosen

ALL_PACKAGES = ".*"
"""All classes in the folders of the class path; jars are not searched."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def suite_text(chosen: Chosen, groups: Sequence[str], params: Mapping[str, str]) -> str:
    """Write the suite.

    It has no DOCTYPE on purpose: TestNG 6 fetches the https address of its DTD from the network,
    TestNG 7 refuses the http one, and both only warn when there is none.
    Raises AdapterError for a parameter that XML cannot hold.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<suite name="labfleet">',
        *(_parameter(name, value) for name, value in params.items()),
        '<test name="selected">',
        *_groups(groups),
        *_packages(chosen.packages),
        *_classes(chosen.methods),
        "</test>",
        "</suite>",
    ]
    return "\n".join(lines) + "\n"


def all_classes(files: Sequence[PurePath]) -> Chosen:
    """Name every class file's class, without the inner ones.

    Searching packages is no way here: it takes a folder of classes inside the script for a
    package and dies. Raises AdapterError for a script without class files.
    """
    known = known_classes([file for file in files if file.suffix.lower() == ".class"])
    names = sorted(name for name in known if "$" not in name and not name.endswith("-info"))
    if not names:
        raise AdapterError("the script has no class files: the title must name what to run")
    return Chosen({name: [] for name in names}, [])


def _parameter(name: str, value: str) -> str:
    if _ILLEGAL.search(value):
        raise AdapterError(f"the parameter {name} holds a character that XML forbids")
    return f"<parameter name={_quoted(name)} value={_quoted(value)}/>"


def _groups(groups: Sequence[str]) -> Iterator[str]:
    if groups:
        included = "".join(f"<include name={_quoted(group)}/>" for group in groups)
        yield f"<groups><run>{included}</run></groups>"


def _packages(packages: Sequence[str]) -> Iterator[str]:
    if packages:
        named = (name if name == ALL_PACKAGES else f"{name}.*" for name in packages)
        inside = "".join(f"<package name={_quoted(name)}/>" for name in named)
        yield f"<packages>{inside}</packages>"


def _classes(methods: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if methods:
        yield "<classes>"
        yield from (_class(name, included) for name, included in methods.items())
        yield "</classes>"


def _class(name: str, methods: Sequence[str]) -> str:
    if not methods:
        return f"<class name={_quoted(name)}/>"
    # TestNG reads a method's name as a regular expression.
    named = (_quoted(method.replace("$", "[$]")) for method in methods)
    included = "".join(f"<include name={method}/>" for method in named)
    return f"<class name={_quoted(name)}><methods>{included}</methods></class>"


def _quoted(text: str) -> str:
    # A line break would be read as a space.
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
