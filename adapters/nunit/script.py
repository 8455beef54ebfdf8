"""Which assembly or project of a script holds the tests."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from adapters.base import AdapterError, Workspace

_ASSEMBLIES = frozenset({".dll", ".exe"})
_PROJECTS = frozenset({".csproj", ".vbproj", ".fsproj"})
_SOLUTIONS = frozenset({".sln", ".slnx"})
# Folders of what a build leaves on its way, or of what it was given.
_OTHER_FOLDERS = frozenset(
    {"obj", "ref", "refint", "packages", "runtimes", "tools", ".nuget", "node_modules"}
)
# Assemblies of test frameworks and runners, which have "test" in their names too.
_FRAMEWORKS = re.compile(
    r"(nunit|xunit|microsoft|mstest|testhost|testcentric|vstest|moq|shouldly|fluentassertions)"
    r"([.\d].*|console.*|lite.*|-.*)?",
    re.IGNORECASE,
)
NAMED_LIMIT = 5


def assemblies(workspace: Workspace, asked: str, chosen: Sequence[str]) -> list[str]:
    """Give the assemblies to run, relative to the script's folder.

    Those are the one that the title *asked* for, else those *chosen* in the settings, else a lone
    `.nunit` project, else those with `test` in their names. Raises AdapterError for none, and
    for one name in several folders: the wrong one could pass.
    """
    if named := [asked] if asked else list(chosen):
        return [_argument(_named(name, workspace.files)) for name in named]
    lists = [file for file in workspace.files if file.suffix.lower() == ".nunit"]
    if len(lists) == 1:
        return [_argument(lists[0])]
    return [_argument(file) for file in _assemblies_with_tests(workspace)]


def projects(workspace: Workspace, asked: str, chosen: Sequence[str]) -> list[str]:
    """Give what `dotnet test` is to build and run: a solution, a test project, or assemblies.

    Raises AdapterError for none, and where several would be possible.
    """
    if named := [asked] if asked else list(chosen):
        return [_argument(_named(name, workspace.files)) for name in named]
    solutions = [file for file in workspace.files if file.suffix.lower() in _SOLUTIONS]
    if solutions:
        return [_argument(_lone(solutions, "solution"))]
    found = [file for file in workspace.files if file.suffix.lower() in _PROJECTS]
    if found:
        return [_argument(_lone(_most_like_tests(found), "project"))]
    return [_argument(file) for file in _assemblies_with_tests(workspace)]


def _named(name: str, files: Sequence[PurePath]) -> PurePath:
    wanted = name.replace("\\", "/").removeprefix("./").lower()
    exact = [file for file in files if file.as_posix().lower() == wanted]
    by_name = [file for file in files if file.name.lower() == wanted and _is_built(file)]
    if not exact and not by_name:
        raise AdapterError(f"the script holds no {name[:200]}")
    return _lone(exact or by_name, "file of this name")


def _assemblies_with_tests(workspace: Workspace) -> list[PurePath]:
    if workspace.files_cut:
        raise AdapterError(f"the script holds more than {len(workspace.files)} files: name the one")
    files = workspace.files
    built = [file for file in files if file.suffix.lower() in _ASSEMBLIES and _is_built(file)]
    own = [file for file in built if not _FRAMEWORKS.fullmatch(file.stem)]
    if not own:
        raise AdapterError("the script holds no assembly with tests")
    found = _most_like_tests(own)
    if "test" not in found[0].stem.lower():
        return [_lone(found, "assembly, and none with 'test' in its name")]
    by_stem: dict[str, list[PurePath]] = {}
    for file in found:
        by_stem.setdefault(file.stem.lower(), []).append(file)
    return [_lone(_without_starters(by_stem[stem]), "such assembly") for stem in sorted(by_stem)]


def _without_starters(files: Sequence[PurePath]) -> list[PurePath]:
    # A test project for .NET makes Shop.Tests.exe too, which only starts Shop.Tests.dll.
    return [file for file in files if file.suffix.lower() == ".dll"] or list(files)


def _most_like_tests(files: Sequence[PurePath]) -> list[PurePath]:
    """Leave a library of helpers, Shop.Testing, out where there is a Shop.Tests."""
    named = [file for file in files if file.stem.lower().endswith(("test", "tests"))]
    return named or [file for file in files if "test" in file.stem.lower()] or list(files)


def _is_built(file: PurePath) -> bool:
    return not _OTHER_FOLDERS & {folder.lower() for folder in file.parent.parts}


def _lone(files: Sequence[PurePath], what: str) -> PurePath:
    if len(files) == 1:
        return files[0]
    names = ", ".join(sorted(file.as_posix() for file in files)[:NAMED_LIMIT])
    raise AdapterError(f"the script holds more than one {what}: {names}; name one in the title")


def _argument(file: PurePath) -> str:
    # Relative to the working directory: an absolute path of POSIX looks like an option.
    text = str(file)
    return f"./{text}" if text.startswith("-") else text
