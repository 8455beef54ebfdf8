"""SIGTERM with eight tools at work: some end within the drain, the others are left and adopted."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from tests.attempts import until
from tests.faults.crash import Crashing, Labfleet, check, open_crashing, unowned
from tests.faults.crash_nursery import Nursery, open_nursery

DRAIN_S = 30
HALF = 4


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


async def ended(labfleet: Labfleet, limit_s: float) -> float:
    """Wait for its end; return how long that took."""
    began_s = time.monotonic()
    with anyio.fail_after(limit_s):
        await to_thread.run_sync(labfleet.wait, abandon_on_cancel=True)
    return time.monotonic() - began_s


async def eight_at_work(crashing: Crashing, quick_s: float, slow_s: float) -> list[list[int]]:
    """Queue four quick runs, four slow ones, and two more that have to wait for a slot."""
    quick = [await crashing.queue("lab_001", quick_s) for _ in range(HALF)]
    slow = [await crashing.queue("lab_001", slow_s) for _ in range(HALF)]
    return [quick, slow, [await crashing.queue("lab_001") for _ in range(2)]]


async def until_all_work(crashing: Crashing) -> None:
    await until(lambda: sum(bool(crashing.starts(run)) for run in crashing.runs) == 2 * HALF)


async def until_draining(crashing: Crashing) -> None:
    log = crashing.folder / "labfleet.log"
    await until(lambda: b"service.draining" in log.read_bytes())


async def test_sigterm_with_eight_tools_at_work_ends_within_the_drain_and_five_seconds(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    async with open_crashing(tmp_path, tag, 1, nursery, drain_s=DRAIN_S) as crashing:
        quick, slow, late = await eight_at_work(crashing, 2.0, DRAIN_S + 10.0)
        with crashing.labfleet() as labfleet:
            await until_all_work(crashing)
            labfleet.send_signal(signal.SIGTERM)
            took_s = await ended(labfleet, DRAIN_S + 30)
        delivered = [run for run in crashing.runs if crashing.state(run) == ("delivered", 0)]
        left, begun = unowned(tag), [run for run in late if crashing.starts(run)]
        await crashing.finish()
        await check(crashing)

    assert labfleet.returncode == 0
    assert DRAIN_S <= took_s < DRAIN_S + 5
    assert (delivered, begun) == (quick, [])
    assert len(left) >= len(slow)


async def test_a_second_sigterm_with_eight_tools_at_work_ends_at_once(
    tmp_path: Path, tag: str, nursery: Nursery
) -> None:
    async with open_crashing(tmp_path, tag, 1, nursery, drain_s=60) as crashing:
        _, _, late = await eight_at_work(crashing, 2.0, 2.0)
        with crashing.labfleet() as labfleet:
            await until_all_work(crashing)
            labfleet.send_signal(signal.SIGTERM)
            await until_draining(crashing)
            labfleet.send_signal(signal.SIGTERM)
            took_s = await ended(labfleet, DRAIN_S + 30)
        begun = [run for run in late if crashing.starts(run)]
        await crashing.finish()
        await check(crashing)

    assert (labfleet.returncode, begun) == (0, [])
    assert took_s < 2
