"""Whose a process is: each state directory has a name, which all that it starts carries.

The journal knows what was started, but it can be gone while a tool lives. So the name is part of
the mark of guards and tools, and of their seal: whoever finds them can tell whose they are.
"""

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator import guard
from orchestrator.database import is_held
from orchestrator.errors import StateError
from orchestrator.executors.documents import read_order
from orchestrator.sweep import end_all, looks

_POINT = "."
"""Between the owner and the rest of a mark; `guard.seal` parts it there too."""


def owner_of(state_dir: Path) -> str:
    """Return the name of the labfleet in *state_dir*; the same each time it is started there."""
    digest = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()
    return f"labfleet-{digest[:16]}"


def new_mark(state_dir: Path, attempt: str) -> str:
    """Return a mark that no other run has, for *attempt* of the labfleet in *state_dir*."""
    return f"{owner_of(state_dir)}{_POINT}{attempt}-{os.urandom(8).hex()}"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a process shows of where it comes from."""

    process: guard.Process
    marks: Collection[str]
    seal: int

    def is_of(self, owner: str) -> bool:
        """Whether *owner* started it: its mark alone decides, where it shows one.

        Where it does not, its seal does, which once in a billion times is another owner's too.
        """
        if owners := {mark.partition(_POINT)[0] for mark in self.marks if _POINT in mark}:
            return owner in owners
        return guard.owner_seal(self.seal) == guard.owner_seal(guard.seal(f"{owner}{_POINT}"))

    def is_one_of(self, marks: Collection[str]) -> bool:
        """Whether it came of what was started with one of *marks*."""
        return any(mark in self.marks or self.seal == guard.seal(mark) for mark in marks)


def origin_of(process: guard.Process) -> Origin:
    """Read what *process* shows."""
    return Origin(process, process.marks(), process.seal())


def origins() -> list[Origin]:
    """Return the guards and tools of all owners that any of several looks sees.

    Takes 100 ms and more.
    """
    found = {
        (each.pid, each.start_ticks): origin
        for look in looks()
        for each in look
        if (origin := origin_of(each)).marks or origin.seal
    }
    return list(found.values())


def living(owner: str, known: Collection[str] = ()) -> list[guard.Process]:
    """Return the guards and tools of *owner* that are alive, but for those of *known* marks."""
    return [each.process for each in origins() if each.is_of(owner) and not each.is_one_of(known)]


def marks_in(state_dir: Path) -> list[str]:
    """Return the marks of all that was started below *state_dir* and has a folder there still."""
    found = []
    for path in state_dir.glob(f"attempts/*/{guard.ORDER}"):
        with suppress(OSError):
            if order := read_order(path.parent):
                found.append(order.mark)
    return found


def _marks_elsewhere(state_dir: Path) -> list[str]:
    """Return the marks of our guards that lie in a directory on which another labfleet runs.

    Ours by name: it was moved from here, or has the same path in another mount namespace.
    """
    found = []
    for each in living(owner_of(state_dir)):
        folder = Path(f"/proc/{each.pid}/cwd")  # leads there whatever it is called now
        theirs = folder / ".." / ".."
        with suppress(OSError, StateError):
            order = read_order(folder)
            if order and order.mark in each.marks() and not theirs.samefile(state_dir):
                found += [order.mark] if is_held(theirs) else []
    return found


def end_strays(state_dir: Path) -> tuple[list[str], list[str]]:
    """Kill what lives of *state_dir* without a folder there; return its labels, and who is left.

    That is what there is where somebody removed the directory, and a new one was begun. Where it
    was moved, and a labfleet goes on with it there, nothing of that is a stray.
    """
    owner = owner_of(state_dir)
    known = [*marks_in(state_dir), *_marks_elsewhere(state_dir)]

    def stray(process: guard.Process) -> bool:
        origin = origin_of(process)
        return origin.is_of(owner) and not origin.is_one_of(known)

    return end_all(stray)
