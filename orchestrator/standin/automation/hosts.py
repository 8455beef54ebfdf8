"""Departments and hosts: operations 1 to 5."""

import json
import sqlite3
import uuid
from dataclasses import dataclass

from aiohttp import web

from orchestrator.standin.agents import long_name
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import User, require_host, require_host_reader, require_user
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, query_value, read_fields
from orchestrator.standin.store import STORE, Store


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
    host = _Host.read(fields)
    dept_id = fields.number("dept_id")
    if dept_id is None:  # the server's metadata shows it as a query parameter
        dept_id = _department_in_query(request)
    new_id = _insert(store, host, _choose_department(user, dept_id))
    return answer(request, host_document(_host_row(store, new_id)))


async def find_host(request: web.Request) -> web.Response:
    """`GET /hosts?name=`: one bare host object, token included."""
    user = require_host_reader(request)
    name = query_value(request, "name")
    if not name:
        raise Refusal(400, "name is required")
    dept_id = _choose_department(user, _department_in_query(request))
    row = request.app[STORE].row(
        "SELECT * FROM hosts WHERE dept_id = ? AND name_key = ?", dept_id, name.casefold()
    )
    if row is None:
        raise Refusal(404, f"Host with name {name} not found")
    return answer(request, host_document(row))


async def get_host(request: web.Request) -> web.Response:
    """`GET /hosts/{HostId}`: the host's own record."""
    return answer(request, host_document(require_host(request)))


async def update_host(request: web.Request) -> web.Response:
    """`PATCH /hosts/{HostId}`: only what is sent changes."""
    row = require_host(request)
    host = _Host.read(await read_fields(request), _Host.from_row(row))
    store = request.app[STORE]
    _update(store, row["id"], host)
    return answer(request, host_document(_host_row(store, row["id"])))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Host:
    """What an agent may say about its host."""

    host_name: str
    host_configuration: str
    agents: list[str]
    os: str | None
    is_active: bool
    agent_version: str | None

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "_Host":
        return cls(
            host_name=row["host_name"],
            host_configuration=row["host_configuration"],
            agents=json.loads(row["agents"]),
            os=row["os"],
            is_active=bool(row["is_active"]),
            agent_version=row["agent_version"],
        )

    @classmethod
    def read(cls, fields: Fields, before: "_Host | None" = None) -> "_Host":
        """Take what is in *fields*, the rest from *before*; limits as in the reference."""
        kept = before or _NEW
        agents, active = _read_agents(fields), fields.flag("is_active")
        system, version = fields.text("os"), fields.text("agent_version")
        return cls(
            host_name=_needed(fields, "host_name", 100, kept.host_name),
            host_configuration=_needed(fields, "host_configuration", 4000, kept.host_configuration),
            agents=kept.agents if agents is None else agents,
            os=kept.os if system is None else system,
            is_active=kept.is_active if active is None else active,
            agent_version=kept.agent_version if version is None else version,
        )


# What a new host is where its agent does not say; name and configuration it must say.
_NEW = _Host(
    host_name="", host_configuration="", agents=[], os=None, is_active=True, agent_version=None
)


def _needed(fields: Fields, name: str, limit: int, kept: str) -> str:
    return kept if kept and not fields.has(name) else fields.required_text(name, limit=limit)


def _read_agents(fields: Fields) -> list[str] | None:
    names = fields.texts("agents")
    if names is None:
        return None
    try:
        return list(dict.fromkeys(long_name(name) for name in names))
    except ValueError as error:
        raise Refusal(400, str(error)) from error


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


def _host_row(store: Store, host_id: int) -> sqlite3.Row:
    row = store.row("SELECT * FROM hosts WHERE id = ?", host_id)
    if row is None:
        raise Refusal(404, f"Host with id {host_id} not found")
    return row


def _insert(store: Store, host: _Host, dept_id: int) -> int:
    try:
        return store.write(
            "INSERT INTO hosts (dept_id, host_name, name_key, host_configuration, agents, os,"
            " is_active, agent_version, security_token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            dept_id,
            *_columns(host),
            str(uuid.uuid4()),
        )
    except sqlite3.IntegrityError as error:
        raise _taken(host) from error


def _update(store: Store, host_id: int, host: _Host) -> None:
    try:
        store.write(
            "UPDATE hosts SET host_name = ?, name_key = ?, host_configuration = ?, agents = ?,"
            " os = ?, is_active = ?, agent_version = ? WHERE id = ?",
            *_columns(host),
            host_id,
        )
    except sqlite3.IntegrityError as error:
        raise _taken(host) from error


def _columns(host: _Host) -> tuple[str, str, str, str, str | None, int, str | None]:
    return (
        host.host_name,
        host.host_name.casefold(),
        host.host_configuration,
        json.dumps(host.agents),
        host.os,
        int(host.is_active),
        host.agent_version,
    )


def _taken(host: _Host) -> Refusal:
    # Source: vendor reference, "Response codes": 500 for a resource that already exists.
    return Refusal(500, f"A host with name {host.host_name} already exists")
