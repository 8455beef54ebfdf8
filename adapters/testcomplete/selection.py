"""What TestComplete shall open and run, from the title of a test."""

from collections.abc import Sequence
from pathlib import PurePath

from adapters.base import AdapterError

TAGS = "tags:"
ITEM = "item:"


def suite_and_selection(title: str, files: Sequence[PurePath]) -> tuple[PurePath, list[str]]:
    r"""Give the file to open, relative to the script, and the arguments that narrow the run.

    Parts of the title are set apart by `\`, the first one names the suite:
    nothing or `Suite` runs the whole suite, `Suite\Project` one project,
    `Suite\Project\Test` a test item, `Suite\Project\KeywordTests\Test` a test of a collection,
    `Suite\Project\Script\Unit\Routine` a routine, `Suite\Project\item:Name` a project item,
    `Suite\Project\tags:EXPRESSION` what has the tags.
    Source of the shape: titles in the vendor's samples of automations.

    Raises AdapterError when the script holds no such suite and for a title of another shape.
    """
    _check(title)
    path, _, tags = title.partition(TAGS)
    parts = [part.strip() for part in path.split("\\") if part.strip()]
    file, below = _suite(parts, files)
    if tags.strip():
        if len(below) != 1:
            raise AdapterError(rf"tags need one project: Suite\Project\{TAGS}EXPRESSION")
        return file, [f"/project:{below[0]}", f"/tags:{tags.strip()}"]
    if not below:
        return file, []
    return file, [f"/project:{below[0]}", *_in_project(below[1:])]


def _check(title: str) -> None:
    # How the product reads a quote inside an argument is not documented.
    if any(sign in title for sign in '"\0\r\n'):
        raise AdapterError("the title holds a quote, a line break or a NUL: it cannot be passed on")


def _suite(parts: Sequence[str], files: Sequence[PurePath]) -> tuple[PurePath, list[str]]:
    suites = _with_suffix(files, ".pjs")
    if suites:
        return _named(parts, suites), list(parts[1:])
    projects = _with_suffix(files, ".mds")
    if not projects:
        raise AdapterError("the script holds no project suite (.pjs) and no project (.mds)")
    if not parts:
        return _named(parts, projects), []
    # Without its suite's file a project is opened by its own: it may be named first or second.
    named = [place for place in (1, 0) if place < len(parts) and _of(parts[place], projects)]
    place = named[0] if named else 0
    file = _named(parts[place:], projects)
    return file, [file.stem, *parts[place + 1 :]]


def _named(parts: Sequence[str], suites: Sequence[PurePath]) -> PurePath:
    found = _of(parts[0], suites) if parts else list(suites)
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(suite.name for suite in suites))[:500]
    if not parts:
        raise AdapterError(f"the title must begin with the suite's name; the script holds {names}")
    held = f"the script holds {names}"
    if found:
        raise AdapterError(f"{parts[0][:80]!r} names several suites; {held}")
    raise AdapterError(rf"no suite is called {parts[0][:80]!r} (Suite\Project\Test); {held}")


def _of(name: str, suites: Sequence[PurePath]) -> list[PurePath]:
    wanted = name.casefold()
    return [file for file in suites if wanted in {file.stem.casefold(), file.name.casefold()}]


def _with_suffix(files: Sequence[PurePath], suffix: str) -> list[PurePath]:
    return [file for file in files if file.suffix.casefold() == suffix]


def _in_project(parts: Sequence[str]) -> list[str]:
    if not parts:
        return []
    if parts[0].startswith(ITEM) and len(parts) == 1:
        return [f"/projectitem:{parts[0].removeprefix(ITEM).strip()}"]
    if parts[0].casefold() == "script":
        if len(parts) != 3:
            raise AdapterError(r"a routine is named Suite\Project\Script\Unit\Routine")
        return [f"/unit:{parts[1]}", f"/routine:{parts[2]}"]
    return [f"/test:{'|'.join(parts)}"]
