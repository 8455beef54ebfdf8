"""The command line of JUnit's ConsoleLauncher, in both of its styles.

Up to 1.9 options stand alone. From 1.10 on they belong to the sub-command `execute`; without it
1.10 to 1.14 warn and run, and 6.0 refuses. Source: JUnit release notes 5.10 and 6.0.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.java.command import (
    classes_folder,
    compilation,
    compiler,
    launcher_class_path,
    with_properties,
)
from adapters.java.runner import CONSOLE_SIGN, Runner
from adapters.java.script import (
    JavaScript,
    Kind,
    class_path,
    path_separator,
    script_entries,
)
from adapters.junit.class_names import class_names
from adapters.junit.selection import selection
from adapters.placeholders import expand

OLD_STYLE, EXECUTE = "1.9", "execute"

_VERSION = re.compile(r"junit-platform-console(?:-standalone)?-(\d+)\.(\d+)")


def console_command(
    automation: Automation, tool: Tool, workspace: Workspace, script: JavaScript
) -> Command:
    """Run the launcher over classes and jars, or over sources that are compiled first.

    Raises AdapterError for a title that names no test and for odd parameters.
    """
    expanded = expand(automation, tool, workspace)
    launcher = with_properties(expanded, automation, workspace, Runner.CONSOLE)
    extra = tool.options.get("class_path", ())
    step = _compilation(tool, workspace, script, expanded)
    first = [classes_folder(workspace)] if step.before else []
    options = (
        *_sub_command(tool, expanded),
        "--class-path",
        class_path(workspace, extra, first=first),
        *(selection(automation.title, workspace.files) or _scan(workspace, script, extra)),
        *class_names(automation.title, workspace.files, script),
        "--reports-dir",
        str(workspace.results),
        # The only mode that writes as it goes: with the others a killed run has no output.
        CONSOLE_SIGN,
        # The other theme is lost where the output's encoding has no box-drawing signs.
        "--details-theme=ascii",
        "--disable-banner",
        "--disable-ansi-colors",
        # Without it a filter that matches nothing gives exit code 0.
        "--fail-if-no-tests",
    )
    return replace(step, argv=(*launcher, *options))


def _compilation(
    tool: Tool, workspace: Workspace, script: JavaScript, launcher: Sequence[str]
) -> Command:
    if script.kind is not Kind.SOURCES:
        return Command(())
    needed = launcher_class_path(launcher, path_separator(workspace))
    path = class_path(workspace, [*tool.options.get("class_path", ()), *needed])
    javac = tool.options.get("javac") or compiler(launcher)
    return compilation(javac, script.sources, workspace, path)


def _scan(workspace: Workspace, script: JavaScript, extra: Sequence[str]) -> list[str]:
    """Look for tests in the script alone: the libraries beside it may hold tests of their own."""
    if script.kind is Kind.SOURCES:
        return [f"--scan-class-path={classes_folder(workspace)}"]
    if extra:
        own = map(str, script_entries(workspace))
        return [f"--scan-class-path={path_separator(workspace).join(own)}"]
    return ["--scan-class-path"]


def _sub_command(tool: Tool, launcher: Sequence[str]) -> list[str]:
    style = (tool.options.get("launcher") or ("",))[0]
    if style not in {"", OLD_STYLE, EXECUTE}:
        raise AdapterError(f"the option launcher is {style!r}, not {OLD_STYLE!r} or {EXECUTE!r}")
    if style == OLD_STYLE or launcher[-1] == EXECUTE:
        return []
    # Where nothing tells the version: the old style, which all know but those from 6.0 on.
    return [EXECUTE] if style == EXECUTE or _is_new(launcher) else []


def _is_new(launcher: Sequence[str]) -> bool:
    """Tell by a jar's name, as junit-platform-console-standalone-1.12.2.jar."""
    versions = (_VERSION.search(word) for word in launcher)
    return any((int(found[1]), int(found[2])) >= (1, 10) for found in versions if found)
