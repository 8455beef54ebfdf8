"""The one page for people: what this is, what it answers, what ran last."""

import json
import sqlite3
from html import escape

from aiohttp import web

from .faults import OPERATION
from .history import upload_links
from .store import STORE, Store

_RECENT = 50
_STYLE = (
    "body{font-family:sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left;vertical-align:top}"
)


async def show_page(request: web.Request) -> web.Response:
    """`GET /`: plain HTML without scripts; open to all, as it shows names and states only."""
    text = (
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>QAComplete stand-in</title>"
        f"<style>{_STYLE}</style></head><body><h1>A stand-in, not QAComplete</h1>"
        "<p>It answers the Test Automation API, version 2, for trials and tests."
        " Everything it was given is kept in its data folder.</p>"
        f"<h2>Recent runs</h2>{_recent_runs(request.app[STORE])}"
        f"<h2>Operations and side doors</h2>{_operations(request.app)}</body></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def _operations(app: web.Application) -> str:
    """List the routes below the first mount; those without an operation's name are side doors."""
    rows = "".join(
        f"<tr><td>{route.method}</td><td>{escape(route.resource.canonical)}</td>"
        f"<td>{app[OPERATION].get(route.handler, '')}</td></tr>"
        for route in app.router.routes()
        if route.resource is not None and not route.resource.canonical.startswith("/service")
    )
    return f"<table>{rows}</table>"


def _recent_runs(store: Store) -> str:
    runs = store.rows(
        "SELECT r.*, h.host_name FROM runs r JOIN hosts h ON h.id = r.host_id"
        " ORDER BY r.id DESC LIMIT ?",
        _RECENT,
    )
    if not runs:
        return "<p>None yet.</p>"
    items = store.rows(
        "SELECT * FROM run_items WHERE run_id IN (SELECT value FROM json_each(?))"
        " ORDER BY sequence_number",
        json.dumps([run["id"] for run in runs]),
    )
    links = upload_links(store, [item["id"] for item in items])
    rows = []
    for run in runs:
        lines = "<br>".join(_item(item, links) for item in items if item["run_id"] == run["id"])
        rows.append(
            f"<tr><td>{run['id']}</td><td>{escape(run['host_name'])}</td>"
            f"<td>{escape(run['test_set_name'] or '')}</td><td>{escape(run['status'])}</td>"
            f"<td>{lines}</td></tr>"
        )
    head = "<tr><th>Run</th><th>Host</th><th>Test set</th><th>Status</th><th>Tests</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _item(item: sqlite3.Row, links: dict[tuple[int, str], str]) -> str:
    files = "".join(
        f' <a href="{escape(links[item["id"], kind])}">{kind}</a>'
        for kind in ("log", "report")
        if (item["id"], kind) in links
    )
    return (
        f"{item['sequence_number']}. {escape(item['test_name'])}: {escape(item['status'])}{files}"
    )
