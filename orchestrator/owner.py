"""Whose a process is: each state directory has a name, which all that it starts carries.

The journal knows what was started, but it can be gone while a tool lives. So the name is part of
the mark of guards and tools, and of their seal: whoever finds them can tell whose they are.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from orchestrator import guard

_POINT = "."
"""Between the owner and the rest of a mark; `guard.seal` parts it there too."""


def owner_of(state_dir: Path) -> str:
    """Return the name of the labfleet in *state_dir*; the same each time it is started there."""
    digest = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()
    return f"labfleet-{digest[:16]}"


def new_mark(state_dir: Path, attempt: str) -> str:
    """Return a mark that no other run has, for *attempt* of the labfleet in *state_dir*."""
    return f"{owner_of(state_dir)}{_POINT}{attempt}-{os.urandom(8).hex()}"


def living(owner: str) -> list[guard.Process]:
    """Return the guards and tools of *owner* that are alive.

    Two owners may have one seal in 65,536 times: then the other's count too.
    """
    return [each for each in guard.processes() if each.alive and _is_of(each, owner)]


def _is_of(process: guard.Process, owner: str) -> bool:
    wanted = f"{guard.MARK_VARIABLE}={owner}{_POINT}".encode()
    with suppress(OSError):
        variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        if any(each.startswith(wanted) for each in variables):
            return True
    return guard.owner_seal(process.seal()) == guard.owner_seal(guard.seal(f"{owner}{_POINT}"))
