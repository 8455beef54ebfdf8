"""What every command line with a JVM in it has: system properties, and a compiler to run first."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import PurePath, PureWindowsPath

from adapters.base import AdapterError, Automation, Command, Workspace
from adapters.java.reserved import refuse_reserved
from adapters.java.runner import Runner

JAVA = re.compile(r"(.*[/\\])?javaw?(\.exe)?", re.IGNORECASE)
CLASSES_FOLDER = "classes"
"""Where compiled classes go, below the workspace's *tmp*."""

_SOURCES_FILE = "sources.args"
_CLASS_PATH_OPTIONS = frozenset({"-cp", "-classpath", "--class-path"})
# What Windows' own command interpreter reads in an argument of a batch file, even a quoted one.
_BATCH_FILE = re.compile(r".*\.(cmd|bat)", re.IGNORECASE)
_BATCH_SIGNS = re.compile(r'["%&|<>^!\r\n]')
_PARAM_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def system_properties(automation: Automation, workspace: Workspace, runner: Runner) -> list[str]:
    """Write the parameters, the run's context and the temporary folder as `-Dname=value`.

    Of a name that is there twice the last one counts, everywhere: so ours come last.
    Raises AdapterError for a parameter that cannot be one, see `reserved.py`.
    """
    refuse_reserved(automation.params, runner)
    context = [f"-Dlabfleet.{name}={value}" for name, value in automation.context.items()]
    params = [_property(name, value) for name, value in automation.params.items()]
    return [*params, *context, f"-Djava.io.tmpdir={workspace.tmp}"]


def with_properties(
    launcher: Sequence[str], automation: Automation, workspace: Workspace, runner: Runner
) -> list[str]:
    """Put the system properties where Java takes them: before `-jar`, or after `java`.

    A launcher that is not Java gets none. Raises AdapterError if it would need them, since
    there are parameters.
    """
    properties = system_properties(automation, workspace, runner)
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
) -> Command:
    """Give a command with nothing but the step that compiles *sources* to `classes_folder`.

    The sources' names go through a file, as there may be more than a command line holds.
    """
    listed = "".join(f"{_quoted(workspace.folder / source)}\n" for source in sources)
    output = ("-encoding", "UTF-8", "-d", str(classes_folder(workspace)))
    names = type(workspace.tmp)(_SOURCES_FILE)
    step = (*javac, *output, "-cp", class_path, f"@{workspace.tmp / names}")
    # JDK 8's compiler makes no folder for its classes, so a file has to lie there.
    folder = type(workspace.tmp)(CLASSES_FOLDER, ".keep")
    return Command((), before=(step,), files={names: listed, folder: ""})


def classes_folder(workspace: Workspace) -> PurePath:
    """Tell where the compiler puts its classes."""
    return workspace.tmp / CLASSES_FOLDER


def launcher_class_path(launcher: Sequence[str], separator: str) -> list[str]:
    """List the jars that *launcher* starts from: sources need their classes to compile."""
    for option, value in pairwise(launcher):
        if option == "-jar":
            return [value]
        if option in _CLASS_PATH_OPTIONS:
            return [entry for entry in value.split(separator) if entry]
    return []


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


def refuse_signs_of_a_batch_file(program: str, arguments: Sequence[str]) -> None:
    """Raise AdapterError for arguments that *program*, a batch file, would take for commands."""
    if not _BATCH_FILE.fullmatch(program):
        return
    for argument in arguments:
        if sign := _BATCH_SIGNS.search(argument):
            raise AdapterError(f"{argument[:80]!r} holds {sign[0]!r}: a batch file would act on it")


def refuse_quiet(tool: str, words: Sequence[str], quiet: Collection[str]) -> None:
    """Raise AdapterError for a word of *quiet*, by which a profile hides how *tool* ended."""
    for word in words:
        if word.partition("=")[0] in quiet:
            raise AdapterError(
                f"{tool} must not be given {word[:80]}: its output is the proof that it came to "
                "its end; remove the word from the tool's profile"
            )
