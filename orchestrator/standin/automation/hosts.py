"""Departments and hosts: operations 1 to 5."""

import json
import sqlite3

from aiohttp import web

from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import User, require_host, require_host_reader, require_user
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.errors import Refusal
from orchestrator.standin.host_records import (
    CONFIGURATION_LIMIT,
    NAME_LIMIT,
    Host,
    add_host,
    change_host,
    host_by_name,
    host_by_part_of_name,
    long_names,
    require_host_record,
)
from orchestrator.standin.inputs import Fields, query_value, read_fields
from orchestrator.standin.quirks import QUIRKS, Quirks
from orchestrator.standin.store import STORE, Store

from .shapes import shape_host


async def list_departments(request: web.Request) -> web.Response:
    """`GET /depts`: the departments of the user who asks."""
    user = require_user(request)
    page = read_page(request)
    rows = request.app[STORE].rows(
        "SELECT d.* FROM departments d JOIN memberships m ON m.dept_id = d.id"
        " WHERE m.user_id = ? ORDER BY d.id LIMIT ? OFFSET ?",
        user.id,
        page.limit,
        page.offset,
    )
    departments = [{**dict(row), "date_created": UtcDate(row["date_created"])} for row in rows]
    # The documented sample answers 0 here.
    return answer(request, envelope(page, departments, total=len(user.dept_ids), acl=0))


async def register_host(request: web.Request) -> web.Response:
    """`POST /hosts`: the only way in which a host comes to be."""
    user = require_host_reader(request)
    fields = await read_fields(request)
    store = request.app[STORE]
    host = _read(fields, request.app[QUIRKS])
    dept_id = fields.number("dept_id")
    if dept_id is None:  # the server's metadata shows it as a query parameter
        dept_id = _department_in_query(request)
    dept_id = _choose_department(user, dept_id, request.app[QUIRKS])
    holder = host_by_name(store, dept_id, host.host_name)
    if holder is not None and request.app[QUIRKS].on("taken-name-answered"):
        return _answer_host(request, holder)
    _refuse_taken(holder, request.app[QUIRKS])
    return _answer_host(request, require_host_record(store, add_host(store, dept_id, host)))


async def find_host(request: web.Request) -> web.Response:
    """`GET /hosts?name=`: one bare host object, token included."""
    user = require_host_reader(request)
    name = query_value(request, "name")
    if not name:
        raise Refusal(400, "name is required")
    quirks = request.app[QUIRKS]
    dept_id = _choose_department(user, _department_in_query(request), quirks)
    row = _found(request.app[STORE], dept_id, name, quirks)
    return _answer_missing(request, name) if row is None else _answer_host(request, row)


def _found(store: Store, dept_id: int, name: str, quirks: Quirks) -> sqlite3.Row | None:
    row = host_by_name(store, dept_id, name)
    if row is None and quirks.on("partial-names"):
        return host_by_part_of_name(store, dept_id, name)
    if row is not None and row["host_name"] != name and quirks.on("case-sensitive-names"):
        return None
    return row


def _answer_missing(request: web.Request, name: str) -> web.Response:
    """Say that there is no such host, in the way of this server."""
    quirks = request.app[QUIRKS]
    if quirks.on("missing-host-empty"):
        return web.Response()
    if quirks.on("missing-host-null"):
        return answer(request, None)
    if quirks.on("missing-host-object"):
        return answer(request, {})
    if quirks.on("missing-host-list"):
        return answer(request, envelope(read_page(request), [], total=0, acl=0))
    raise Refusal(404, f"Host with name {name} not found")


async def get_host(request: web.Request) -> web.Response:
    """`GET /hosts/{HostId}`: the host's own record."""
    return _answer_host(request, require_host(request))


async def update_host(request: web.Request) -> web.Response:
    """`PATCH /hosts/{HostId}`: only what is sent changes."""
    row = require_host(request)
    quirks = request.app[QUIRKS]
    host = _read(await read_fields(request), quirks, Host.from_row(row))
    store = request.app[STORE]
    holder = host_by_name(store, row["dept_id"], host.host_name)
    if holder is not None and holder["id"] != row["id"]:
        _refuse_taken(holder, quirks)
    change_host(store, row["id"], host)
    if quirks.on("patch-host-204"):
        return web.Response(status=204)
    if quirks.on("patch-host-empty"):
        return web.Response()
    return _answer_host(request, require_host_record(store, row["id"]))


def _answer_host(request: web.Request, row: sqlite3.Row) -> web.Response:
    return answer(request, shape_host(host_document(row), request.app[QUIRKS]))


def _refuse_taken(holder: sqlite3.Row | None, quirks: Quirks) -> None:
    """Refuse a name that *holder* has where it is not done with 500."""
    for status in (400, 409):
        if holder is not None and quirks.on(f"taken-name-{status}"):
            raise Refusal(status, f"A host with name {holder['host_name']} already exists")


def host_document(row: sqlite3.Row) -> dict[str, object]:
    """Show a host as every operation does; the department is not part of it."""
    return {
        "id": row["id"],
        "host_name": row["host_name"],
        "host_configuration": row["host_configuration"],
        "agents": json.loads(row["agents"]),
        "os": row["os"],
        "is_active": bool(row["is_active"]),
        "security_token": row["security_token"],
        "agent_version": row["agent_version"],
    }


def _read(fields: Fields, quirks: Quirks, kept: Host | None = None) -> Host:
    """Take what is in *fields*, the rest from *kept*, or from what a new host is."""
    names, active = fields.texts("agents"), fields.flag("is_active")
    if kept is None and names is None and quirks.on("agents-required"):
        raise Refusal(400, "agents is required")
    if kept is None and active is None and quirks.on("inactive-by-default"):
        active = False
    system, version = fields.text("os"), fields.text("agent_version")
    before = kept or Host(host_name="", host_configuration="")
    name, configuration = before.host_name, before.host_configuration
    return Host(
        host_name=_needed(fields, "host_name", NAME_LIMIT, name),
        host_configuration=_needed(
            fields, "host_configuration", CONFIGURATION_LIMIT, configuration
        ),
        agents=before.agents if names is None else long_names(names),
        os=before.os if system is None else system,
        is_active=before.is_active if active is None else active,
        agent_version=before.agent_version if version is None else version,
    )


def _needed(fields: Fields, name: str, limit: int, kept: str) -> str:
    return kept if kept and not fields.has(name) else fields.required_text(name, limit=limit)


def _department_in_query(request: web.Request) -> int | None:
    return Fields({"deptid": query_value(request, "deptid")}).number("deptid")


def _choose_department(user: User, dept_id: int | None, quirks: Quirks) -> int:
    if dept_id is not None and dept_id not in user.dept_ids:
        raise Refusal(403, f"Department {dept_id} is not one of this user's")
    if dept_id is not None:
        return dept_id
    if len(user.dept_ids) > 1 and quirks.on("first-department"):
        return min(user.dept_ids)
    if len(user.dept_ids) != 1:
        raise Refusal(400, "The user has several departments: say which one")
    return next(iter(user.dept_ids))
