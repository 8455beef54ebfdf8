"""The README's demonstration at moments that nobody chose: the demo, killed up to three times.

FAULTS_SEED in the environment is the seed. A kill may also hit the setting up of the lab, which
the next start begins anew.
"""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attempts import alive

SEED = os.environ.get("FAULTS_SEED") or str(random.SystemRandom().randrange(10**6))
ROUNDS = 8
KILLS = 3
LATEST_S = 7.0
LIMIT_S = 150


def start(lab: Path, kill_after_s: float | None) -> str:
    """What the demo in *lab* printed until its end or its kill."""
    command = [sys.executable, "-m", "orchestrator", "demo", "--exit", "--data", str(lab)]
    environ = {**os.environ, "LABFLEET_WEB__PORT": "0"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as demo:
        try:
            return demo.communicate(timeout=kill_after_s or LIMIT_S)[0]
        except subprocess.TimeoutExpired:
            assert kill_after_s, "the demo does not end"
            return ""
        finally:
            demo.kill()


def events(lab: Path, name: str) -> list[tuple[int, int]]:
    """Run and item of each such event since the lab was set up; of a torn line, none."""
    lines = (lab / "labfleet.log").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return [(one["run"], one["item"]) for one in found if one["event"] == name]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_demo_that_is_killed_at_random_ends_as_planned(tmp_path: Path, number: int) -> None:
    moments = random.Random(f"{SEED}/{number}")
    at_s = [round(moments.uniform(0.5, LATEST_S), 2) for _ in range(KILLS)]
    sys.stdout.write(f"\nFAULTS_SEED={SEED} round {number}: killed after {at_s} s; ")

    for kill_after_s in at_s:
        start(tmp_path, kill_after_s)
    said = start(tmp_path, None)

    (right, of), *_ = re.findall(r"^(\d+) of (\d+) items ended as they had to", said, re.MULTILINE)
    started, adopted = events(tmp_path, "run.started"), events(tmp_path, "run.adopted")
    assert right == of, said
    assert len(started) == len(set(started))
    assert alive(str(tmp_path)) == []
    sys.stdout.write(f"{right} of {of}, {len(adopted)} met open, {said.splitlines()[-3:-1]}\n")
