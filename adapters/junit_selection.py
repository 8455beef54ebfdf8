"""What a title names, and ConsoleLauncher's options for it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from adapters.base import AdapterError
from adapters.java_script import class_roots

_NAME = re.compile(r"[^\W\d]\w*([.$]\w+)*")
_SPLIT = re.compile(r",(?![^()]*\))")  # not the commas between a method's parameter types


def selection(title: str, files: Sequence[PurePath]) -> list[str]:
    """Turn a title into options: `pkg.Class`, `pkg.Class#method`, `pkg`, several with commas.

    A name is a class or a package by what the files hold. Where they do not tell, since the
    classes are in a jar, a last part with a small first letter makes a package.
    A title that names nothing gives no option. Raises AdapterError for what is no such name.
    """
    known = known_classes(files)
    return [word for part in split(title) for word in _option(part, known)]


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


def _option(part: str, known: frozenset[str]) -> tuple[str, str]:
    name, hash_sign, method = part.partition("#")
    if not _NAME.fullmatch(name) or (hash_sign and not method.strip()) or "\0" in method:
        raise AdapterError(f"{part[:80]!r} is not a class, Class#method or package")
    if hash_sign:
        return ("--select-method", part)
    return ("--select-package" if is_package(name, known) else "--select-class", part)


def _class_names(file: PurePath) -> Iterator[str]:
    if file.suffix == ".class":
        roots = class_roots(file)
        below = file.relative_to(roots[-1]) if roots else file
        yield ".".join(below.with_suffix("").parts)
    elif file.suffix == ".java":
        parts = file.with_suffix("").parts
        yield from (".".join(parts[start:]) for start in range(len(parts)))
