"""How an adapter's command becomes the order of a guard, and what the adapter is told for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pytest
from typing_extensions import override

from adapters.base import AdapterError, Automation, Command, Tool, ToolAdapter, Workspace
from orchestrator.assignment import Assignment, Claim, Wanted
from orchestrator.attempt import make_order
from orchestrator.choice import Choice
from orchestrator.executors import Order
from orchestrator.settings import load
from orchestrator.settings.sections import ToolSettings
from orchestrator.workspace import Attempt, Workspaces
from tests.attempts import output, run
from tests.settings_samples import GOOD, write

KEY = "AAAA-BBBB"


class Noting:
    """An adapter that notes what it is told and gives the command of a test."""

    RESULT_FILES = SCRIPT_RESULT_FILES = ()

    def __init__(self, argv: tuple[str, ...], files: Mapping[str, str], **more: Any) -> None:
        self.argv, self.files, self.more = argv, files, more

    def build_command(self, automation: Automation, tool: Tool, workspace: Workspace) -> Command:
        self.automation, self.tool = automation, tool
        files: dict[PurePath, str] = {workspace.tmp / k: v for k, v in self.files.items()}
        return Command(self.argv, files=files, **self.more)


@dataclass(frozen=True)
class Given(Choice):
    """A choice of a tool whose adapter is a test's own."""

    noting: Noting

    @property
    @override
    def adapter(self) -> ToolAdapter:
        given: Any = self.noting
        return given


def ordered(tmp_path: Path, noting: Noting, **profile: Any) -> tuple[Order, Attempt]:
    tool = ToolSettings(executable=("x",), **profile)
    wanted = Wanted("", title="T", run_mode=3, params={"browser": "ff"})
    choice = Given("quick", tool, wanted, noting)
    claim = Claim(1, Assignment("lab_01", 88, 2, test_name="Add"), 1, "c0ffee00")
    attempt = Workspaces(tmp_path / "attempts").create("a-1")
    settings = load(write(tmp_path, GOOD), {})
    return make_order(settings, claim, choice, attempt, attempt.script), attempt


async def test_a_command_with_steps_and_files_is_run_by_a_guard(tmp_path: Path) -> None:
    sh = ("/bin/sh", "-c")
    noting = Noting(
        (*sh, 'cat "$TMPDIR/in/suite.xml" "$HOME/made"; echo $LABFLEET_RUN_MODE'),
        {"in/suite.xml": "<suite/>\n"},
        before=((*sh, 'ls -A "$HOME"; echo made > "$HOME/made"'),),
        stop_on=("License key? ",),
    )
    order, attempt = ordered(tmp_path, noting)

    found = await run(attempt.folder, order)

    assert (found.exit_code, found.error) == (0, "")
    assert output(attempt.folder) == b"<suite/>\nmade\n3\n"
    assert order.stop_on == ("License key? ",)
    assert Workspaces(tmp_path / "attempts").clear_tmp(attempt) == []
    assert not attempt.tmp.exists()


def test_an_adapter_is_told_all_that_is_known(tmp_path: Path) -> None:
    noting = Noting(("x",), {})

    order, _ = ordered(tmp_path, noting, options={"groups": ("a", "b")}, access_key=KEY)

    context = {"run_id": "88", "item": "2", "host": "lab_01", "test_name": "Add"}
    assert noting.automation == Automation("T", {"browser": "ff"}, 3, context)
    assert noting.tool == Tool(("x",), 3600.0, {"groups": ("a", "b")}, KEY)
    assert KEY not in str(order)


def test_a_file_outside_the_temporary_folder_stops_the_order(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="not in the temporary folder"):
        ordered(tmp_path, Noting(("x",), {"../results/junit.xml": "<testsuite/>"}))

    assert list((tmp_path / "attempts" / "a-1" / "results").iterdir()) == []
