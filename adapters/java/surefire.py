"""Titles as Surefire and Failsafe take them: `-Dtest=` and `-Dit.test=`.

Source: Surefire, "Running a Single Test"; that `pkg/**` means a package was tried with 2.22.3.
"""

import re
from collections.abc import Sequence
from pathlib import PurePath

from adapters.base import AdapterError
from adapters.java.names import is_package, known_classes, split

_REGEX = re.compile(r"!?%regex\[.+\](#.+)?")
_PATTERN = re.compile(r"!?[\w.$*?/]+(#\S.*)?")
_PLAIN_NAME = re.compile(r"[\w.$]+")
_FAILSAFE_CLASS = re.compile(r"(.*[./])?(IT\w*|\w+IT|\w+ITCase)(#.*)?")
_FAILSAFE_GOAL = re.compile(r"integration-test|verify|install|deploy|failsafe:.*")
_ARGUMENTS = re.compile(r"\([^()]*\)")
# A property each for Surefire 2 and 3.
_MAY_MATCH_NOTHING = ("-DfailIfNoTests=false", "-Dsurefire.failIfNoSpecifiedTests=false")


def surefire_selection(
    title: str, files: Sequence[PurePath], goals: Sequence[str] = ("test",)
) -> list[str]:
    """Turn a title into properties: classes, `Class#method`, packages, patterns, by commas.

    Where the goals let Failsafe run, classes named as integration tests go to it.
    Raises AdapterError for what is none of these.
    """
    tests = ",".join(_tests(title, files))
    if not tests:
        return []
    if any(map(_FAILSAFE_GOAL.fullmatch, goals)) and all(
        _FAILSAFE_CLASS.fullmatch(one) for one in split(tests)
    ):
        # Surefire has no property to leave all its tests out without Failsafe's going too.
        failsafe = ("-Dit.failIfNoSpecifiedTests=false", "-Dfailsafe.failIfNoSpecifiedTests=false")
        nothing = ("-Dtest=labfleet.NoUnitTest", *_MAY_MATCH_NOTHING)
        return [f"-Dit.test={tests}", *nothing, *failsafe]
    # In a project of several modules those without the class must not end the build. The
    # reports tell whether it ran in one.
    modules = sum(file.name == "pom.xml" for file in files)
    return [f"-Dtest={tests}", *(_MAY_MATCH_NOTHING if modules > 1 else ())]


def _tests(title: str, files: Sequence[PurePath]) -> list[str]:
    title = title.strip()
    if not title.isprintable():
        raise AdapterError("the title holds a control character")
    if _REGEX.fullmatch(title):
        return [title]
    known = known_classes(files)
    return [_test(part, known) for part in split(title)]


def _test(part: str, known: frozenset[str]) -> str:
    if not _PATTERN.fullmatch(part):
        raise AdapterError(f"{part[:80]!r} is not a class, Class#method, package or pattern")
    if _PLAIN_NAME.fullmatch(part) and is_package(part, known):
        return part.replace(".", "/") + "/**"
    # Surefire does not tell overloads apart.
    return _ARGUMENTS.sub("", part)
