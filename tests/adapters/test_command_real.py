"""A real pytest through the command adapter."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters import command
from adapters.base import Automation, Ending, Finished, Outcome, ResultFile, Tool, Workspace

MODULE = """
import pytest

def test_adds():
    assert 1 + 1 == 2

def test_adds_wrongly():
    assert 1 + 1 == 3, "arithmetic"

@pytest.mark.skip(reason="BUG-17")
def test_off():
    pass

def test_ends_the_process():
    import os
    os._exit(0)
"""


def run(folder: Path, title: str) -> Outcome:
    (folder / "script").mkdir()
    (folder / "results").mkdir()
    (folder / "script/test_shop.py").write_text(MODULE, "utf-8")
    pytest_command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.")
    executable = (*pytest_command, "--junitxml={results}/junit.xml", "{title}")
    place = Workspace(folder / "script", folder / "results", folder / "tmp")
    started = command.build_command(Automation(title), Tool(executable, 60), place)
    done = subprocess.run(
        started.argv, cwd=place.folder, capture_output=True, text=True, timeout=60, check=False
    )
    found = [path for glob in command.RESULT_FILES for path in (folder / "results").glob(glob)]
    read = tuple(ResultFile(path.name, path.read_bytes()) for path in found)
    return command.parse_outcome(Finished(Ending.EXITED, done.returncode, done.stdout, read))


@pytest.mark.parametrize(
    ("title", "verdict", "message"),
    [
        ("test_shop.py::test_adds", "Passed", ""),
        ("test_shop.py::test_adds_wrongly", "Failed", "AssertionError: arithmetic"),
        ("test_shop.py::test_off", "Skipped", "BUG-17"),
    ],
)
def test_pytests_answer_is_the_outcome(
    tmp_path: Path, title: str, verdict: str, message: str
) -> None:
    outcome = run(tmp_path, title)

    assert outcome.verdict == verdict, outcome.reason
    assert [case.name for case in outcome.cases] == [title.replace(".py::", ".")]
    assert outcome.cases[0].message.startswith(message)


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("test_shop.py::test_ends_the_process", "the tool left no report (exit code 0)"),
        ("test_shop.py::test_none", "the report holds no test case (exit code 4)"),
    ],
)
def test_a_run_without_a_verdict_is_blocked(tmp_path: Path, title: str, reason: str) -> None:
    outcome = run(tmp_path, title)

    assert outcome.verdict == "Blocked"
    assert reason in outcome.reason
