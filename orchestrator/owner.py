"""Whose a process is: each state directory has a name, which all that it starts carries.

The journal knows what was started, but it can be gone while a tool lives. So the name is part of
the mark of guards and tools, and of their seal: whoever finds them can tell whose they are.
"""

import hashlib
import json
import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from orchestrator import guard
from orchestrator.regular_file import NotTaken, read_regular

_MAX_ORDER_BYTES = 16 * 1024 * 1024
_PAUSE_S = 0.02
_POINT = "."
"""Between the owner and the rest of a mark; `guard.seal` parts it there too."""


def owner_of(state_dir: Path) -> str:
    """Return the name of the labfleet in *state_dir*; the same each time it is started there."""
    digest = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()
    return f"labfleet-{digest[:16]}"


def new_mark(state_dir: Path, attempt: str) -> str:
    """Return a mark that no other run has, for *attempt* of the labfleet in *state_dir*."""
    return f"{owner_of(state_dir)}{_POINT}{attempt}-{os.urandom(8).hex()}"


def living(owner: str, known: Collection[str] = ()) -> list[guard.Process]:
    """Return the guards and tools of *owner* that are alive, but for those of *known* marks.

    Two owners have one seal once in 65,536 times: then the other's count too.
    """
    found = [each for each in guard.processes() if each.alive and _is_of(each, owner)]
    return [each for each in found if not any(each.carries(mark) for mark in known)]


def marks_in(state_dir: Path) -> list[str]:
    """Return the marks of all that was started below *state_dir* and has a folder there still."""
    found = []
    for path in state_dir.glob(f"attempts/*/{guard.ORDER}"):
        with suppress(OSError, NotTaken, ValueError, LookupError, TypeError, RecursionError):
            found.append(str(json.loads(read_regular(path, _MAX_ORDER_BYTES))["mark"]))
    return found


def end_strays(state_dir: Path) -> tuple[list[str], list[str]]:
    """Kill what lives of *state_dir* without a folder there; return its labels, and who is left.

    That is what there is where somebody removed the directory, and a new one was begun.
    """
    owner, known = owner_of(state_dir), marks_in(state_dir)
    until_s, ended = time.monotonic() + guard.SWEEP_S, set[str]()
    while left := living(owner, known):
        if time.monotonic() > until_s:
            return sorted(ended), [each.label for each in left]
        for each in left:
            each.send(signal.SIGKILL)
            ended.add(each.label)
        time.sleep(_PAUSE_S)
    return sorted(ended), []


def _is_of(process: guard.Process, owner: str) -> bool:
    wanted = f"{guard.MARK_VARIABLE}={owner}{_POINT}".encode()
    with suppress(OSError):
        variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        if any(each.startswith(wanted) for each in variables):
            return True
    return guard.owner_seal(process.seal()) == guard.owner_seal(guard.seal(f"{owner}{_POINT}"))
