"""Basic authentication in its two flavours: a user by e-mail, a host by id and token."""

import base64
import hmac
import sqlite3
from dataclasses import dataclass

from aiohttp import web

from .accounts import oversees
from .dates import now
from .errors import Refusal
from .last_calls import LAST_CALLS
from .passwords import is_password
from .quirks import QUIRKS
from .store import STORE, Store


@dataclass(frozen=True, slots=True)
class User:
    """Who signed in, and what the account may do."""

    id: int
    may_read_hosts: bool
    dept_ids: frozenset[int]


def require_user(request: web.Request, *, challenge: bool = False) -> User:
    """Return the user who signed in. Raises Refusal 401; with a *challenge* browsers ask."""
    user = _user(request.app[STORE], *_credentials(request))
    if user is None:
        # Whether the vendor's server sends a challenge is unknown: its operations get none here.
        headers = {"WWW-Authenticate": 'Basic realm="stand-in uploads"'} if challenge else None
        raise Refusal(401, "The e-mail address or the password is wrong", headers=headers)
    return user


def require_host_reader(request: web.Request) -> User:
    """Return a user with the Read right on Test Hosts. Raises Refusal 401 or 403."""
    user = require_user(request)
    if not user.may_read_hosts:
        raise Refusal(403, "The Read right on Test Hosts is missing")
    return user


def require_overseer(request: web.Request) -> None:
    """Let only those pass whom `accounts.oversees` means. Raises Refusal 401 or 403."""
    user = require_user(request)
    if not oversees(request.app[STORE], user.dept_ids, may_read_hosts=user.may_read_hosts):
        raise Refusal(403, "Only a user of all departments who may read test hosts can do this")


def require_host(request: web.Request) -> sqlite3.Row:
    """Return the host that signed in, if the path is its own. Raises Refusal 401 or 403."""
    store = request.app[STORE]
    wanted = int(request.match_info["host_id"])
    login, password = _credentials(request)
    host = _host(store, login, password)
    quirks = request.app[QUIRKS]
    if host is None and quirks.on("user-on-host-operations"):
        return _host_of_user(store, _user(store, login, password), wanted)
    if host is None:
        raise Refusal(401, "The host id or the security token is wrong")
    if host["id"] != wanted and quirks.on("other-host-404"):
        raise Refusal(404, f"Host with id {wanted} not found")
    if host["id"] != wanted:
        raise Refusal(403, "The security token belongs to another host")
    request.app[LAST_CALLS][wanted] = now()
    return host


def _credentials(request: web.Request) -> tuple[str, str]:
    """Return login and password; both empty, which opens nothing, without a readable header."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return "", ""
    try:
        login, colon, password = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except ValueError:
        return "", ""
    return (login, password) if colon else ("", "")


def _host(store: Store, login: str, token: str) -> sqlite3.Row | None:
    if not (login.isascii() and login.isdigit() and len(login) <= 18):
        return None
    host = store.row("SELECT * FROM hosts WHERE id = ?", int(login))
    if host is None or not hmac.compare_digest(host["security_token"].encode(), token.encode()):
        return None
    return host


def _user(store: Store, email: str, password: str) -> User | None:
    row = store.row("SELECT * FROM users WHERE email = ?", email.casefold())
    if row is None or not is_password(password, row["password_hash"]):
        return None
    depts = store.rows("SELECT dept_id FROM memberships WHERE user_id = ?", row["id"])
    return User(row["id"], bool(row["may_read_hosts"]), frozenset(d["dept_id"] for d in depts))


def _host_of_user(store: Store, user: User | None, host_id: int) -> sqlite3.Row:
    if user is None:
        raise Refusal(401, "The credentials are wrong")
    host = store.row("SELECT * FROM hosts WHERE id = ?", host_id)
    if host is None:
        raise Refusal(404, f"Host with id {host_id} not found")
    if not user.may_read_hosts or host["dept_id"] not in user.dept_ids:
        raise Refusal(403, "The host is not one of this user's")
    return host
