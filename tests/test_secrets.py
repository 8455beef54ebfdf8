"""A token goes into one header of one server, and nowhere else, whatever goes wrong."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import anyio

from tests.fleet import FAILING, PASSING, Fleet, tool
from tests.test_recovery import WAITS, until_ended

LIMIT_S = 60


def forms(host_id: int, token: str) -> list[bytes]:
    """Return every form in which a token could slip out."""
    whole = base64.b64encode(f"{host_id}:{token}".encode())
    alone = base64.b64encode(token.encode())
    return [token.encode(), whole, whole[:40], alone, quote(token, safe="").encode()]


def holding(folder: Path, wanted: list[bytes]) -> list[str]:
    """Return the files below *folder* that hold one of *wanted*."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in wanted)
    )


async def test_after_a_night_of_every_fault_no_file_but_the_settings_holds_a_token(
    fleet: Fleet, tmp_path: Path
) -> None:
    await fleet.add_hosts(1, first=2)
    faults = fleet.lab.faults
    faults.answer("current_runs", 500, times=1)
    faults.say("current_runs", b"<html>log in</html>", content_type="text/html", times=1)
    faults.drop("update_item", when="before", times=1)
    faults.drop("upload_log", when="after", times=1)
    faults.answer("upload_report", 400, times=1)
    runs = [
        await fleet.queue(tool(PASSING)),
        await fleet.queue(tool(FAILING)),
        await fleet.queue("http://127.0.0.1:9/foreign.zip"),
        await fleet.queue(b"not a zip"),
        await fleet.queue(tool("    print(dict(os.environ))")),
        await fleet.queue(tool(WAITS.format(release=str(tmp_path / "release")) + PASSING)),
    ]
    wanted = [form for h in fleet.hosts.values() for form in forms(h.id, h.token)]
    fleet.hosts["lab_002"].token = "wrong-" + fleet.hosts["lab_002"].token
    command = [sys.executable, "-m", "orchestrator", "run", "--log-level", "debug",
               "--log-format", "json", "--config", str(fleet.write())]  # fmt: skip
    log = tmp_path / "labfleet.log"

    with log.open("wb") as stream, subprocess.Popen(command, stdout=stream, stderr=stream) as ran:
        try:
            argv = Path(f"/proc/{ran.pid}/cmdline").read_bytes()
            for run_id, status in zip(
                runs[:5], ("Passed", "Failed", "Blocked", "Blocked", "Blocked"), strict=True
            ):
                await until_ended(fleet, run_id, status)
            # The sixth run's guard and tool are alive now.
            children = _environments(ran.pid)
            (tmp_path / "release").touch()
            await until_ended(fleet, runs[5], "Passed")
        finally:
            ran.terminate()
            with anyio.fail_after(LIMIT_S):
                await anyio.to_thread.run_sync(ran.wait, abandon_on_cancel=True)

    assert holding(tmp_path / "state", wanted) == []
    assert log.stat().st_size > 1000
    assert [line for line in log.read_bytes().splitlines() if any(f in line for f in wanted)] == []
    assert not any(form in argv for form in wanted)
    assert any(b"LABFLEET_MARK" in environ for environ in children)
    assert not any(form in environ for form in wanted for environ in children)


def _environments(parent: int) -> list[bytes]:
    """Return the environments of all processes but *parent* and ours."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) not in {parent, os.getpid()}:
            try:
                found.append((folder / "environ").read_bytes())
            except OSError:
                continue
    return found
