"""How this server differs from the recommended reading, for clients that must cope with it.

`SWITCHES` is the one list. A switch changes the ten operations of the automation API; those of
errors change every refusal.
"""

import difflib
from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from aiohttp import web

from .of_forms import FORMS
from .of_hosts import HOSTS
from .of_results import RESULTS
from .of_runs import RUNS
from .switch import Switch

__all__ = ["QUIRKS", "SWITCHES", "WITHOUT_SWITCH", "Quirks", "Switch"]

SWITCHES = {switch.name: switch for switch in (*FORMS, *RUNS, *HOSTS, *RESULTS)}

WITHOUT_SWITCH = {
    10: "what a client sends, and this server ignores it",
    11: "a run's own status is not part of what hosts are told to do",
    31: "the items list all automations of the test, and the script is asked for by agent",
    32: "the client's own choice",
    33: "each repetition is an item of its own, as any other",
    37: "where the server is, is the client's configuration",
    40: "429 and the like come and go: they are faults, not a lasting peculiarity",
    42: "how long a text may be is nowhere said; this server takes any",
}
"""Ambiguities of the reference that are no switch, and why."""

# Of both together no client could tell which item it was given.
_HIDE_THE_NUMBER = ("no-sequence", "step-numbers")
_NEED_THE_NUMBER = ("pending-items-only", "sequence-gaps")
_CLOSE_ENOUGH = 0.4
_SMALL_BYTES = 4_000_000


class Quirks:
    """Which switches are on; `met` counts how often each has changed an answer."""

    def __init__(self, names: Iterable[str] = (), *, max_upload_bytes: int = 30_000_000) -> None:
        """Switch *names* on; *max_upload_bytes* is the largest body taken.

        Raises ValueError for an unknown name, and for two that exclude each other.
        """
        self.names = frozenset(names)
        for name in sorted(self.names - SWITCHES.keys()):
            raise ValueError(_unknown(name))
        for one, other in combinations(sorted(self.names), 2):
            if exclude_each_other(one, other):
                raise ValueError(f"{one} and {other} exclude each other")
        small = "small-uploads" in self.names
        self.max_upload_bytes = min(max_upload_bytes, _SMALL_BYTES) if small else max_upload_bytes
        self.met: Counter[str] = Counter()

    def on(self, name: str) -> bool:
        """Whether *name* is on; to be asked where it makes a difference, since it is counted."""
        if SWITCHES[name].name not in self.names:
            return False
        self.met[name] += 1
        return True


def exclude_each_other(one: str, other: str) -> bool:
    """Whether no server could have both switches."""
    group = SWITCHES[one].group
    return (group != "" and group == SWITCHES[other].group) or any(
        hides in _HIDE_THE_NUMBER and needs in _NEED_THE_NUMBER
        for hides, needs in ((one, other), (other, one))
    )


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, SWITCHES, n=5, cutoff=_CLOSE_ENOUGH)
    others = [known for known in sorted(SWITCHES) if known not in close]
    return f"no quirk is called {name}; there are {', '.join([*close, *others])}"


QUIRKS = web.AppKey("standin.quirks", Quirks)
