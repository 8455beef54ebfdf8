"""Look at one tool profile: is everything there, which version is it, what is to be known."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from adapters import ADAPTERS
from adapters.base import ToolAdapter
from orchestrator.check import launcher
from orchestrator.check.finding import Finding
from orchestrator.check.jars import jar_version
from orchestrator.check.versions import tell
from orchestrator.order import own_environment
from orchestrator.settings.sections import ToolSettings

# `/SilentMode` and `/Timeout:60` are switches of a Windows program, and no paths.
_SWITCH = re.compile(r"/[A-Za-z]\w*(:.*)?")
_JARS_SHOWN = 4
_STANDIN = re.compile(r"stand[-_]?in", re.IGNORECASE)


async def look_at(key: str, tool: ToolSettings) -> AsyncIterator[Finding]:
    """Yield what is missing with how to get it, or else the version and what it means."""
    what, adapter = f"tool {key}", ADAPTERS[tool.adapter]
    environment = own_environment(tool, os.environ)
    mark = "STAND-IN, not the real tool: " if _is_standin(tool) else ""
    missing = [*_missing_programs(tool, adapter, environment), *_missing_files(tool)]
    if missing:
        said = f"{'; '.join(missing)}; to get it: {adapter.INSTALL}"
        yield Finding(what, False, mark + said)
        return
    program = found_program(tool.executable[0], environment) or tool.executable[0]
    if _of_script(program):
        yield Finding(what, True, f"{mark}{program} comes with the script")
        return
    try:
        told = await tell(program, tool.executable, adapter.VERSION_ARGUMENTS, environment)
    except OSError as error:
        said = f"{program}: does not start: {error.strerror}; to get it: {adapter.INSTALL}"
        yield Finding(what, False, mark + said)
        return
    detail = "; ".join([f"{mark}{program}: {told.text}", *_with_jars(tool)])
    yield Finding(what, True, detail, hint=not told.sure)
    if tool.adapter == "junit" and (advice := launcher.hint(tool, told.version)):
        yield Finding(f"launcher of tool {key}", True, advice, hint=True)


def _with_jars(tool: ToolSettings) -> Iterator[str]:
    """Name the versions of the jars in the options: TestNG is one, and no program."""
    words = [word for words in tool.options.values() for word in words]
    jars = [Path(word) for word in words if word.startswith("/") and word.endswith(".jar")]
    versions = [f"{jar.name} {version}" for jar in jars if (version := jar_version(jar))]
    if versions:
        more = f" and {len(versions) - _JARS_SHOWN} more" if len(versions) > _JARS_SHOWN else ""
        yield f"with {', '.join(versions[:_JARS_SHOWN])}{more}"


def found_program(name: str, environment: Mapping[str, str]) -> str | None:
    """Return where the tool's environment leads to *name*; what comes with a script is there."""
    if _of_script(name):
        return name
    # Source: execvp(3); without a PATH the system looks in its own places.
    return shutil.which(name, path=environment.get("PATH", os.defpath))


def _of_script(program: str) -> bool:
    """Say whether *program* is in the script's folder, which is not there before a run."""
    return "{" in program or ("/" in program and not program.startswith("/"))


def _is_standin(tool: ToolSettings) -> bool:
    words = [*tool.executable, *(word for words in tool.options.values() for word in words)]
    return any(_STANDIN.search(word) for word in words)


def _missing_programs(
    tool: ToolSettings, adapter: ToolAdapter, environment: Mapping[str, str]
) -> Iterator[str]:
    if found_program(tool.executable[0], environment) is None:
        yield f"{tool.executable[0]} is not there or cannot be run"
    for option in adapter.PROGRAM_OPTIONS:
        words = tool.options.get(option, ())
        if words and found_program(words[0], environment) is None:
            yield f"options.{option}: {words[0]} is not there or cannot be run"


def _missing_files(tool: ToolSettings) -> Iterator[str]:
    # What begins the list of a program was looked for already, wherever it should be.
    programs = ADAPTERS[tool.adapter].PROGRAM_OPTIONS
    lists = {f"options.{name}: ": words[name in programs :] for name, words in tool.options.items()}
    for place, words in {"": tool.executable[1:], **lists}.items():
        for path in (path for word in words for path in _paths(word)):
            if not path.exists():
                yield f"{place}{path} is not there"


def _paths(word: str) -> Iterator[Path]:
    """Yield the absolute paths that *word* is, or of which it is a list as Java's class path."""
    if "{" in word or not word.startswith("/") or Path(word).exists() or _SWITCH.fullmatch(word):
        return
    for part in word.split(os.pathsep):
        if part.startswith("/"):
            # A class path may end in *, for all jars of a folder.
            yield Path(part.removesuffix("*"))
