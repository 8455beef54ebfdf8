"""Side doors: begin, look at and end a rehearsal."""

from aiohttp import web

from orchestrator.standin.answers import answer
from orchestrator.standin.auth import require_overseer, require_user
from orchestrator.standin.errors import Refusal

from .rehearsal import REHEARSAL
from .scenario import ScenarioError, read_scenario


async def show_rehearsal(request: web.Request) -> web.Response:
    """`GET /standin/scenario`: what is on, and what came of it so far."""
    require_user(request)
    return answer(request, request.app[REHEARSAL].state())


async def begin_rehearsal(request: web.Request) -> web.Response:
    """`PUT /standin/scenario`: a scenario as TOML; it takes the place of the one before."""
    require_overseer(request)
    try:
        scenario = read_scenario(await request.text())
    except (ScenarioError, UnicodeDecodeError) as error:
        raise Refusal(400, str(error)) from error
    request.app[REHEARSAL].begin(scenario)
    return answer(request, request.app[REHEARSAL].state())


async def end_rehearsal(request: web.Request) -> web.Response:
    """`DELETE /standin/scenario`: all goes well again; runs that are queued stay."""
    require_overseer(request)
    request.app[REHEARSAL].end()
    return answer(request, request.app[REHEARSAL].state())
