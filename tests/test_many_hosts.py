"""Two hundred identities, four hundred runs, eight slots: each run reported exactly once."""

import sys
import time
from collections import Counter
from pathlib import Path

import anyio

from orchestrator.service import open_service
from tests.fleet import PASSING, Fleet, tool
from tests.standin.lab import PROJECT

HOSTS, RUNS, SLOTS = 200, 400, 8


async def test_four_hundred_runs_of_two_hundred_hosts_end_once_each_in_eight_slots(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(HOSTS - 1, first=2)
    fleet.top, fleet.tool = {"max_running": SLOTS}, {"slots": SLOTS}
    fleet.server = {"poll_interval_s": 2}
    trace = tmp_path / "trace"
    trace.mkdir()
    # The name of a file can be made by one process only: a second start would fail, and show.
    mark = f"    Path({str(trace)!r}, os.environ['LABFLEET_RUN_ID']).touch(exist_ok=False)\n"
    door = fleet.lab.door
    test_id = await door.add_test(PROJECT, "Test")
    await door.add_automation(PROJECT, test_id, "junit")
    await door.attach_zip(PROJECT, test_id, "junit", tool(mark + PASSING))
    for number in range(RUNS):
        host = list(fleet.hosts.values())[number % HOSTS]
        await door.queue(project=PROJECT, host_id=host.id, test_id=test_id)

    began = time.monotonic()
    fleet.write()
    async with (
        open_service(fleet.load(), fleet.locks) as service,
        anyio.create_task_group() as group,
    ):
        peak = Counter[str]()
        group.start_soon(_watch, fleet, peak)
        with anyio.fail_after(120):
            await service.run(until_idle=True)
        rows = await service.recent_runs(1000)
        group.cancel_scope.cancel()
    seconds = time.monotonic() - began

    # Shown with -s, and with every failure: the figures of this run.
    sys.stdout.write(f"{RUNS} runs in {seconds:.1f} s, at most {dict(peak)} processes\n")
    assert Counter(row["verdict"] for row in rows) == {"Passed": RUNS}
    assert Counter(row["attempt"] for row in rows) == {1: RUNS}
    assert len(list(trace.iterdir())) == RUNS
    found = [await fleet.lab.run_status(number) for number in range(1, RUNS + 1)]
    assert Counter(found) == {"Passed": RUNS}
    assert fleet.lab.faults.calls["update_item"] == RUNS
    assert 0 < peak["tools"] <= SLOTS


async def _watch(fleet: Fleet, peak: Counter[str]) -> None:
    """Count the processes of this lab again and again, by their command lines."""
    mark = str(fleet.folder).encode()
    while True:
        now = Counter[str]()
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = line.read_bytes()
            except OSError:
                continue
            if mark in command:
                now["guards" if b"guard.py" in command else "tools"] += 1
        for what, count in now.items():
            peak[what] = max(peak[what], count)
        await anyio.sleep(0.05)
