"""The QAComplete API as one host, or one user, sees it."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import anyio

from orchestrator.api import answers, wire
from orchestrator.api.download import Reference, Rules, download
from orchestrator.api.transport import Api, Call, ask_json, ignored
from orchestrator.errors import PermanentApiError

_PIECE_BYTES = 256 * 1024
_PAGE_LIMIT = 100


class HostClient:
    """The seven operations that a registered host may call."""

    def __init__(self, api: Api, host_id: int, token: str) -> None:
        self._api = api
        self._path = f"hosts/{host_id}"
        self._authorization = aiohttp.encode_basic_auth(str(host_id), token, "utf-8")

    def _call(self, operation: str, method: str, path: str = "", **more: Any) -> Call:
        url = self._api.at(self._path + path)
        return Call(operation, method, url, self._authorization, **more)

    async def get_host(self) -> wire.HostDocument:
        """Return this host as the server knows it."""
        call = self._call("get_host", "GET")
        return await ask_json(self._api, call, wire.read_host)

    async def update_host(self, changes: Mapping[str, Any]) -> None:
        """Change only what *changes* names."""
        call = self._call("update_host", "PATCH", json=dict(changes))
        await ask_json(self._api, call, ignored)

    async def pending_runs(self) -> tuple[list[wire.Run], list[str]]:
        """Return every pending run, ascending by id, and what could not be read.

        A taken item stays listed until it has a verdict, so a page can be full of runs we
        already hold: all pages are read. Runs that move between pages are listed once.
        """
        runs: dict[int, wire.Run] = {}
        problems: list[str] = []
        offset = 0
        while True:
            path = f"/currentruns?offset={offset}&limit={_PAGE_LIMIT}"
            call = self._call("current_runs", "GET", path)
            page = await ask_json(self._api, call, wire.read_page)
            runs.update({run.id: run for run in page.runs})
            problems.extend(page.problems)
            offset += page.count
            if page.count == 0 or offset >= page.total:
                return sorted(runs.values(), key=lambda run: run.id), problems

    async def update_item(self, run_id: int, item: int, result: Mapping[str, Any]) -> None:
        """Set the item's result; doing it again replaces it."""
        path = f"/runs/{run_id}/items/{item}"
        call = self._call("update_item", "PATCH", path, json=dict(result))
        await ask_json(self._api, call, ignored)

    async def upload_log(self, run_id: int, item: int, file: Path) -> None:
        """Attach *file* (.xml or .tcLogX) as the item's log, in place of an earlier one."""
        await self._upload("upload_log", f"/runs/{run_id}/items/{item}/logs", file)

    async def upload_report(self, run_id: int, item: int, file: Path) -> None:
        """Attach *file* (.mht) as the item's report, in place of an earlier one."""
        await self._upload("upload_report", f"/runs/{run_id}/items/{item}/report", file)

    async def _upload(self, operation: str, path: str, file: Path) -> None:
        head, tail, content_type = answers.multipart_frame("log", file.name)
        size = len(head) + (await anyio.Path(file).stat()).st_size + len(tail)
        call = self._call(
            operation,
            "POST",
            path,
            body=_pieces(head, file, tail),
            # A length, since many servers refuse a chunked upload.
            headers={"Content-Type": content_type, "Content-Length": str(size)},
            timeout=_patient(self._api),
        )
        await ask_json(self._api, call, ignored)

    async def fetch_script(
        self, run_id: int, item: int, agent: str, into: Path, rules: Rules
    ) -> Path | Reference:
        """Return the item's script for *agent*: written to *into*, or where it lies."""
        path = f"/runs/{run_id}/items/{item}/script?agent={quote(agent, safe='')}"
        headers = {"Accept": "application/zip, */*"}
        call = self._call("get_script", "GET", path, headers=headers, timeout=_patient(self._api))
        return await download(self._api, call, into, rules)


def _patient(api: Api) -> aiohttp.ClientTimeout:
    """Let a big transfer take its time as long as bytes keep moving."""
    limit_s = api.request_timeout_s
    return aiohttp.ClientTimeout(total=None, sock_connect=limit_s, sock_read=limit_s)


async def _pieces(head: bytes, file: Path, tail: bytes) -> AsyncIterator[bytes]:
    yield head
    async with await anyio.open_file(file, "rb") as stream:
        while piece := await stream.read(_PIECE_BYTES):
            yield piece
    yield tail


class UserClient:
    """The three operations that set a host up, with a user's account."""

    def __init__(self, api: Api, email: str, password: str) -> None:
        self._api = api
        self._authorization = aiohttp.encode_basic_auth(email, password, "utf-8")

    def _call(self, operation: str, method: str, path: str, **more: Any) -> Call:
        return Call(operation, method, self._api.at(path), self._authorization, **more)

    async def list_departments(self) -> list[wire.Department]:
        """Return the departments this user may register hosts in."""
        call = self._call("list_departments", "GET", "depts?limit=1000")
        return await ask_json(self._api, call, wire.read_departments)

    async def find_host(self, name: str, department: int | None) -> wire.HostDocument | None:
        """Return the host called *name* with its token, or None when there is none."""
        within = "" if department is None else f"&deptid={department}"
        call = self._call("find_host", "GET", f"hosts?name={quote(name, safe='')}{within}")
        try:
            return await ask_json(self._api, call, wire.read_found_host)
        except PermanentApiError as error:
            if error.status == 404:
                return None
            raise

    async def register_host(self, registration: wire.HostRegistration) -> wire.HostDocument:
        """Register a host; the server answers 500 also when the name is taken."""
        body = registration.model_dump(exclude_none=True)
        call = self._call("register_host", "POST", "hosts", json=body)
        return await ask_json(self._api, call, wire.read_host)
