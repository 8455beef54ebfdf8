"""What a title names for TestNG.

By commas: `suite.xml`, a suite file of the script; `pkg.Class`, `pkg.Class#method`,
`pkg.Class#one+other` or `pkg.Class.method`; `pkg`, a package with all below it; `group:smoke`,
which takes only that group's tests, of all classes or of those named beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from adapters.base import AdapterError
from adapters.java.names import is_package, known_classes, split

_GROUP = re.compile(r"groups?:\s*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d]\w*([.$]\w+)*")
_METHOD = re.compile(r"[^\W\d][\w$]*")
_ARGUMENTS = re.compile(r"\([^()]*\)")
# TestNG writes these itself: into its output folder, which may have been packed with the rest.
_WRITTEN_BY_TESTNG = frozenset(
    {"testng-results.xml", "testng-failed.xml", "testng-customsuite.xml"}
)
_OUTPUT_FOLDERS = frozenset({"target", "test-output", "surefire-reports", "__MACOSX"})
DEFAULT_SUITE = "testng.xml"


@dataclass(frozen=True, slots=True)
class Selection:
    """A title, taken apart."""

    suites: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Classes, `Class#method` and packages; for Maven patterns too."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names of a selection, by what they are."""

    methods: dict[str, list[str]]
    """By class; no method means all of them."""
    packages: list[str]


def selection_of(title: str) -> Selection:
    """Take *title* apart. Raises AdapterError for a suite beside something else."""
    if not title.strip().isprintable():
        raise AdapterError("the title holds a control character")
    suites, groups, names = [], [], []
    for part in split(title):
        if part.lower().endswith(".xml"):
            suites.append(part)
        elif prefix := _GROUP.match(part):
            groups.append(part[prefix.end() :].strip())
        else:
            names.append(part)
    if suites and (groups or names):
        raise AdapterError("the title names a suite file and something else: a suite runs as it is")
    if not all(groups):
        raise AdapterError("the title holds group: without a name")
    return Selection(tuple(suites), tuple(groups), tuple(names))


def chosen(names: Sequence[str], files: Sequence[PurePath]) -> Chosen:
    """Tell classes, methods and packages apart. Raises AdapterError for what is none of them."""
    known = known_classes(files)
    methods: dict[str, list[str]] = {}
    packages: list[str] = []
    for name in names:
        class_name, hash_sign, method = with_hash(name, known).partition("#")
        if not _is_named_well(class_name, hash_sign, method):
            raise AdapterError(
                f"{name[:80]!r} is not a suite, class, Class#method, package or group:"
            )
        if not hash_sign and is_package(class_name, known):
            packages.append(class_name)
        else:
            methods.setdefault(class_name, []).extend(method.split("+") if method else [])
    return Chosen(methods, packages)


def with_hash(name: str, known: frozenset[str]) -> str:
    """Write `pkg.Class.method` as `pkg.Class#method`, without the types of parameters.

    TestNG's own way to name a method does not tell it from a class. It is one where the part
    before it is a class: a known one, or else one with a capital letter and itself without.
    """
    name = _ARGUMENTS.sub("", name).strip()
    class_name, dot, method = name.rpartition(".")
    if not dot or "#" in name or name in known or not _METHOD.fullmatch(method):
        return name
    looks_so = class_name.rpartition(".")[2][:1].isupper() and method[:1].islower()
    return f"{class_name}#{method}" if class_name in known or looks_so else name


def expected_names(title: str, *, packages_known: bool) -> list[str]:
    """List the classes and methods that *title* wants to see in a report.

    TestNG runs a whole class when the one method that is named does not exist. Surefire takes
    classes without their packages, so then (*packages_known* is false) only full names count.
    """
    try:
        wanted = selection_of(title)
    except AdapterError:
        return []
    if wanted.groups:
        return []
    names: list[str] = []
    for name in wanted.names:
        class_name, hash_sign, methods = with_hash(name, frozenset()).partition("#")
        named_well = _is_named_well(class_name, hash_sign, methods)
        if not named_well or not (packages_known or "." in class_name):
            continue
        if hash_sign:
            names.extend(f"{class_name}#{method}" for method in methods.split("+"))
        elif not is_package(class_name, frozenset()):
            names.append(class_name)
    return names


def suite_files(suites: Sequence[str], files: Sequence[PurePath]) -> list[PurePath]:
    """Find the files of *suites*, by path or by the end of a path that only one file has.

    Raises AdapterError for one that is not there: TestNG ends with 8 then, as for no tests.
    """
    return [_suite_file(suite, files) for suite in suites]


def default_suites(files: Sequence[PurePath]) -> list[PurePath]:
    """Find what a script that names no test wants to run: `testng.xml`, else its `testng*.xml`.

    Only the uppermost count, and none that TestNG wrote.
    """
    found = [file for file in files if _is_suite_to_run(file)]
    top = min((len(file.parts) for file in found), default=0)
    found = [file for file in found if len(file.parts) == top]
    return [file for file in found if file.name.lower() == DEFAULT_SUITE] or sorted(found)


def _is_named_well(class_name: str, hash_sign: str, methods: str) -> bool:
    names = methods.split("+") if hash_sign else []
    return bool(_NAME.fullmatch(class_name)) and all(_METHOD.fullmatch(name) for name in names)


def _suite_file(suite: str, files: Sequence[PurePath]) -> PurePath:
    parts = tuple(part for part in re.split(r"[/\\]", suite) if part != ".")
    found = [file for file in files if file.parts[-len(parts) :] == parts]
    whole = [file for file in found if file.parts == parts] or found
    if len(whole) == 1:
        return whole[0]
    many = f"is there {len(whole)} times: give its path" if whole else "is not there"
    raise AdapterError(f"the suite file {suite[:200]} {many}")


def _is_suite_to_run(file: PurePath) -> bool:
    name = file.name.lower()
    if not name.startswith("testng") or not name.endswith(".xml") or name in _WRITTEN_BY_TESTNG:
        return False
    return not _OUTPUT_FOLDERS & set(file.parts)
