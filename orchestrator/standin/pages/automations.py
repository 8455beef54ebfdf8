"""What a test says to a tool, and the script it runs: a zip or where one lies."""

import json
import re
import sqlite3

from aiohttp import web

from orchestrator.standin import library
from orchestrator.standin.agents import AGENTS, short_name
from orchestrator.standin.errors import Refusal

from .downloads import download
from .forms import Form
from .library import require_test
from .scripts import arrived, ask_again, attach, read_script
from .visit import Visit

_PARAM = re.compile(r"\s*([^=\s][^=]*?)\s*=(.*)")


async def ask_new(visit: Visit) -> web.Response:
    """`GET tests/{TestId}/automations/new`."""
    visit.form = Form({"run_mode": "1"})
    return _show_new(visit, require_test(visit))


async def add(visit: Visit) -> web.Response:
    """`POST tests/{TestId}/automations/new`: with its script, if one is given at once."""
    test = require_test(visit)
    form = visit.form
    agent = AGENTS.get(form.value("agent"))
    if agent is None:
        form.wrong("agent", "Choose which tool runs the test.")
    new = _read(form, agent or "")
    script = read_script(form)
    if not form.errors:
        with form.refusals():
            async with arrived(visit.store, script) as there:
                library.add_automation(visit.store, test["id"], new)
                attach(visit.store, test["id"], new.agent, there)
            return _saved(visit, f"The automation for {agent} was added", is_bare=script is None)
    return _show_new(visit, test)


async def show_automation(visit: Visit) -> web.Response:
    """`GET tests/{TestId}/automations/{agent}`: by the short name of the agent."""
    test, row = _require(visit)
    params = json.loads(row["params"])
    visit.form = Form(
        {
            "title": row["title"] or "",
            "entry_point": row["entry_point"] or "",
            "timeout": "" if row["timeout"] is None else str(row["timeout"]),
            "run_mode": str(row["run_mode"]),
            "params": "\n".join(f"{name}={value}" for name, value in params.items()),
            "link": row["link"] or "",
            "comment": row["comment"] or "",
        }
    )
    return _show(visit, test, row)


async def change(visit: Visit) -> web.Response:
    """`POST tests/{TestId}/automations/{agent}`: a script stays unless another is given."""
    test, row = _require(visit)
    form = visit.form
    changed = _read(form, row["agent"])
    script = read_script(form, before=row)
    if not form.errors:
        with form.refusals():
            async with arrived(visit.store, script) as there:
                library.change_automation(visit.store, test["id"], row["agent"], changed)
                attach(visit.store, test["id"], row["agent"], there)
            is_bare = script is None and row["stored_name"] is None and row["link"] is None
            return _saved(visit, f"The automation for {row['agent']} was changed", is_bare=is_bare)
    return _show(visit, test, row)


async def remove(visit: Visit) -> web.Response:
    """`POST tests/{TestId}/automations/{agent}/remove`: its script goes too."""
    test, row = _require(visit)
    library.remove_automation(visit.store, test["id"], row["agent"])
    return visit.go(_test_path(visit), f"The automation for {row['agent']} was removed.")


async def save_script(visit: Visit) -> web.FileResponse:
    """`GET tests/{TestId}/automations/{agent}/script`: the zip, to be saved."""
    _, row = _require(visit)
    if row["stored_name"] is None:
        raise Refusal(404, f"No zip is attached for {row['agent']}")
    return download(visit.store, row["stored_name"], row["file_name"], "application/zip")


def _require(visit: Visit) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Return test and automation of the address. Raises Refusal 404 if there is none."""
    test = require_test(visit)
    return test, library.require_automation(
        visit.store, test["id"], visit.request.match_info["agent"]
    )


def _read(form: Form, agent: str) -> library.NewAutomation:
    run_mode = form.number("run_mode")
    return library.NewAutomation(
        agent=agent,
        title=form.optional("title"),
        entry_point=form.optional("entry_point"),
        timeout_s=form.number("timeout"),
        run_mode=1 if run_mode is None else run_mode,
        params=_read_params(form),
    )


def _read_params(form: Form) -> dict[str, str]:
    """Read a name and a value from each line."""
    params = {}
    for line in (form.optional("params", limit=10_000) or "").split("\n"):
        found = _PARAM.fullmatch(line)
        if found:
            params[found[1]] = found[2].strip()
        elif line.strip():
            form.wrong("params", f"name=value, please, in each line: not {line.strip()!r}.")
    return params


def _test_path(visit: Visit) -> str:
    return f"{visit.home}/tests/{visit.id('test_id')}"


def _saved(visit: Visit, done: str, *, is_bare: bool) -> web.Response:
    if not is_bare:
        return visit.go(_test_path(visit), f"{done}.")
    visit.say(f"{done}, without a script: agents get a 404 until it has one.", "warning")
    return visit.go(_test_path(visit))


def _show_new(visit: Visit, test: sqlite3.Row) -> web.Response:
    taken = {row["agent"] for row in library.automations_of(visit.store, test["id"])}
    ask_again(visit.form)
    free = [(short, long) for short, long in AGENTS.items() if long not in taken]
    return visit.show("automation.html", form=visit.form, test=test, row=None, free=free)


def _show(visit: Visit, test: sqlite3.Row, row: sqlite3.Row) -> web.Response:
    ask_again(visit.form)
    path = f"{_test_path(visit)}/automations/{short_name(row['agent'])}"
    return visit.show("automation.html", form=visit.form, test=test, row=row, path=path)
