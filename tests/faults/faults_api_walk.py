"""Schemathesis on the whole of the stand-in's API, for WALK_S seconds a document (default 120)."""

import os
import sys
from pathlib import Path

import pytest

from orchestrator.standin.openapi.documents import AGENT_API, DATA_API, OWN_DOORS
from tests.standin.lab import open_lab
from tests.standin.walk import Walked, walk

WALK_S = os.environ.get("WALK_S", "120")
SEED = int(os.environ.get("WALK_SEED", "20261124"))
# The first would make calls fail on order, the next two take the walker's own hosts away: these
# three are walked by themselves. Of the last two a walk along links would never come away, as
# departments lead to nothing in their API.
NOT_WALKED = "begin_rehearsal|import_all|reset_all"
LEADING_NOWHERE = f"{NOT_WALKED}|list_departments|get_department"
WITHOUT = "--exclude-operation-id-regex"
MADE_UP = ("--phases", "examples,coverage,fuzzing", "-n", "60", WITHOUT)
LINKED = ("--phases", "stateful", "--mode", "positive", "--max-time", WALK_S, WITHOUT)


@pytest.mark.parametrize(
    ("base", "how", "operations"),
    [
        (AGENT_API, (*MADE_UP, NOT_WALKED), 10),
        (AGENT_API, (*LINKED, NOT_WALKED), 10),
        (DATA_API, (*MADE_UP, NOT_WALKED), 36),
        (DATA_API, (*LINKED, LEADING_NOWHERE), 20),
        (OWN_DOORS, (*MADE_UP, NOT_WALKED), 4),
        (OWN_DOORS, (*MADE_UP, "read_upload|show|end|export_all"), 2),
    ],
)
async def test_a_long_walk_meets_no_undescribed_answer(
    base: str, how: tuple[str, ...], operations: int, tmp_path: Path
) -> None:
    async with open_lab(tmp_path / "data") as lab:
        walked = await walk(lab.url.rstrip("/"), base, tmp_path, *how, seed=SEED)

    tell(f"{base}, {how[1]}", walked)
    assert (walked.failures, walked.exit_code) == (0, 0), walked.text
    assert len(walked.succeeded) >= operations, walked.answers


def tell(what: str, walked: Walked) -> None:
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(walked.statuses.items()))
    sys.stdout.write(
        f"\n{what}: {walked.cases} cases, {walked.failures} failures, {walked.links} links gone,"
        f" {len(walked.succeeded)} operations succeeded; {answers}\n"
    )
