"""Schemathesis walks the stand-in's API as its own document says: seeded, and for a set time."""

import json
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import anyio

ROOT = Path(__file__).parents[2]
# Left out, as the vendor's API differs on purpose: 500 has documented uses and answers a wrong
# method (the hooks hold 500 to them); values are read leniently; a body that fits its schema may
# still name what is not there, or end before it starts.
LEFT_OUT = (
    "not_a_server_error",
    "unsupported_method",
    "negative_data_rejection",
    "positive_data_acceptance",
)


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of a walk; *answers* counts by "operation status", *links* those that were gone."""

    exit_code: int
    cases: int
    failures: int
    links: int
    answers: Counter[str]
    text: str

    @property
    def statuses(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for answer, count in self.answers.items():
            counts[answer.split()[1]] += count
        return counts

    @property
    def succeeded(self) -> set[str]:
        """Operations that answered as asked at least once."""
        return {answer.split()[0] for answer in self.answers if answer.split()[1] in {"200", "302"}}


async def walk(url: str, base: str, folder: Path, *options: str, seed: int) -> Walked:
    """Let schemathesis loose on the document at *base*; its reports go to *folder*."""
    report, seen = folder / "report.json", folder / "seen.json"
    # Only the document's own links. Guessed ones lead everywhere, and leave no place to begin at.
    (folder / "schemathesis.toml").write_text("phases.stateful.inference.algorithms = []", "utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}{base}/openapi.json"),
        *("--seed", str(seed), "--max-redirects", "0", "--continue-on-failure", "--no-color"),
        *("--generation-database", "none", "--exclude-checks", ",".join(LEFT_OUT)),
        *("--report", "json", "--report-json-path", str(report), *options),
    ]
    ours = {
        "SCHEMATHESIS_HOOKS": "tests.standin.walk_hooks",
        "PYTHONPATH": str(ROOT),
        "WALK_URL": url,
        "WALK_BASE": base,
        "WALK_SEED": str(seed),
        "WALK_SEEN": str(seen),
    }
    done = await anyio.run_process(command, env={**os.environ, **ours}, cwd=folder, check=False)
    text = done.stdout.decode() + done.stderr.decode()
    assert report.exists(), text
    counts = json.loads(report.read_text("utf-8"))["test_cases"]
    links = re.search(r"API Links: +(\d+) covered", text)
    return Walked(
        done.returncode,
        counts["generated"],
        counts["unique_failures"],
        int(links[1]) if links else 0,
        Counter(json.loads(seen.read_text("utf-8"))),
        text,
    )
