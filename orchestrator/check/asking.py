"""Ask a program for its version, and leave nothing of it behind."""

import os
import re
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

import anyio
from anyio import to_thread
from anyio.abc import Process

from orchestrator import guard
from orchestrator.order import HOME
from orchestrator.plain_text import plain

LIMIT_S = 20.0
_PAUSE_S = 0.02
_ENOUGH_BYTES = 64 * 1024
# A file at a relative path lies in the script's folder, which is not there before a run.
_OF_SCRIPT = re.compile(
    r"(?![-/]).+\.(py|pl|rb|sh|[cm]?js|ts|jar|dll|exe|bat|cmd|ps1|xml)", re.IGNORECASE
)
# Java says so before anything else, where that variable is set.
_NOISE = ("Picked up ",)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and how it ended."""

    exit_code: int | None
    """None when it did not end by itself within the time."""
    output: str

    @property
    def line(self) -> str:
        """The first line that says something, short enough for a table."""
        lines = [line.strip() for line in self.output.splitlines()]
        return next((line[:100] for line in lines if line and not line.startswith(_NOISE)), "")


def question(executable: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Say how to ask for the version: all that names the tool, and then *arguments*.

    What names the tool ends before the first placeholder or file of the script, with the options
    that have lost their value to it, and with the jar where there is one: the words behind it are
    for a run.
    """
    known = list(
        takewhile(lambda word: "{" not in word and not _OF_SCRIPT.fullmatch(word), executable)
    )
    if len(known) < len(executable):
        while len(known) > 1 and known[-1].startswith("-"):
            known.pop()
    if "-jar" in known[:-1]:
        known = known[: known.index("-jar") + 2]
    return [*known, *arguments]


async def ask(
    words: Sequence[str], environment: Mapping[str, str], *, limit_s: float = LIMIT_S
) -> Answer:
    """Run *words* in an empty folder and return what they said; raises OSError.

    As in a run, home and temporary folder are fresh ones where *environment* names none: some
    programs write to their home even to tell their version. Whatever they start is ended when
    they end, when *limit_s* is over and on cancellation.
    """
    mark = uuid.uuid4().hex
    with (
        tempfile.TemporaryDirectory(prefix="labfleet-check-") as folder,
        tempfile.TemporaryDirectory(prefix="labfleet-check-", ignore_cleanup_errors=True) as tmp,
        tempfile.TemporaryFile() as output,
    ):
        process = await anyio.open_process(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**_own_folders(tmp), **environment, guard.MARK_VARIABLE: mark},
            start_new_session=True,
        )
        try:
            exit_code = await _ended(process, output, limit_s)
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process, mark)
        output.seek(0)
        said = output.read(_ENOUGH_BYTES).decode("utf-8", "replace")
        return Answer(exit_code, plain(said))


def _own_folders(tmp: str) -> dict[str, str]:
    home = Path(tmp, HOME)
    home.mkdir(mode=0o700)
    return {"HOME": str(home), **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), tmp)}


async def _ended(process: Process, output: BinaryIO, limit_s: float) -> int | None:
    with anyio.move_on_after(limit_s):
        # A file cannot be waited on, and a process that floods it must not fill the disk.
        while (  # noqa: ASYNC110 - nothing tells how long a file is
            process.returncode is None and os.fstat(output.fileno()).st_size <= _ENOUGH_BYTES
        ):
            await anyio.sleep(_PAUSE_S)
    return process.returncode


async def _end(process: Process, mark: str) -> None:
    if process.returncode is None:
        # Not reaped yet, so the group's number is nobody else's.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    await to_thread.run_sync(_end_marked, mark)


def _end_marked(mark: str) -> None:
    """Kill what carries *mark*: a process may have left the group, and its parent behind."""
    until_s = time.monotonic() + guard.SWEEP_S
    while left := [p for p in guard.processes() if p.alive and p.carries(mark)]:
        if time.monotonic() > until_s:
            return
        for process in left:
            process.send(signal.SIGKILL)
        time.sleep(_PAUSE_S)
