"""Calls made up from the documents, and walks along their links: every answer is a described one.

A long walk is in tests/faults; this one is for every day.
"""

from pathlib import Path

import pytest

from orchestrator.standin.openapi.documents import AGENT_API, DATA_API
from tests.standin.lab import Lab
from tests.standin.walk import walk


@pytest.mark.parametrize(
    ("base", "phases", "examples", "operations"),
    [(AGENT_API, "examples,fuzzing,stateful", 8, 10), (DATA_API, "examples,fuzzing", 3, 30)],
)
async def test_no_answer_is_undescribed(
    base: str, phases: str, examples: int, operations: int, lab: Lab, tmp_path: Path
) -> None:
    options = ("--phases", phases, "--mode", "positive", "-n", str(examples))

    walked = await walk(lab.url.rstrip("/"), base, tmp_path, *options, seed=20261124)

    assert (walked.failures, walked.exit_code) == (0, 0), walked.text
    assert len(walked.succeeded) >= operations, walked.answers
