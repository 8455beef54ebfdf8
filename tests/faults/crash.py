"""labfleet as a process that is ended with SIGKILL again and again, and what must hold after it.

Tools tell by themselves what a second start would spoil: each start is a line in a file, and a
lock that the tool and all that it leaves behind hold for their lives says whether another copy
was alive just then. The server's side is the stand-in's answer and what the proxy saw.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from orchestrator import guard
from tests.attempts import until
from tests.claims import rows
from tests.faults.crash_nursery import Forked, Nursery
from tests.faults.proxy import Proxy, open_proxy
from tests.fleet import PASSING, Fleet, tool
from tests.standin.lab import open_lab

LIMIT_S = 30.0  # much more than is needed: the machine may be busy
RUN = ["run", "--log-format", "json", "--config"]
TAG_VARIABLE = "CRASH_TAG"
Labfleet = subprocess.Popen[bytes] | Forked

# Two helpers outlive the tool: one in a session of its own, and one that was forked twice and has
# no environment, so that only its arguments tell whose it is. Both hold the lock.
TOOL = """
    import fcntl
    starts = Path({folder!r}, os.environ["LABFLEET_RUN_ID"])
    lock = os.open(f"{{starts}}.lock", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(lock, True)
    word = "alone"
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        word = "beside"
    with open(f"{{starts}}.starts", "a") as file:
        file.write(word + "\\n")
    null = os.open("/dev/null", os.O_RDWR)
    for environment in (dict(os.environ), {{}}):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (0, 1, 2):
                    os.dup2(null, number)
                os.execve("/bin/sleep", [{tag!r}, "600"], environment)
            os._exit(0)
        os.wait()
    time.sleep({seconds})
"""


@dataclass
class Crashing:
    """One fleet over its life of many processes."""

    fleet: Fleet
    proxy: Proxy
    tag: str
    nursery: Nursery | None = None
    python: str = sys.executable
    runs: list[int] = field(default_factory=list)
    kills: int = 0

    @property
    def folder(self) -> Path:
        return self.fleet.folder

    @property
    def journal(self) -> Path:
        return self.folder / "state"

    async def queue(self, host: str, seconds: float = 0.05) -> int:
        """Queue one run whose tool takes *seconds*; return its id."""
        code = TOOL.format(folder=str(self.folder / "told"), tag=self.tag, seconds=seconds)
        run_id = await self.fleet.queue(tool(code + PASSING), host)
        self.runs.append(run_id)
        return run_id

    @contextmanager
    def labfleet(self, *options: str) -> Iterator[Labfleet]:
        """A labfleet in its own group, ended with SIGKILL at the latest when this is left."""
        started = self._start([*RUN, str(self.fleet.file), *options], self.folder / "labfleet.log")
        try:
            yield started
        finally:
            kill(started)
            # Shown where a test fails: what it waited for in vain mostly stands there.
            sys.stdout.write((self.folder / "labfleet.log").read_text("utf-8")[-4000:])

    def _start(self, argv: list[str], path: Path) -> Labfleet:
        if self.nursery:
            return self.nursery.start(argv, path)
        with path.open("ab") as log:
            return subprocess.Popen(
                [self.python, "-m", "orchestrator", *argv],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def finish(self) -> None:
        """Let one more labfleet do all that is left to do."""
        with self.labfleet("--until-idle") as last, anyio.fail_after(LIMIT_S):
            code = await to_thread.run_sync(last.wait, abandon_on_cancel=True)
        assert code == 0, (self.folder / "labfleet.log").read_text()[-4000:]

    def starts(self, run_id: int) -> list[str]:
        """Return what the tool said at each of its starts."""
        path = self.folder / "told" / f"{run_id}.starts"
        return path.read_text().split() if path.exists() else []

    def state(self, run_id: int) -> tuple[str, int]:
        """Return what the journal has of a run, and how many deliveries it owes.

        Only while no labfleet is alive. A copy is read: to open the file would do a part of the
        recovery that the next labfleet has to do.
        """
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.journal.glob("journal.db*"):
            shutil.copy(file, copy)
        owed = "SELECT count(*) FROM outbox WHERE assignment_id = a.id AND state = 'owed'"
        try:
            found = rows(copy, f"SELECT run_id, state, ({owed}) FROM assignments a")  # noqa: S608
        except sqlite3.OperationalError:
            return "", 0  # it was killed before it had made its tables
        return {row[0]: (row[1], row[2]) for row in found}.get(run_id, ("", 0))

    def attempts(self, run_id: int) -> list[Path]:
        """Return the folders of a run's attempts; runs and claims have the same numbers here."""
        return list((self.journal / "attempts").glob(f"{run_id:06}-*"))

    async def until_started(self, *run_ids: int) -> None:
        """Wait until these runs' tools, with all that they leave behind, are alive."""
        await until(lambda: all(self.starts(run_id) for run_id in run_ids), LIMIT_S)
        await until(lambda: len(unowned(self.tag)) >= 3 * len(run_ids), LIMIT_S)

    def guards(self) -> list[int]:
        """Return the pids of the guards that wrote who they are."""
        files = (self.journal / "attempts").glob(f"*/{guard.GUARD}")
        return [int(json.loads(file.read_bytes())["pid"]) for file in files]

    def told(self) -> dict[int, set[str]]:
        """Return run → every status that was sent to the server for it."""
        found = defaultdict[int, set[str]](set)
        for call in self.proxy.of("update_item"):
            number = int(call.request.path.split("/runs/")[1].split("/")[0])
            found[number].add(json.loads(call.request.body)["status"])
        return found


def kill(process: Labfleet) -> None:
    """End labfleet and what is of its group: guards are of groups of their own."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def kill_when(
    process: Labfleet, reached: Callable[[], bool], passed: Callable[[], bool]
) -> None:
    """Kill it as soon as *reached* says so, or at once when that moment has *passed*."""

    def watch() -> None:
        # Beside the event loop and nearly without a pause: some moments last a millisecond.
        until_s = time.monotonic() + LIMIT_S
        while not reached() and not passed():
            assert process.poll() is None, "labfleet ended by itself"
            assert time.monotonic() < until_s, "the moment never came"
            time.sleep(0.0002)
        kill(process)

    await to_thread.run_sync(watch)


@asynccontextmanager
async def open_crashing(
    folder: Path, tag: str, hosts: int, nursery: Nursery | None = None, **top: Any
) -> AsyncIterator[Crashing]:
    """A stand-in, a proxy before it, and settings for *hosts* hosts."""
    (folder / "told").mkdir()
    async with open_lab(folder / "standin") as lab, open_proxy(lab.url) as proxy:
        fleet = Fleet(lab, folder, url=proxy.url)
        await fleet.add_hosts(hosts)
        fleet.top = {"drain_s": 1, "max_attempts": 4} | top
        fleet.host = {"limit": 8}
        fleet.tool = {"slots": 8, "timeout_s": 60, "environment": {TAG_VARIABLE: tag}}
        fleet.write()
        try:
            yield Crashing(fleet, proxy, tag, nursery)
        finally:
            fleet.end_tools()
            fleet.remove_notes()


def unowned(tag: str) -> list[str]:
    """Name every process of the tools of *tag*, by its arguments or by its environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        if place.name == str(os.getpid()):
            continue
        with suppress(OSError):
            line = (place / "cmdline").read_bytes()
            with suppress(PermissionError):
                line += (place / "environ").read_bytes()
            if tag.encode() in line:
                found.append(f"{place.name} {line[:200]!r}")
    return found


async def check(crashing: Crashing, *, starts: int = 1, verdicts: set[str] | None = None) -> None:
    """Look at both ends: what the server has, what the tools told, what is alive."""
    allowed = verdicts or {"Passed"}
    told = crashing.told()
    for run_id in crashing.runs:
        status, reason = await crashing.fleet.verdict(run_id)
        seen = crashing.starts(run_id)
        facts = f"run {run_id}: {status} {reason!r}, starts {seen}, told {told[run_id]}"
        assert status in allowed, facts
        assert told[run_id] == {status}, facts
        assert seen[:1] == ["alone"] or status == "Blocked", facts
        assert len(seen) <= starts, facts
        assert set(seen) <= {"alone"}, facts
        assert crashing.state(run_id) == ("delivered", 0), facts
    with anyio.move_on_after(2):
        while unowned(crashing.tag):
            await anyio.sleep(0.02)
    assert unowned(crashing.tag) == []
