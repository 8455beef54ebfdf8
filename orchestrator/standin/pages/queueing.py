"""Orders: a test or a set on a host, and a run once more."""

import json
import sqlite3

from aiohttp import web

from orchestrator.standin.accounts import choices
from orchestrator.standin.errors import Refusal
from orchestrator.standin.history import remove_run
from orchestrator.standin.library import automations_of, tests_of
from orchestrator.standin.ordering import RunWanted, order_run, restart_run
from orchestrator.standin.test_sets import items_of_set, sets_of

from .forms import Form
from .runs import require_run
from .visit import Visit

_MOST = 2000
"""How many tests, and sets, a form offers: more would be a page too long to choose from."""

_ORDERS = {"": None, "in-order": True, "any-order": False}


async def ask(visit: Visit) -> web.Response:
    """`GET runs/new?what=&host=`: what is in the address is chosen already."""
    query = visit.request.query
    visit.form = Form({name: query[name] for name in ("what", "host") if name in query})
    return _show(visit)


async def queue(visit: Visit) -> web.Response:
    """`POST runs/new`: the run waits for its host then."""
    form = visit.form
    kind, _, number = form.value("what").partition("-")
    if kind not in ("test", "set") or not number:
        form.wrong("what", "Choose a test or a set.")
    if not form.value("host"):
        form.wrong("host", "Choose a host.")
    if not form.errors:
        with form.refusals():
            run_id = order_run(visit.store, visit.person.id, visit.here, _read(form, kind, number))
            _warn(visit, run_id)
            said = f"Run {run_id} is queued: it waits for its host's agent."
            return visit.go(f"{visit.home}/runs/{run_id}", said)
    return _show(visit)


async def restart(visit: Visit) -> web.Response:
    """`POST runs/{RunId}/restart`: a new run of the same items."""
    old = require_run(visit)
    run_id = restart_run(visit.store, visit.person.id, visit.here, old["id"])
    said = f"Run {run_id} is queued: the same as run {old['id']} once more."
    return visit.go(f"{visit.home}/runs/{run_id}", said)


async def remove(visit: Visit) -> web.Response:
    """`POST runs/{RunId}/remove`: with its logs and reports."""
    run = require_run(visit)
    remove_run(visit.store, run["id"])
    return visit.go(f"{visit.home}/runs", f"Run {run['id']} was removed.")


def _read(form: Form, kind: str, number: str) -> RunWanted:
    wanted_id = _id(number)
    return RunWanted(
        host_id=_id(form.value("host")),
        test_id=wanted_id if kind == "test" else None,
        test_set_id=wanted_id if kind == "set" else None,
        configuration_id=_id(form.value("configuration")),
        release_id=_id(form.value("release")),
        is_sequential=_ORDERS.get(form.value("order")),
    )


def _id(text: str) -> int:
    """Read the id that a list gave; nothing has the id 0."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refusal(400, "Choose from the lists, please")
    return int(text or "0")


def _warn(visit: Visit, run_id: int) -> None:
    """Say which tests of the run have no script that an agent of its host could run."""
    rows = visit.store.rows(
        "SELECT i.test_id, i.test_name, h.agents, h.host_name FROM run_items i"
        " JOIN runs r ON r.id = i.run_id JOIN hosts h ON h.id = r.host_id WHERE r.id = ?",
        run_id,
    )
    lost = [row["test_name"] for row in rows if not _has_script(visit, row)]
    if lost:
        named = ", ".join(dict.fromkeys(lost))
        host = rows[0]["host_name"]
        visit.say(
            f"No automation with a script is for an agent of host {host}: {named}.", "warning"
        )


def _has_script(visit: Visit, row: sqlite3.Row) -> bool:
    agents = set(json.loads(row["agents"]))
    return any(
        one["agent"] in agents and (one["stored_name"] or one["link"])
        for one in automations_of(visit.store, row["test_id"])
    )


def _show(visit: Visit) -> web.Response:
    project_id = visit.here["id"]
    sets = sets_of(visit.store, project_id, 0, _MOST).rows
    hosts = visit.store.rows(
        "SELECT id, host_name, agents FROM hosts WHERE dept_id = ? AND is_active = 1"
        " ORDER BY name_key",
        visit.here["dept_id"],
    )
    return visit.show(
        "queue.html",
        form=visit.form,
        hosts=[(host["id"], host["host_name"], json.loads(host["agents"])) for host in hosts],
        tests=tests_of(visit.store, project_id, 0, _MOST).rows,
        sets=[(one, len(items_of_set(visit.store, one["id"]))) for one in sets],
        configurations=choices(visit.store, "configurations", project_id),
        releases=choices(visit.store, "releases", project_id),
    )
