"""How long to wait before asking again."""

import math
import random
from dataclasses import dataclass

import anyio

RETRY_AFTER_CAP_S = 3600.0
"""The longest pause that a server may ask for: a slip of a proxy must not silence us for good."""


def full_jitter_s(failures: int, *, first_s: float, cap_s: float) -> float:
    """Return a random wait below a bound that doubles with each failure, up to *cap_s*.

    Spread over the whole range, or a thousand hosts that failed together would come together.
    """
    bound_s = min(cap_s, first_s * 2.0 ** min(failures - 1, 30))
    return random.uniform(0.1 * bound_s, bound_s)


def wanted_pause_s(asked_s: float | None) -> float:
    """Return the pause that a server asked for, within bounds; 0 when it asked for none."""
    return min(asked_s or 0.0, RETRY_AFTER_CAP_S)


@dataclass(slots=True)
class _Pause:
    """On the event loop's clock; *not_before* is what the server itself asked for."""

    failures: int = 0
    due: float = -math.inf
    not_before: float = -math.inf


class Pauses:
    """When to try which of many things again, each known by a number."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self.first_s = first_s
        self._longest_s = longest_s
        self._pauses: dict[int, _Pause] = {}

    def due(self, key: int) -> float:
        """Return when *key* may be tried, on the event loop's clock; -inf when it need not wait."""
        pause = self._pauses.get(key)
        return pause.due if pause else -math.inf

    def failures(self, key: int) -> int:
        """Return how often *key* failed since it was done last."""
        pause = self._pauses.get(key)
        return pause.failures if pause else 0

    def failed(self, key: int, asked_s: float | None) -> int:
        """Note a failure, and the pause that the server asked for; return how many there were."""
        pause = self._pauses.setdefault(key, _Pause())
        pause.failures += 1
        wait_s = full_jitter_s(pause.failures, first_s=self.first_s, cap_s=self._longest_s)
        now = anyio.current_time()
        pause.not_before = now + wanted_pause_s(asked_s)
        pause.due = max(now + wait_s, pause.not_before)
        return pause.failures

    def forget(self, key: int) -> None:
        """Let *key* wait no more: it is done with."""
        self._pauses.pop(key, None)

    def clear(self) -> None:
        """Let nothing wait, whatever the server asked for."""
        self._pauses.clear()

    def shorten(self) -> None:
        """Let everything wait only as long as the server asked for."""
        for pause in self._pauses.values():
            pause.due = pause.not_before
