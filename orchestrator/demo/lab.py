"""Build the demo's world: server, web server, settings file, identities and queued runs."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
from aiohttp import ClientSession
from anyio import to_thread
from prometheus_client import CollectorRegistry

from orchestrator import __version__, standin
from orchestrator.api.client import UserClient
from orchestrator.api.transport import Api, open_session
from orchestrator.database import open_database
from orchestrator.demo import archives, folder, plan
from orchestrator.demo.plan import QueuedRun, Test
from orchestrator.demo.queueing import Place, queue
from orchestrator.demo.serving import serve_scripts, serve_standin
from orchestrator.errors import LabfleetError
from orchestrator.journal import Journal
from orchestrator.metrics import Metrics
from orchestrator.registration import register_hosts
from orchestrator.settings import Settings, load

EMAIL, PASSWORD = "demo@example.com", "demo"
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

    again: bool
    """Whether it was set up by an earlier start, which this one goes on with."""
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
async def open_lab(root: Path, environ: Mapping[str, str], *, keep: bool) -> AsyncIterator[Lab]:
    """Bring the world up in *root*, where an earlier start may have set it up.

    Of *environ* only the web settings count. With *keep* tools outlive this process.
    Raises LabfleetError when *root* holds something else, or its ports are taken.
    """
    await anyio.Path(root).mkdir(parents=True, exist_ok=True)
    chosen = {name: v for name, v in environ.items() if name.startswith("LABFLEET_WEB__")}
    note = await to_thread.run_sync(folder.read, root)
    if again := note is not None:
        ports = note.standin_port, note.web_port
    else:
        ports = 0, 0
        await to_thread.run_sync(folder.begin, root)
        standin.seed(root / "standin")
    async with anyio.create_task_group() as servers, ClientSession() as session:
        standin_url = await servers.start(serve_standin, root / "standin", ports[0])
        web_url = await servers.start(serve_scripts, root / "www", ports[1])
        door = standin.Door(session, standin_url, EMAIL, PASSWORD)
        if note is None:
            note = await _set_up(Place(root, standin_url, web_url, keep), door, chosen)
        settings_file, items = root / folder.SETTINGS, _items(note)
        yield Lab(again, standin_url, settings_file, chosen, door, items, note.java)
        servers.cancel_scope.cancel()


async def _set_up(place: Place, door: standin.Door, chosen: Mapping[str, str]) -> folder.Note:
    """Make scripts, settings, identities and runs; note what a later start needs of them."""
    await to_thread.run_sync(archives.copy_scripts, place.scripts)
    java = await to_thread.run_sync(archives.compile_java, place.scripts)
    settings_file = place.root / folder.SETTINGS
    await anyio.Path(settings_file).write_text(_settings_text(place, java))
    identities = await _register(load(settings_file, chosen))
    runs = [await queue(door, run, identities[run.host], place) for run in _planned(java)]
    ports = [int(url.rpartition(":")[2]) for url in (place.standin_url, place.web_url)]
    note = folder.Note(ports[0], ports[1], java, tuple(runs))
    await to_thread.run_sync(folder.write, place.root, note)
    return note


def _planned(java: bool) -> tuple[QueuedRun, ...]:
    return (*plan.RUNS, *(plan.JAVA_RUNS if java else ()))


def _items(note: folder.Note) -> tuple[Item, ...]:
    planned = _planned(note.java)
    if len(planned) != len(note.runs):
        raise LabfleetError("another version of the demo set this lab up: name another folder")
    return tuple(
        Item(number, n, run.host, test)
        for number, run in zip(note.runs, planned, strict=True)
        for n, test in enumerate(run.tests, 1)
    )


def _settings_text(place: Place, java: bool) -> str:
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
            f"state_dir = {json.dumps(str(place.root / 'state'))}",
            f"on_orchestrator_exit = {json.dumps('keep' if place.keep else 'kill')}",
            "max_running = 6",
            "drain_s = 2",
            "[server]",
            f"url = {json.dumps(place.standin_url)}",
            f"poll_interval_s = {POLL_INTERVAL_S}",
            "allow_fast_polling = true",
            'script_hosts = ["127.0.0.1"]',
            *tools,
            "",
        ]
    )


async def register_again(settings: Settings) -> None:
    """Give hosts their identities anew where the journal that held them was lost."""
    with open_database(settings.state_dir, alone=False) as db:
        known = await Journal(db, settings.server.service_url).credentials()
    if settings.hosts.keys() - known.keys():
        await _register(settings)


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
