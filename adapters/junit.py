"""The JUnit Platform's ConsoleLauncher, for JUnit 5 and, by its vintage engine, JUnit 4.

Options are those that 1.9.1 knows. Launchers from 1.10 on want the word `execute` before options:
put it at the end of the executable. Source: JUnit user guide, "Console Launcher".
"""

import re
from collections.abc import Mapping

from adapters.base import AdapterError, Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.junit_selection import class_path, selection
from adapters.placeholders import expand
from adapters.results import outcome_of

AGENT = "JUnit (Selenium)"
RESULT_FILES = ("TEST-*.xml",)
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = {}
VERSION_ARGUMENTS = ("--version",)
INSTALL = "apt-get install junit5"

_PARAM_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_JAVA = re.compile(r"(.*[/\\])?javaw?(\.exe)?", re.IGNORECASE)


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names: nothing for all, or classes, methods and packages by commas.

    Raises AdapterError for a title that names none of these and for odd parameters.
    """
    launcher = _with_properties(expand(automation, tool, workspace), automation.params)
    options = (
        "--class-path",
        class_path(workspace),
        *selection(automation.title, workspace.files),
        "--reports-dir",
        str(workspace.results),
        # The only mode that writes as it goes: with the others a killed run has no output.
        "--details=verbose",
        "--disable-banner",
        "--disable-ansi-colors",
        # Without it a filter that matches nothing gives exit code 0.
        "--fail-if-no-tests",
    )
    return Command((*launcher, *options))


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, one for each engine; an engine without tests leaves an empty one.

    A killed run leaves only that empty one, so empty ones alone are Blocked. Never raises.
    """
    return outcome_of(finished)


def _with_properties(launcher: list[str], params: Mapping[str, str]) -> list[str]:
    properties = [_property(name, value) for name, value in params.items()]
    if not properties:
        return launcher
    # Java takes for itself only what stands before -jar or the main class.
    if "-jar" in launcher:
        place = launcher.index("-jar")
    elif _JAVA.fullmatch(launcher[0]):
        place = 1
    else:
        raise AdapterError("the executable is not java: there is no place for the parameters")
    return [*launcher[:place], *properties, *launcher[place:]]


def _property(name: str, value: str) -> str:
    if not _PARAM_NAME.fullmatch(name):
        raise AdapterError(f"{name[:80]!r} cannot be the name of a parameter")
    if "\0" in value:
        raise AdapterError(f"the parameter {name} holds a NUL character")
    return f"-D{name}={value}"
