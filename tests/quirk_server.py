"""A stand-in whose every answer is noted, with work for one host, and calls of other clients."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from orchestrator.standin import Quirks, make_app, seed
from orchestrator.standin.dialect import is_operation
from tests.quirk_lab import NAME, OTHERS_AGENT, PARAMS, STEPS
from tests.standin.lab import API, DEMO, JUNIT, LEAD, PROJECT, Host, Lab, result, upload

SHARE, FOLDER = r"\\srv\share\suite 100%.zip", "/opt/suite 100%.zip"
ENTRY = "Shop\\Basket"
_VARIES = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|20\d\d-\d\d-\d\d[T ][0-9:.]+|127\.0\.0\.1:\d+")
_HEADERS = ("Content-Type", "Content-Disposition", "Location", "WWW-Authenticate")

Answer = tuple[int, tuple[str, ...], bytes]
"""Its status, its headers that matter, and its body."""


async def prepare(folder: Path) -> None:
    """Fill *folder* with the set 1 of two tests, and three tests more: all that will be queued."""
    seed(folder)
    async with open_server(folder, (), []) as lab:
        door = lab.door
        archive = b"PK\5\6" + bytes(18)
        more = {"Title": "a.b", "RunMode": 1, "Params": PARAMS}
        scripts = [(JUNIT, archive)] * 2 + [
            (JUNIT, FOLDER),
            (JUNIT, SHARE),
            (OTHERS_AGENT, archive),
        ]
        for title, (agent, script) in enumerate(scripts, 1):
            test_id = await door.add_test(PROJECT, f"T{title}", STEPS)
            entry = {"EntryPoint": ENTRY} if title == 1 else {}
            await door.add_automation(PROJECT, test_id, agent, **more, **entry)
            if isinstance(script, bytes):
                await door.attach_zip(PROJECT, test_id, agent, script)
            else:
                await door.attach_link(PROJECT, test_id, agent, script)
        await door.add_set(PROJECT, "Nightly", [(1, False), (2, False)])


@asynccontextmanager
async def open_server(
    folder: Path, names: Sequence[str], answers: list[Answer], **bounds: int
) -> AsyncIterator[Lab]:
    """Serve the seeded data of *folder* with the quirks *names*; note every answer to the API."""

    async def note(request: web.Request, response: web.StreamResponse) -> None:
        if is_operation(request):
            body = response.body if isinstance(response, web.Response) else None
            text = _VARIES.sub(b"x", body if isinstance(body, bytes) else b"")
            headers = tuple(response.headers.get(name, "") for name in _HEADERS)
            answers.append((response.status, headers, text))

    app = make_app(folder, quirks=Quirks(names, **bounds))
    app.on_response_prepare.append(note)
    accept = {"Accept": "application/json"}
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar(), headers=accept) as client:
        yield Lab(client)


async def ask_as_others_do(lab: Lab, host: Host, run_id: int) -> None:
    """Ask what labfleet never asks: each is a call that some switch is about."""
    body = {"host_name": "NEW", "host_configuration": "c"}
    await lab.call("GET", f"{API}/hosts?name={NAME.lower()}", DEMO)
    await lab.call("POST", f"{API}/hosts", DEMO, json=body)
    await lab.call("GET", f"{API}/hosts?name=NEW", DEMO, headers={"Accept": "text/html"})
    await lab.call("POST", f"{API}/hosts", LEAD, json={**body, "agents": ["junit"]})
    await lab.call("POST", f"{API}/hosts", DEMO, json={"HostName": "N", "HostConfiguration": "c"})
    await lab.call("GET", f"{host.path}/currentruns?limit=0", host.auth)
    await lab.call("GET", f"{API}/hosts/1", host.auth)
    await lab.call("GET", host.path, DEMO)
    stopped = await lab.set_run(host, [True, False])
    await lab.call("GET", f"{host.item(run_id, 2)}/script?agent=junit", host.auth)
    for number, sent in ((1, result("NA")), (1, result("Failed")), (2, result(run_time=1))):
        await lab.call("PATCH", host.item(stopped, number), host.auth, json=sent)
    fresh = await lab.run(host)
    for name in ("a.xml", "a.exe"):
        await lab.call("POST", f"{host.item(fresh)}/logs", host.auth, data=upload(name, b"x"))
