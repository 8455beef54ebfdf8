"""Who may use the server, and for what: departments, users, projects and what runs choose from."""

import json
import re
import sqlite3
from collections.abc import Collection, Mapping
from typing import Literal

from .dates import now
from .errors import Refusal
from .passwords import hash_password
from .store import Store

_EMAIL = re.compile(r"[^\s:@]+@[^\s:@]+")  # a colon would end the login in Basic authentication

Choice = Literal["configurations", "releases"]

_CHOICES: Mapping[Choice, str] = {
    "configurations": "SELECT * FROM configurations WHERE project_id = ? ORDER BY id",
    "releases": "SELECT * FROM releases WHERE project_id = ? ORDER BY id",
}
_NEW_CHOICE: Mapping[Choice, str] = {
    "configurations": "INSERT INTO configurations (project_id, name) VALUES (?, ?)",
    "releases": "INSERT INTO releases (project_id, name) VALUES (?, ?)",
}
_IN_DEPARTMENT = {
    "hosts": "SELECT 1 FROM hosts WHERE dept_id = ?",
    "projects": "SELECT 1 FROM projects WHERE dept_id = ?",
}


def departments(store: Store) -> list[sqlite3.Row]:
    """Return all departments: id, name, company, date_created."""
    return store.rows("SELECT * FROM departments ORDER BY id")


def departments_of(store: Store, user_id: int) -> list[sqlite3.Row]:
    """Return the departments of a user."""
    return store.rows(
        "SELECT d.* FROM departments d JOIN memberships m ON m.dept_id = d.id"
        " WHERE m.user_id = ? ORDER BY d.id",
        user_id,
    )


def add_department(store: Store, name: str, company: str) -> int:
    """Add a department and return its id."""
    return store.write(
        "INSERT INTO departments (name, company, date_created) VALUES (?, ?, ?)",
        name,
        company,
        now(),
    )


def change_department(store: Store, dept_id: int, name: str, company: str) -> None:
    """Rename a department."""
    store.write("UPDATE departments SET name = ?, company = ? WHERE id = ?", name, company, dept_id)


def remove_department(store: Store, dept_id: int) -> None:
    """Remove a department without hosts and projects. Raises Refusal 400 if it has some."""
    for what, sql in _IN_DEPARTMENT.items():
        if store.row(sql, dept_id):
            raise Refusal(400, f"Department {dept_id} has {what}")
    with store.transaction():
        store.write("DELETE FROM memberships WHERE dept_id = ?", dept_id)
        store.write("DELETE FROM departments WHERE id = ?", dept_id)


def users(store: Store) -> list[sqlite3.Row]:
    """Return all users: id, email, may_read_hosts; no password."""
    return store.rows("SELECT id, email, may_read_hosts FROM users ORDER BY email")


def require_account(store: Store, user_id: int) -> sqlite3.Row:
    """Return a user: id, email, may_read_hosts. Raises Refusal 404 if there is none."""
    row = store.row("SELECT id, email, may_read_hosts FROM users WHERE id = ?", user_id)
    if row is None:
        raise Refusal(404, f"User with id {user_id} not found")
    return row


def add_user(
    store: Store, email: str, password: str, may_read_hosts: bool, dept_ids: Collection[int]
) -> int:
    """Add a user and return the id; *may_read_hosts*: the Read right on Test Hosts.

    Raises Refusal 400 for an e-mail that is none, an empty password or an unknown
    department, 500 if the e-mail is taken.
    """
    if not _EMAIL.fullmatch(email):
        raise Refusal(400, "email must be an e-mail address")
    if not password:
        raise Refusal(400, "password is required")
    if store.row("SELECT 1 FROM users WHERE email = ?", email.casefold()):
        raise Refusal(500, f"A user with e-mail {email} already exists")
    try:
        with store.transaction():
            user_id = store.write(
                "INSERT INTO users (email, password_hash, may_read_hosts) VALUES (?, ?, ?)",
                email.casefold(),
                hash_password(password),
                int(may_read_hosts),
            )
            _join(store, user_id, dept_ids)
    except sqlite3.IntegrityError as error:
        raise Refusal(400, "No such department") from error
    return user_id


def change_user(
    store: Store, user_id: int, may_read_hosts: bool, dept_ids: Collection[int]
) -> None:
    """Give a user other rights and departments. Raises Refusal 400 for an unknown department."""
    try:
        with store.transaction():
            store.write(
                "UPDATE users SET may_read_hosts = ? WHERE id = ?", int(may_read_hosts), user_id
            )
            store.write("DELETE FROM memberships WHERE user_id = ?", user_id)
            _join(store, user_id, dept_ids)
    except sqlite3.IntegrityError as error:
        raise Refusal(400, "No such department") from error


def set_password(store: Store, user_id: int, password: str) -> None:
    """Give a user another password. Raises Refusal 400 for an empty one."""
    if not password:
        raise Refusal(400, "password is required")
    store.write("UPDATE users SET password_hash = ? WHERE id = ?", hash_password(password), user_id)


def remove_user(store: Store, user_id: int) -> None:
    """Remove a user who never ordered a run. Raises Refusal 400 for one who did.

    Run History names who ordered; one who is to be shut out can be put into no department.
    """
    if store.row("SELECT 1 FROM runs WHERE run_by_user_id = ? LIMIT 1", user_id):
        raise Refusal(400, f"User {user_id} has ordered runs")
    with store.transaction():
        store.write("DELETE FROM memberships WHERE user_id = ?", user_id)
        store.write("DELETE FROM users WHERE id = ?", user_id)


def projects(store: Store, dept_ids: Collection[int]) -> list[sqlite3.Row]:
    """Return the projects of those departments: id, dept_id, name."""
    return store.rows(
        "SELECT * FROM projects WHERE dept_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(sorted(dept_ids)),
    )


def add_project(store: Store, dept_id: int, name: str) -> int:
    """Add a project to a department and return its id. Raises Refusal 400 without such one."""
    try:
        return store.write("INSERT INTO projects (dept_id, name) VALUES (?, ?)", dept_id, name)
    except sqlite3.IntegrityError as error:
        raise Refusal(400, f"Department {dept_id} not found") from error


def choices(store: Store, kind: Choice, project_id: int) -> list[sqlite3.Row]:
    """Return the configurations or releases that a run of that project may name: id, name."""
    return store.rows(_CHOICES[kind], project_id)


def add_choice(store: Store, kind: Choice, project_id: int, name: str) -> int:
    """Add a configuration or a release to a project and return its id."""
    return store.write(_NEW_CHOICE[kind], project_id, name)


def _join(store: Store, user_id: int, dept_ids: Collection[int]) -> None:
    for dept_id in sorted(set(dept_ids)):
        store.write("INSERT INTO memberships VALUES (?, ?)", user_id, dept_id)


def oversees(store: Store, dept_ids: Collection[int], *, may_read_hosts: bool) -> bool:
    """Whether somebody may do what concerns all: export, import, reset, rehearse."""
    return may_read_hosts and {row["id"] for row in departments(store)} <= set(dept_ids)
