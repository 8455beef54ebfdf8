"""The side door from outside: what a user would do in the web interface, over HTTP."""

import io
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict, Unpack
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, FormData, encode_basic_auth

_TIMEOUT = ClientTimeout(total=60)


class DoorError(Exception):
    """The stand-in refused; the message holds the status and what the stand-in said."""


class RunOrder(TypedDict):
    """What to queue: a project, a host, and either a test or a test set."""

    project: int
    host_id: int
    test_id: NotRequired[int]
    test_set_id: NotRequired[int]
    test_config_id: NotRequired[int]
    release_id: NotRequired[int]
    is_sequential: NotRequired[bool]


async def queue_run(base_url: str, email: str, password: str, **order: Unpack[RunOrder]) -> int:
    """Queue one run and return its id. Raises DoorError or aiohttp.ClientError."""
    async with ClientSession(timeout=_TIMEOUT) as session:
        return await Door(session, base_url, email, password).queue(**order)


class Door:
    """One user at the side door of the stand-in at *base_url*; each method is one call.

    Raises DoorError for any answer but 200.
    """

    def __init__(self, session: ClientSession, base_url: str, email: str, password: str) -> None:
        self._session = session
        self._api = f"{base_url.rstrip('/')}/rest-api/service/api/v2/projects"
        self._headers = {"Authorization": encode_basic_auth(email, password)}

    async def add_test(
        self, project: int, title: str, steps: Sequence[tuple[str, str]] = ()
    ) -> int:
        """Add a test with *steps* of what to do and what to expect; return its id."""
        body = {
            "Title": title,
            "Steps": [{"Step": step, "ExpectedResult": expected} for step, expected in steps],
        }
        return _id(await self.call("POST", f"{project}/tests", json=body))

    async def add_automation(
        self, project: int, test_id: int, agent: str, **more: object
    ) -> dict[str, object]:
        """Add an automation; *more*: Title, EntryPoint, Timeout (seconds), RunMode, Params."""
        path = f"{project}/tests/{test_id}/automations"
        return await self.call("POST", path, json={"Agent": agent, **more})

    async def attach_zip(self, project: int, test_id: int, agent: str, archive: bytes) -> None:
        """Attach *archive* as the script of that automation."""
        form = FormData()
        form.add_field(
            "file", io.BytesIO(archive), filename="script.zip", content_type="application/zip"
        )
        await self.call("POST", _attachment(project, test_id, agent), data=form)

    async def attach_link(self, project: int, test_id: int, agent: str, link: str) -> None:
        """Say where the script lies: a web address, a UNC path or an absolute path."""
        await self.call("POST", _attachment(project, test_id, agent), json={"Link": link})

    async def add_set(
        self, project: int, name: str, items: Sequence[tuple[int, bool]], *, sequential: bool = True
    ) -> int:
        """Add a set of *items*, each a test id and whether its failure stops the set."""
        body = {
            "Name": name,
            "IsSequential": sequential,
            "Items": [{"TestId": test_id, "StopOnFail": stop} for test_id, stop in items],
        }
        return _id(await self.call("POST", f"{project}/testsets", json=body))

    async def queue(self, **order: Unpack[RunOrder]) -> int:
        """Queue one run and return its id."""
        names = {
            "host_id": "RunByHostId",
            "test_id": "TestId",
            "test_set_id": "TestSetId",
            "test_config_id": "TestConfigId",
            "release_id": "ReleaseId",
            "is_sequential": "IsSequential",
        }
        body = {names[key]: value for key, value in order.items() if key in names}
        return _id(await self.call("POST", f"{order['project']}/testruns", json=body))

    async def runs(self, project: int, *, offset: int = 0) -> list[dict[str, object]]:
        """Return at most 1000 runs, in ascending order of id."""
        return _results(await self.call("GET", f"{project}/testruns?limit=1000&offset={offset}"))

    async def items(self, project: int, run_id: int) -> list[dict[str, object]]:
        """Return the items of a run, with statuses and steps."""
        return _results(await self.call("GET", f"{project}/testruns/{run_id}/items?limit=1000"))

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        data: FormData | None = None,
    ) -> dict[str, object]:
        """Call *path*, which starts with a project's id, and return the document answered."""
        async with self._session.request(
            method, f"{self._api}/{path}", json=json, data=data, headers=self._headers
        ) as response:
            if response.status != 200:
                raise DoorError(f"{method} {path}: {response.status} {await response.text()}")
            document: dict[str, object] = await response.json()
            return document


def _attachment(project: int, test_id: int, agent: str) -> str:
    return f"{project}/tests/{test_id}/automations/{quote(agent, safe='')}/attachment"


def _id(document: dict[str, object]) -> int:
    found = document["id"]
    if not isinstance(found, int):
        raise DoorError(f"the stand-in answered with the id {found!r}")
    return found


def _results(document: dict[str, object]) -> list[dict[str, object]]:
    found = document["results"]
    if not isinstance(found, list):
        raise DoorError("the stand-in answered without results")
    return found
