"""TestNG: suite files, classes, methods and groups, plain or as a Maven project.

Of the exit code nothing is asked but whether it is 0: 6.9.12 ends with 0 after skips and after
a failed configuration method, and with 1 for an unknown class. Parameters are Java system
properties, and parameters of the suite where the suite is made here. In a suite file of the
script they fill in only what it does not set itself (tried with 6.9.12).
`-testnames` is never used: with a name that does not exist 6.9.12 runs everything.
"""

from collections.abc import Collection, Mapping

from adapters.base import Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.java import maven
from adapters.java.maven import goals_of, is_maven, maven_command
from adapters.java.names import known_classes
from adapters.java.script import Kind, java_script
from adapters.java.surefire import surefire_selection
from adapters.testng.launcher import testng_command
from adapters.testng.outcome import REPORT, testng_outcome
from adapters.testng.selection import Selection, selection_of, suite_files, with_hash

AGENT = "TestNG (Selenium)"
RESULT_FILES = (REPORT,)
# With JUnit's tests beside its own, Surefire gives TestNG's reports folders of their own.
SCRIPT_RESULT_FILES = (
    f"**/surefire-reports/**/{REPORT}",
    f"**/failsafe-reports/**/{REPORT}",
    *maven.REPORTS,
)
OPTIONS: Mapping[str, str] = {
    "class_path": "the jars of TestNG and of what the tests need, one by one",
    "javac": "the compiler for scripts that are sources; default: the one beside java",
    **maven.OPTIONS,
}
PROGRAM_OPTIONS = ("javac", maven.OPTION)
VERSION_ARGUMENTS = ("-version",)
INSTALL = "apt-get install testng; for Maven: maven libsurefire-java"


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names, see `selection.py`; nothing means the script's `testng.xml`.

    Without one that is every class of the script; in a Maven project it is what its pom says.
    Raises AdapterError for a title that names nothing of these, and for odd parameters.
    """
    script = java_script(workspace, _kinds(tool))
    wanted = selection_of(automation.title)
    if script.kind is Kind.MAVEN:
        tests = _surefire(tool, workspace, wanted)
        return maven_command(automation, tool, workspace, script, tests)
    return testng_command(automation, tool, workspace, script, wanted)


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, which TestNG writes at its end only: a killed run has none.

    Never raises.
    """
    return testng_outcome(finished)


def _kinds(tool: Tool) -> Collection[Kind]:
    if is_maven(tool.executable):
        return (Kind.MAVEN,)
    return (Kind.MAVEN, Kind.SOURCES, Kind.CLASSES)


def _surefire(tool: Tool, workspace: Workspace, wanted: Selection) -> list[str]:
    if wanted.suites:
        found = suite_files(wanted.suites, workspace.files)
        paths = ",".join(str(workspace.folder / file) for file in found)
        return [f"-Dsurefire.suiteXmlFiles={paths}"]
    known = known_classes(workspace.files)
    title = ",".join(with_hash(name, known) for name in wanted.names)
    groups = [f"-Dgroups={','.join(wanted.groups)}"] if wanted.groups else []
    return [*groups, *surefire_selection(title, workspace.files, goals_of(tool))]
