r"""Which project of a script a title means, and which suite and case of it.

A title is PROJECT\SUITE\CASE, or less. The project comes first as in TestComplete's titles, and
may be left out where the script holds one only; what a script holds is known by file names alone.
A name that could be the project's and a suite's is the project's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from adapters.base import AdapterError

SEPARATOR = "\\"
_COMPOSITE_MARK = "settings.xml"
_PROJECT_FILE = re.compile(r"(.+?)[-_ ]*(?:soapui|readyapi)[-_ ]project", re.IGNORECASE)
# Of the tool or of a build beside the project, never projects themselves.
_OTHER_FILES = frozenset({"soapui-settings.xml", "pom.xml", "build.xml"})


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be run: a project, relative to the script's folder, and what of it."""

    project: PurePath
    suite: str = ""
    case: str = ""
    """Without a suite: every case of that name."""


def selection(title: str, files: Sequence[PurePath]) -> Selection:
    """Find out what *title* means; a name that is no project's is a suite's, then a case's.

    Raises AdapterError when the script holds no project, several and the title names none of
    them, or when the title has more than three parts.
    """
    parts = [part.strip() for part in title.strip().split(SEPARATOR)] if title.strip() else []
    while parts and not parts[-1]:
        parts.pop()
    projects = projects_of(files)
    named = [one for one in projects if parts and _same(parts[0], one)]
    if len(parts) > 3:
        raise AdapterError(f"the title {title[:80]!r} is not PROJECT\\SUITE\\CASE: too many parts")
    if not named and len(projects) > 1:
        raise AdapterError(_which(projects))
    # Three parts begin with a project, whose name in the file may be another than the file's.
    rest = parts[1:] if named or len(parts) == 3 else parts
    if len(named) > 1:
        raise AdapterError(_which(named))
    return Selection((named or projects)[0], *rest)


def projects_of(files: Sequence[PurePath]) -> list[PurePath]:
    """List the projects in the uppermost folder that holds any: files, or composite folders.

    Files that are called projects come before other XML, which may be data of the tests.
    Raises AdapterError when there is none.
    """
    composites = {file.parent for file in files if file.name.lower() == _COMPOSITE_MARK}
    loose = (file for file in files if not composites & {*file.parents})
    found = [*composites, *filter(_may_be_project, loose)]
    if not found:
        raise AdapterError("the script holds no project: neither an XML file nor a composite one")
    depth = min(map(_depth, found))
    upmost = sorted(one for one in found if _depth(one) == depth)
    called = [one for one in upmost if one in composites or _PROJECT_FILE.fullmatch(one.stem)]
    return called or upmost


def _may_be_project(file: PurePath) -> bool:
    return file.suffix.lower() == ".xml" and file.name.lower() not in _OTHER_FILES


def _depth(project: PurePath) -> int:
    return len(project.parts)


def _same(name: str, project: PurePath) -> bool:
    """Compare letters and digits alone: SoapUI writes "My Shop" as My-Shop-soapui-project.xml."""
    short = _PROJECT_FILE.fullmatch(project.stem)
    names = {project.name, project.stem, short[1] if short else project.stem}
    return _letters(name) in {_letters(one) for one in names if _letters(one)}


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _which(projects: Sequence[PurePath]) -> str:
    names = ", ".join(str(one) for one in projects[:5])
    return f"the script holds {len(projects)} projects ({names}): the title should begin with one"
