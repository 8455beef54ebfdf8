"""Names in a title, and what they are by the files of the script."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from adapters.java.script import class_roots

_SPLIT = re.compile(r",(?![^()]*\))")  # not the commas between a method's parameter types


def split(title: str) -> list[str]:
    """Give the parts of a title, without the empty ones."""
    return [part.strip() for part in _SPLIT.split(title) if part.strip()]


def known_classes(files: Sequence[PurePath]) -> frozenset[str]:
    """List the classes that the files hold, by name.

    Where the packages of a source begin is not to be seen: it is there under each of the names
    it may have.
    """
    return frozenset(name for file in files for name in _class_names(file))


def is_package(name: str, known: frozenset[str]) -> bool:
    """Tell whether *name* is a package, or one of the *known* classes or any other class."""
    if name in known:
        return False
    if any(one.startswith(f"{name}.") for one in known):
        return True
    return name.rpartition(".")[2][:1].islower()


def _class_names(file: PurePath) -> Iterator[str]:
    if file.suffix == ".class":
        roots = class_roots(file)
        below = file.relative_to(roots[-1]) if roots else file
        yield ".".join(below.with_suffix("").parts)
    elif file.suffix == ".java":
        parts = file.with_suffix("").parts
        yield from (".".join(parts[start:]) for start in range(len(parts)))
