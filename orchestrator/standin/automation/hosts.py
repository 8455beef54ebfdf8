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
    long_names,
    require_host_record,
)
from orchestrator.standin.inputs import Fields, query_value, read_fields
from orchestrator.standin.store import STORE


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
    host = _read(fields)
    dept_id = fields.number("dept_id")
    if dept_id is None:  # the server's metadata shows it as a query parameter
        dept_id = _department_in_query(request)
    new_id = add_host(store, _choose_department(user, dept_id), host)
    return answer(request, host_document(require_host_record(store, new_id)))


async def find_host(request: web.Request) -> web.Response:
    """`GET /hosts?name=`: one bare host object, token included."""
    user = require_host_reader(request)
    name = query_value(request, "name")
    if not name:
        raise Refusal(400, "name is required")
    dept_id = _choose_department(user, _department_in_query(request))
    row = host_by_name(request.app[STORE], dept_id, name)
    if row is None:
        raise Refusal(404, f"Host with name {name} not found")
    return answer(request, host_document(row))


async def get_host(request: web.Request) -> web.Response:
    """`GET /hosts/{HostId}`: the host's own record."""
    return answer(request, host_document(require_host(request)))


async def update_host(request: web.Request) -> web.Response:
    """`PATCH /hosts/{HostId}`: only what is sent changes."""
    row = require_host(request)
    host = _read(await read_fields(request), Host.from_row(row))
    store = request.app[STORE]
    change_host(store, row["id"], host)
    return answer(request, host_document(require_host_record(store, row["id"])))


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


def _read(fields: Fields, kept: Host | None = None) -> Host:
    """Take what is in *fields*, the rest from *kept*."""
    names, active = fields.texts("agents"), fields.flag("is_active")
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


def _choose_department(user: User, dept_id: int | None) -> int:
    if dept_id is not None and dept_id not in user.dept_ids:
        raise Refusal(403, f"Department {dept_id} is not one of this user's")
    if dept_id is not None:
        return dept_id
    if len(user.dept_ids) != 1:
        raise Refusal(400, "The user has several departments: say which one")
    return next(iter(user.dept_ids))
