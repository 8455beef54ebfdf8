"""Test hosts as the server keeps them, for their agents and for users."""

import json
import sqlite3
import uuid
from dataclasses import dataclass, field

from .agents import long_name
from .errors import Refusal
from .store import Part, Store

NAME_LIMIT, CONFIGURATION_LIMIT = 100, 4000
"""Characters. Source: vendor reference, POST hosts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What may be said about a host; *agents* by long names, see `long_names`."""

    host_name: str
    host_configuration: str
    agents: list[str] = field(default_factory=list)
    os: str | None = None
    is_active: bool = True
    agent_version: str | None = None

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Host":
        """Read a host as it is now."""
        return cls(
            host_name=row["host_name"],
            host_configuration=row["host_configuration"],
            agents=json.loads(row["agents"]),
            os=row["os"],
            is_active=bool(row["is_active"]),
            agent_version=row["agent_version"],
        )


def long_names(names: list[str]) -> list[str]:
    """Return agents by their long names, each once. Raises Refusal 400 for an unknown one."""
    try:
        return list(dict.fromkeys(long_name(name) for name in names))
    except ValueError as error:
        raise Refusal(400, str(error)) from error


def require_host_record(store: Store, host_id: int) -> sqlite3.Row:
    """Return a host. Raises Refusal 404 if there is none with that id."""
    row = store.row("SELECT * FROM hosts WHERE id = ?", host_id)
    if row is None:
        raise Refusal(404, f"Host with id {host_id} not found")
    return row


def host_by_name(store: Store, dept_id: int, name: str) -> sqlite3.Row | None:
    """Find a host of a department by name, in any case: Windows host names have none."""
    return store.row(
        "SELECT * FROM hosts WHERE dept_id = ? AND name_key = ?", dept_id, name.casefold()
    )


def host_by_part_of_name(store: Store, dept_id: int, part: str) -> sqlite3.Row | None:
    """Find the first host of a department, by name, whose name holds *part*."""
    return store.row(
        "SELECT * FROM hosts WHERE dept_id = ? AND instr(name_key, ?) > 0"
        " ORDER BY name_key LIMIT 1",
        dept_id,
        part.casefold(),
    )


def hosts_of(store: Store, dept_id: int, offset: int, limit: int) -> Part:
    """List the hosts of a department by name, active or not."""
    rows = store.rows(
        "SELECT * FROM hosts WHERE dept_id = ? ORDER BY name_key LIMIT ? OFFSET ?",
        dept_id,
        limit,
        offset,
    )
    return Part(rows, store.number("SELECT count(*) FROM hosts WHERE dept_id = ?", dept_id))


def add_host(store: Store, dept_id: int, host: Host) -> int:
    """Register a host with a new token and return its id. Raises Refusal 500 if the name is taken.

    Whether names are unique in a department or everywhere is not documented; the look-up by name
    takes a department.
    """
    try:
        return store.write(
            "INSERT INTO hosts (dept_id, host_name, name_key, host_configuration, agents, os,"
            " is_active, agent_version, security_token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            dept_id,
            *_columns(host),
            new_token(),
        )
    except sqlite3.IntegrityError as error:
        raise _taken(host) from error


def change_host(store: Store, host_id: int, host: Host) -> None:
    """Say other things about a host. Raises Refusal 500 if the name is another's."""
    try:
        store.write(
            "UPDATE hosts SET host_name = ?, name_key = ?, host_configuration = ?, agents = ?,"
            " os = ?, is_active = ?, agent_version = ? WHERE id = ?",
            *_columns(host),
            host_id,
        )
    except sqlite3.IntegrityError as error:
        raise _taken(host) from error


def set_active(store: Store, host_id: int, active: bool) -> None:
    """Let a host be given runs, or not; those that wait for it already stay listed."""
    store.write("UPDATE hosts SET is_active = ? WHERE id = ?", int(active), host_id)


def renew_token(store: Store, host_id: int) -> None:
    """Give a host another token; its agent is refused from now on, until it is told."""
    store.write("UPDATE hosts SET security_token = ? WHERE id = ?", new_token(), host_id)


def new_token() -> str:
    """Make a token of the documented shape, a GUID; its 122 bits come from the system's source."""
    return str(uuid.uuid4())


def _columns(host: Host) -> tuple[str, str, str, str, str | None, int, str | None]:
    return (
        host.host_name,
        host.host_name.casefold(),
        host.host_configuration,
        json.dumps(host.agents),
        host.os,
        int(host.is_active),
        host.agent_version,
    )


def _taken(host: Host) -> Refusal:
    # Source: vendor reference, "Response codes": 500 for a resource that already exists.
    return Refusal(500, f"A host with name {host.host_name} already exists")
