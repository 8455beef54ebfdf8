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
from orchestrator.standin.quirks import QUIRKS
from orchestrator.standin.store import STORE, Store
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
    store = request.app[STORE]
    automation = _automation(store, item["test_id"], agent)
    if automation["stored_name"] is not None:
        return _file(store, automation["stored_name"], automation["file_name"], "application/zip")
    return _answer_link(request, automation["link"])


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
    require_item(request, host)
    async with receive_file(request, field="log") as upload:
        suffixes = _SUFFIXES[kind]
        if not request.app[QUIRKS].lenient_uploads and not upload.file_name.casefold().endswith(
            suffixes
        ):
            raise Refusal(400, f"A {kind} must be a file of type {' or '.join(suffixes)}")
        # Looked up again: the run may have been deleted while the file was on its way.
        _keep(request.app[STORE], require_item(request, host)["id"], kind, upload)
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


def _automation(store: Store, test_id: int, agent: str) -> sqlite3.Row:
    """Find the automation as the test has it now, not as it was when the run was made."""
    try:
        name = long_name(agent)
    except ValueError as error:
        raise Refusal(404, str(error)) from error
    found = store.row(
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
    form = request.app[QUIRKS].script_path_answer
    if link.casefold().startswith(("http://", "https://")):
        return _redirect(link)
    if form == "text":
        return web.Response(text=link)
    if form == "json":
        return answer(request, {"path": link})
    return _redirect(_file_address(link))


def _redirect(location: str) -> web.Response:
    # Not HTTPFound: that would rewrite the address, and clients must cope with it as it was given.
    return web.Response(status=302, headers={"Location": location})


def _file_address(path: str) -> str:
    """Make a `file:` address; of a UNC path in the odd form that the vendor's SOAP API stores."""
    if path.casefold().startswith("file:"):
        return path
    if path.startswith("\\\\"):
        return f"file:///{path}"
    if PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).as_uri()
    return PurePosixPath(path).as_uri()
