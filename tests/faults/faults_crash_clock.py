"""The wall clock jumps a day while tools run: time-outs do not notice, and times stay in order."""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest

from tests.attempts import until
from tests.faults.crash import LIMIT_S, check, open_crashing
from tests.faults.crash_clock import make_clock

DAY_S = 86_400
TIMEOUT_S = 3


@pytest.mark.parametrize("jump_s", [DAY_S, -DAY_S])
async def test_a_wall_clock_that_jumps_a_day_changes_no_time_out(
    tmp_path: Path, tag: str, jump_s: int
) -> None:
    async with open_crashing(tmp_path, tag, 1) as crashing:
        clock = make_clock(tmp_path)
        crashing.python = str(clock.python)
        crashing.fleet.tool["timeout_s"] = TIMEOUT_S
        crashing.fleet.write()
        quick, hangs = await crashing.queue("lab_001", 1.5), await crashing.queue("lab_001", 600)
        with crashing.labfleet(), anyio.fail_after(LIMIT_S):
            await until(lambda: crashing.starts(quick) and crashing.starts(hangs))
            began_s = time.monotonic()
            clock.move(jump_s)
            await crashing.fleet.until_status(hangs, "Blocked")
            took_s = time.monotonic() - began_s
            late = await crashing.queue("lab_001", 0.0)
            while await crashing.fleet.lab.run_status(late) not in {"Passed", "Blocked"}:
                await anyio.sleep(0.02)
        await crashing.finish()
        await check(crashing, verdicts={"Passed", "Blocked"})
        items = {run: await crashing.fleet.item(run) for run in (quick, hangs, late)}
        log = (crashing.folder / "labfleet.log").read_text().splitlines()

    times = {run: [moment(item[f"date_{end}"]) for end in ("started", "finished")]
             for run, item in items.items()}  # fmt: skip
    moved = timedelta(seconds=jump_s)
    # The late one may be Blocked: its files have the kernel's times, and seem to be of yesterday.
    assert [items[run]["status"] for run in (quick, hangs)] == ["Passed", "Blocked"]
    assert TIMEOUT_S - 1 < took_s < TIMEOUT_S + 3
    assert all(started <= finished for started, finished in times.values())
    assert timedelta(seconds=1) < times[quick][1] - times[quick][0] < timedelta(seconds=4)
    assert abs(times[late][0] - times[quick][0] - moved) < timedelta(minutes=1)
    # The clock did jump, in labfleet as in the guard.
    stamps = [moment(json.loads(line)["timestamp"]) for line in log if line.startswith("{")]
    assert max(stamps) - min(stamps) > timedelta(hours=23)
    sys.stdout.write(
        f"\njump of {jump_s} s: the deadline of {TIMEOUT_S} s came after {took_s:.1f} s\n"
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
