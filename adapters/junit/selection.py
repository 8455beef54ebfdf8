"""What a title names, and ConsoleLauncher's options for it."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from adapters.base import AdapterError
from adapters.java.names import is_package, known_classes, split

_NAME = re.compile(r"[^\W\d]\w*([.$]\w+)*")


def selection(title: str, files: Sequence[PurePath]) -> list[str]:
    """Turn a title into options: `pkg.Class`, `pkg.Class#method`, `pkg`, several with commas.

    A name is a class or a package by what the files hold. Where they do not tell, since the
    classes are in a jar, a last part with a small first letter makes a package.
    A title that names nothing gives no option. Raises AdapterError for what is no such name.
    """
    known = known_classes(files)
    return [word for part in split(title) for word in _option(part, known)]


def _option(part: str, known: frozenset[str]) -> tuple[str, str]:
    name, hash_sign, method = part.partition("#")
    if not _NAME.fullmatch(name) or (hash_sign and not method.strip()) or "\0" in method:
        raise AdapterError(f"{part[:80]!r} is not a class, Class#method or package")
    if hash_sign:
        return ("--select-method", part)
    return ("--select-package" if is_package(name, known) else "--select-class", part)
