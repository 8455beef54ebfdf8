"""Maven as the way to run a script's tests, for every adapter whose tests Surefire can run.

What Surefire shall run is the caller's matter (`-Dtest=`, `-Dsurefire.suiteXmlFiles=`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.java.command import (
    refuse_quiet,
    refuse_signs_of_a_batch_file,
    system_properties,
)
from adapters.java.runner import MAVEN_SIGN, Runner
from adapters.java.script import JavaScript
from adapters.placeholders import expand

OPTION = "maven"
OPTIONS: Mapping[str, str] = {
    OPTION: "the Maven program with its first arguments, for scripts that are Maven projects",
    "goals": "Maven's phases and goals, such as verify for the tests of Failsafe; default: test",
}
"""What a profile may set; part of the OPTIONS of an adapter that uses Maven."""
DEFAULT_PROGRAM = ("mvn", "-B")
REPORTS = ("**/surefire-reports/TEST-*.xml", "**/failsafe-reports/TEST-*.xml")

# Nothing but Maven's last lines proves that it came to its end, and a script's `.mvn` folder can
# change or silence them. A level by name beats its `-q`; the last of two properties counts
# (tried with 3.8.7).
_PLAIN_LOG = (
    MAVEN_SIGN,
    "-Dorg.slf4j.simpleLogger.log.org.apache.maven=info",
    *(
        f"-Dorg.slf4j.simpleLogger.{setting}"
        for setting in (
            "showDateTime=false",
            "showThreadName=false",
            "showLogName=false",
            "showShortLogName=false",
            "levelInBrackets=true",
        )
    ),
)
_QUIET = frozenset({"-q", "-quiet", "--quiet", "-l", "--log-file"})

_MAVEN = re.compile(r"(.*[/\\])?mvn[dw]?(\.cmd|\.bat|\.exe)?", re.IGNORECASE)


def is_maven(executable: Sequence[str]) -> bool:
    """Tell whether a profile's executable is Maven itself."""
    return bool(executable) and _MAVEN.fullmatch(executable[0]) is not None


def maven_command(
    automation: Automation,
    tool: Tool,
    workspace: Workspace,
    script: JavaScript,
    selection: Sequence[str],
) -> Command:
    """Run the project's tests, those of *selection* alone (Surefire's properties), if it has any.

    Raises AdapterError for odd parameters, and for a Maven that is told to be quiet.
    """
    if script.build_file is None:
        raise AdapterError("the script is no Maven project")
    program = program_of(tool)
    maven = expand(automation, replace(tool, executable=program), workspace)
    batch = () if {"-B", "--batch-mode"} & set(maven) else ("-B",)
    refuse_quiet("Maven", (*maven, *goals_of(tool)), _QUIET)
    properties = system_properties(automation, workspace, Runner.MAVEN)
    asked = (*properties, *selection)
    refuse_signs_of_a_batch_file(maven[0], asked)
    project = ("-f", str(workspace.folder / script.build_file))
    argv = (*maven, *batch, *_PLAIN_LOG, *project, *asked, *goals_of(tool))
    return Command(argv, environment=jvm_environment(workspace))


def goals_of(tool: Tool) -> tuple[str, ...]:
    """Give the phases and goals to run."""
    return tool.options.get("goals") or ("test",)


def program_of(tool: Tool) -> tuple[str, ...]:
    """Give the Maven to start: the profile's executable if it is one, else its option."""
    if is_maven(tool.executable):
        return tool.executable
    return tool.options.get(OPTION) or DEFAULT_PROGRAM


def jvm_environment(workspace: Workspace) -> dict[str, str]:
    """Tell every JVM that is forked below where temporary files go: `-D` reaches only the first."""
    option = f"-Djava.io.tmpdir={workspace.tmp}"
    return {"JAVA_TOOL_OPTIONS": f'"{option}"' if " " in option else option}
