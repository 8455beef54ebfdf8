"""Watches the processes of one run from outside, and what lies in its results folder meanwhile."""

import os
import signal
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import anyio

from orchestrator import guard

PAUSE_S = 0.1


@dataclass
class Watch:
    """What was seen of one run's processes, by pid and start."""

    tag: str
    """A parameter of the run alone, so that it stands in the environment of its processes."""
    seen: dict[tuple[int, int], str] = field(default_factory=dict)
    command_lines: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    """Who was alive after the run."""
    reports: dict[str, bytes] = field(default_factory=dict)
    """Files of the results folder as they were seen last, by name."""

    async def watch(self) -> None:
        while True:
            self.look()
            await anyio.sleep(PAUSE_S)

    def look(self) -> None:
        """Add who carries the run's tag, and whose parent was seen."""
        known = {pid for pid, _ in self.seen}
        for process in guard.processes():
            variables = _read(process.pid, "environ").split("\0")
            tagged = f"LABFLEET_PARAM_TAG={self.tag}" in variables
            if process.alive and (tagged or process.parent in known):
                self.seen[process.pid, process.start_ticks] = process.label
                self.command_lines.add(_read(process.pid, "cmdline"))
                self.variables.update(variables if tagged else ())
        for folder in self._values("--reports-dir"):
            self.reports |= {path.name: path.read_bytes() for path in Path(folder).glob("*.xml")}

    def end(self) -> None:
        """Note who lives still, and end them: a run that failed to is no reason to stay."""
        left = [it for it in guard.processes() if (it.pid, it.start_ticks) in self.seen]
        self.left = [it.label for it in left if it.alive]
        for process in left:
            process.send(signal.SIGKILL)

    def temporary_folders(self) -> set[Path]:
        """What the environments call the temporary folder."""
        return {Path(it.removeprefix("TMPDIR=")) for it in self.variables if it[:7] == "TMPDIR="}

    def profile_folders(self) -> set[Path]:
        """Where the browsers kept their profiles."""
        option = "--user-data-dir="
        words = [word for line in self.command_lines for word in line.split("\0")]
        return {Path(it.removeprefix(option)) for it in words if it.startswith(option)}

    def _values(self, option: str) -> set[str]:
        lines = [line.split("\0") for line in self.command_lines]
        return {value for line in lines for name, value in pairwise(line) if name == option}


def _read(pid: int, name: str) -> str:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/{name}").read_bytes())
    except OSError:
        return ""
