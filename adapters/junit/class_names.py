"""Which classes a launcher that looks for tests takes: its own choice leaves `LoginIT` out.

Source: JUnit user guide, "Console Launcher", `--include-classname`; several of it mean any of them.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from adapters.java.names import known_classes, split
from adapters.java.script import JavaScript, Kind

ALL = "--include-classname=.*"
# The launcher's own choice, and what Surefire and Failsafe take beyond it.
_LIKE_TESTS = (
    r"--include-classname=(.*[.$])?(Test|IT[A-Z0-9_]).*",
    r"--include-classname=.*(Tests?|TestCase|[a-z0-9_]IT|ITCase|Spec)",
)

_PACKAGE = re.compile(r"[\w.]*")


def class_names(title: str, files: Sequence[PurePath], script: JavaScript) -> list[str]:
    """Give the options that let in every class of the script.

    Where nothing is named the script's jars are searched too. Of those only names of tests count:
    JUnit 4 makes a failed test of each class whose methods have types that are not there, and
    libraries are full of them (tried with 1.9.1).
    """
    jars = any(file.suffix.lower() == ".jar" for file in files)
    if split(title) or script.kind is Kind.SOURCES or not jars:
        return [ALL]
    return [*_LIKE_TESTS, *_packages(files)]


def _packages(files: Sequence[PurePath]) -> Iterator[str]:
    """Let in all of each package that the script has class files of."""
    classes = known_classes([file for file in files if file.suffix.lower() == ".class"])
    for package in sorted({name.rpartition(".")[0] for name in classes}):
        if _PACKAGE.fullmatch(package):
            begin = f"{package}.".replace(".", "[.]") if package else ""
            yield f"--include-classname={begin}[^.]*"
