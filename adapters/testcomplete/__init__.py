r"""SmartBear TestComplete and TestExecute, which run on Windows only.

The `.tcLogX` log decides; the `.mht` export is for people and goes to the server as the report.
A machine runs one instance at a time and every run takes a licence: give the tool's profile two
seats in the settings, one for the machine's desktop (size 1, shared by all profiles that need the
desktop) and one with as many places as there are licences.
How a title names a test: `selection.py`. Sources of the command line: SmartBear's pages
on it, and the order of SmartBear's own Jenkins plugin. None of it was run with the real product.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath, PureWindowsPath

from adapters.base import (
    CONTEXT,
    AdapterError,
    Automation,
    Command,
    Finished,
    Outcome,
    Tool,
    Workspace,
)
from adapters.placeholders import expand
from adapters.testcomplete.outcome import ERROR_LOG, LOG, REPORT, STRICT_LOG, outcome_of_log
from adapters.testcomplete.quoting import one_line
from adapters.testcomplete.selection import suite_and_selection

AGENT = "TestComplete/TestExecute"
RESULT_FILES = (LOG, STRICT_LOG, REPORT, ERROR_LOG)
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = {
    "variables": "what parameters become: `suite` (default) or `project` variables of the run",
    "context_variables": f"which of {', '.join(CONTEXT)} become variables too, as LABFLEET_<NAME>",
    "session_creator": "SessionCreator.exe, with which to start the product in a user session",
    "warnings_fail": "`yes`: a test that ends with warnings is Failed; otherwise it is Passed",
    "arguments": "more arguments for the product, at the end",
}
PROGRAM_OPTIONS = ("session_creator",)
# The product opens a window when it is started without a test.
VERSION_ARGUMENTS = ()
INSTALL = "see https://support.smartbear.com/testexecute/ (Windows; needs a licence)"

# The product needs time to write and export its log after its own limit; the Jenkins plugin
# gives it 300 s.
LONGEST_EXPORT_S = 300
_VARIABLE = re.compile(r"[^\W\d]\w*")
_VARIABLE_ARGUMENTS: Mapping[str, str] = {"suite": "PSVar", "project": "PrjVar"}


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    """Run what the title names, with the log in this attempt's own results folder.

    An export file that is already there would be exit code 3: the folder is fresh, so none is.
    Raises AdapterError for a title, a parameter or an option that cannot be passed on.
    """
    product = expand(automation, tool, workspace)
    suite, selection = suite_and_selection(automation.title, workspace.files)
    strict = _is_yes(tool, "warnings_fail")
    command = (
        *product,
        str(workspace.folder / suite),
        "/run",
        *([f"/AccessKey:{tool.access_key}"] if tool.access_key else []),
        "/SilentMode",
        "/ForceConversion",
        "/ns",
        "/exit",
        f"/ExportLog:{workspace.results / (STRICT_LOG if strict else LOG)}",
        f"/ExportLog:{workspace.results / REPORT}",
        f"/ErrorLog:{workspace.results / ERROR_LOG}",
        f"/Timeout:{own_timeout_s(tool.timeout_s)}",
        *selection,
        *_variables(automation, tool),
        *(["/DoNotShowLog"] if _is_testexecute(product) else []),
        *tool.options.get("arguments", ()),
    )
    return Command(_in_session(command, tool))


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the log; what the exit code says of licence, desktop and instance is Blocked."""
    return outcome_of_log(finished)


def own_timeout_s(timeout_s: float) -> int:
    """Give the product's own limit: a fifth below ours, at most `LONGEST_EXPORT_S` below.

    So it ends the test by itself and its log tells which cases were finished.
    """
    return max(1, int(timeout_s - min(LONGEST_EXPORT_S, timeout_s / 5)))


def _variables(automation: Automation, tool: Tool) -> Iterator[str]:
    """Give the variables; one that the project does not know is made for the run.

    Source: SmartBear, "Passing Variables via Command Line".
    """
    kind = "".join(tool.options.get("variables", ())) or "suite"
    if kind not in _VARIABLE_ARGUMENTS:
        raise AdapterError(f"the option variables is {kind[:80]!r}, not suite or project")
    wanted = tool.options.get("context_variables", ())
    if unknown := [name for name in wanted if name not in CONTEXT]:
        raise AdapterError(f"the option context_variables knows no {', '.join(unknown)[:200]}")
    context = {f"LABFLEET_{name.upper()}": automation.context.get(name, "") for name in wanted}
    for name, value in {**context, **automation.params}.items():
        yield f"/{_VARIABLE_ARGUMENTS[kind]}:{_checked(name, value)}"


def _checked(name: str, value: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise AdapterError(f"{name[:80]!r} cannot be the name of a variable")
    # How the product reads a quote inside an argument is not documented.
    if any(sign in value for sign in '"\0\r\n'):
        raise AdapterError(f"the parameter {name} holds a quote, a line break or a NUL")
    return f"{name}={value}"


def _in_session(command: tuple[str, ...], tool: Tool) -> tuple[str, ...]:
    creator = tool.options.get("session_creator", ())
    if not creator:
        return command
    return (*creator, "ExecuteProcess", f"/c:{one_line(command)}")


def _is_testexecute(product: list[str]) -> bool:
    # A Windows path reads a POSIX one too.
    return any(_stem(part).startswith("testexecute") for part in product)


def _stem(part: str) -> str:
    path: PurePath = PureWindowsPath(part)
    return path.stem.casefold()


def _is_yes(tool: Tool, option: str) -> bool:
    said = "".join(tool.options.get(option, ())).strip().casefold()
    if said not in {"", "yes", "no"}:
        raise AdapterError(f"the option {option} is {said[:80]!r}, not yes or no")
    return said == "yes"
