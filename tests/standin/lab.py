"""A stand-in over real HTTP, and the people and hosts that use it."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import DummyCookieJar, FormData, encode_basic_auth
from aiohttp.test_utils import TestClient, TestServer

from orchestrator.standin import (
    FAULTS,
    PAYMENTS_PROJECT_ID,
    QUIRKS,
    Door,
    Faults,
    Quirks,
    make_app,
    seed,
)

API = "/rest-api/service/automation/v2"
DATA = f"/rest-api/service/api/v2/projects/{PAYMENTS_PROJECT_ID}"
PROJECT = PAYMENTS_PROJECT_ID
GOLDEN = Path(__file__).parents[1] / "golden" / "api"
JUNIT = "JUnit (Selenium)"

DEMO = encode_basic_auth("demo@example.com", "demo")
LEAD = encode_basic_auth("lead@example.com", "lead")
GUEST = encode_basic_auth("guest@example.com", "guest")


@dataclass
class Host:
    id: int
    token: str

    @property
    def auth(self) -> str:
        return encode_basic_auth(str(self.id), self.token)

    @property
    def path(self) -> str:
        return f"{API}/hosts/{self.id}"

    def item(self, run_id: int, number: int = 1) -> str:
        return f"{self.path}/runs/{run_id}/items/{number}"


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        (entry,) = self.document["errors"]
        return entry


class Lab:
    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.door = Door(client.session, self.url, "demo@example.com", "demo")

    @property
    def url(self) -> str:
        return str(self.client.make_url("/"))

    @property
    def quirks(self) -> Quirks:
        return self.client.app[QUIRKS]

    @property
    def faults(self) -> Faults:
        return self.client.app[FAULTS]

    async def call(self, method: str, path: str, auth: str | None = None, **more: Any) -> Answer:
        headers = {**more.pop("headers", {}), **({"Authorization": auth} if auth else {})}
        async with self.client.request(
            method, path, headers=headers, allow_redirects=False, **more
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def host(self, name: str = "LAB-01", **more: Any) -> Host:
        body = {"host_name": name, "host_configuration": "cpu=8", "agents": ["junit"], **more}
        answer = await self.call("POST", f"{API}/hosts", DEMO, json=body)
        assert answer.status == 200, answer.body
        return Host(answer.document["id"], answer.document["security_token"])

    async def run(self, host: Host, **order: Any) -> int:
        """Queue a single test, of which there is a fresh one."""
        test_id = await self.door.add_test(PROJECT, "Add item", [("Open", "Opened")])
        return await self.door.queue(project=PROJECT, host_id=host.id, test_id=test_id, **order)

    async def set_run(self, host: Host, stops: list[bool], *, sequential: bool = True) -> int:
        """Queue a set of as many tests as *stops*, which says whose failure stops the set."""
        items = [(await self.door.add_test(PROJECT, f"T{n}"), s) for n, s in enumerate(stops, 1)]
        set_id = await self.door.add_set(PROJECT, "Nightly", items, sequential=sequential)
        return await self.door.queue(project=PROJECT, host_id=host.id, test_set_id=set_id)

    async def scripted_run(self, host: Host, agent: str, link: str | bytes) -> int:
        test_id = await self.door.add_test(PROJECT, "Scripted")
        await self.door.add_automation(PROJECT, test_id, agent)
        if isinstance(link, bytes):
            await self.door.attach_zip(PROJECT, test_id, agent, link)
        else:
            await self.door.attach_link(PROJECT, test_id, agent, link)
        return await self.door.queue(project=PROJECT, host_id=host.id, test_id=test_id)

    async def report(self, host: Host, run_id: int, status: str, number: int = 1) -> Answer:
        answer = await self.call("PATCH", host.item(run_id, number), host.auth, json=result(status))
        assert answer.status == 200, answer.body
        return answer

    async def pending(self, host: Host, query: str = "") -> Any:
        answer = await self.call("GET", f"{host.path}/currentruns{query}", host.auth)
        assert answer.status == 200, answer.body
        return answer.document

    async def run_status(self, run_id: int) -> str:
        return (await self.call("GET", f"{DATA}/testruns/{run_id}", DEMO)).document["status"]

    async def statuses(self, run_id: int) -> list[str]:
        return [str(item["status"]) for item in await self.door.items(PROJECT, run_id)]


@asynccontextmanager
async def open_lab(data_dir: Path, *names: str, **bounds: int) -> AsyncIterator[Lab]:
    """A stand-in with the quirks *names*; of *bounds* there is max_upload_bytes."""
    seed(data_dir)
    server = TestServer(make_app(data_dir, quirks=Quirks(names, **bounds)))
    async with TestClient(server, cookie_jar=DummyCookieJar()) as client:
        yield Lab(client)


def result(status: str = "Passed", **more: Any) -> dict[str, Any]:
    times = {"date_started": "2026-03-04T05:06:07Z", "date_finished": "2026-03-04T05:07:19Z"}
    return {"status": status, **times, **more}


def upload(name: str | None, content: bytes = b"PK", *, field: str = "log") -> FormData:
    form = FormData()
    form.add_field(
        field, io.BytesIO(content), filename=name, content_type="application/octet-stream"
    )
    return form


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def shape(document: Any, at: str = "") -> set[tuple[str, str]]:
    """Every place in *document* with the type found there; all entries of a list are one place."""
    if isinstance(document, dict):
        return {place for key, value in document.items() for place in shape(value, f"{at}.{key}")}
    if isinstance(document, list) and document:
        return {place for value in document for place in shape(value, f"{at}[]")}
    return {(at, type(document).__name__)}
