"""NUnit: its consoles of version 2 and 3, `dotnet test` and `vstest.console`.

What a title can ask for is in `selection`, what is run without a word in `script`, and how each
runner is asked in `runners`.
"""

from collections.abc import Mapping, Sequence

from adapters.base import (
    AdapterError,
    Automation,
    Command,
    Ending,
    Finished,
    Outcome,
    Tool,
    Verdict,
    Workspace,
)
from adapters.exit_codes import signed
from adapters.nunit.runners import RUNNERS, runner_of
from adapters.nunit.script import assemblies, projects
from adapters.nunit.selection import selection
from adapters.placeholders import expand
from adapters.results import because, outcome_of

AGENT = "NUnit (Selenium)"
RESULT_FILES = ("TestResult.xml", "*.trx")
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = {
    "runner": 'which runner it is, where its name misleads: "nunit2", "nunit3", "dotnet", "vstest"',
    "assembly": "the assemblies or the project to run, by name or path; default: those with tests",
}
PROGRAM_OPTIONS = ()
# The console of version 2 knows no --version; the first line of its help says it.
VERSION_ARGUMENTS = ("--help",)
INSTALL = (
    "apt-get install nunit-console (NUnit 2 on Mono); NUnit 3's console is at "
    "https://nunit.org/download, dotnet in the .NET SDK"
)

# A positive code is the number of failures: only the consoles' own errors mean something.
# Source: NUnit docs, "Console Runner"; the first three and the last seen with 2.6.4.
_EXIT_MEANINGS: Mapping[int, str] = {
    -1: "the runner did not understand its command line",
    -2: "the assembly was not found or cannot be loaded",
    -3: "the fixture was not found",
    -4: "a fixture is invalid",
    -5: "the tests ended, but their domain or agent could not be unloaded",
    -100: "the runner met an unexpected error",
}


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names: nothing for all, or tests, fixtures, namespaces, categories.

    Raises AdapterError for a title that names none of these, for a parameter that the runner would
    misread, for a script without tests, and for an executable that is no known runner.
    """
    runner = runner_of(tool)
    program, asked = expand(automation, tool, workspace), selection(automation.title)
    chosen = tool.options.get("assembly", ())
    find = projects if runner == "dotnet" else assemblies
    start = [*program, *find(workspace, asked.file, chosen)]
    return RUNNERS[runner](start, asked, automation, workspace)


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, and say what the runner's own exit code means; never raises."""
    outcome = outcome_of(finished, _expected(finished.asked))
    meaning = _meaning(finished)
    bad = any(case.status in {Verdict.FAILED, Verdict.BLOCKED} for case in outcome.cases)
    return outcome if outcome.verdict is not Verdict.BLOCKED or bad else because(outcome, meaning)


def _expected(automation: Automation) -> Sequence[str]:
    try:
        return selection(automation.title).expected
    except AdapterError:
        return ()


def _meaning(finished: Finished) -> str:
    if finished.ending is not Ending.EXITED or finished.exit_code is None:
        return ""
    code = signed(finished.exit_code)
    # POSIX passes on a negative code modulo 256.
    return _EXIT_MEANINGS.get(code if code < 0 else code - 256, "")
