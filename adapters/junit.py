"""The JUnit Platform's ConsoleLauncher, for JUnit 5 and, by its vintage engine, JUnit 4.

Options are those that 1.9.1 knows. Launchers from 1.10 on want the word `execute` before options:
put it at the end of the executable. Source: JUnit user guide, "Console Launcher".
"""

from collections.abc import Mapping

from adapters.base import Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.java_command import with_properties
from adapters.java_script import class_path
from adapters.junit_selection import selection
from adapters.placeholders import expand
from adapters.results import outcome_of

AGENT = "JUnit (Selenium)"
RESULT_FILES = ("TEST-*.xml",)
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = {}
VERSION_ARGUMENTS = ("--version",)
INSTALL = "apt-get install junit5"


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names: nothing for all, or classes, methods and packages by commas.

    Raises AdapterError for a title that names none of these and for odd parameters.
    """
    launcher = with_properties(expand(automation, tool, workspace), automation, workspace)
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
