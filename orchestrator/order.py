"""What the guard is told: commands, the tool's whole environment and limits; and its files."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePath

from adapters.base import CONTEXT, AdapterError, Command
from orchestrator.assignment import Assignment, Wanted
from orchestrator.settings.sections import ToolSettings

HOME = "home"
"""The tool's own home, in the attempt's temporary folder."""

_JAVA_OPTIONS = "JAVA_TOOL_OPTIONS"

_ODD = re.compile(r"[^A-Z0-9]")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def timeout_s(tool: ToolSettings, wanted: Wanted) -> float:
    """Return the time one run gets: the profile's ceiling, or the test's own wish if shorter."""
    if wanted.timeout_s is None or wanted.timeout_s <= 0:
        return tool.timeout_s
    return min(tool.timeout_s, wanted.timeout_s)


def context(assignment: Assignment, wanted: Wanted, host_name: str) -> dict[str, str]:
    """Return the variables by which a tool can know what it runs for."""
    told = {
        "RUN_ID": str(assignment.run_id),
        "ITEM": str(assignment.item),
        "HOST": host_name,
        "TEST_NAME": assignment.test_name,
        "TEST_SET": assignment.test_set,
        "CONFIGURATION": assignment.configuration,
        "RELEASE": assignment.release,
        **{f"PARAM_{_ODD.sub('_', k.upper())}": v for k, v in wanted.params.items()},
    }
    if wanted.run_mode is not None:
        told["RUN_MODE"] = str(wanted.run_mode)
    return {f"LABFLEET_{name}": value for name, value in told.items()}


def known(told: Mapping[str, str]) -> dict[str, str]:
    """Return what of the variables *told* an adapter gets, by its own names for it."""
    by_name = {name: told.get(f"LABFLEET_{name.upper()}", "") for name in CONTEXT}
    return {name: value for name, value in by_name.items() if value}


def own_environment(tool: ToolSettings, ours: Mapping[str, str]) -> dict[str, str]:
    """Return what the profile gives a tool in every run."""
    passed = {name: ours[name] for name in tool.pass_environment if name in ours}
    return {**passed, **tool.environment}


def environment(
    tool: ToolSettings,
    command: Command,
    told: Mapping[str, str],
    tmp: Path,
    ours: Mapping[str, str],
) -> dict[str, str]:
    """Return everything the tool will find in its environment, and nothing else.

    Of labfleet's own environment *ours*, which holds tokens, only what the profile names passes.
    """
    # What a tool forgets in the temporary folder goes with its workspace. Of HOME a profile may
    # know better; XDG's folders lie in it as long as nobody sets them.
    passed = {"HOME": str(tmp / HOME), **own_environment(tool, ours)}
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp))
    adapters = {**command.environment, **_java_options(passed, command)}
    all_of_it = {**passed, **temporary, **tool.environment, **adapters, **told}
    # A NUL would make the whole environment unusable.
    return {name: value.replace("\0", "") for name, value in all_of_it.items()}


def _java_options(passed: Mapping[str, str], command: Command) -> dict[str, str]:
    """Join the options for every JVM that are *passed* with the adapter's.

    Of two values of a property a JVM takes the last. Source: JVM TI, "JAVA_TOOL_OPTIONS".
    """
    both = [
        given[_JAVA_OPTIONS] for given in (passed, command.environment) if given.get(_JAVA_OPTIONS)
    ]
    return {_JAVA_OPTIONS: " ".join(both)} if both else {}


def lay_ready(tmp: Path, files: Mapping[PurePath, str]) -> None:
    """Make the tool's home and its command's *files* in *tmp*, open to this user only.

    Raises AdapterError for a file that cannot be below *tmp*, and OSError.
    """
    (tmp / HOME).mkdir(mode=0o700)
    for path, text in files.items():
        parts = _parts_below(tmp, path)
        try:
            _write(tmp, parts, text.encode())
        except ValueError as error:
            raise AdapterError(f"the file {str(path)!r} cannot be written: {error}") from error


def _parts_below(tmp: Path, path: PurePath) -> tuple[str, ...]:
    below = tmp / path
    parts = below.relative_to(tmp).parts if tmp in below.parents else ()
    if not parts or ".." in parts:
        raise AdapterError(f"the file {str(path)!r} is not in the temporary folder")
    return parts


def _write(top: Path, parts: Sequence[str], data: bytes) -> None:
    with _folder(top, parts[:-1]) as folder:
        number = os.open(parts[-1], _NEW_FILE, 0o600, dir_fd=folder)
        with os.fdopen(number, "wb") as file:
            file.write(data)


@contextmanager
def _folder(top: Path, names: Sequence[str]) -> Iterator[int]:
    """Open a folder below *top*, step by step and making what is missing; follow no link."""
    with ExitStack() as opened:
        folder = os.open(top, _FOLDER)
        opened.callback(os.close, folder)
        for name in names:
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=folder)
            folder = os.open(name, _FOLDER, dir_fd=folder)
            opened.callback(os.close, folder)
        yield folder
