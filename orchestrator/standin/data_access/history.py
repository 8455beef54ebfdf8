"""Runs as the data-access API lists, shows and removes them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import history
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.store import STORE

from .in_path import require_project


async def list_test_runs(request: web.Request) -> web.Response:
    """`GET testruns`: in ascending order of id."""
    _, project = require_project(request)
    page = read_page(request)
    store = request.app[STORE]
    found = history.runs_of_project(
        store, project["id"], page.offset, page.limit, newest_first=False
    )
    shown = history.runs_in_history(store, found.rows)
    return answer(request, envelope(page, shown, total=found.total, acl=7))


async def get_test_run(request: web.Request) -> web.Response:
    """`GET testruns/{Id}`: one run with its counters."""
    run = run_in_path(request)
    return answer(request, history.run_in_history(request.app[STORE], run["id"]))


async def list_test_run_items(request: web.Request) -> web.Response:
    """`GET testruns/{Id}/items`: statuses, steps, and where uploads can be read."""
    run = run_in_path(request)
    page = read_page(request)
    store = request.app[STORE]
    items = history.items_of_run(store, run["id"])
    part = items[page.offset : page.offset + page.limit]
    shown = history.items_in_history(store, part)
    return answer(request, envelope(page, shown, total=len(items), acl=7))


async def delete_test_run(request: web.Request) -> web.Response:
    """`DELETE testruns/{Id}`: gone, whatever an agent does with it just then."""
    run = run_in_path(request)
    history.remove_run(request.app[STORE], run["id"])
    return answer(request, {})


def run_in_path(request: web.Request) -> sqlite3.Row:
    """Return the run in the path. Raises Refusal 401, 403 or 404."""
    _, project = require_project(request)
    run_id = int(request.match_info["run_id"])
    return history.require_run(request.app[STORE], project["id"], run_id)
