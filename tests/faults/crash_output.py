"""A tool that prints without end: no line, NULs, broken UTF-8; and what that costs in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from orchestrator import guard
from tests.faults.crash import Crashing
from tests.fleet import PASSING, tool

MIB = 1024 * 1024
LABFLEET_MIB = 32
"""What labfleet may grow by, for the last `OUTPUT_CHARS` that an adapter gets: as text that is
no Latin they take two bytes each, and twice that while they are put together."""
PRINTS = """
    block = (b"\\0\\xff\\xfe\\xc3(" * 60_000)[:262_144]
    for _ in range({blocks}):
        rest = block
        while rest:
            rest = rest[os.write(1, rest):]
"""


@dataclass
class Cost:
    """What was seen, in MiB; of each process the growth from its first reading to its peak."""

    first: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)
    log_bytes: int = 0
    log_end: bytes = b""

    def note(self, who: str, pid: int) -> None:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        except (OSError, IndexError):
            return
        self.first.setdefault(who, peak)
        self.peak[who] = peak

    def grown(self, who: str) -> float:
        return self.peak[who] - self.first[who]


async def print_much(crashing: Crashing, mib: int, limit_s: float) -> tuple[int, Cost]:
    """Run a tool that prints *mib*; the memory of labfleet counts from before the run."""
    cost, prints = Cost(), tool(PRINTS.format(blocks=mib * 4) + PASSING)
    with crashing.labfleet() as labfleet, anyio.fail_after(limit_s):
        while len(crashing.proxy.of("current_runs")) < 3:
            await anyio.sleep(0.02)
        cost.note("labfleet", labfleet.pid)
        run_id = await crashing.fleet.queue(prints)
        while not (await crashing.fleet.item(run_id)).get("report"):
            _look(crashing, run_id, cost.note)
            await anyio.sleep(0.02)
            for folder in crashing.attempts(run_id):
                _read_log(folder / guard.OUTPUT, cost)
        cost.note("labfleet", labfleet.pid)
    return run_id, cost


def _look(crashing: Crashing, run_id: int, note: Callable[[str, int], None]) -> None:
    for folder in crashing.attempts(run_id):
        if (folder / guard.GUARD).exists():
            text = (folder / guard.GUARD).read_text()
            note("guard", int(text.partition('"pid": ')[2].partition(",")[0]))


def _read_log(path: Path, cost: Cost) -> None:
    try:
        with path.open("rb") as log:
            cost.log_bytes = log.seek(0, 2)
            log.seek(max(0, cost.log_bytes - 100))
            cost.log_end = log.read()
    except OSError:
        pass  # delivered, and cleared away
