"""How much disk a running tool has taken, and the end of one that takes too much.

The orchestrator looks, every few seconds: a limit on single files would not stop many of them, and
file systems with quotas are not there to count on. So a tool can be over for some seconds, and
while labfleet itself is down nobody looks. It keeps one run from taking the disk of all others;
a tool that hides what it writes, outside its folder or in files without a name, it does not stop.
"""

import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import structlog

from orchestrator.admission import MB_BYTES, is_scarce
from orchestrator.execution import Execution
from orchestrator.threads import in_thread

log = structlog.get_logger()

LOOK_EVERY_S = 3.0
_PAUSE_FOR_EACH_S = 20.0
"""For each second that a look took: many files must not cost more than a twentieth of a core."""
_BLOCK_BYTES = 512
"""What st_blocks counts in, whatever the file system's own are. Source: stat(3type)."""


async def watch_folders(
    active: Callable[[], Collection[Execution]],
    limit_mb: Callable[[], int],
    *,
    every_s: float = LOOK_EVERY_S,
) -> None:
    """End for ever what runs and has more than *limit_mb* in its folder; 0 is no limit."""
    while True:
        began_s = time.monotonic()
        for execution in active():
            if limit_mb() and execution.phase == "running":
                await _look(execution, limit_mb())
        await anyio.sleep(max(every_s, _PAUSE_FOR_EACH_S * (time.monotonic() - began_s)))


async def _look(execution: Execution, limit_mb: int) -> None:
    folder = execution.folder
    try:
        taken = await in_thread(partial(taken_bytes, folder, enough_bytes=limit_mb * MB_BYTES))
        # It may have ended, or gone on to another attempt, during the look.
        if taken <= limit_mb * MB_BYTES or execution.folder != folder:
            return
        if execution.phase == "running":
            log.error("tool.oversized", **execution.who, limit_mb=limit_mb)
            execution.end(f"its folder held more than {limit_mb} MB, limits.max_run_disk_mb")
    except (OSError, RuntimeError) as error:
        if not is_scarce(error):
            log.warning("tool.oversized", **execution.who, error=str(error))


def taken_bytes(folder: Path, *, enough_bytes: float) -> int:
    """Return the disk that what is below *folder* takes, or the first sum over *enough_bytes*.

    What cannot be read counts as nothing, and no link is followed.
    """
    total, pending = 0, [str(folder)]
    while pending and total <= enough_bytes:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
    return total
