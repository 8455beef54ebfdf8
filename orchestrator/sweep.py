"""Find what lives, and end it, although no look at the process table is one of an instant.

What forks and ends all the time can be missed by each look: its child is not in the list yet, and
it is gone itself when its turn comes. So nobody is left only when several looks in a row see
nobody, and who is seen is killed at once, not after the look.
"""

import signal
import time
from collections.abc import Callable, Iterator

from orchestrator import guard

LOOKS = 5
"""With the pauses about 100 ms; what is missed by all must be new at the moment of each."""
_PAUSE_S = 0.02

Belongs = Callable[[guard.Process], bool]


def looks() -> Iterator[Iterator[guard.Process]]:
    """Yield look after look, each at all that is alive; takes 100 ms and more to be done."""
    for number in range(LOOKS):
        if number:
            time.sleep(_PAUSE_S)
        yield (each for each in guard.each_process() if each.alive)


def end_all(belongs: Belongs) -> tuple[list[str], list[str]]:
    """Kill who belongs, until several looks in a row see nobody; return who was seen, by label.

    Who can not be ended within `guard.SWEEP_S` is in the second list, all others in the first.
    """
    until_s, ended = time.monotonic() + guard.SWEEP_S, set[str]()
    while seen := _killed(belongs):
        ended |= seen
        if time.monotonic() > until_s:
            return sorted(ended - seen), sorted(seen)
        time.sleep(_PAUSE_S)
    return sorted(ended), []


def _killed(belongs: Belongs) -> set[str]:
    """Kill who belongs of the first look that sees anybody; return their labels."""
    for look in looks():
        seen = set[str]()
        for each in look:
            if belongs(each):
                each.send(signal.SIGKILL)
                seen.add(each.label)
        if seen:
            return seen
    return set()
