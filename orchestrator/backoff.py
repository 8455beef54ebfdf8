"""How long to wait before asking again."""

import random


def full_jitter_s(failures: int, *, first_s: float, cap_s: float) -> float:
    """Return a random wait below a bound that doubles with each failure, up to *cap_s*.

    Spread over the whole range, or a thousand hosts that failed together would come together.
    """
    bound_s = min(cap_s, first_s * 2.0 ** min(failures - 1, 30))
    return random.uniform(0.1 * bound_s, bound_s)
