"""TestNG's own command line, `org.testng.TestNG`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.java.command import (
    JAVA,
    classes_folder,
    compilation,
    compiler,
    launcher_class_path,
    system_properties,
)
from adapters.java.runner import TESTNG_SIGN, Runner
from adapters.java.script import JavaScript, Kind, class_path, path_separator
from adapters.placeholders import expand
from adapters.testng.selection import (
    Chosen,
    Selection,
    chosen,
    default_suites,
    suite_files,
)
from adapters.testng.suite import ALL_PACKAGES, all_classes, suite_text

MAIN_CLASS = TESTNG_SIGN
SUITE_FILE = "labfleet-testng.xml"
"""The suite that is made for a title, below the workspace's *tmp*."""


def testng_command(
    automation: Automation,
    tool: Tool,
    workspace: Workspace,
    script: JavaScript,
    wanted: Selection,
) -> Command:
    """Run suites of the script, or one that is made of what is *wanted*.

    Raises AdapterError for an executable that is not Java, and for odd names and parameters.
    """
    launcher = _launcher(automation, tool, workspace)
    extra = [*tool.options.get("class_path", ()), *_own_class_path(launcher, workspace)]
    step = Command(())
    if script.kind is Kind.SOURCES:
        javac = tool.options.get("javac") or compiler(launcher)
        step = compilation(javac, script.sources, workspace, class_path(workspace, extra))
    first = [classes_folder(workspace)] if step.before else []
    suites, files = _suites(automation, workspace, script, wanted)
    argv = (
        *launcher,
        *system_properties(automation, workspace, Runner.TESTNG),
        "-cp",
        class_path(workspace, extra, first=first),
        MAIN_CLASS,
        "-d",
        str(workspace.results),
        # Says which method it begins: all that a run leaves which is ended.
        "-verbose",
        "3",
        *map(str, suites),
    )
    return replace(step, argv=argv, files={**step.files, **files})


def _suites(
    automation: Automation, workspace: Workspace, script: JavaScript, wanted: Selection
) -> tuple[list[PurePath], dict[PurePath, str]]:
    files = workspace.files
    found = suite_files(wanted.suites, files)
    if not (found or wanted.groups or wanted.names):
        found = default_suites(files)
    if found:
        return [workspace.folder / file for file in found], {}
    made = type(workspace.tmp)(SUITE_FILE)
    text = suite_text(_chosen(wanted, files, script), wanted.groups, automation.params)
    return [workspace.tmp / made], {made: text}


def _chosen(wanted: Selection, files: Sequence[PurePath], script: JavaScript) -> Chosen:
    if wanted.names:
        return chosen(wanted.names, files)
    if script.kind is Kind.SOURCES:
        # Where packages begin is not to be seen from sources; what is compiled lies apart.
        return Chosen({}, [ALL_PACKAGES])
    return all_classes(files)


def _launcher(automation: Automation, tool: Tool, workspace: Workspace) -> list[str]:
    launcher = expand(automation, tool, workspace)
    if launcher[-1] == MAIN_CLASS:
        launcher.pop()
    if "-jar" in launcher or not any(JAVA.fullmatch(word) for word in launcher):
        raise AdapterError(
            "the executable is not java alone: the jars belong to the option class_path"
        )
    return launcher


def _own_class_path(launcher: Sequence[str], workspace: Workspace) -> list[str]:
    # Java takes the last class path that is given, which is ours.
    return launcher_class_path(launcher, path_separator(workspace))
