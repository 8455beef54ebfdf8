"""Any program that writes JUnit XML: pytest, Playwright, Robot Framework, a script of one's own.

The settings' executable is the whole command line; its placeholders say where the results belong
and which test is meant. Parameters reach the program as environment variables of the run.
"""

from collections.abc import Mapping

from adapters.base import Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.placeholders import expand
from adapters.results import outcome_of

AGENT = "JUnit (Selenium)"
# The results folder is this attempt's own and starts empty, so any name will do there.
RESULT_FILES = ("**/*.xml",)
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = {}
PROGRAM_OPTIONS = ()
VERSION_ARGUMENTS = ("--version",)
INSTALL = "see the manual of the program"


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Fill the placeholders in; raises AdapterError for a title that cannot be passed on."""
    return Command(tuple(expand(automation, tool, workspace)))


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports; never raises."""
    return outcome_of(finished)
