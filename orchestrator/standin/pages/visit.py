"""One request by somebody who is signed in: who that is, what the project is, what a form said."""

import hmac
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from orchestrator.standin.errors import Handler, Refusal
from orchestrator.standin.quirks import QUIRKS
from orchestrator.standin.store import STORE, Store

from .forms import Form, read_form
from .rendering import render
from .sessions import SESSIONS, Said, Session


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and what that account may do now."""

    id: int
    email: str
    may_read_hosts: bool
    dept_ids: frozenset[int]


@dataclass(slots=True, kw_only=True)
class Visit:
    """What a page needs to be shown; *project* is that of the address, if one stands there."""

    request: web.Request
    store: Store
    session: Session
    person: Person
    projects: list[sqlite3.Row]
    project: sqlite3.Row | None
    form: Form = field(default_factory=Form)

    def id(self, name: str) -> int:
        """Return an id that stands in the address."""
        return int(self.request.match_info[name])

    @property
    def home(self) -> str:
        """The address of the project, which those of its pages start with."""
        return f"/projects/{self.here['id']}"

    @property
    def last_project(self) -> sqlite3.Row | None:
        """The project whose pages are offered: that of the address, or else the last one."""
        wanted = self.session.project_id
        last = (project for project in self.projects if project["id"] == wanted)
        return next(last, self.projects[0] if self.projects else None)

    @property
    def here(self) -> sqlite3.Row:
        """The project of an address that has one."""
        if self.project is None:
            raise Refusal(404, "This page belongs to a project")
        return self.project

    def show(self, template: str, *, status: int | None = None, **facts: object) -> web.Response:
        """Answer with a page; one with a form that is wrong is answered with 400."""
        return render(
            template,
            status=status or (400 if self.form.errors else 200),
            visit=self,
            quirks=sorted(self.request.app[QUIRKS].names),
            said=self.session.take_said(),
            **facts,
        )

    def say(self, text: str, kind: Literal["done", "warning"] = "done") -> None:
        """Have the next page say *text*."""
        self.session.said.append(Said(kind, text))

    def go(self, path: str, said: str | None = None) -> web.Response:
        """Send the browser on with a GET: a reload then does nothing twice."""
        if said:
            self.say(said)
        return web.Response(status=303, headers={"Location": path})


View = Callable[[Visit], Awaitable[web.StreamResponse]]


def page(view: View) -> Handler:
    """Let *view* answer whoever is signed in; anybody else is asked to sign in first."""

    async def answer(request: web.Request) -> web.StreamResponse:
        session = find_session(request)
        person = None if session is None else _find_person(request.app[STORE], session)
        if session is None or person is None:
            return web.Response(status=303, headers={"Location": "/sign-in"})
        visit = Visit(
            request=request,
            store=request.app[STORE],
            session=session,
            person=person,
            projects=_projects(request.app[STORE], person),
            project=None,
        )
        try:
            return await _answer(visit, view)
        except Refusal as refusal:
            visit.form = Form()
            return visit.show("error.html", status=refusal.status, message=refusal.message)
        finally:
            visit.form.close()

    return answer


def cookie_name(request: web.Request) -> str:
    """Name the cookie by the port: browsers send one to every port of a machine."""
    return f"standin-session-{request.url.port}"


def find_session(request: web.Request) -> Session | None:
    """Return the session of the browser that asks, if it has one that is not over."""
    return request.app[SESSIONS].find(request.cookies.get(cookie_name(request), ""))


def _find_person(store: Store, session: Session) -> Person | None:
    """Return who signed in, as the account is now; None if it is gone.

    By e-mail too: when all data are replaced by an export, an id may be somebody else's.
    """
    row = store.row(
        "SELECT * FROM users WHERE id = ? AND email = ?", session.user_id, session.email
    )
    if row is None:
        return None
    depts = store.rows("SELECT dept_id FROM memberships WHERE user_id = ?", row["id"])
    dept_ids = frozenset(dept["dept_id"] for dept in depts)
    return Person(row["id"], row["email"], bool(row["may_read_hosts"]), dept_ids)


async def _answer(visit: Visit, view: View) -> web.StreamResponse:
    if "project_id" in visit.request.match_info:
        visit.project = _project(visit)
        visit.session.project_id = visit.project["id"]
    if visit.request.method == "POST":
        visit.form = await read_form(visit.request)
        if not _is_own_form(visit):
            raise Refusal(403, "This form is not from a page of yours: open the page again")
    return await view(visit)


def _is_own_form(visit: Visit) -> bool:
    sent = visit.form.value("form_key")
    return hmac.compare_digest(sent.encode(), visit.session.form_key.encode())


def _projects(store: Store, person: Person) -> list[sqlite3.Row]:
    return store.rows(
        "SELECT p.*, d.name AS dept_name FROM projects p JOIN departments d ON d.id = p.dept_id"
        " JOIN memberships m ON m.dept_id = d.id WHERE m.user_id = ? ORDER BY d.name, p.name, p.id",
        person.id,
    )


def _project(visit: Visit) -> sqlite3.Row:
    """Find the project of the address. Raises Refusal as the API does: 404, or 403."""
    wanted = visit.id("project_id")
    for project in visit.projects:
        if project["id"] == wanted:
            return project
    if visit.store.row("SELECT 1 FROM projects WHERE id = ?", wanted) is None:
        raise Refusal(404, f"Project with id {wanted} not found")
    raise Refusal(403, f"Project {wanted} is not one of this user's")
