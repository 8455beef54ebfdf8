"""A night rehearsed: what a scenario of the stand-in does to a whole labfleet."""

from pathlib import Path

import anyio

from tests.fleet import Fleet, tool
from tests.standin.lab import JUNIT, LEAD, PROJECT

RUNS = 12
SCENARIO = f"""
seed = 3
load = {{project = {PROJECT}, runs_per_minute = 6000, runs = {RUNS}}}
faults = [
  {{share = 0.2, status = [500, 503, 429]}},
  {{operations = ["update_item", "upload_log", "get_script"], share = 0.2, drop = "after"}},
  {{operations = ["current_runs"], share = 0.2, drop = "before"}},
]
"""
COUNTS_ITS_STARTS = """
    Path({folder!r}, f"{{os.environ['LABFLEET_RUN_ID']}}").open("a").write("x")
    Path(results, "a.xml").write_text('<testsuite tests="1"><testcase name="t"/></testsuite>')
"""


async def test_each_run_of_a_troubled_night_is_run_once_and_told(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(2, first=2)
    starts = tmp_path / "starts"
    starts.mkdir()
    door = fleet.lab.door
    test_id = await door.add_test(PROJECT, "Rehearsed")
    await door.add_automation(PROJECT, test_id, JUNIT)
    script = tool(COUNTS_ITS_STARTS.format(folder=str(starts)))
    await door.attach_zip(PROJECT, test_id, JUNIT, script)
    async with fleet.running():
        begun = await fleet.lab.call("PUT", "/standin/scenario", LEAD, data=SCENARIO)
        assert begun.status == 200
        while [run["status"] for run in await door.runs(PROJECT)] != ["Passed"] * RUNS:
            await anyio.sleep(0.05)
    assert {path.name: path.read_text() for path in starts.iterdir()} == {
        str(run["id"]): "x" for run in await door.runs(PROJECT)
    }
    state = (await fleet.lab.call("GET", "/standin/scenario", LEAD)).document
    assert sum(rule["struck"] for rule in state["faults"]) > 3
