"""What every command line with a JVM in it has: system properties, and a compiler to run first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath

from adapters.base import AdapterError, Automation, Workspace

JAVA = re.compile(r"(.*[/\\])?javaw?(\.exe)?", re.IGNORECASE)
CLASSES_FOLDER = "classes"
"""Where compiled classes go, below the workspace's *tmp*."""

_SOURCES_FILE = "sources.args"
_PARAM_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Compilation:
    """A compiler to run before the tests, as `Command` takes it."""

    argv: tuple[str, ...]
    files: dict[PurePath, str]
    classes: PurePath


def system_properties(automation: Automation, workspace: Workspace) -> list[str]:
    """Write the temporary folder, the run's context and its parameters as `-Dname=value`.

    Raises AdapterError for a parameter that cannot be one.
    """
    context = [f"-Dlabfleet.{name}={value}" for name, value in automation.context.items()]
    params = [_property(name, value) for name, value in automation.params.items()]
    return [f"-Djava.io.tmpdir={workspace.tmp}", *context, *params]


def with_properties(
    launcher: Sequence[str], automation: Automation, workspace: Workspace
) -> list[str]:
    """Put the system properties where Java takes them: before `-jar`, or after `java`.

    A launcher that is not Java gets none. Raises AdapterError if it would need them, since
    there are parameters.
    """
    properties = system_properties(automation, workspace)
    if "-jar" in launcher:
        place = launcher.index("-jar")
    elif JAVA.fullmatch(launcher[0]):
        place = 1
    elif automation.params:
        raise AdapterError("the executable is not java: there is no place for the parameters")
    else:
        return list(launcher)
    return [*launcher[:place], *properties, *launcher[place:]]


def compilation(
    javac: Sequence[str], sources: Sequence[PurePath], workspace: Workspace, class_path: str
) -> Compilation:
    """Say how to compile *sources*; their names go through a file, as there may be many."""
    classes = workspace.tmp / CLASSES_FOLDER
    listed = "".join(f"{_quoted(workspace.folder / source)}\n" for source in sources)
    argv = (
        *javac,
        "-encoding",
        "UTF-8",
        "-d",
        str(classes),
        "-cp",
        class_path,
        f"@{workspace.tmp / _SOURCES_FILE}",
    )
    return Compilation(argv, {type(workspace.tmp)(_SOURCES_FILE): listed}, classes)


def compiler(launcher: Sequence[str]) -> tuple[str, ...]:
    """Name the compiler that belongs to the `java` of *launcher*: the one beside it."""
    for word in launcher:
        if JAVA.fullmatch(word):
            path = PureWindowsPath(word) if "\\" in word else PurePath(word)
            return (str(path.with_name("javac" + path.suffix)),)
    return ("javac",)


def _quoted(path: PurePath) -> str:
    """Quote as the compiler's files of arguments want it. Source: javac, "Argument Files"."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _property(name: str, value: str) -> str:
    if not _PARAM_NAME.fullmatch(name):
        raise AdapterError(f"{name[:80]!r} cannot be the name of a parameter")
    if "\0" in value:
        raise AdapterError(f"the parameter {name} holds a NUL character")
    return f"-D{name}={value}"
