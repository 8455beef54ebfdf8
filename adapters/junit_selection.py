"""What ConsoleLauncher shall run."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from adapters.base import AdapterError
from adapters.java_script import class_roots

_NAME = re.compile(r"[^\W\d]\w*([.$]\w+)*")
_SPLIT = re.compile(r",(?![^()]*\))")  # not the commas between a method's parameter types


def selection(title: str, files: Sequence[PurePath]) -> list[str]:
    """Turn a title into options: `pkg.Class`, `pkg.Class#method`, `pkg`, several with commas.

    A name is a class or a package by what the files hold. Where they do not tell, since the
    classes are in a jar, a last part with a small first letter makes a package.
    Raises AdapterError for what is no such name.
    """
    parts = [part.strip() for part in _SPLIT.split(title) if part.strip()]
    if not parts:
        return ["--scan-class-path"]
    known = frozenset(".".join(_class_parts(file)) for file in files if file.suffix == ".class")
    return [word for part in parts for word in _option(part, known)]


def _option(part: str, known_classes: frozenset[str]) -> tuple[str, str]:
    name, hash_sign, method = part.partition("#")
    if not _NAME.fullmatch(name) or (hash_sign and not method.strip()) or "\0" in method:
        raise AdapterError(f"{part[:80]!r} is not a class, Class#method or package")
    if hash_sign:
        return ("--select-method", part)
    return ("--select-package" if _is_package(name, known_classes) else "--select-class", part)


def _is_package(name: str, known_classes: frozenset[str]) -> bool:
    if name in known_classes:
        return False
    if any(known.startswith(f"{name}.") for known in known_classes):
        return True
    return name.rpartition(".")[2][0].islower()


def _class_parts(file: PurePath) -> tuple[str, ...]:
    """Give a class file's name below the innermost folder of classes."""
    roots = class_roots(file)
    below = file.relative_to(roots[-1]) if roots else file
    return below.with_suffix("").parts
