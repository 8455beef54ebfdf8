"""NUnit: its consoles of version 2 and 3, `dotnet test` and `vstest.console`.

The name of the program in the executable says which runner it is, or else the option `runner`.
What a title can ask for is in `nunit_selection`, what is run without a word in `nunit_script`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PureWindowsPath

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
from adapters.nunit.parameters import console_parameters, run_settings
from adapters.nunit.script import assemblies, projects
from adapters.nunit.selection import Selection, selection
from adapters.placeholders import expand
from adapters.results import outcome_of

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

RUNNERS = ("nunit2", "nunit3", "dotnet", "vstest")
_CONSOLE = re.compile(r"nunit(3)?-console([-.\d].*)?")
# Neither the build's servers nor its telemetry have a place in a run.
_DOTNET_ENVIRONMENT = {
    "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    "DOTNET_NOLOGO": "1",
    "MSBUILDDISABLENODEREUSE": "1",
    "UseSharedCompilation": "false",
}
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
    runner = _runner(tool)
    program, asked = expand(automation, tool, workspace), selection(automation.title)
    chosen = tool.options.get("assembly", ())
    find = projects if runner == "dotnet" else assemblies
    start = [*program, *find(workspace, asked.file, chosen)]
    if runner == "nunit2":
        return _nunit2(start, asked, workspace)
    if runner == "nunit3":
        return _nunit3(start, asked, automation, workspace)
    settings = run_settings(automation.params)
    if runner == "vstest":
        return Command((*start, *_vstest_options(asked, workspace), *settings))
    return Command(
        (*start, *_dotnet_options(asked, workspace), *settings), environment=_DOTNET_ENVIRONMENT
    )


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the reports, and say what the runner's own exit code means; never raises."""
    outcome = outcome_of(finished, _expected(finished.asked))
    meaning = _meaning(finished)
    bad = any(case.status in {Verdict.FAILED, Verdict.BLOCKED} for case in outcome.cases)
    if outcome.verdict is not Verdict.BLOCKED or bad or not meaning:
        return outcome
    return replace(outcome, reason=f"{meaning}; {outcome.reason}")


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


def _runner(tool: Tool) -> str:
    said = tool.options.get("runner", ())
    if said:
        if said[0] not in RUNNERS:
            raise AdapterError(f"the option runner is {said[0]!r}, not one of {', '.join(RUNNERS)}")
        return said[0]
    # Its rules take both kinds of slashes.
    names = [PureWindowsPath(part).name.lower() for part in tool.executable]
    for name in names:
        if console := _CONSOLE.fullmatch(name):
            return "nunit3" if console[1] else "nunit2"
    if "vstest" in names or "vstest.console" in {name.removesuffix(".exe") for name in names}:
        return "vstest"
    if names[:1] and names[0] in {"dotnet", "dotnet.exe"} and "test" in names[1:]:
        return "dotnet"
    raise AdapterError("the executable is no known runner of NUnit: name it in the option runner")


def _nunit2(start: Sequence[str], asked: Selection, workspace: Workspace) -> Command:
    options = ["-nologo", "-labels", "-noshadow", f"-xml={workspace.results / 'TestResult.xml'}"]
    if asked.categories:
        options.append(f"-include={','.join(asked.categories)}")
    if len(asked.names) == 1:
        options.append(f"-run={asked.names[0]}")
    if len(asked.names) < 2:
        return Command((*start, *options))
    # A comma parts names in -run too, but there it may also stand between arguments.
    run_list = workspace.tmp / "nunit-runlist.txt"
    text = "".join(f"{name}\n" for name in asked.names)
    return Command((*start, *options, f"-runlist={run_list}"), files={run_list: text})


def _nunit3(
    start: Sequence[str], asked: Selection, automation: Automation, workspace: Workspace
) -> Command:
    result = str(workspace.results / "TestResult.xml")
    if ";" in result:
        raise AdapterError(f"{result} holds ';', which begins a format for the console")
    options = ["--noheader", "--labels=BeforeAndAfter", f"--result={result}"]
    if asked.names:
        options.append(f"--test={','.join(asked.names)}")
    if asked.categories:
        options.append("--where=" + " || ".join(f"cat == '{name}'" for name in asked.categories))
    return Command((*start, *options, *console_parameters(automation)))


def _dotnet_options(asked: Selection, workspace: Workspace) -> list[str]:
    # Without a file's name: several projects of a solution would overwrite one another's.
    options = ["--nologo", "--logger", "trx", "--results-directory", str(workspace.results)]
    given = _vstest_filter(asked)
    return [*options, "--filter", given] if given else options


def _vstest_options(asked: Selection, workspace: Workspace) -> list[str]:
    options = ["--logger:trx", f"--ResultsDirectory:{workspace.results}"]
    given = _vstest_filter(asked)
    return [*options, f"--TestCaseFilter:{given}"] if given else options


def _vstest_filter(asked: Selection) -> str:
    """Say it in the language of filters: by `~`, contains, alone a name would match longer ones."""
    parts = [f"TestCategory={name}" for name in asked.categories]
    for name in map(_filter_value, asked.names):
        parts += [f"FullyQualifiedName={name}"]
        parts += [f"FullyQualifiedName~{name}{end}" for end in (".", r"\(", "+")]
    return "|".join(parts)


def _filter_value(name: str) -> str:
    if '"' in name or "%" in name:
        raise AdapterError(f'{name[:80]!r} holds " or %, which a filter of dotnet cannot be given')
    # Source: Microsoft Learn, "Run selected unit tests".
    return re.sub(r"([\\()&|=!~])", r"\\\1", name).replace(",", "%2C")
