"""Logs, reports and scripts: operations 8 to 10, and the side door to read uploads back."""

import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import quote

from aiohttp import web

from orchestrator.standin.agents import long_name
from orchestrator.standin.answers import answer
from orchestrator.standin.auth import require_host, require_user
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import query_value
from orchestrator.standin.quirks import QUIRKS, Quirks
from orchestrator.standin.store import STORE, Store
from orchestrator.standin.under_way import note_under_way
from orchestrator.standin.uploads import Upload, drop_files, receive_file

from .runs import require_item

Kind = Literal["log", "report"]

# Source: vendor reference, POST logs and POST report.
_SUFFIXES: Mapping[Kind, tuple[str, ...]] = {"log": (".xml", ".tclogx"), "report": (".mht",)}


async def upload_log(request: web.Request) -> web.Response:
    """`POST .../logs`: the tool's log; a second one overwrites the first."""
    return await _take(request, "log")


async def upload_report(request: web.Request) -> web.Response:
    """`POST .../report`: a report for browsers; its field is named `log` too."""
    return await _take(request, "report")


async def get_script(request: web.Request) -> web.StreamResponse:
    """`GET .../script?agent=`: the zip itself, or where the script lies."""
    host = require_host(request)
    item = require_item(request, host)
    agent = query_value(request, "agent")
    if not agent or not agent.strip():
        raise Refusal(400, "agent is required")
    automation = _automation(request, item["test_id"], agent)
    note_under_way(request.app[STORE], request.app[QUIRKS], "in-progress", [item["id"]])
    if automation["stored_name"] is None:
        return _answer_link(request, automation["link"])
    return _answer_archive(request, automation)


def _answer_archive(request: web.Request, automation: sqlite3.Row) -> web.StreamResponse:
    store, quirks = request.app[STORE], request.app[QUIRKS]
    if query_value(request, "stored") is None and quirks.on("relative-redirect"):
        return _redirect(request, f"script?agent={quote(automation['agent'], safe='')}&stored=1")
    if quirks.on("script-web-page"):
        page = "<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"
        return web.Response(text=page, content_type="text/html")
    if quirks.on("plain-zip"):
        headers = {"Content-Type": "application/octet-stream"}
        return web.FileResponse(store.files / automation["stored_name"], headers=headers)
    return _file(store, automation["stored_name"], automation["file_name"], "application/zip")


async def read_upload(request: web.Request) -> web.StreamResponse:
    """`GET /standin/runs/{RunId}/items/{SequenceNumber}/log` or `/report`: what was uploaded."""
    user = require_user(request, challenge=True)
    kind = request.match_info["kind"]
    store = request.app[STORE]
    found = store.row(
        "SELECT u.file_name, u.stored_name, p.dept_id FROM uploads u"
        " JOIN run_items i ON i.id = u.item_id JOIN runs r ON r.id = i.run_id"
        " JOIN projects p ON p.id = r.project_id"
        " WHERE i.run_id = ? AND i.sequence_number = ? AND u.kind = ?",
        int(request.match_info["run_id"]),
        int(request.match_info["sequence_number"]),
        kind,
    )
    if found is None or found["dept_id"] not in user.dept_ids:
        raise Refusal(404, f"There is no {kind} for this item")
    # The type of an MHT file. Chromium, as seen, shows one from disk only: it saves this first.
    shown = "multipart/related" if kind == "report" else "application/octet-stream"
    return _file(store, found["stored_name"], found["file_name"], shown)


async def _take(request: web.Request, kind: Kind) -> web.Response:
    host = require_host(request)
    _refuse_early(require_item(request, host), request.app[QUIRKS])
    async with receive_file(request, field="log") as upload:
        suffixes = _SUFFIXES[kind]
        known = upload.file_name.casefold().endswith(suffixes)
        if not known and not request.app[QUIRKS].on("any-file-type"):
            raise Refusal(400, f"A {kind} must be a file of type {' or '.join(suffixes)}")
        # Looked up again: the run may have been deleted while the file was on its way.
        item_id = require_item(request, host)["id"]
        if not _stays(request, item_id, kind):
            _keep(request.app[STORE], item_id, kind, upload)
    return _taken(request)


def _refuse_early(item: sqlite3.Row, quirks: Quirks) -> None:
    if item["date_finished"] is None and quirks.on("result-first"):
        raise Refusal(400, "The item has no result yet")


def _stays(request: web.Request, item_id: int, kind: Kind) -> bool:
    """Whether what was uploaded before stays; raises Refusal 500 where that is an error."""
    quirks = request.app[QUIRKS]
    there = request.app[STORE].row(
        "SELECT 1 FROM uploads WHERE item_id = ? AND kind = ?", item_id, kind
    )
    if there is not None and quirks.on("overwrite-refused"):
        raise Refusal(500, f"The item has a {kind} that cannot be overwritten")
    return there is not None and quirks.on("overwrite-ignored")


def _taken(request: web.Request) -> web.Response:
    quirks = request.app[QUIRKS]
    if quirks.on("upload-204"):
        return web.Response(status=204)
    if quirks.on("upload-empty"):
        return web.Response()
    if quirks.on("upload-text"):
        return web.Response(text="OK")
    return answer(request, {})


def _keep(store: Store, item_id: int, kind: Kind, upload: Upload) -> None:
    """Put the file in place under a new name first: a reader of the old one is not disturbed."""
    stored_name = uuid.uuid4().hex
    upload.path.replace(store.files / stored_name)
    with store.transaction():
        old = store.rows(
            "SELECT stored_name FROM uploads WHERE item_id = ? AND kind = ?", item_id, kind
        )
        store.write(
            "INSERT OR REPLACE INTO uploads (item_id, kind, file_name, stored_name)"
            " VALUES (?, ?, ?, ?)",
            item_id,
            kind,
            upload.file_name,
            stored_name,
        )
    drop_files(store, [row["stored_name"] for row in old])


def _automation(request: web.Request, test_id: int, agent: str) -> sqlite3.Row:
    """Find the automation as the test has it now, not as it was when the run was made."""
    try:
        name = long_name(agent)
    except ValueError as error:
        raise Refusal(404, str(error)) from error
    if agent.casefold() != name.casefold() and request.app[QUIRKS].on("long-agents-only"):
        raise Refusal(404, f"No agent is called {agent}")
    found = request.app[STORE].row(
        "SELECT * FROM automations WHERE test_id = ? AND agent = ?"
        " AND (stored_name IS NOT NULL OR link IS NOT NULL)",
        test_id,
        name,
    )
    if found is None:
        raise Refusal(404, f"Test {test_id} has no script for {name}")
    return found


def _file(store: Store, stored_name: str, file_name: str, content_type: str) -> web.FileResponse:
    # RFC 6266; the quoted form keeps any character of the name from breaking the header.
    place = "inline" if content_type == "multipart/related" else "attachment"
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(file_name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return web.FileResponse(store.files / stored_name, headers=headers)


def _answer_link(request: web.Request, link: str) -> web.Response:
    quirks = request.app[QUIRKS]
    if link.casefold().startswith(("http://", "https://")):
        return _redirect(request, link)
    if quirks.on("path-as-text"):
        return web.Response(text=link)
    if quirks.on("path-as-json"):
        return answer(request, {"path": link})
    # A bare POSIX path would be another address of this server.
    if PureWindowsPath(link).drive and quirks.on("path-redirect"):
        return _redirect(request, link)
    if quirks.on("file-redirect"):
        return _redirect(request, _standard_address(link))
    return _redirect(request, _file_address(link))


def _redirect(request: web.Request, location: str) -> web.Response:
    # Not HTTPFound: that would rewrite the address, and clients must cope with it as it was given.
    status = 303 if request.app[QUIRKS].on("see-other") else 302
    return web.Response(status=status, headers={"Location": location})


def _file_address(path: str) -> str:
    """Make a `file:` address; of a UNC path in the odd form that the vendor's SOAP API stores."""
    if path.casefold().startswith("file:"):
        return path
    if path.startswith("\\\\"):
        return f"file:///{path}"
    if PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).as_uri()
    return PurePosixPath(path).as_uri()


def _standard_address(path: str) -> str:
    """Make a `file:` address by RFC 8089: the server of a share is its host."""
    return PureWindowsPath(path).as_uri() if path.startswith("\\\\") else _file_address(path)
