"""What this machine has left: disk, memory and load, as the kernel says.

Whatever cannot be read is None, "not known", which closes nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MB_BYTES = 1024 * 1024
_MEMINFO = Path("/proc/meminfo")
_LOADAVG = Path("/proc/loadavg")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_CGROUPS = Path("/sys/fs/cgroup")
# Where a group's files are, its limit, its use, and what of the use can be had back at once.
# Source: kernel documentation, cgroup-v2 and cgroup-v1/memory.
_V2 = (_CGROUPS, "memory.max", "memory.current", "inactive_file")
_V1 = (
    _CGROUPS / "memory",
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
)


@dataclass(frozen=True, slots=True)
class Readings:
    """One look at the machine."""

    free_disk_bytes: int | None = None
    free_inodes: int | None = None
    free_memory_bytes: int | None = None
    load_per_core: float | None = None


def read(state_dir: Path) -> Readings:
    """Look at the file system of *state_dir*, at memory and at load; it blocks."""
    disk_bytes, inodes = _disk(state_dir)
    return Readings(disk_bytes, inodes, _memory_bytes(), _load_per_core())


def _disk(folder: Path) -> tuple[int | None, int | None]:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None, None
    # Some file systems make inodes as they are wanted, and say that they have none.
    return disk.f_bavail * disk.f_frsize, disk.f_favail if disk.f_files else None


def _load_per_core() -> float | None:
    """Return the last minute's load by the cores of the machine, for it is the machine's load."""
    try:
        return float(_LOADAVG.read_text().split()[0]) / (os.cpu_count() or 1)
    except (OSError, ValueError, IndexError):
        return None


def _memory_bytes() -> int | None:
    """Return what can be had without swapping: of the machine, or of our group if that is less."""
    known = [_available_bytes(), *_left_of_groups()]
    return min((each for each in known if each is not None), default=None)


def _available_bytes() -> int | None:
    kb = _field(_MEMINFO, "MemAvailable:")
    return None if kb is None else kb * 1024


def _left_of_groups() -> Iterator[int | None]:
    """Yield what is left of the limit of our control group, and of each group it is in."""
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return
    for controllers, path in (line.split(":", 2)[1:] for line in lines if line.count(":") > 1):
        if controllers in ("", "memory"):
            yield from _left_above(*(_V1 if controllers else _V2), path)


def _left_above(
    top: Path, limit: str, use: str, reclaimable: str, path: str
) -> Iterator[int | None]:
    # In a container the path may be the outer one, which is not here; its top is ours then.
    folder = top / path.strip("/")
    for group in (folder, *folder.parents):
        if group != top and top not in group.parents:
            return
        yield _left_of(group, limit, use, reclaimable)


def _left_of(group: Path, limit: str, use: str, reclaimable: str) -> int | None:
    limit_bytes, used_bytes = _number(group / limit), _number(group / use)
    if limit_bytes is None or used_bytes is None:
        return None
    spare_bytes = _field(group / "memory.stat", reclaimable) or 0
    return max(0, limit_bytes - used_bytes + spare_bytes)


def _number(path: Path) -> int | None:
    """Return what the file says; None for one that is not there, or says `max`."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _field(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[:1] == [name])
    except (OSError, ValueError, IndexError, StopIteration):
        return None
