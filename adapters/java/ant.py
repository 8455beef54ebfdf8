"""Ant as the way to run a script's tests: the title names targets of its build file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.java.command import (
    refuse_quiet,
    refuse_signs_of_a_batch_file,
    system_properties,
)
from adapters.java.maven import jvm_environment
from adapters.java.runner import ANT_SIGN, Runner
from adapters.java.script import JavaScript
from adapters.placeholders import expand

OPTION = "ant"
OPTIONS: Mapping[str, str] = {
    OPTION: "the Ant program with its first arguments, for scripts that are Ant projects",
}
DEFAULT_PROGRAM = ("ant",)
REPORTS = ("**/TEST-*.xml",)

_ANT = re.compile(r"(.*[/\\])?ant(\.cmd|\.bat)?", re.IGNORECASE)
# What keeps back or hides the line with which Ant ends, the only proof that it came to its end.
_QUIET = frozenset({"-q", "-quiet", "-S", "-silent", "-l", "-logfile"})
_TARGET = re.compile(r"[^\W\d][\w.:-]*")


def is_ant(executable: Sequence[str]) -> bool:
    """Tell whether a profile's executable is Ant itself."""
    return bool(executable) and _ANT.fullmatch(executable[0]) is not None


def ant_command(
    automation: Automation, tool: Tool, workspace: Workspace, script: JavaScript
) -> Command:
    """Run the targets that the title names by commas, the build file's own choice without one.

    The build file may write its reports to `labfleet.results`; the entries of the option
    `class_path` are there for its tasks. Raises AdapterError for a title that is no target, and
    for an Ant that is told to be quiet.
    """
    if script.build_file is None:
        raise AdapterError("the script is no Ant project")
    program = tool.executable if is_ant(tool.executable) else tool.options.get(OPTION)
    ant = expand(automation, replace(tool, executable=program or DEFAULT_PROGRAM), workspace)
    libraries = [word for entry in tool.options.get("class_path", ()) for word in ("-lib", entry)]
    refuse_quiet("Ant", ant, _QUIET)
    properties = system_properties(automation, workspace, Runner.ANT)
    properties.append(f"-Dlabfleet.results={workspace.results}")
    targets = _targets(automation.title)
    refuse_signs_of_a_batch_file(ant[0], [*properties, *targets])
    project = ("-f", str(workspace.folder / script.build_file))
    argv = (*ant, ANT_SIGN, *libraries, *project, *properties, *targets)
    return Command(argv, environment=jvm_environment(workspace))


def _targets(title: str) -> list[str]:
    targets = [target.strip() for target in title.split(",") if target.strip()]
    for target in targets:
        if not _TARGET.fullmatch(target):
            raise AdapterError(f"{target[:80]!r} is not the name of an Ant target")
    return targets
