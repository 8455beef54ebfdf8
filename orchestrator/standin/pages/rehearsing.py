"""The rehearsal: begin one from a scenario, see what came of it so far, and end it."""

from aiohttp import web

from orchestrator.standin.errors import Refusal
from orchestrator.standin.scenarios import (
    REHEARSAL,
    ScenarioError,
    read_scenario,
    require_own_project,
)

from .forms import Form
from .visit import Visit

_LIMIT = 100_000
_EXAMPLE = """\
[load]
project = {project}
runs_per_minute = 30
runs = 100

[[faults]]
share = 0.1
status = [500, 503, 429]
"""


async def show_rehearsal(visit: Visit) -> web.Response:
    """`GET rehearsal`: what is on; else a scenario to begin with, for the project one was in."""
    project = visit.last_project
    example = _EXAMPLE.format(project=project["id"]) if project else ""
    visit.form = Form({"scenario": example})
    return _show(visit)


async def begin(visit: Visit) -> web.Response:
    """`POST rehearsal`: in the place of the one before."""
    text = visit.form.text("scenario", limit=_LIMIT)
    if visit.form.errors:
        return _show(visit)
    try:
        scenario = read_scenario(text)
        require_own_project(visit.store, scenario, visit.person.dept_ids)
    except (ScenarioError, Refusal) as error:
        visit.form.wrong("scenario", str(error))
        return _show(visit)
    visit.request.app[REHEARSAL].begin(scenario)
    return visit.go("/rehearsal", "The rehearsal has begun.")


async def end(visit: Visit) -> web.Response:
    """`POST rehearsal/end`: all goes well again; runs that are queued stay."""
    visit.request.app[REHEARSAL].end()
    return visit.go("/rehearsal", "The rehearsal has ended: nothing goes wrong on purpose now.")


def _show(visit: Visit) -> web.Response:
    state = visit.request.app[REHEARSAL].state()
    return visit.show("rehearsal.html", form=visit.form, state=state)
