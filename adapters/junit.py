"""JUnit: its ConsoleLauncher for classes, jars and sources, Maven and Ant for their projects.

What the script is decides how it is run, see `java_script`; a profile's executable is the
console launcher, or Maven or Ant where nothing else is wanted.
"""

from collections.abc import Collection, Mapping

from adapters import ant, maven
from adapters.ant import ant_command, is_ant
from adapters.base import AdapterError, Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.java_script import Kind, java_script
from adapters.junit_launcher import console_command
from adapters.junit_surefire import surefire_selection
from adapters.maven import goals_of, is_maven, maven_command
from adapters.results import outcome_of

AGENT = "JUnit (Selenium)"
RESULT_FILES = ("**/TEST-*.xml",)
SCRIPT_RESULT_FILES = (*maven.REPORTS, *ant.REPORTS)
OPTIONS: Mapping[str, str] = {
    "launcher": 'the console launcher\'s style: "1.9", or "execute" for 1.10 and newer',
    "class_path": "jars and folders to put behind the script's own, one by one",
    "javac": "the compiler for scripts that are sources; default: the one beside java",
    "kind": 'what scripts are, where their files mislead: "maven", "ant", "sources", "classes"',
    **maven.OPTIONS,
    **ant.OPTIONS,
}
PROGRAM_OPTIONS = ("javac", maven.OPTION, ant.OPTION)
VERSION_ARGUMENTS = ("--list-engines",)
INSTALL = "apt-get install junit5"


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names: nothing for all, or classes, methods and packages by commas.

    For an Ant project the title names targets. Raises AdapterError for a title that names
    none of these, for odd parameters, and for a script that the executable cannot run.
    """
    script = java_script(workspace, _kinds(tool))
    if script.kind is Kind.MAVEN:
        tests = surefire_selection(automation.title, workspace.files, goals_of(tool))
        return maven_command(automation, tool, workspace, script, tests)
    if script.kind is Kind.ANT:
        return ant_command(automation, tool, workspace, script)
    return console_command(automation, tool, workspace, script)


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, one for each engine; an engine without tests leaves an empty one.

    A killed run leaves only that empty one, so empty ones alone are Blocked. Never raises.
    """
    return outcome_of(finished)


def _kinds(tool: Tool) -> Collection[Kind]:
    if is_maven(tool.executable):
        return (Kind.MAVEN,)
    if is_ant(tool.executable):
        return (Kind.ANT,)
    said = tool.options.get("kind")
    if not said:
        return tuple(Kind)
    if said[0] not in set(Kind):
        raise AdapterError(f"the option kind is {said[0]!r}, not one of {', '.join(Kind)}")
    return (Kind(said[0]),)
