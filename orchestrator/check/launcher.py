"""Which style of options a JUnit console launcher takes, and which it will be given.

Up to 1.9 options stand alone; 1.10 wants them behind the word `execute` and still takes the old
style, which 6.0 does not. Source: JUnit user guide, "Console Launcher", and release notes of 1.10.
"""

import re
from pathlib import Path

from orchestrator.settings.sections import ToolSettings

_WORD = "execute"
_NEW_STYLE = (1, 10)
_VERSION = re.compile(r"(\d+)\.(\d+)")
_TOLD = re.compile(r"JUnit Platform Console Launcher (\d+\.\d+\S*)")
_NAMED = re.compile(r"junit-platform-console(?:-standalone)?-(\d+\.\d+[\w.-]*)\.jar")


def told_version(output: str) -> str:
    """Return the version that a launcher from 1.10 on tells; empty where there is none."""
    found = _TOLD.search(output)
    return found[1] if found else ""


def hint(tool: ToolSettings, version: str) -> str:
    """Say what to change where the profile does not fit a launcher of *version*; else nothing."""
    if not _VERSION.match(version) or _is_new(version) is _will_be_new(tool):
        return ""
    if _is_new(version):
        return (
            f"the launcher is {version}, and from 1.10 on options follow the word {_WORD}: "
            f'set options.launcher = ["{_WORD}"]'
        )
    return (
        f"the launcher is {version}, which is older than 1.10 and does not know the word "
        f"{_WORD}: leave it out"
    )


def _is_new(version: str) -> bool:
    found = _VERSION.match(version)
    return found is not None and (int(found[1]), int(found[2])) >= _NEW_STYLE


def _will_be_new(tool: ToolSettings) -> bool:
    """Foresee what `adapters.junit.launcher` will do."""
    if said := tool.options.get("launcher"):
        return said[0] == _WORD
    if tool.executable[-1] == _WORD:
        return True
    names = (_NAMED.search(Path(word).name) for word in tool.executable)
    return any(found and _is_new(found[1]) for found in names)
