"""What a script for a Java tool is, seen from the names of its files, and where its classes are."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath, PureWindowsPath

from adapters.base import AdapterError, Workspace

# Where build tools put classes and resources, as the last folders of a path.
_CLASS_ROOTS = (
    ("classes",),
    ("test-classes",),
    ("classes", "java", "main"),
    ("classes", "java", "test"),
    ("resources", "main"),
    ("resources", "test"),
    ("src", "main", "resources"),
    ("src", "test", "resources"),
    ("bin",),
    ("out",),
)


class Kind(StrEnum):
    """What has to be done to run a script's tests."""

    MAVEN = "maven"
    ANT = "ant"
    SOURCES = "sources"
    """Java sources without a build file: they are compiled first."""
    CLASSES = "classes"
    """Class files and jars, ready to run; also a script that holds neither."""


_BUILD_FILES = {Kind.MAVEN: "pom.xml", Kind.ANT: "build.xml"}
_NEEDED = {**_BUILD_FILES, Kind.SOURCES: ".java file", Kind.CLASSES: ".class file"}


@dataclass(frozen=True, slots=True)
class JavaScript:
    """One script: its kind, and what of it belongs to that kind. Paths are relative to it."""

    kind: Kind
    build_file: PurePath | None = None
    """The build file, for the kinds that have one."""
    sources: tuple[PurePath, ...] = ()
    """The Java sources to compile, for that kind alone."""


def java_script(workspace: Workspace, among: Collection[Kind] = tuple(Kind)) -> JavaScript:
    """Tell the kind by the files: a build file, then class files, then sources, then jars.

    A build file counts at the top, or in the only folder that is there, as most archives of a
    project have one. Sources beside class files have been compiled by somebody.
    Raises AdapterError for a script that is none of *among*.
    """
    for kind in _BUILD_FILES:
        if kind in among and (build_file := _build_file(kind, workspace.files)):
            return JavaScript(kind, build_file)
    if workspace.files_cut:
        many = len(workspace.files)
        raise AdapterError(f"the script holds more than {many} files: give it a build file")
    sources = _with_suffix(workspace.files, ".java")
    compiled = Kind.CLASSES in among and _with_suffix(workspace.files, ".class")
    if Kind.SOURCES in among and sources and not compiled:
        return JavaScript(Kind.SOURCES, sources=sources)
    if Kind.CLASSES in among:
        return JavaScript(Kind.CLASSES)
    wanted = " or ".join(_NEEDED[kind] for kind in among)
    raise AdapterError(f"the script holds no {wanted}, at its top or in its only folder")


def class_path(
    workspace: Workspace, extra: Sequence[str] = (), *, first: Sequence[PurePath] = ()
) -> str:
    """Join *first*, the script's folder, its folders of classes and its jars, and *extra*.

    Raises AdapterError for an entry that a class path cannot hold.
    """
    entries = [*map(str, (*first, *script_entries(workspace))), *extra]
    separator = path_separator(workspace)
    for entry in entries:
        if separator in entry:
            raise AdapterError(f"{entry} holds {separator!r}, which parts a class path")
    return separator.join(entries)


def script_entries(workspace: Workspace) -> list[PurePath]:
    """List what of the script belongs on a class path: its folder, class folders and jars."""
    roots = dict.fromkeys(root for file in workspace.files for root in class_roots(file))
    jars = _with_suffix(workspace.files, ".jar")
    return [workspace.folder, *(workspace.folder / path for path in (*roots, *jars))]


def path_separator(workspace: Workspace) -> str:
    """Give what parts the entries of a class path on the tool's machine."""
    return ";" if isinstance(workspace.folder, PureWindowsPath) else ":"


def class_roots(file: PurePath) -> list[PurePath]:
    """List the folders above *file* in which build tools put classes, outermost first."""
    folders = file.parent.parts
    ends = (end for end in range(1, len(folders) + 1) if _is_class_root(folders[:end]))
    return [type(file)(*folders[:end]) for end in ends]


def _is_class_root(folders: tuple[str, ...]) -> bool:
    return any(folders[-len(root) :] == root for root in _CLASS_ROOTS)


def _build_file(kind: Kind, files: Sequence[PurePath]) -> PurePath | None:
    name = _BUILD_FILES[kind]
    tops = {file.parts[0] for file in _own(files)}
    places = [(name,), *((top, name) for top in tops if len(tops) == 1)]
    return next((file for file in files if file.parts in places), None)


def _own(files: Sequence[PurePath]) -> Iterator[PurePath]:
    """Leave out what archivers add of their own beside the folder that was packed."""
    return (file for file in files if file.parts[0] != "__MACOSX" and file.parts != (".DS_Store",))


def _with_suffix(files: Sequence[PurePath], suffix: str) -> tuple[PurePath, ...]:
    return tuple(file for file in _own(files) if file.suffix.lower() == suffix)
