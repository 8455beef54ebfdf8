"""Build the demo's world: server, web server, settings file, identities and queued runs."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
from aiohttp import ClientSession, web
from anyio import to_thread
from anyio.abc import TaskStatus
from prometheus_client import CollectorRegistry

from orchestrator import __version__, standin
from orchestrator.api.client import UserClient
from orchestrator.api.transport import Api, open_session
from orchestrator.database import open_database
from orchestrator.demo import archives, plan
from orchestrator.demo.plan import From, QueuedRun, Test
from orchestrator.errors import LabfleetError
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.registration import register_hosts
from orchestrator.settings import Settings, load

EMAIL, PASSWORD = "demo@example.com", "demo"
PROJECT = standin.PAYMENTS_PROJECT_ID
POLL_INTERVAL_S = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One queued item, and how it must end."""

    run: int
    item: int
    host: str
    test: Test


@dataclass(frozen=True, slots=True)
class Lab:
    """The demo's world, up and with everything queued."""

    standin_url: str
    settings_file: Path
    environ: Mapping[str, str]
    door: standin.Door
    items: tuple[Item, ...]
    java: bool

    def load(self) -> Settings:
        """Read the settings file as `labfleet run` would."""
        return load(self.settings_file, self.environ)


@asynccontextmanager
async def open_lab(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[Lab]:
    """Bring the world up in *folder*; of *environ* only the web settings count."""
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True)
    scripts = folder / "scripts"
    if not await anyio.Path(scripts).exists():
        await to_thread.run_sync(archives.copy_scripts, scripts)
    java = await to_thread.run_sync(archives.compile_java, scripts)
    async with anyio.create_task_group() as servers, ClientSession() as session:
        standin.seed(folder / "standin")
        standin_url = await servers.start(_serve_standin, folder / "standin")
        web_url = await servers.start(_serve_scripts, folder / "www")
        settings_file = folder / "labfleet.toml"
        await anyio.Path(settings_file).write_text(_settings_text(folder, standin_url, java))
        chosen = {name: v for name, v in environ.items() if name.startswith("LABFLEET_WEB__")}
        door = standin.Door(session, standin_url, EMAIL, PASSWORD)
        identities = await _register(load(settings_file, chosen))
        runs = (*plan.RUNS, *(plan.JAVA_RUNS if java else ()))
        items: list[Item] = []
        for run in runs:
            items += await _queue(door, run, identities[run.host], scripts, web_url)
        yield Lab(standin_url, settings_file, chosen, door, tuple(items), java)
        servers.cancel_scope.cancel()


async def _serve_standin(
    data: Path, *, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED
) -> None:
    await standin.serve(data, "127.0.0.1", 0, ready=task_status.started)


async def _serve_scripts(
    folder: Path, *, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Serve the scripts that the stand-in only points to, as a lab's file server would."""
    await anyio.Path(folder).mkdir(exist_ok=True)
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        task_status.started(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


def _settings_text(folder: Path, url: str, java: bool) -> str:
    """Write the settings file of the demo; every value of it is one that JSON and TOML share."""
    python = json.dumps(sys.executable)
    hosts = dict(plan.HOSTS)
    tools = [
        "[tools.pytest]",
        'adapter = "command"',
        f'executable = [{python}, "-m", "pytest", "-q", "-p", "no:cacheprovider",'
        ' "--rootdir={workspace}", "--junitxml={results}/junit.xml", "{title}"]',
        "slots = 3",
        "grace_s = 1",
        "[tools.own_runner]",
        'adapter = "command"',
        f"agent = {json.dumps(plan.OWN)}",
        f'executable = [{python}, "runner.py", "{{results}}", "{{title}}"]',
        "slots = 2",
    ]
    if java:
        hosts[plan.JAVA_HOST] = ((plan.JAVA_TOOL,), 1)
        tools += [
            "[tools.junit]",
            f'executable = ["java", "-jar", {json.dumps(str(archives.JUNIT_CONSOLE))}]',
            "slots = 1",
        ]
    for key, (names, limit) in hosts.items():
        host_name = json.dumps(key.upper().replace("_", "-"))
        tools += [f"[hosts.{key}]", f"host_name = {host_name}"]
        tools += [f"tools = {json.dumps(names)}", f"limit = {limit}"]
    return "\n".join(
        [
            "# Written by `labfleet demo`.",
            f"state_dir = {json.dumps(str(folder / 'state'))}",
            'on_orchestrator_exit = "kill"',
            "max_running = 6",
            "drain_s = 2",
            "[server]",
            f"url = {json.dumps(url)}",
            f"poll_interval_s = {POLL_INTERVAL_S}",
            "allow_fast_polling = true",
            'script_hosts = ["127.0.0.1"]',
            *tools,
            "",
        ]
    )


async def _register(settings: Settings) -> dict[str, int]:
    """Give every host its identity, as `labfleet register` does; return host → id."""
    identities = {}
    metrics = Metrics(CollectorRegistry(), __version__)
    with open_database(settings.state_dir, alone=False) as db:
        journal = Journal(db, settings.server.service_url)
        async with open_session() as session:
            api = Api(session, settings.server.service_url, metrics, 10.0)
            user = UserClient(api, EMAIL, PASSWORD)
            async for one in register_hosts(settings, api, user, journal, None):
                if one.id is None:
                    raise LabfleetError(f"{one.host_name} cannot be registered: {one.outcome}")
                identities[one.host] = one.id
    return identities


async def _queue(
    door: standin.Door, run: QueuedRun, host_id: int, scripts: Path, web_url: str
) -> list[Item]:
    """Add the tests of *run* and queue it, as a user would in the web interface."""
    test_ids = [await _add(door, test, scripts, web_url) for test in run.tests]
    if run.set_name:
        stops = [(test_id, t.stops) for test_id, t in zip(test_ids, run.tests, strict=True)]
        set_id = await door.add_set(PROJECT, run.set_name, stops)
        number = await door.queue(project=PROJECT, host_id=host_id, test_set_id=set_id)
    else:
        number = await door.queue(project=PROJECT, host_id=host_id, test_id=test_ids[0])
    return [Item(number, n, run.host, test) for n, test in enumerate(run.tests, 1)]


async def _add(door: standin.Door, test: Test, scripts: Path, web_url: str) -> int:
    test_id = await door.add_test(PROJECT, test.name)
    more = {"Title": test.title, "Timeout": test.timeout_s, "Params": dict(test.params)}
    wanted = {name: value for name, value in more.items() if value}
    await door.add_automation(PROJECT, test_id, test.agent, **wanted)
    packed = await to_thread.run_sync(partial(archives.pack, scripts, test.files))
    place = scripts.parent / "www" / f"{test_id}.zip"
    link = {
        From.WEB: f"{web_url}/{test_id}.zip",
        From.LOCAL_ZIP: str(place),
        From.FOLDER: str(scripts),
        From.NOWHERE: f"{web_url}/nowhere.zip",
    }.get(test.source)
    if link is None:
        damaged = packed[: len(packed) // 2] + b"damaged"
        archive = damaged if test.source is From.DAMAGED else packed
        await door.attach_zip(PROJECT, test_id, test.agent, archive)
        return test_id
    await anyio.Path(place).write_bytes(packed)
    await door.attach_link(PROJECT, test_id, test.agent, link)
    return test_id
