"""Two gibibytes of output without a line end, with NULs and broken UTF-8."""

import sys
import time
from pathlib import Path

from tests.faults.crash import open_crashing
from tests.faults.crash_output import LABFLEET_MIB, MIB, print_much


async def test_two_gibibytes_of_output_cost_little_memory(tmp_path: Path, tag: str) -> None:
    began_s = time.monotonic()
    async with open_crashing(tmp_path, tag, 1) as crashing:
        crashing.fleet.tool["timeout_s"] = 300
        crashing.fleet.write()
        run_id, cost = await print_much(crashing, 2048, 300)
        status, _ = await crashing.fleet.verdict(run_id)
    sys.stdout.write(
        f"\n2048 MiB in {time.monotonic() - began_s:.0f} s: the guard grew by"
        f" {cost.grown('guard'):.1f} MiB to {cost.peak['guard']:.1f}, labfleet by"
        f" {cost.grown('labfleet'):.1f} MiB to {cost.peak['labfleet']:.1f}; kept"
        f" {cost.log_bytes / MIB:.1f} MiB, ending in {cost.log_end[-68:]!r}\n"
    )

    assert status == "Passed"
    assert cost.grown("guard") < 32
    assert cost.grown("labfleet") < LABFLEET_MIB
    assert 64 * MIB <= cost.log_bytes <= 66 * MIB
