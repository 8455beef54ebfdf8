"""Hundreds of servers, each with up to 25 quirks at once, and answers that get lost."""

import os
from collections import Counter
from pathlib import Path

import anyio

from orchestrator.api.transport import open_session
from tests.quirk_mixtures import faults, mixture

MIXTURES, AT_ONCE = 300, 3
FIRST = int(os.environ.get("FAULTS_SEED", "0"))


async def test_labfleet_does_its_work_with_any_mixture(tmp_path: Path) -> None:
    told: dict[int, str] = {}
    met: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    started = 0

    async def play(seed: int) -> None:
        nonlocal started
        made = mixture(seed)
        async with limit:
            try:
                seen = await made.play(tmp_path / str(seed), session)
            except Exception as error:  # noqa: BLE001  # told below, with its seed
                told[seed] = f"{error!r} {made}"
                return
        met.update(seen.met)
        lost[made.lost] += 1
        started += len(seen.starts)
        if fault := faults(seen):
            told[seed] = f"{fault} {made}"

    limit = anyio.CapacityLimiter(AT_ONCE)
    async with open_session() as session, anyio.create_task_group() as labs:
        for seed in range(FIRST, FIRST + MIXTURES):
            (tmp_path / str(seed)).mkdir()
            labs.start_soon(play, seed)

    print(  # noqa: T201  # the figures
        f"{MIXTURES} mixtures from seed {FIRST}: {len(told)} with a fault, {started} tools started,"
        f" {len(met)} switches met {met.total()} times, answers lost of {dict(lost)}"
    )
    assert told == {}
