"""The rehearsal: begin one from a scenario, see what came of it so far, and end it."""

from aiohttp import web

from orchestrator.standin.accounts import oversees
from orchestrator.standin.errors import Refusal
from orchestrator.standin.scenarios import REHEARSAL, ScenarioError, read_scenario

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
    project, running = visit.last_project, visit.request.app[REHEARSAL].scenario
    text = _EXAMPLE.format(project=project["id"]) if project else ""
    # Over HTTP one may be larger than the box takes.
    if running is not None and running.text and len(running.text) <= _LIMIT:
        text = running.text
    visit.form = Form({"scenario": text})
    return _show(visit)


async def begin(visit: Visit) -> web.Response:
    """`POST rehearsal`: in the place of the one before."""
    _require_overseer(visit)
    text = visit.form.text("scenario", limit=_LIMIT)
    if visit.form.errors:
        return _show(visit)
    try:
        scenario = read_scenario(text)
    except ScenarioError as error:
        visit.form.wrong("scenario", str(error))
        return _show(visit)
    visit.request.app[REHEARSAL].begin(scenario)
    return visit.go("/rehearsal", "The rehearsal has begun.")


async def end(visit: Visit) -> web.Response:
    """`POST rehearsal/end`: all goes well again; runs that are queued stay."""
    _require_overseer(visit)
    visit.request.app[REHEARSAL].end()
    return visit.go("/rehearsal", "The rehearsal has ended: nothing goes wrong on purpose now.")


def _oversees(visit: Visit) -> bool:
    person = visit.person
    return oversees(visit.store, person.dept_ids, may_read_hosts=person.may_read_hosts)


def _require_overseer(visit: Visit) -> None:
    if not _oversees(visit):
        raise Refusal(403, "Only a user of all departments who may read test hosts can do this")


def _show(visit: Visit) -> web.Response:
    rehearsal = visit.request.app[REHEARSAL]
    load = rehearsal.scenario.load if rehearsal.scenario else None
    return visit.show(
        "rehearsal.html",
        form=visit.form,
        state=rehearsal.state(),
        load=load,
        may=_oversees(visit),
    )
