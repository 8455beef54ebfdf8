"""The documented workflow as anybody would do it: with curl, and with an agent made of shell."""

import os
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from tests.fleet import archive
from tests.standin.lab import DEMO, PROJECT, Lab, open_lab
from tests.standin.transcript import Step, replay, shown

TOOLS = ("curl", "jq", "zip", "unzip")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "orchestrator" / "standin" / "README.md"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path / "data") as lab:
        yield lab


async def test_the_workflow_as_documented_prints_what_the_document_shows(
    lab: Lab, tmp_path: Path
) -> None:
    steps = shown(DOCUMENT)
    address = lab.url.removeprefix("http://").rstrip("/")
    asked = [Step(step.command.replace("127.0.0.1:8080", address), "") for step in steps]
    seen = await to_thread.run_sync(replay, asked, tmp_path, os.environ)
    assert [step.lasting for step in seen] == [step.lasting for step in steps]


async def test_an_agent_of_shell_does_two_runs_from_end_to_end(lab: Lab, tmp_path: Path) -> None:
    host = await lab.host()
    runs = [await queue(lab, host.id, exit_code) for exit_code in (0, 3)]
    login = tmp_path / "login"
    login.touch(stat.S_IRUSR | stat.S_IWUSR)
    login.write_text(f'user = "{host.id}:{host.token}"\n')
    api = str(lab.client.make_url(host.path)).rpartition("/hosts/")[0]
    environment = {**os.environ, "API": api, "ID": str(host.id), "LOGIN": str(login)}
    done = await anyio.run_process(["sh", str(HERE / "agent.sh")], env=environment)
    assert done.stdout.decode() == (
        f"run {runs[0]}, item 1: Passed\nrun {runs[1]}, item 1: Failed\n"
    )
    assert [await lab.run_status(run) for run in runs] == ["Passed", "Failed"]
    [item] = await lab.door.items(PROJECT, runs[1])
    assert item["test_run_results"] == [
        {"status": "Failed", "step": "check.sh", "actual_result": "it ends with 3\n"}
    ]
    assert (await lab.pending(host))["results"] == []
    for kind in ("log", "report"):
        path = f"/standin/runs/{runs[1]}/items/1/{kind}"
        read = await lab.call("GET", path, DEMO)
        assert b"it ends with 3" in read.body


async def queue(lab: Lab, host_id: int, exit_code: int) -> int:
    test_id = await lab.door.add_test(PROJECT, "Checked by a shell")
    await lab.door.add_automation(PROJECT, test_id, "junit", Title="check.sh")
    script = archive({"check.sh": f"echo it ends with {exit_code}; exit {exit_code}"})
    await lab.door.attach_zip(PROJECT, test_id, "junit", script)
    return await lab.door.queue(project=PROJECT, host_id=host_id, test_id=test_id)
