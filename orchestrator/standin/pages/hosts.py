"""Test hosts of the project's department; they need the Read right, as in the API."""

import dataclasses
import json
import sqlite3

from aiohttp import web

from orchestrator.standin.errors import Refusal
from orchestrator.standin.host_records import (
    NAME_LIMIT,
    Host,
    change_host,
    hosts_of,
    renew_token,
    require_host_record,
)
from orchestrator.standin.last_calls import LAST_CALLS

from .forms import Form
from .paging import PAGE_SIZE, read_paging
from .runs import newest_on_host
from .visit import Visit

_RECENT_RUNS = 10


async def list_hosts(visit: Visit) -> web.Response:
    """`GET hosts`."""
    _require_right(visit)
    total = hosts_of(visit.store, visit.here["dept_id"], 0, 0).total
    paging = read_paging(visit.request, total)
    hosts = hosts_of(visit.store, visit.here["dept_id"], paging.offset, PAGE_SIZE).rows
    return visit.show(
        "hosts.html",
        hosts=[(host, json.loads(host["agents"])) for host in hosts],
        paging=paging,
        last_calls=visit.request.app[LAST_CALLS],
    )


async def show_host(visit: Visit) -> web.Response:
    """`GET hosts/{HostId}`: with the token, which the API tells to who has the right too."""
    host = _require_host(visit)
    visit.form = Form({"host_name": host["host_name"], **_ticked(host)})
    return _show(visit, host)


async def change(visit: Visit) -> web.Response:
    """`POST hosts/{HostId}`: the name, and whether runs may be queued on it."""
    host = _require_host(visit)
    form = visit.form
    name = form.text("host_name", limit=NAME_LIMIT)
    if not form.errors:
        changed = dataclasses.replace(
            Host.from_row(host), host_name=name, is_active=form.flag("is_active")
        )
        with form.refusals():
            change_host(visit.store, host["id"], changed)
            return visit.go(_path(visit, host), f"Host {name} was changed.")
    return _show(visit, host)


async def renew(visit: Visit) -> web.Response:
    """`POST hosts/{HostId}/token`: another one; the agent is refused until it knows."""
    host = _require_host(visit)
    renew_token(visit.store, host["id"])
    said = f"Host {host['host_name']} has a new token; its agent is refused until you tell it."
    return visit.go(_path(visit, host), said)


def _require_right(visit: Visit) -> None:
    if not visit.person.may_read_hosts:
        raise Refusal(403, "The Read right on Test Hosts is missing")


def _require_host(visit: Visit) -> sqlite3.Row:
    _require_right(visit)
    host = require_host_record(visit.store, visit.id("host_id"))
    if host["dept_id"] != visit.here["dept_id"]:
        raise Refusal(404, f"Host with id {host['id']} not found")
    return host


def _show(visit: Visit, host: sqlite3.Row) -> web.Response:
    return visit.show(
        "host.html",
        form=visit.form,
        host=host,
        agents=json.loads(host["agents"]),
        last_call=visit.request.app[LAST_CALLS].get(host["id"]),
        waiting=visit.store.number(
            "SELECT count(*) FROM runs WHERE host_id = ? AND is_pending = 1", host["id"]
        ),
        runs=newest_on_host(visit, host["id"], _RECENT_RUNS),
    )


def _ticked(host: sqlite3.Row) -> dict[str, str]:
    return {"is_active": "yes"} if host["is_active"] else {}


def _path(visit: Visit, host: sqlite3.Row) -> str:
    return f"{visit.home}/hosts/{host['id']}"
