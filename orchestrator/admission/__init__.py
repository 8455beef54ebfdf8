"""Whether anything new is started: not while disk, memory or load are past their limits.

What is claimed meanwhile waits in the journal, like what waits for a slot, and what runs goes on.
Polling goes on too: a host that is not polled looks dead to those who watch it, and a claim takes
nothing of what is short. It opens by itself, once there is a tenth more room than the limit asks
for, so that a machine on the edge does not start and stop with each look.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import anyio
import structlog

from orchestrator.admission.readings import MB_BYTES, Readings, read
from orchestrator.admission.scarcity import is_scarce
from orchestrator.metrics import ADMISSION_REASONS, Metrics
from orchestrator.settings.sections import LimitSettings
from orchestrator.threads import in_thread

__all__ = ["MB_BYTES", "Admission", "Readings", "is_scarce", "shortages"]

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
_MARGIN = 0.1
_REASONS = [reason for reason in ADMISSION_REASONS if reason != "paused"]
"""Those of the machine."""
_LOAD = "max_load_per_core"


class Admission:
    """The gate that every start passes; `run` keeps looking at the machine."""

    def __init__(self, state_dir: Path, limits: LimitSettings, metrics: Metrics) -> None:
        self._state_dir = state_dir
        self._limits = limits
        self._metrics = metrics
        self._short: dict[str, tuple[str, str]] = {}
        self._opened = anyio.Event()

    @property
    def closed(self) -> dict[str, str]:
        """Why nothing new is started: reason → what is short, in words; empty while it is."""
        said: dict[str, str] = {}
        for reason, why in self._short.values():
            said[reason] = f"{said[reason]}; {why}" if reason in said else why
        return said

    async def until_open(self) -> None:
        """Wait as long as it is closed."""
        while self._short:
            await self._opened.wait()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await anyio.sleep(LOOK_EVERY_S)

    async def use(self, limits: LimitSettings) -> None:
        """Take new limits, and judge by them at once."""
        self._limits = limits
        await self.look()

    async def look(self) -> None:
        """Look at the machine now."""
        self._judge(await in_thread(read, self._state_dir))

    def _judge(self, readings: Readings) -> None:
        before = self.closed
        self._short = shortages(self._limits, readings, self._short.keys())
        now = self.closed
        for reason in _REASONS:
            self._metrics.admission_closed.labels(reason).set(reason in now)
            if reason in now and reason not in before:
                log.warning("admission.closed", reason=reason, why=now[reason])
            elif reason in before and reason not in now:
                log.info("admission.opened", reason=reason, closed_still=sorted(now))
        if before and not now:
            self._opened.set()
            self._opened = anyio.Event()


def shortages(
    limits: LimitSettings, readings: Readings, closed: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return limit → (reason, words) for every limit that is past; *closed* are those that were."""
    found = {}
    for name, reason, limit, value, what in _figures(limits, readings):
        if value is not None and _past(name, limit, value, again=name in closed):
            found[name] = (reason, f"{what} {_plain(value)}, limits.{name} is {_plain(limit)}")
    return found


def _figures(
    limits: LimitSettings, readings: Readings
) -> Iterator[tuple[str, str, float, float | None, str]]:
    """Yield of each limit: its name, the reason it gives, itself, what is read, and of what."""
    disk_mb, memory_mb = _mb(readings.free_disk_bytes), _mb(readings.free_memory_bytes)
    yield "min_free_disk_mb", "disk", limits.min_free_disk_mb, disk_mb, "free MB:"
    yield "min_free_inodes", "disk", limits.min_free_inodes, readings.free_inodes, "free inodes:"
    yield "min_free_memory_mb", "memory", limits.min_free_memory_mb, memory_mb, "free MB:"
    yield _LOAD, "load", limits.max_load_per_core, readings.load_per_core, "load of a core:"


def _past(name: str, limit: float, value: float, *, again: bool) -> bool:
    """Whether *value* is past *limit*, or *again* not yet a tenth on the good side of it."""
    margin = _MARGIN * limit if again else 0.0
    if limit == 0:
        return False
    return value > limit - margin if name == _LOAD else value < limit + margin


def _plain(value: float) -> str:
    """Write all digits before the point, and two at most behind it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _mb(size_bytes: int | None) -> float | None:
    return None if size_bytes is None else round(size_bytes / MB_BYTES, 1)
