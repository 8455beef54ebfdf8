"""A tool that prints far more than is kept costs neither memory nor its verdict."""

from pathlib import Path

from tests.faults.crash import LIMIT_S, open_crashing
from tests.faults.crash_output import LABFLEET_MIB, MIB, print_much


async def test_output_without_lines_or_sense_costs_little_memory(tmp_path: Path, tag: str) -> None:
    async with open_crashing(tmp_path, tag, 1) as crashing:
        run_id, cost = await print_much(crashing, 80, LIMIT_S)
        verdict = await crashing.fleet.verdict(run_id)

    assert verdict[0] == "Passed"
    assert 0 <= cost.grown("guard") < 32
    assert 0 < cost.grown("labfleet") < LABFLEET_MIB
    assert 64 * MIB <= cost.log_bytes <= 66 * MIB
