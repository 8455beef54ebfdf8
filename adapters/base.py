"""What an adapter is, and the frozen values it speaks.

An adapter is a module that turns a test's automation into a command line and a finished
command into an outcome. It does no I/O and knows nothing of the orchestrator, so one adapter
serves a Linux container and a remote Windows machine alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Protocol


class Verdict(StrEnum):
    """The four answers, of a case and of a whole item, spelt as the remote API spells them."""

    PASSED = "Passed"
    FAILED = "Failed"
    BLOCKED = "Blocked"
    SKIPPED = "Skipped"


class Ending(StrEnum):
    """How a tool's process came to its end."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    """We ended it, since its time was up."""
    KILLED = "killed"
    """We ended it, for another reason than time."""
    NOT_STARTED = "not_started"
    """The operating system refused to start it."""


CONTEXT = ("run_id", "item", "host", "test_name", "test_set", "configuration", "release")
"""What every tool can know of its run: LABFLEET_RUN_ID and the like in its environment."""


@dataclass(frozen=True, slots=True)
class Automation:
    """What the test asks of its tool."""

    title: str
    """Names the test inside the script; may be empty, which means everything in it."""
    params: Mapping[str, str] = field(default_factory=dict)
    run_mode: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    """What it runs for, by `CONTEXT` names; only what is known and not empty."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool profile of the settings, as far as a command line needs it."""

    executable: tuple[str, ...]
    timeout_s: float
    """The time this run gets: the profile's ceiling or the automation's own, whichever is less."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The profile's settings for its adapter alone: names out of the adapter's `OPTIONS`."""
    access_key: str = ""
    """The licence key; a secret, which a command line may hold and nothing else."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one attempt, on the machine where the tool will run."""

    folder: PurePath
    """The unpacked script; the tool's working directory."""
    results: PurePath
    """A fresh, empty folder of this attempt, for what the tool reports."""
    tmp: PurePath
    """A fresh, empty folder of this attempt, removed after it; also the tool's TMPDIR."""
    files: tuple[PurePath, ...] = ()
    """What the script holds, relative to *folder*: by it an adapter sees what the script is."""
    files_cut: bool = False
    """There are more files than are listed: who needs them all must refuse."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start: no shell ever reads *argv*."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    before: tuple[tuple[str, ...], ...] = ()
    """Processes to run first, one by one (a compiler); with one that does not exit with 0 the
    whole command ends, and its exit code is the command's."""
    files: Mapping[PurePath, str] = field(default_factory=dict)
    """Texts to be there at the start, UTF-8, by their path below the workspace's *tmp*."""
    stop_on: tuple[str, ...] = ()
    """Texts of the output at which the tool is to be ended: it asks what nobody will answer."""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One file that the tool left."""

    name: str
    """Its path inside the results folder, or inside the script's, with forward slashes."""
    data: bytes


OUTPUT_CHARS = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """All that is known of a command after its end."""

    ending: Ending
    exit_code: int | None
    """As the operating system gave it; None when the process was ended by us or never started."""
    output_tail: str = ""
    """The last of what it printed, for a reason that a person reads."""
    files: tuple[ResultFile, ...] = ()
    problems: tuple[str, ...] = ()
    """What the collector could not bring: a result file too large, one too many."""
    notes: tuple[str, ...] = ()
    """What a reader should know and no verdict depends on."""
    seconds: float = 0.0
    output: str = ""
    """All that was kept of it, the last `OUTPUT_CHARS` at most."""
    output_cut: bool = False
    """Some of the output is in neither: what is not seen there may have been said."""
    command: tuple[str, ...] = ()  # as it was ordered; empty when it is not known any more
    asked: Automation = field(default_factory=lambda: Automation(""))


@dataclass(frozen=True, slots=True)
class Case:
    """One test case of a report."""

    name: str
    status: Verdict
    raw_status: str
    """The tool's own word for it, kept beside ours."""
    seconds: float = 0.0
    message: str = ""
    """One line for a table."""
    detail: str = ""
    """The whole text: message, stack, output."""


@dataclass(frozen=True, slots=True)
class Report:
    """One result file, read: its cases, and what is wrong with the run as a whole."""

    cases: tuple[Case, ...]
    problems: tuple[str, ...] = ()
    """What casts doubt on the cases: with a problem nothing passes."""
    notes: tuple[str, ...] = ()
    """What a reader should know and no verdict depends on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one item with its grounds."""

    verdict: Verdict
    cases: tuple[Case, ...] = ()
    reason: str = ""
    """Why the verdict is not simply the sum of the cases; always given when it is Blocked."""
    log_file: str = ""
    """Name of the result file that is the tool's own log, to upload in place of ours."""
    report_file: str = ""
    """Name of the result file that is the tool's own report, to upload in place of ours."""


class AdapterError(ValueError):
    """No command can be made of this automation; the message says what is missing."""


class UnreadableReport(ValueError):
    """A result file that says nothing: the message names the reason."""


class ToolAdapter(Protocol):
    """The shape of an adapter module."""

    @property
    def AGENT(self) -> str:  # noqa: N802 - a module constant
        """The API's name for the tool."""

    @property
    def RESULT_FILES(self) -> Sequence[str]:  # noqa: N802 - a module constant
        """Glob patterns, relative to the results folder, of the files to collect."""

    @property
    def SCRIPT_RESULT_FILES(self) -> Sequence[str]:  # noqa: N802 - a module constant
        """The same for the script's folder; only what the run made or changed is collected."""

    @property
    def OPTIONS(self) -> Mapping[str, str]:  # noqa: N802 - a module constant
        """Names of the profile's `options` that the adapter knows, each with what it is for."""

    @property
    def PROGRAM_OPTIONS(self) -> Sequence[str]:  # noqa: N802 - a module constant
        """Those of `OPTIONS` whose list begins with a program."""

    @property
    def VERSION_ARGUMENTS(self) -> Sequence[str]:  # noqa: N802 - a module constant
        """What the executable is given to tell its version; none when it must not be asked."""

    @property
    def INSTALL(self) -> str:  # noqa: N802 - a module constant
        """How to get the tool: a command, or where to look."""

    def build_command(self, automation: Automation, tool: Tool, workspace: Workspace) -> Command:
        """Say how to run *automation*; raises AdapterError when that cannot be said."""

    def parse_outcome(self, finished: Finished) -> Outcome:
        """Say what came of it; never raises: what cannot be read is Blocked, with the reason."""
