"""F22: ten thousand random schedules of the pools, and none gives more than there is."""

from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.test_pools_schedules import RESIZES, STEPS, Resize, follow

PARTS, SCHEDULES = 10, 1000


@pytest.mark.parametrize("part", range(PARTS))
def test_none_of_a_thousand_schedules_overcommits(part: int) -> None:
    tried = 0

    @seed(part)
    @settings(
        max_examples=SCHEDULES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(first=RESIZES, steps=STEPS)
    def schedules(first: Resize, steps: Sequence[Any]) -> None:
        nonlocal tried
        tried += 1
        anyio.run(follow, first, steps)

    schedules()

    print(f"seed {part}: {tried} schedules, none over its sizes")  # noqa: T201 - the figures
    assert tried >= SCHEDULES
