"""A small company to start with; every password here is public."""

import sqlite3
from pathlib import Path

from .passwords import hash_password, is_password
from .store import Store, open_store

COMPANY = "Example Ltd"
PAYMENTS_ID, LOGISTICS_ID = 5120, 5121
PAYMENTS_PROJECT_ID, LOGISTICS_PROJECT_ID = 4102, 4103

# E-mail, password, Read on Test Hosts, departments.
_USERS = (
    ("demo@example.com", "demo", True, (PAYMENTS_ID,)),
    ("lead@example.com", "lead", True, (PAYMENTS_ID, LOGISTICS_ID)),
    ("guest@example.com", "guest", False, (PAYMENTS_ID,)),
)
_DEPARTMENTS = (
    (PAYMENTS_ID, "Payments", "2021-05-03T08:15:00.0000000"),
    (LOGISTICS_ID, "Logistics", "2022-11-18T10:00:00.0000000"),
)
_PROJECTS = (
    (PAYMENTS_PROJECT_ID, PAYMENTS_ID, "Web shop"),
    (LOGISTICS_PROJECT_ID, LOGISTICS_ID, "Warehouse"),
)
_CONFIGURATIONS = (
    (17, PAYMENTS_PROJECT_ID, "Chrome / Windows 11"),
    (18, PAYMENTS_PROJECT_ID, "Firefox / Debian 12"),
)
_RELEASES = ((62, PAYMENTS_PROJECT_ID, "2026.3"),)


def seed(data_dir: Path) -> None:
    """Fill an empty *data_dir*; one that was seeded before is left alone."""
    store = open_store(data_dir)
    try:
        if store.number("SELECT count(*) FROM departments") == 0:
            with store.transaction():
                _fill(store)
    finally:
        store.close()


def public_logins(store: Store) -> list[tuple[sqlite3.Row, str]]:
    """Return the users who are there and have their public passwords still, with these."""
    passwords = {email: password for email, password, _, _ in _USERS}
    rows = (store.row("SELECT * FROM users WHERE email = ?", email) for email in passwords)
    there = [(row, passwords[row["email"]]) for row in rows if row is not None]
    return [(row, word) for row, word in there if is_password(word, row["password_hash"])]


def _fill(store: Store) -> None:
    for dept_id, name, created in _DEPARTMENTS:
        store.write("INSERT INTO departments VALUES (?, ?, ?, ?)", dept_id, name, COMPANY, created)
    for email, password, may_read, dept_ids in _USERS:
        user_id = store.write(
            "INSERT INTO users (email, password_hash, may_read_hosts) VALUES (?, ?, ?)",
            email,
            hash_password(password),
            int(may_read),
        )
        for dept_id in dept_ids:
            store.write("INSERT INTO memberships VALUES (?, ?)", user_id, dept_id)
    for project in _PROJECTS:
        store.write("INSERT INTO projects VALUES (?, ?, ?)", *project)
    for configuration in _CONFIGURATIONS:
        store.write("INSERT INTO configurations VALUES (?, ?, ?)", *configuration)
    for release in _RELEASES:
        store.write("INSERT INTO releases VALUES (?, ?, ?)", *release)
