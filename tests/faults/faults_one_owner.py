"""F12 at random: two labfleets with one token, killed and started again while runs keep coming.

Each has a state directory of its own. Whoever is killed is started again at a random moment, and
each run has to be started once and to have its verdict. The seed is printed, and can be given:
FAULTS_SEED.
"""

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import anyio

from tests.fleet import PASSING, Fleet, tool
from tests.test_recovery import LABFLEET

KILLS, RUNS_EACH = 40, 2
LIMIT_S = 240


async def test_each_run_is_started_once_whoever_of_two_labfleets_is_killed(fleet: Fleet) -> None:
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    labs = [_lab(fleet, name) for name in ("one", "two")]
    runs: list[int] = []
    processes = [_start(lab) for lab in labs]
    try:
        with anyio.fail_after(LIMIT_S):
            for kill in range(KILLS):
                runs += [await fleet.queue(_script(fleet)) for _ in range(RUNS_EACH)]
                victim, away_s = chance.randrange(2), chance.uniform(0.0, 1.5)
                if kill % 5 == 4:
                    # With nothing unsettled the other one takes over, in turn.
                    await _until_passed(fleet, runs)
                    victim, away_s = kill // 5 % 2, 4.0
                else:
                    await anyio.sleep(chance.uniform(0.1, 2.5))
                _kill(processes[victim])
                await anyio.sleep(away_s)
                processes[victim] = _start(labs[victim])
            await _until_passed(fleet, runs)
    finally:
        for process in processes:
            _kill(process)
        for lab in labs:
            lab.end_tools()
    takers = {lab.folder.name: _claims(lab) for lab in labs}
    starts = Counter((fleet.folder / "starts").read_text().split())
    doubled = {run: count for run, count in starts.items() if count != 1}
    updates = fleet.lab.faults.calls["update_item"]
    sys.stdout.write(
        f"seed {seed}: {KILLS} kills, {len(runs)} runs, claimed {dict(takers)},"
        f" started more or less than once: {doubled}, results sent {updates}\n"
    )

    assert doubled == {}
    assert len(starts) == len(runs)
    assert all(takers.values())


def _script(fleet: Fleet) -> bytes:
    """Return a test that notes its run's number each time it is started."""
    return tool(
        f"    name = os.environ['LABFLEET_RUN_ID']\n    open({str(fleet.folder)!r} + '/starts',"
        " 'a').write(name + '\\n')\n    time.sleep(0.2)\n" + PASSING
    )


async def _until_passed(fleet: Fleet, runs: list[int]) -> None:
    for run in runs:
        await fleet.until_status(run, "Passed")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _claims(lab: Fleet) -> int:
    return (lab.folder / "log").read_bytes().count(b'"run.claimed"')


def _lab(fleet: Fleet, name: str) -> Fleet:
    (fleet.folder / name).mkdir()
    lab = replace(fleet, folder=fleet.folder / name)
    lab.write()
    return lab


def _start(lab: Fleet) -> "subprocess.Popen[bytes]":
    with (lab.folder / "log").open("ab") as log:
        return subprocess.Popen([*LABFLEET, str(lab.file)], stderr=log, stdout=log)
