"""`labfleet demo`, killed and started again as README has it, ends with every verdict as planned.

In the stand-in's own database too. One demo serves all tests here: it takes some twenty seconds, of
which most is waiting.
"""

import json
import os
import re
import shutil
import sqlite3
import sys
from pathlib import Path

import anyio
import pytest

from orchestrator.demo import archives, plan
from tests.attempts import alive
from tests.docs.page import blocks, section

LIMIT_S = 150


@pytest.fixture(scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """The folder, the second start's output and its exit code, by the README's own commands."""
    (block,) = blocks("sh", section("kill -9 in the middle"))
    tmp = tmp_path_factory.mktemp("demo")
    beside = Path(sys.executable).parent
    environ = {**os.environ, "LABFLEET_WEB__PORT": "0", "TMPDIR": str(tmp)}
    environ["PATH"] = f"{beside}{os.pathsep}{environ['PATH']}"
    with anyio.fail_after(LIMIT_S):
        command = ["bash", "-c", block]
        done = await anyio.run_process(command, check=False, env=environ, cwd=tmp)
    (note,) = tmp.glob("*/lab.json")
    return note.parent, done.stdout.decode() + done.stderr.decode(), done.returncode


def expected_runs() -> list[plan.QueuedRun]:
    """With Java's where Java is; CI has it, and `make tools` brings it."""
    java = archives.JUNIT_CONSOLE.exists() and shutil.which("javac") is not None
    return [*plan.RUNS, *(plan.JAVA_RUNS if java or os.environ.get("CI") else ())]


async def test_every_item_ends_as_planned_and_the_demo_with_0(
    shown: tuple[Path, str, int],
) -> None:
    _, output, code = shown
    count = sum(len(run.tests) for run in expected_runs())

    assert code == 0, output
    assert f"{count} of {count} items ended as they had to" in output


async def test_the_standins_database_holds_the_same_verdicts(shown: tuple[Path, str, int]) -> None:
    data, _, _ = shown
    with sqlite3.connect(data / "standin" / "standin.db") as db:
        found = db.execute("SELECT run_id, sequence_number, status FROM run_items").fetchall()
    db.close()
    expected = {
        (run_number, item, test.expected)
        for run_number, run in enumerate(expected_runs(), 1)
        for item, test in enumerate(run.tests, 1)
    }

    assert set(found) == expected


def events(data: Path, *names: str, **facts: str) -> list[tuple[int, int]]:
    """Run and item of each such event of both starts; of a line that was cut off, none."""
    lines = (data / "labfleet.log").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.endswith("}")]
    wanted = [one for one in found if one["event"] in names and facts.items() <= one.items()]
    return [(one["run"], one["item"]) for one in wanted]


async def test_what_the_killed_start_had_begun_is_adopted_and_nothing_is_started_twice(
    shown: tuple[Path, str, int],
) -> None:
    data, output, _ = shown
    started, adopted = events(data, "run.started"), events(data, "run.adopted")
    counts = re.search(r"at work: (\d+), told by their exit.json: (\d+), run again: (\d)", output)

    # A kill between an attempt's note and its guard leaves no tool, and there is no event of it.
    assert len(started) == len(set(started)) > 20
    assert counts is not None, output
    assert sum(map(int, counts.groups())) == len(adopted) > 0
    # The payment hangs long enough to be adopted by a slow machine too.
    assert int(counts[1]) > 0
    assert int(counts[3]) > 0 or "items needed a tool: one start each." in output


async def test_each_result_reaches_the_server_once_over_both_starts(
    shown: tuple[Path, str, int],
) -> None:
    data, _, _ = shown
    results = events(data, "delivery.done", kind="result")

    with sqlite3.connect(data / "state" / "journal.db") as db:
        found = db.execute("SELECT state, run_id, item FROM assignments").fetchall()
    db.close()

    assert {state for state, *_ in found} == {"delivered", "stopped"}
    assert len(results) == len(set(results))
    assert set(results) <= {(run, item) for state, run, item in found if state == "delivered"}


async def test_a_lab_whose_journal_is_damaged_is_judged_by_the_stand_in(
    shown: tuple[Path, str, int], tmp_path: Path
) -> None:
    data, _, _ = shown
    kept = shutil.copytree(data, tmp_path / "kept")
    (data / "state" / "journal.db").write_bytes(b"not a database at all " * 500)
    command = [sys.executable, "-m", "orchestrator", "demo", "--exit", "--data", str(data)]
    try:
        with anyio.fail_after(LIMIT_S):
            environ = {**os.environ, "LABFLEET_WEB__PORT": "0"}
            done = await anyio.run_process(command, check=False, env=environ)
    finally:
        shutil.rmtree(data)
        kept.rename(data)
    output = done.stdout.decode() + done.stderr.decode()
    count = sum(len(run.tests) for run in expected_runs())

    assert done.returncode == 0, output
    assert f"{count} of {count} items ended as they had to" in output


async def test_nothing_of_the_demo_stays_alive(shown: tuple[Path, str, int]) -> None:
    data, _, _ = shown

    assert alive(str(data)) == []


def test_the_demo_has_the_breadth_it_promises() -> None:
    tests = [test for run in plan.RUNS for test in run.tests]

    assert len(plan.HOSTS) >= 6
    assert len(plan.RUNS) >= 20
    assert {test.expected for test in tests} == {"Passed", "Failed", "Blocked", "Skipped"}
    assert {test.source for test in tests} == set(plan.From)
