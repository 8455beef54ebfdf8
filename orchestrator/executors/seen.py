"""What can be seen of a run in its folder, by whoever only looks."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from orchestrator import guard
from orchestrator.executors.documents import read_document

_GUARD = TypeAdapter(dict[str, Any])


def seen(folder: Path) -> str:
    """Return "ended" where a verdict lies, "running" while its guard lives, or else "gone".

    Nothing is changed by it; "gone" is what the next start will call interrupted.
    """
    try:
        if (folder / guard.EXIT).exists():
            return "ended"
        return "running" if _lives(read_document(folder / guard.GUARD, _GUARD)) else "gone"
    except OSError:
        return "gone"


def _lives(who: dict[str, Any] | None) -> bool:
    if who is None or who.get("boot_id") != guard.boot_id() or not isinstance(who.get("pid"), int):
        return False
    process = guard.Process(who["pid"])
    return process.alive and process.start_ticks == who.get("start_ticks")
