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


@dataclass(frozen=True, slots=True)
class Automation:
    """What the test asks of its tool."""

    title: str
    """Names the test inside the script; may be empty, which means everything in it."""
    params: Mapping[str, str] = field(default_factory=dict)
    run_mode: int | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool profile of the settings, as far as a command line needs it."""

    executable: tuple[str, ...]
    timeout_s: float
    """The time this run gets: the profile's ceiling or the automation's own, whichever is less."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one attempt, on the machine where the tool will run."""

    folder: PurePath
    """The unpacked script; the tool's working directory."""
    results: PurePath
    """A fresh, empty folder of this attempt: only what is found here can be a result."""
    files: tuple[PurePath, ...] = ()
    """What the script holds, relative to *folder*: by it an adapter sees what the script is."""


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start: no shell ever reads *argv*."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One file that the tool left in the results folder."""

    name: str
    """Its path inside the results folder, with forward slashes."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """All that is known of a command after its end."""

    ending: Ending
    exit_code: int | None
    """As the operating system gave it; None when the process was ended by us or never started."""
    output_tail: str = ""
    files: tuple[ResultFile, ...] = ()
    problems: tuple[str, ...] = ()
    """What the collector could not bring: a result file too large, one too many."""
    notes: tuple[str, ...] = ()
    """What a reader should know and no verdict depends on."""
    seconds: float = 0.0


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


class AdapterError(ValueError):
    """No command can be made of this automation; the message says what is missing."""


class UnreadableReport(ValueError):
    """A result file that says nothing: the message names the reason."""


class ToolAdapter(Protocol):
    """The shape of an adapter module."""

    @property
    def AGENT(self) -> str:  # noqa: N802 - a module constant
        """The API's name for the tool."""
        ...

    @property
    def RESULT_FILES(self) -> Sequence[str]:  # noqa: N802 - a module constant
        """Glob patterns, relative to the results folder, of the files to collect."""
        ...

    def build_command(self, automation: Automation, tool: Tool, workspace: Workspace) -> Command:
        """Say how to run *automation*; raises AdapterError when that cannot be said."""
        ...

    def parse_outcome(self, finished: Finished) -> Outcome:
        """Say what came of it; never raises: what cannot be read is Blocked, with the reason."""
        ...
