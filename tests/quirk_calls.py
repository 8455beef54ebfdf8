"""What labfleet's client reads of one server, call by call, and what the server answered.

Two servers with different quirks are the same to labfleet where all of `Read.values` is the same.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.download import Reference, Rules
from orchestrator.api.sent import HostRegistration
from orchestrator.api.transport import Api
from orchestrator.api.wire import AutomationDocument, HostDocument, Run, agent_name
from orchestrator.errors import ApiError, LabfleetError
from orchestrator.listed import assignments_of
from orchestrator.script.path import local_path
from tests.quirk_lab import NAME
from tests.quirk_server import Answer, ask_as_others_do
from tests.remote import new_metrics
from tests.standin.lab import DEMO, JUNIT, PROJECT, Host, Lab, result


@dataclass
class Read:
    """What came of the calls."""

    values: dict[str, object] = field(default_factory=dict)
    """By what was asked; of a refusal its kind, its status and what it says."""
    met: frozenset[str] = frozenset()
    """Switches that changed an answer to labfleet's client."""
    answers: list[Answer] = field(default_factory=list)
    """Every answer as it was sent, but for times and tokens."""
    met_by_others: frozenset[str] = frozenset()


@dataclass
class Calls:
    """The calls of one labfleet to one stand-in."""

    lab: Lab
    session: ClientSession
    folder: Path
    big_bytes: int
    """The size of a file that is too big, for most servers here."""
    more_runs: int = 0
    read: Read = field(default_factory=Read)
    runs: list[int] = field(default_factory=list)

    @property
    def api(self) -> Api:
        return Api(self.session, f"{self.lab.url}rest-api/service", new_metrics(), 10)

    async def all(self, *, as_others_do: bool = False) -> Read:
        """Make every call that labfleet makes, then perhaps those that only other clients make."""
        values = self.read.values
        host = await self._set_up(values)
        await self._queue(host)
        client = HostClient(self.api, host.id, host.token)
        await self._rest(client, values)
        await self._fetch(client, values)
        await self._report(client, values)
        await self._refused(client, host, values)
        values["at the server"] = await self._arrived()
        self.read.met = frozenset(self.lab.quirks.met)
        if as_others_do:
            await ask_as_others_do(self.lab, host, self.runs[0])
        self.read.met_by_others = frozenset(self.lab.quirks.met)
        return self.read

    async def _set_up(self, values: dict[str, object]) -> Host:
        await self.lab.host(f"{NAME}2", is_active=True)
        user = UserClient(self.api, "demo@example.com", "demo")
        wanted = HostRegistration(
            host_name=NAME,
            host_configuration="c",
            agents=[JUNIT],
            os="o",
            agent_version="1.00.0000",
        )
        values["departments"] = await said(user.list_departments())
        values["no host"] = await said(user.find_host(NAME, None))
        made = await user.register_host(wanted)
        values["registered"] = _host(made)
        values["taken"] = await said(user.register_host(wanted))
        values["found"] = await said(user.find_host(NAME, None))
        assert made.security_token is not None
        return Host(made.id, made.security_token.get_secret_value())

    async def _queue(self, host: Host) -> None:
        """Queue what `prepare` has made."""
        queue = partial(self.lab.door.queue, project=PROJECT, host_id=host.id)
        tests = [3, 4, 5, *[1] * self.more_runs]
        self.runs = [await queue(test_set_id=1), *[await queue(test_id=test) for test in tests]]

    async def _rest(self, client: HostClient, values: dict[str, object]) -> None:
        values["change"] = await said(client.update_host({"is_active": False}))
        values["resting"] = await said(client.get_host())
        values["runs while resting"] = await _states(client)
        await said(client.update_host({"is_active": True}))

    async def _fetch(self, client: HostClient, values: dict[str, object]) -> None:
        values["runs"] = await said(client.pending_runs())
        values["states"] = await _states(client)
        for run, what in zip(self.runs, ("a zip", "a folder", "a share"), strict=False):
            number = self.number() if run == self.runs[0] else 1
            script = client.fetch_script(run, number, JUNIT, self.folder / "script", Rules())
            values[f"script: {what}"] = await said(script)
        values["states, scripts fetched"] = await _states(client)

    def number(self) -> int:
        """Return the number of the set's first item as it was read; a wrong one is another test."""
        runs: Any = self.read.values["runs"]
        number: int = runs[""][0]["items"][0]["number"]
        return number

    async def _report(self, client: HostClient, values: dict[str, object]) -> None:
        log, page = self.folder / "a.xml", self.folder / "a.mht"
        log.write_bytes(b"<first/>")
        page.write_bytes(b"MIME-Version: 1.0\r\n\r\nx")
        one = (self.runs[0], self.number())
        sent = result("Failed", run_time=72, test_run_results=[{"status": "Failed", "step": "s"}])
        values["result"] = await done(client.update_item(*one, sent))
        values["log"] = await said(client.upload_log(*one, log))
        values["report"] = await said(client.upload_report(*one, page))
        values["states, one done"] = await _states(client)
        log.write_bytes(b"<second/>")
        values["result again"] = await done(client.update_item(*one, sent))
        values["log again"] = await said(client.upload_log(*one, log))
        log.write_bytes(bytes(self.big_bytes))
        values["too big"] = await said(client.upload_log(*one, log))

    async def _refused(self, client: HostClient, host: Host, values: dict[str, object]) -> None:
        other = await self.lab.host("OTHER", is_active=True)
        run = await self.lab.run(other)
        values["another's run"] = await done(client.update_item(run, 1, result(run_time=1)))
        wrong = HostClient(self.api, host.id, "wrong")
        values["a wrong token"] = await said(wrong.get_host())

    async def _arrived(self) -> list[object]:
        items = await self.lab.door.items(PROJECT, self.runs[0])
        log = await self.lab.call("GET", f"/standin/runs/{self.runs[0]}/items/1/log", DEMO)
        kept = ("sequence_number", "status", "run_time", "log", "report", "test_run_results")
        return [*({name: item.get(name) for name in kept} for item in items), log.body]


async def _states(client: HostClient) -> object:
    """Return which items wait and which have ended, as it is read now."""
    found = await said(client.pending_runs())
    if not isinstance(found, dict):
        return found
    state = {True: "waits", False: "unknown"}
    return {
        f"{run['id']}.{place}": "ended" if item["finished"] else state[item["pending"]]
        for run in found[""]
        for place, item in enumerate(run["items"], 1)
    }


async def done(call: Awaitable[object]) -> object:
    """Return the refusal, if it is one; what else is answered is not looked at."""
    found = await said(call)
    return found if isinstance(found, tuple) else None


async def said(call: Awaitable[object]) -> object:
    """Return what labfleet uses of what *call* returns, or the refusal."""
    try:
        return _used(await call)
    except ApiError as error:
        return (type(error).__name__, error.status, str(error))
    except LabfleetError as error:
        return (type(error).__name__, str(error))


def _used(value: object) -> object:
    if isinstance(value, HostDocument):
        return _host(value)
    if isinstance(value, Reference):
        return str(local_path(value.path))
    if isinstance(value, Path):
        return value.read_bytes()
    if isinstance(value, tuple):
        runs, problems = value
        return {"": [_run(run) for run in runs], "problems": problems}
    return value


def _host(host: HostDocument) -> dict[str, object]:
    agents = [agent_name(agent) for agent in host.agents]
    return {
        **host.model_dump(exclude={"security_token"}),
        "agents": agents,
        "token": bool(host.security_token),
    }


def _automation(one: AutomationDocument) -> dict[str, object]:
    known = one.model_dump(exclude={"title", "entry_point"})
    return {**known, "agent": agent_name(one.agent)}


def _run(run: Run) -> dict[str, object]:
    paths = {
        one.item: [wanted.title for wanted in one.wanted] for one in assignments_of("lab", run)
    }
    items = [
        {
            "number": item.sequence_number,
            "name": item.test_name,
            "stops": item.stop_on_fail,
            "pending": item.pending,
            "finished": item.finished,
            "paths": paths.get(item.sequence_number),
            "automations": [_automation(one) for one in item.automations],
        }
        for item in run.items
    ]
    return {**run.model_dump(exclude={"items"}), "items": items}


def changes(usual: object, now: object, place: str = "") -> dict[str, list[object]]:
    """Return where *now* differs, and what stands there; indices are left out of the places."""
    found: dict[str, list[object]] = {}
    for name, before, after in _pairs(usual, now):
        for where, values in changes(before, after, f"{place}.{name}".strip(".")).items():
            kept = found.setdefault(where, [])
            kept += [one for one in values if one not in kept]
    if usual != now and not found:
        return {place: [now]}
    return found


def _pairs(usual: object, now: object) -> list[tuple[str, object, object]]:
    """Return what can be compared part by part: equal keys, or lists of equal length."""
    if isinstance(usual, dict) and isinstance(now, dict) and usual.keys() == now.keys():
        return [(name, usual[name], now[name]) for name in usual]
    if isinstance(usual, list) and isinstance(now, list) and len(usual) == len(now):
        return [("", *both) for both in zip(usual, now, strict=True)]
    return []
