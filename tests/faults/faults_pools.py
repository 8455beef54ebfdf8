"""F22: ten thousand random schedules of the pools, and none gives more than there is."""

from collections.abc import Sequence
from typing import Any

import anyio
from hypothesis import HealthCheck, given, seed, settings

from tests.test_pools_schedules import RESIZES, STEPS, Resize, follow

SCHEDULES = 10_000


@seed(22)
@settings(max_examples=SCHEDULES, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=RESIZES, steps=STEPS)
def test_none_of_ten_thousand_schedules_overcommits(first: Resize, steps: Sequence[Any]) -> None:
    anyio.run(follow, first, steps)
