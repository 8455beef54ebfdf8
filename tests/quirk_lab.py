"""One small lab from nothing to its verdicts, against a stand-in with quirks."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
from aiohttp import ClientSession

from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.transport import Api
from orchestrator.database import open_database
from orchestrator.journal import Journal
from orchestrator.registration import Registered, choose_department, register_hosts
from orchestrator.service import Service
from tests.attempts import until
from tests.fleet import JUNIT, Fleet, tool
from tests.remote import new_metrics
from tests.standin.lab import PROJECT, Host, Lab, open_lab

LIMIT_S = 40
PARAMS = {"count": "3", "flag": "true", "word": "a b"}
STEPS = [("Open the shop", "Home page shown"), ("Add one item", "Basket shows 1")]
TITLE = "Shop\\Basket"
_SEEN = """
    while os.path.exists({hold!r}):
        time.sleep(0.01)
    with open({starts!r}, "a") as file:
        file.write({name!r} + "\\n")
    wanted = {{"COUNT": "3", "FLAG": "true", "WORD": "a b"}}
    seen = {{name: os.environ.get("LABFLEET_PARAM_" + name) for name in wanted}}
    fault = "" if seen == wanted else f'<failure message="{{seen}}"/>'
    fault = fault or {fault!r}
    Path(results, "r.xml").write_text(
        f'<testsuite><testcase classname="c" name="n">{{fault}}</testcase></testsuite>')
"""
NAME = "LAB-001"
OTHERS_AGENT = "NUnit (Selenium)"
"""The host has no tool for it: its run is Blocked and starts nothing."""


@dataclass
class Seen:
    """What arrived at the stand-in, and what labfleet says of itself."""

    registered: str = ""
    statuses: list[str] = field(default_factory=list)
    """Of the set's two items, and of the run that no tool of the host can do."""
    starts: list[str] = field(default_factory=list)
    """Which tools were started, each time."""
    files: list[str] = field(default_factory=list)
    """What was uploaded, of the set's items."""
    dead: list[str] = field(default_factory=list)
    """What labfleet gave up, by run and item."""
    owed: int = 0
    met: frozenset[str] = frozenset()
    tests: tuple[str, ...] = ("one",)

    def changed(self) -> dict[str, object]:
        """Return what is not as in a lab without quirks, field by field."""
        statuses = (
            ["Passed", "Failed", "Blocked"] if len(self.tests) == 2 else ["Passed", "Blocked"]
        )
        files = [f"{n} {kind}" for n, _ in enumerate(self.tests, 1) for kind in ("log", "report")]
        usual = replace(self, registered="created", statuses=statuses, starts=[*self.tests])
        usual = replace(usual, files=files, dead=[], owed=0)
        return {name: now for name, now in vars(self).items() if now != getattr(usual, name)}


@dataclass
class QuirkLab:
    """A lab whose host is registered by labfleet itself."""

    lab: Lab
    fleet: Fleet
    folder: Path
    api: Api
    tests: tuple[str, ...]
    """Those of the set: one passes, two fails."""
    runs: list[int] = field(default_factory=list)
    host: Host = field(default_factory=lambda: Host(0, ""))

    @property
    def client(self) -> HostClient:
        return HostClient(self.api, self.host.id, self.host.token)

    async def register(self, email: str = "demo@example.com", department: str | None = None) -> str:
        """Find or create the host as `labfleet register` does; return what became of it."""
        settings = self.fleet.load()
        user = UserClient(self.api, email, email.partition("@")[0])
        chosen = await choose_department(user, department)
        dept_id = chosen.id if chosen else None
        with open_database(settings.state_dir, alone=False) as db:
            journal = Journal(db, settings.server.service_url)
            done: list[Registered] = [
                one async for one in register_hosts(settings, self.api, user, journal, dept_id)
            ]
            for host_id, token in db.execute("SELECT host_id, token FROM credentials"):
                self.host = Host(host_id, token)
        return done[0].outcome

    async def queue(self, link: str = "", *, stops: bool = False) -> None:
        """Queue a set, whose failures may stop it, and a run that only another host could do.

        Of the set's first test *link* says where its script lies; else it is attached.
        """
        faults = {"one": "", "two": '<failure message="no"/>'}
        links = [link, ""]
        tests = [
            await self._test(name, faults[name], link=where)
            for name, where in zip(self.tests, links, strict=False)
        ]
        items = [(test, stops) for test in tests]
        set_id = await self.lab.door.add_set(PROJECT, "Nightly", items)
        queue = self.lab.door.queue
        self.runs = [
            await queue(project=PROJECT, host_id=self.host.id, test_set_id=set_id),
            await self.lab.scripted_run(self.host, OTHERS_AGENT, b"PK"),
        ]

    async def _test(self, name: str, fault: str, *, link: str) -> int:
        door = self.lab.door
        test_id = await door.add_test(PROJECT, f"Test {name}", STEPS)
        await door.add_automation(PROJECT, test_id, JUNIT, Title=TITLE, Params=PARAMS, RunMode=1)
        starts, hold = str(self._starts), str(self.hold)
        script = tool(_SEEN.format(starts=starts, hold=hold, name=name, fault=fault))
        if not link:
            await door.attach_zip(PROJECT, test_id, JUNIT, script)
            return test_id
        if link != "here":
            await door.attach_link(PROJECT, test_id, JUNIT, link)
            return test_id
        path = self.folder / f"{name} 100%.zip"
        path.write_bytes(script)
        await door.attach_link(PROJECT, test_id, JUNIT, str(path))
        return test_id

    @property
    def hold(self) -> Path:
        """A file; while it is there, tools wait."""
        return self.folder / "hold"

    @property
    def _starts(self) -> Path:
        return self.folder / "starts"

    async def statuses(self) -> list[str]:
        return [status for run in self.runs for status in await self.lab.statuses(run)]

    async def until_done(self, service: Service, *, owed: int = 0) -> None:
        """Wait until all has a verdict at the stand-in, and no more than *owed* is undelivered."""

        def quiet() -> bool:
            return not service.runner.active and service.reporter.owed <= owed

        while True:
            await until(quiet, LIMIT_S)
            if "Awaiting Run" not in await self.statuses():
                # A result may have come between the two looks, and its files after it.
                await until(quiet, LIMIT_S)
                return
            await anyio.sleep(0.1)

    async def seen(self, registered: str, service: Service) -> Seen:
        items = await self.lab.door.items(PROJECT, self.runs[0])
        kinds = [(item["sequence_number"], kind) for item in items for kind in ("log", "report")]
        present = {
            (item["sequence_number"], k) for item in items for k in ("log", "report") if k in item
        }
        return Seen(
            registered,
            await self.statuses(),
            self._starts.read_text("utf-8").split() if self._starts.exists() else [],
            [f"{number} {kind}" for number, kind in kinds if (number, kind) in present],
            self._dead(),
            service.reporter.owed,
            frozenset(self.lab.quirks.met),
            self.tests,
        )

    def _dead(self) -> list[str]:
        file = self.folder / "state" / "journal.db"
        with closing(sqlite3.connect(file)) as db:
            rows = db.execute(
                "SELECT a.run_id, a.item, o.kind, o.state FROM outbox o JOIN assignments a"
                " ON a.id = o.assignment_id WHERE o.state IN ('dead', 'dropped')"
                " ORDER BY a.run_id, a.item, o.id"
            )
            return [
                f"{self.runs.index(run) + 1}.{item} {kind} {state}"
                for run, item, kind, state in rows
            ]


@asynccontextmanager
async def open_quirk_lab(
    folder: Path,
    names: Iterable[str],
    session: ClientSession,
    *,
    tests: tuple[str, ...] = ("one", "two"),
    **bounds: int,
) -> AsyncIterator[QuirkLab]:
    async with open_lab(folder / "standin", *names, **bounds) as lab:
        fleet = Fleet(lab, folder, unregistered={"lab_001": NAME}, locks=folder / "locks")
        fleet.write()
        api = Api(session, f"{lab.url}rest-api/service", new_metrics(), 10)
        with anyio.fail_after(LIMIT_S):
            yield QuirkLab(lab, fleet, folder, api, tests)
