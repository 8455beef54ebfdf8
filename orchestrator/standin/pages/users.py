"""Users: their passwords, their departments, and the Read right on test hosts."""

import sqlite3

from aiohttp import web

from orchestrator.standin import accounts
from orchestrator.standin.errors import Refusal

from .forms import Form
from .rights import dept_ids_of, may_see, owns, require_right, require_visible_account
from .sessions import SESSIONS
from .visit import Visit

_PASSWORD_LIMIT = 1000


async def list_users(visit: Visit) -> web.Response:
    """`GET users`: those who share a department with this person, or have none."""
    if not visit.person.may_read_hosts:
        seen = [accounts.require_account(visit.store, visit.person.id)]
    else:
        seen = [row for row in accounts.users(visit.store) if may_see(visit, row["id"])]
    return visit.show(
        "users.html",
        users=[(row, *_departments_shown(visit, row["id"])) for row in seen],
    )


def _departments_shown(visit: Visit, user_id: int) -> tuple[list[sqlite3.Row], bool]:
    """Return those departments of a user that are this person's too, and whether there are more."""
    theirs = accounts.departments_of(visit.store, user_id)
    shared = [row for row in theirs if row["id"] in visit.person.dept_ids]
    return shared, len(shared) < len(theirs)


async def ask_new(visit: Visit) -> web.Response:
    """`GET users/new`."""
    require_right(visit)
    visit.form = Form({"may_read_hosts": "yes"})
    return _show(visit, None)


async def add(visit: Visit) -> web.Response:
    """`POST users/new`: into departments of this person only."""
    require_right(visit)
    form = visit.form
    email, password = form.text("email"), _read_password(form)
    if not password:
        form.wrong("password", "This is needed.")
    if not form.errors:
        with form.refusals():
            accounts.add_user(
                visit.store, email, password, form.flag("may_read_hosts"), _chosen(visit)
            )
            return visit.go("/users", f"User {email} was added.")
    return _show(visit, None)


async def show_user(visit: Visit) -> web.Response:
    """`GET users/{id}`; one's own is open to everybody, for the password."""
    account = _account(visit)
    visit.form = Form({"may_read_hosts": "yes"} if account["may_read_hosts"] else {})
    return _show(visit, account)


async def change(visit: Visit) -> web.Response:
    """`POST users/{id}`: rights, departments of this person's, and a password if one is given."""
    account = _account(visit)
    password = _read_password(visit.form)
    if password and not owns(visit, account["id"]):
        visit.form.wrong("password", "This account opens departments that are not yours.")
    if visit.form.errors:
        return _show(visit, account)
    # Nobody takes the own rights away: they might be the last that could give them back.
    if account["id"] != visit.person.id:
        _change_rights(visit, account)
    if password:
        accounts.set_password(visit.store, account["id"], password)
        visit.request.app[SESSIONS].end_all_of(account["id"], but=visit.session)
    return visit.go("/users", f"User {account['email']} was changed.")


async def remove(visit: Visit) -> web.Response:
    """`POST users/{id}/remove`: somebody else, who never ordered a run."""
    account = require_visible_account(visit)
    if account["id"] == visit.person.id or not owns(visit, account["id"]):
        raise Refusal(403, "This account is not yours to remove")
    with visit.form.refusals():
        accounts.remove_user(visit.store, account["id"])
        return visit.go("/users", f"User {account['email']} was removed.")
    return _show(visit, account)


def _account(visit: Visit) -> sqlite3.Row:
    if visit.id("user_id") == visit.person.id:
        return accounts.require_account(visit.store, visit.person.id)
    return require_visible_account(visit)


def _change_rights(visit: Visit, account: sqlite3.Row) -> None:
    """Change what this person may: own departments, and the right of who opens no others."""
    others = dept_ids_of(visit, account["id"]) - visit.person.dept_ids
    may_read_hosts = visit.form.flag("may_read_hosts")
    if others:
        may_read_hosts = bool(account["may_read_hosts"])
    accounts.change_user(visit.store, account["id"], may_read_hosts, {*_chosen(visit), *others})


def _read_password(form: Form) -> str:
    """Read it as it was typed: spaces around it belong to it."""
    password = form.value("password")
    if len(password) > _PASSWORD_LIMIT:
        form.wrong("password", f"At most {_PASSWORD_LIMIT} characters, please.")
    return password


def _chosen(visit: Visit) -> set[int]:
    return set(visit.form.numbers("dept")) & visit.person.dept_ids


def _show(visit: Visit, account: sqlite3.Row | None) -> web.Response:
    form = visit.form
    if account is not None and visit.request.method == "GET":
        ticked = dept_ids_of(visit, account["id"])
    else:
        ticked = frozenset(form.numbers("dept"))
    return visit.show(
        "user.html",
        form=form,
        account=account,
        departments=accounts.departments_of(visit.store, visit.person.id),
        ticked=ticked,
        owned=account is None or owns(visit, account["id"]),
    )
