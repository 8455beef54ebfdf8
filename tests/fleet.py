"""A labfleet and a stand-in, both real, for the tests that look at what arrives at the far end."""

import io
import json
import sys
import textwrap
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio

from orchestrator.executors.local import LocalExecutor
from orchestrator.lock_folder import private_folder
from orchestrator.owner import owner_of
from orchestrator.service import Service, open_service
from orchestrator.settings import Settings, load
from tests.standin.lab import DEMO, PROJECT, Host, Lab

LIMIT_S = 60
JUNIT = "JUnit (Selenium)"
PASSING = """
    Path(results, "r.xml").write_text('<testsuite><testcase classname="c" name="n"/></testsuite>')
"""
FAILING = """
    Path(results, "r.xml").write_text(
        '<testsuite><testcase classname="c" name="n"><failure message="no"/></testcase></testsuite>'
    )
"""


def tool(code: str = PASSING) -> bytes:
    """Return a script whose tool.py runs *code*; it starts in a fiftieth of pytest's time."""
    start = "import os, sys, time\nfrom pathlib import Path\nresults = sys.argv[1]\n"
    return archive({"tool.py": start + textwrap.dedent(code)})


def archive(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Fleet:
    """Settings over a stand-in's hosts, and the services started from them."""

    lab: Lab
    folder: Path
    hosts: dict[str, Host] = field(default_factory=dict)
    top: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    tool: dict[str, Any] = field(default_factory=dict)
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Profiles to have in place of the quick one."""
    seats: dict[str, int] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    unregistered: dict[str, str] = field(default_factory=dict)
    """Hosts that labfleet has to register itself, by the name they shall have."""
    locks: Path | None = None
    """Where services lock identities; None: with all labfleets of the user, as processes do."""

    @property
    def file(self) -> Path:
        return self.folder / "labfleet.toml"

    async def add_hosts(self, count: int, first: int = 1) -> None:
        for number in range(first, first + count):
            key = f"lab_{number:03}"
            self.hosts[key] = await self.lab.host(key.upper())

    def write(self) -> Path:
        """Write the settings file as it is wanted now."""
        server = {"url": self.url or self.lab.url, "poll_interval_s": 0.1} | self.server
        server["allow_fast_polling"] = True
        runner = [sys.executable, "-I", "-S", "tool.py", "{results}"]
        profile = {"adapter": "command", "executable": runner, "grace_s": 0.5} | self.tool
        lines = [_pairs({"state_dir": str(self.folder / "state"), "drain_s": 5} | self.top)]
        lines += ["[server]", _pairs(server), "[web]", "port = 0", "[seats]", _pairs(self.seats)]
        profiles = self.tools or {"quick": profile}
        for name, each in profiles.items():
            lines += [f"[tools.{name}]", _pairs(each)]
        for key, host in self.hosts.items():
            wanted = {"id": host.id, "token": host.token, "tools": [*profiles]} | self.host
            lines += [f"[hosts.{key}]", _pairs(wanted)]
        for key, name in self.unregistered.items():
            lines += [f"[hosts.{key}]", _pairs({"host_name": name, "tools": [*profiles]})]
        self.file.write_text("\n".join(lines), encoding="utf-8")
        return self.file

    def load(self) -> Settings:
        return load(self.file, {})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """A service at work, stopped in good order at the end."""
        self.write()
        try:
            async with (
                open_service(self.load(), self.locks) as service,
                anyio.create_task_group() as group,
            ):
                await group.start(service.run)
                with anyio.fail_after(LIMIT_S):
                    yield service
                    service.stop()
        finally:
            self.end_tools()

    def end_tools(self) -> None:
        """End what a test that failed half way has left running."""
        executor = LocalExecutor()
        for folder in (self.folder / "state" / "attempts").glob("*-*"):
            executor.stop(folder)

    def remove_notes(self) -> None:
        """Remove what killed processes noted of their identities.

        Ports come round again, and then hosts of another stand-in would seem to be theirs.
        """
        for state in (self.folder / "state", *self.folder.glob("*/state")):
            # Also of another user, whom root lets it run as.
            for note in private_folder().parent.glob(f"labfleet-*/{owner_of(state)}.json"):
                note.unlink(missing_ok=True)

    async def work_off(self, limit_s: float = LIMIT_S) -> list[dict[str, Any]]:
        """Run until nothing is left to do; return what the journal knows, newest first."""
        self.write()
        async with open_service(self.load(), self.locks) as service:
            with anyio.fail_after(limit_s):
                await service.run(until_idle=True)
            return await service.recent_runs(1000)

    async def queue(self, script: str | bytes, host: str = "lab_001", **automation: Any) -> int:
        """Queue one single test with *script*; return the run's id."""
        door = self.lab.door
        test_id = await door.add_test(PROJECT, "Test")
        agent = automation.pop("agent", JUNIT)
        await door.add_automation(PROJECT, test_id, agent, **automation)
        if isinstance(script, bytes):
            await door.attach_zip(PROJECT, test_id, agent, script)
        else:
            await door.attach_link(PROJECT, test_id, agent, script)
        return await door.queue(project=PROJECT, host_id=self.hosts[host].id, test_id=test_id)

    async def queue_set(
        self, scripts: list[tuple[bytes, bool]], host: str = "lab_001", *, sequential: bool = True
    ) -> int:
        """Queue a set of scripts, each with whether its failure stops the set."""
        door, tests = self.lab.door, []
        for number, (script, stops) in enumerate(scripts, 1):
            test_id = await door.add_test(PROJECT, f"T{number}")
            await door.add_automation(PROJECT, test_id, JUNIT)
            await door.attach_zip(PROJECT, test_id, JUNIT, script)
            tests.append((test_id, stops))
        set_id = await door.add_set(PROJECT, "Set", tests, sequential=sequential)
        return await door.queue(project=PROJECT, host_id=self.hosts[host].id, test_set_id=set_id)

    async def item(self, run_id: int, number: int = 1) -> dict[str, Any]:
        """Return the item as the stand-in has it."""
        items = await self.lab.door.items(PROJECT, run_id)
        (found,) = [item for item in items if item["sequence_number"] == number]
        return found

    async def upload(self, run_id: int, kind: str) -> bytes:
        """Return the log or the report that the stand-in has of the first item."""
        link = str((await self.item(run_id))[kind])
        answer = await self.lab.call("GET", link, DEMO)
        assert answer.status == 200, answer.body
        return answer.body

    async def verdict(self, run_id: int) -> tuple[str, str]:
        """Return the status and the text of the first step that arrived."""
        item = await self.item(run_id)
        steps: Any = item.get("test_run_results") or [{}]
        return str(item["status"]), str(steps[0].get("actual_result", ""))

    async def until_status(self, run_id: int, status: str) -> None:
        while await self.lab.run_status(run_id) != status:
            await anyio.sleep(0.02)


def _pairs(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_written(value)}" for key, value in values.items())


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_written(it)}" for key, it in value.items()) + "}"
    return json.dumps(value)
