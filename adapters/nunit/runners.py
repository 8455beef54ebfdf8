"""How each runner of NUnit tests is started: its options, its language of filters."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PureWindowsPath

from adapters.base import AdapterError, Automation, Command, Tool, Workspace
from adapters.nunit.parameters import console_parameters, run_settings
from adapters.nunit.selection import Selection

_CONSOLE = re.compile(r"nunit(3)?-console([-.\d].*)?")
# Neither the build's servers nor its telemetry have a place in a run.
_DOTNET_ENVIRONMENT = {
    "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    "DOTNET_NOLOGO": "1",
    "MSBUILDDISABLENODEREUSE": "1",
    "UseSharedCompilation": "false",
}


def runner_of(tool: Tool) -> str:
    """Say which of `RUNNERS` the profile starts.

    By the option `runner`, or else by the name of the program. Raises AdapterError for any other.
    """
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


def _nunit2(
    start: Sequence[str], asked: Selection, automation: Automation, workspace: Workspace
) -> Command:
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


def _dotnet(
    start: Sequence[str], asked: Selection, automation: Automation, workspace: Workspace
) -> Command:
    options = [*_dotnet_options(asked, workspace), *run_settings(automation.params)]
    return Command((*start, *options), environment=_DOTNET_ENVIRONMENT)


def _vstest(
    start: Sequence[str], asked: Selection, automation: Automation, workspace: Workspace
) -> Command:
    options = [*_vstest_options(asked, workspace), *run_settings(automation.params)]
    return Command((*start, *options))


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


RUNNERS: Mapping[str, Callable[[Sequence[str], Selection, Automation, Workspace], Command]] = {
    "nunit2": _nunit2,
    "nunit3": _nunit3,
    "dotnet": _dotnet,
    "vstest": _vstest,
}
"""Each makes the command of how it starts, what is asked, and where."""
