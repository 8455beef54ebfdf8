"""How values get onto testrunner's command line whole, and which of them cannot.

The runner's parser (commons-cli) takes a value that starts with a dash for an option and drops
double quotes at the ends of a value; names of suites, cases and folders get a blank for `%20`.
A batch file is read by a shell, whatever starts it, so a value from the server must not hold what
that shell would act upon. Source: SmartBear/soapui, AbstractSoapUIRunner; commons-cli 1.2.
"""

import re
from collections.abc import Mapping, Sequence

from adapters.base import AdapterError, Tool

SOAPUI, READYAPI = "soapui", "readyapi"
PROFILE_OPTIONS: Mapping[str, str] = {
    "edition": "soapui or readyapi; default: as the executable's path says",
    "endpoint": "address that every request goes to, in place of the project's (-e)",
    "host": "host and port of every request, in place of the project's (-h)",
    "environment": "name of the project's environment; ReadyAPI only (-E)",
    "tags": "'TestCase tag1, tag2' or 'TestSuite tag1': what to run; ReadyAPI only (-T)",
    "project_properties": "name=value each, before the test's own parameters (-P)",
    "global_properties": "name=value each (-G)",
    "system_properties": "name=value each (-D)",
    "settings_file": "the runner's own soapui-settings.xml (-t)",
}
_FLAGS = {
    "endpoint": "-e",
    "host": "-h",
    "environment": "-E",
    "tags": "-T",
    "project_properties": "-P",
    "global_properties": "-G",
    "system_properties": "-D",
    "settings_file": "-t",
}
_SINGLE = frozenset({"edition", "endpoint", "host", "environment", "settings_file"})
_READYAPI_ONLY = ("environment", "tags")
_PROPERTY_NAME = re.compile(r"[^\s=\"-][^=\r\n\0]*")
_READ_BY_CMD = re.compile(r'["%&|<>^!\r\n]')


def refuse_foreign_options(tool: Tool) -> None:
    """Raise AdapterError for what only ReadyAPI knows, where the tool is SoapUI OS.

    Which of the two it is, the setting says, or the words in the executable's path.
    """
    said = single(tool, "edition").lower()
    if said not in {"", SOAPUI, READYAPI}:
        raise AdapterError(f"edition is {said[:80]!r}, not {SOAPUI} or {READYAPI}")
    only = ["access_key"] if tool.access_key else []
    only += [name for name in _READYAPI_ONLY if tool.options.get(name)]
    if only and (said or _edition_by_path(tool)) == SOAPUI:
        hint = f'if it is ReadyAPI, set edition = ["{READYAPI}"]'
        raise AdapterError(f"SoapUI OS knows no {only[0]}: {hint}")


def _edition_by_path(tool: Tool) -> str:
    path = "".join(filter(str.isalnum, "".join(tool.executable))).lower()
    if "readyapi" in path or "soapuipro" in path:
        return READYAPI
    return SOAPUI if "soapui" in path else ""


def single(tool: Tool, name: str) -> str:
    """Give an option that takes one word; empty when it is not set."""
    words = tool.options.get(name, ())
    if len(words) > 1:
        raise AdapterError(f"the option {name} takes one word, not {len(words)}")
    return words[0] if words else ""


def profile_options(tool: Tool) -> list[str]:
    """Give the options of the tool's profile, in a fixed order."""
    given: list[str] = []
    for name, flag in _FLAGS.items():
        words = [single(tool, name)] if name in _SINGLE else tool.options.get(name, ())
        given += [part for word in words if word for part in (flag, word)]
    return given


def name_option(flag: str, name: str, *, by_batch: bool) -> list[str]:
    """Give the option for a suite or a case; none for no name."""
    if not name:
        return []
    if name.startswith("-"):
        raise AdapterError(f"the name {name[:80]!r} starts with '-': it would become an option")
    if "%20" in name:
        raise AdapterError(f"the name {name[:80]!r} holds %20, which the runner reads as a blank")
    return [flag, whole(name, by_batch=by_batch)]


def properties(flag: str, values: Mapping[str, str], *, by_batch: bool) -> list[str]:
    """Give an option for each of *values*."""
    given: list[str] = []
    for name, value in values.items():
        if not _PROPERTY_NAME.fullmatch(name):
            raise AdapterError(f"{name[:80]!r} cannot be the name of a parameter")
        given += [flag, whole(f"{name}={value}", by_batch=by_batch)]
    return given


def context_properties(values: Mapping[str, str], *, by_batch: bool) -> list[str]:
    """Give the run's context as global properties; a value that cannot pass is left out.

    No test depends on it: the same is in the environment.
    """
    passable = {
        f"labfleet.{name}": value
        for name, value in values.items()
        if not _harm(f"{name}={value}", by_batch=by_batch)
    }
    return properties("-G", passable, by_batch=by_batch)


def runs_by_batch(executable: Sequence[str]) -> bool:
    """Whether Windows' command shell gets to read the arguments."""
    return any(part.lower().endswith((".bat", ".cmd")) for part in executable)


def whole(value: str, *, by_batch: bool) -> str:
    """Give *value* back; raises AdapterError when it would not reach the runner as it is."""
    if harm := _harm(value, by_batch=by_batch):
        raise AdapterError(f"{value[:80]!r} {harm}")
    return value


def _harm(value: str, *, by_batch: bool) -> str:
    if "\0" in value:
        return "holds a NUL character"
    if value.startswith('"') or value.endswith('"'):
        return "has a double quote at an end, which the runner drops"
    if by_batch and (read := _READ_BY_CMD.search(value)):
        return f"holds {read[0]!r}, which the shell of a batch file would act upon"
    return ""
