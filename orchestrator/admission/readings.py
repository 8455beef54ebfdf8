"""What this machine has left: disk, memory and load, as the kernel says.

Whatever cannot be read is None, "not known", which closes nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MB_BYTES = 1024 * 1024
# Where a group's files are, its limit, its use, and what of the use can be had back at once.
# Source: kernel documentation, cgroup-v2 and cgroup-v1/memory.
_V2 = ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file")
_V1 = (
    "sys/fs/cgroup/memory",
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


def read(state_dir: Path, root: Path = Path("/")) -> Readings:
    """Look at the file system of *state_dir*, at memory and at load; it blocks.

    The kernel's own files are below *root*.
    """
    disk_bytes, inodes = _disk(state_dir)
    memory_bytes = (_available_bytes(root), *_left_of_groups(root))
    least_bytes = min((each for each in memory_bytes if each is not None), default=None)
    return Readings(disk_bytes, inodes, least_bytes, _load_per_core(root))


def _disk(folder: Path) -> tuple[int | None, int | None]:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None, None
    # Some file systems make inodes as they are wanted, and say that they have none.
    return disk.f_bavail * disk.f_frsize, disk.f_favail if disk.f_files else None


def _load_per_core(root: Path) -> float | None:
    """Return the last minute's load by the cores of the machine, for it is the machine's load."""
    try:
        load = float((root / "proc/loadavg").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return load / (os.cpu_count() or 1)


def _available_bytes(root: Path) -> int | None:
    """Return the memory of the machine that can be had without swapping."""
    kb = _field(root / "proc/meminfo", "MemAvailable:")
    return None if kb is None else kb * 1024


def _left_of_groups(root: Path) -> Iterator[int | None]:
    """Yield what is left of the limit of our control group, and of each group it is in."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for controllers, path in (line.split(":", 2)[1:] for line in lines if line.count(":") > 1):
        if controllers in ("", "memory"):
            top, *names = _V1 if controllers else _V2
            for group in _groups(root / top, path):
                yield _left_of(group, *names)


def _groups(top: Path, path: str) -> Iterator[Path]:
    """Yield the group of *path* and all above it.

    In a container the path may be the outer one, which is not there; its top is ours then.
    """
    folder = top / path.strip("/")
    while folder != top:
        yield folder
        folder = folder.parent
    yield top


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
