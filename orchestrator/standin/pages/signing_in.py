"""Sign in by e-mail and password, and out again."""

import hmac
import secrets
import sqlite3

from aiohttp import web

from orchestrator.standin.accounts import departments_of
from orchestrator.standin.passwords import is_password
from orchestrator.standin.quirks import QUIRKS
from orchestrator.standin.seed import public_logins
from orchestrator.standin.store import STORE, Store

from .forms import WHOLE_FORM, Form, read_form
from .rendering import render
from .sessions import SESSIONS
from .visit import Visit, cookie_name, find_session

_MOST_BYTES = 10_000


async def ask(request: web.Request) -> web.Response:
    """`GET /sign-in`: the form, or on to the pages for who is signed in."""
    if find_session(request) is not None:
        return _on("/")
    return _show(request, Form())


async def sign_in(request: web.Request) -> web.Response:
    """`POST /sign-in`: a session under a new id, whatever cookie came along."""
    # Anybody may send this: it must not cost what an upload does.
    form = await read_form(request.clone(client_max_size=_MOST_BYTES))
    # There is no session yet that could keep the key: a cookie that only this server can set does.
    sent_key = request.cookies.get(_key_cookie(request), "")
    if not sent_key or not hmac.compare_digest(form.value("form_key").encode(), sent_key.encode()):
        form.wrong(WHOLE_FORM, "This form has grown old: please try again.")
        return _show(request, form)
    email, password = form.text("email"), form.value("password")
    if not password:
        form.wrong("password", "This is needed.")
    user = None if form.errors else _find_user(request.app[STORE], email, password)
    if user is None:
        form.wrong(WHOLE_FORM, "The e-mail address or the password is wrong.")
        return _show(request, form)
    sessions = request.app[SESSIONS]
    sessions.end(request.cookies.get(cookie_name(request), ""))
    session_id = sessions.begin(user["id"], user["email"])
    answer = _on("/")
    _set_cookie(answer, request, cookie_name(request), session_id)
    answer.del_cookie(_key_cookie(request))
    return answer


async def sign_out(visit: Visit) -> web.Response:
    """`POST /sign-out`."""
    name = cookie_name(visit.request)
    visit.request.app[SESSIONS].end(visit.request.cookies[name])
    answer = _on("/sign-in")
    answer.del_cookie(name)
    return answer


def _find_user(store: Store, email: str, password: str) -> sqlite3.Row | None:
    row = store.row("SELECT * FROM users WHERE email = ?", email.casefold())
    if row is None or not is_password(password, row["password_hash"]):
        return None
    return row


def _show(request: web.Request, form: Form) -> web.Response:
    key = secrets.token_urlsafe(24)
    store = request.app[STORE]
    logins = [(row, word, departments_of(store, row["id"])) for row, word in public_logins(store)]
    answer = render(
        "sign_in.html",
        status=400 if form.errors else 200,
        form=form,
        form_key=key,
        quirks=sorted(request.app[QUIRKS].names),
        logins=logins,
        users=store.number("SELECT count(*) FROM users"),
        shut_out=store.number("SELECT count(*) FROM users WHERE password_hash = ''"),
    )
    _set_cookie(answer, request, _key_cookie(request), key)
    return answer


def _key_cookie(request: web.Request) -> str:
    return f"standin-form-{request.url.port}"


def _set_cookie(answer: web.Response, request: web.Request, name: str, value: str) -> None:
    answer.set_cookie(
        name, value, path="/", httponly=True, samesite="Strict", secure=request.secure
    )


def _on(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
