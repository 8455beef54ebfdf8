"""The QAComplete API as one host, or one user, sees it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from orchestrator.api import sent, wire
from orchestrator.api.download import Reference, Rules, download
from orchestrator.api.found_host import read_found_host
from orchestrator.api.transport import Api, Call, ask_json, ask_taken, ignored
from orchestrator.api.upload import open_form
from orchestrator.errors import ApiError, PermanentApiError

_PAGE_LIMIT = 100
_MAX_PAGES = 200
"""More pending runs than these pages hold no host has; a server that never ends is cut here."""
_SLOWEST_BYTES_PER_S = 64 * 1024
_LONGEST_DOWNLOAD_S = 3600.0


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

    async def is_served(self) -> bool:
        """Whether the API answers this host: in maintenance some say 404 or 500 to everything."""
        try:
            await self.get_host()
        except ApiError:
            return False
        return True

    async def update_host(self, changes: Mapping[str, Any]) -> None:
        """Change only what *changes* names."""
        call = self._call("update_host", "PATCH", json=dict(changes))
        await ask_json(self._api, call, ignored)

    async def pending_runs(self) -> tuple[list[wire.Run], list[str]]:
        """Return every pending run, ascending by id, and what could not be read.

        A taken item stays listed until it has a verdict, so a page can be full of runs we
        already hold: all pages are read. Runs that move between pages are listed once.
        """
        # Where runs leave the list between two pages, what follows moves up and one may be
        # skipped. It is pending still, so the next poll brings it: nothing is lost but time.
        runs: dict[int, wire.Run] = {}
        problems: dict[str, None] = {}
        offset, last = 0, None
        for _ in range(_MAX_PAGES):
            page = await self._page(offset)
            runs.update({run.id: run for run in page.runs})
            problems.update(dict.fromkeys(page.problems))
            offset += page.count
            if page.count == 0 or offset == page.total:
                break
            if page == last:
                # The server does not know `offset`, and there is no other way to the rest.
                if page.total is not None:
                    problems[f"of {page.total} runs the server lists the first only"] = None
                break
            last = page
        else:
            problems[f"the list does not end after {offset} runs"] = None
        return sorted(runs.values(), key=lambda run: run.id), list(problems)

    async def _page(self, offset: int) -> wire.Page:
        path = f"/currentruns?offset={offset}&limit={_PAGE_LIMIT}"
        call = self._call("current_runs", "GET", path)
        return await ask_json(self._api, call, wire.read_page)

    async def update_item(
        self, run_id: int, item: int, result: Mapping[str, Any]
    ) -> wire.TakenItem:
        """Set the item's result, and return what the server says of the item.

        Doing it again replaces it.
        """
        path = f"/runs/{run_id}/items/{item}"
        call = self._call("update_item", "PATCH", path, json=dict(result))
        return await ask_json(self._api, call, wire.read_taken)

    async def upload_log(self, run_id: int, item: int, file: Path) -> None:
        """Attach *file* (.xml or .tcLogX) as the item's log, in place of an earlier one."""
        await self._upload("upload_log", f"/runs/{run_id}/items/{item}/logs", file)

    async def upload_report(self, run_id: int, item: int, file: Path) -> None:
        """Attach *file* (.mht) as the item's report, in place of an earlier one."""
        await self._upload("upload_report", f"/runs/{run_id}/items/{item}/report", file)

    async def _upload(self, operation: str, path: str, file: Path) -> None:
        async with open_form("log", file) as form:
            call = self._call(
                operation,
                "POST",
                path,
                body=form.pieces,
                # A length, since many servers refuse a chunked upload.
                headers={
                    "Content-Type": form.content_type,
                    "Content-Length": str(form.size_bytes),
                },
                timeout=_upload_timeout(self._api, form.size_bytes),
            )
            await ask_taken(self._api, call)

    async def fetch_script(
        self, run_id: int, item: int, agent: str, into: Path, rules: Rules
    ) -> Path | Reference:
        """Return the item's script for *agent*: written to *into*, or where it lies."""
        path = f"/runs/{run_id}/items/{item}/script?agent={quote(agent, safe='')}"
        headers = {"Accept": "application/zip, application/json, */*"}
        timeout = _download_timeout(self._api)
        within_s = self._api.request_timeout_s
        call = self._call(
            "get_script", "GET", path, headers=headers, timeout=timeout, head_within_s=within_s
        )
        return await download(self._api, call, into, rules)


def _upload_timeout(api: Api, size_bytes: int) -> aiohttp.ClientTimeout:
    """Let an upload take as long as its size needs; a server that stops reading ends it.

    No limit for the answer alone: when the last piece is handed over, megabytes of it may still
    be on their way through the sockets' buffers.
    """
    limit_s = api.request_timeout_s
    total_s = limit_s + size_bytes / _SLOWEST_BYTES_PER_S
    return aiohttp.ClientTimeout(total=total_s, sock_connect=limit_s)


def _download_timeout(api: Api) -> aiohttp.ClientTimeout:
    """Let a download take its time as long as bytes keep moving, but not for good.

    A server that drips would hold a slot for ever.
    """
    limit_s = api.request_timeout_s
    return aiohttp.ClientTimeout(total=_LONGEST_DOWNLOAD_S, sock_connect=limit_s, sock_read=limit_s)


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
        """Return the host called *name* with its token, or None when there is none.

        Whether the server also finds parts of names is not documented. Another host's identity
        must not become ours, so one with another name counts as none.
        """
        within = "" if department is None else f"&deptid={department}"
        call = self._call("find_host", "GET", f"hosts?name={quote(name, safe='')}{within}")
        try:
            found = await ask_json(self._api, call, read_found_host)
        except PermanentApiError as error:
            if error.status == 404:
                return None
            raise
        other = found and found.host_name.strip().casefold() not in {"", name.strip().casefold()}
        return None if other else found

    async def register_host(self, registration: sent.HostRegistration) -> wire.HostDocument:
        """Register a host; the server answers 500 also when the name is taken."""
        body = registration.model_dump(exclude_none=True)
        call = self._call("register_host", "POST", "hosts", json=body)
        return await ask_json(self._api, call, wire.read_host)
