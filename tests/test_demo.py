"""`labfleet demo` ends with every verdict as planned, in the stand-in's own database too."""

import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import anyio
import pytest

from orchestrator.demo import archives, plan
from tests.attempts import alive

LIMIT_S = 150


@pytest.fixture(scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """The folder, the output and the exit code of one whole demo."""
    data = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "orchestrator", "demo", "--exit", "--data", str(data)]
    with anyio.fail_after(LIMIT_S):
        environ = {**os.environ, "LABFLEET_WEB__PORT": "0"}
        done = await anyio.run_process(command, check=False, env=environ)
    return data, done.stdout.decode() + done.stderr.decode(), done.returncode


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


async def test_each_item_was_started_once_at_most(shown: tuple[Path, str, int]) -> None:
    data, _, _ = shown
    lines = (data / "labfleet.log").read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    started = [(e["run"], e["item"]) for e in events if e["event"] == "run.started"]

    assert len(started) == len(set(started)) > 20


async def test_nothing_of_the_demo_stays_alive(shown: tuple[Path, str, int]) -> None:
    data, _, _ = shown

    assert alive(str(data)) == []


def test_the_demo_has_the_breadth_it_promises() -> None:
    tests = [test for run in plan.RUNS for test in run.tests]

    assert len(plan.HOSTS) >= 6
    assert len(plan.RUNS) >= 20
    assert {test.expected for test in tests} == {"Passed", "Failed", "Blocked", "Skipped"}
    assert {test.source for test in tests} == set(plan.From)
