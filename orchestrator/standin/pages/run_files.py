"""Logs and reports of a run's items: opened in the browser, or saved."""

import sqlite3
from pathlib import Path

from aiohttp import web
from anyio import to_thread

from orchestrator.standin.errors import Refusal

from .downloads import download
from .log_text import read_log
from .mht import ReportPage, read_mht
from .runs import require_run
from .visit import Visit

# Agents made these pages: no script, nothing from elsewhere, and no part of this site's origin.
_REPORT_HEADERS = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; img-src data:; font-src data:; media-src data:;"
        " style-src 'unsafe-inline' data:; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


async def show_log(visit: Visit) -> web.Response:
    """`GET runs/{RunId}/items/{n}/log`: as text, or to be saved."""
    upload = _require_upload(visit, "log")
    log = await to_thread.run_sync(read_log, _path(visit, upload))
    return visit.show("log.html", run=require_run(visit), upload=upload, log=log)


async def show_report(visit: Visit) -> web.Response:
    """`GET runs/{RunId}/items/{n}/report?page=`: a frame around a page of it."""
    upload = _require_upload(visit, "report")
    pages = await _pages(visit, upload)
    number = min(_page_number(visit), len(pages))
    return visit.show(
        "report.html", run=require_run(visit), upload=upload, pages=pages, number=number
    )


async def show_report_page(visit: Visit) -> web.Response:
    """`GET runs/{RunId}/items/{n}/report/{page}`: what stands in the frame."""
    pages = await _pages(visit, _require_upload(visit, "report"))
    number = visit.id("page")
    if not 1 <= number <= len(pages):
        raise Refusal(404, "The report has no such page")
    return web.Response(
        text=pages[number - 1].html, content_type="text/html", headers=_REPORT_HEADERS
    )


async def save_log(visit: Visit) -> web.FileResponse:
    """`GET runs/{RunId}/items/{n}/log/file`."""
    return _save(visit, "log")


async def save_report(visit: Visit) -> web.FileResponse:
    """`GET runs/{RunId}/items/{n}/report/file`."""
    return _save(visit, "report")


def _save(visit: Visit, kind: str) -> web.FileResponse:
    upload = _require_upload(visit, kind)
    return download(
        visit.store, upload["stored_name"], upload["file_name"], "application/octet-stream"
    )


def _require_upload(visit: Visit, kind: str) -> sqlite3.Row:
    found = visit.store.row(
        "SELECT u.file_name, u.stored_name, i.sequence_number, i.test_name FROM uploads u"
        " JOIN run_items i ON i.id = u.item_id JOIN runs r ON r.id = i.run_id"
        " WHERE r.id = ? AND r.project_id = ? AND i.sequence_number = ? AND u.kind = ?",
        visit.id("run_id"),
        visit.here["id"],
        visit.id("sequence_number"),
        kind,
    )
    if found is None:
        raise Refusal(404, f"There is no {kind} for this item")
    return found


async def _pages(visit: Visit, upload: sqlite3.Row) -> list[ReportPage]:
    """Return the pages of a report; none for a file that is no report, though named like one."""

    def read() -> list[ReportPage]:
        try:
            return read_mht(_path(visit, upload).read_bytes())
        except ValueError:
            return []

    return await to_thread.run_sync(read)


def _path(visit: Visit, upload: sqlite3.Row) -> Path:
    return visit.store.files / str(upload["stored_name"])


def _page_number(visit: Visit) -> int:
    text = visit.request.query.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else 1
