"""The version of a jar, by what it says itself or by its name."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

_MANIFEST = "META-INF/MANIFEST.MF"
_MANIFEST_BYTES = 1024 * 1024
_SAID = re.compile(r"^Implementation-Version: *(\S+)", re.MULTILINE)
_VERSION = re.compile(r"-(\d+(?:\.\d+)+[\w.-]*?)\.jar")


def jar_of(executable: Sequence[str]) -> Path | None:
    """Return the jar that `java -jar` starts; None for any other command."""
    if "-jar" not in executable[:-1]:
        return None
    jar = executable[executable.index("-jar") + 1]
    return None if "{" in jar else Path(jar)


def jar_version(jar: Path) -> str:
    """Return the version by the jar's manifest, or by a name it has; empty when neither tells.

    Debian's jars say nothing inside, and have a link beside them whose name holds the version.
    """
    if said := _SAID.search(_manifest(jar)):
        return said[1]
    try:
        named = [jar.name, jar.resolve().name]
        named += [p.name for p in jar.parent.glob(f"{jar.stem}-*.jar") if p.samefile(jar)]
    except OSError:
        return ""
    return next((found[1] for name in named if (found := _VERSION.search(name))), "")


def _manifest(jar: Path) -> str:
    try:
        with zipfile.ZipFile(jar) as opened, opened.open(_MANIFEST) as file:
            return file.read(_MANIFEST_BYTES).decode("utf-8", "replace")
    except (OSError, KeyError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return ""
