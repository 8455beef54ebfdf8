"""Waits between tries: random, bounded, and growing."""

import pytest

from orchestrator.backoff import full_jitter_s


@pytest.mark.parametrize(
    ("failures", "bound_s"), [(0, 0.5), (1, 1), (2, 2), (5, 16), (6, 20), (10_000, 20)]
)
def test_a_wait_is_spread_below_a_bound_that_doubles_up_to_the_cap(
    failures: int, bound_s: float
) -> None:
    waits_s = [full_jitter_s(failures, first_s=1.0, cap_s=20.0) for _ in range(500)]

    assert all(0.1 * bound_s <= wait_s <= bound_s for wait_s in waits_s)
    assert min(waits_s) < 0.3 * bound_s
    assert max(waits_s) > 0.8 * bound_s
