"""The orders that make runs, as the data-access API has them."""

from aiohttp import web

from orchestrator.standin.answers import answer
from orchestrator.standin.history import run_in_history
from orchestrator.standin.inputs import read_fields
from orchestrator.standin.ordering import RunWanted, order_run, restart_run
from orchestrator.standin.store import STORE

from .in_path import id_in_path, require_project


async def create_test_run(request: web.Request) -> web.Response:
    """`POST testruns`: TestId or TestSetId, and RunByHostId; the run then waits for its host.

    ForceNewRunCreation is taken for granted: each call makes a run of its own.
    """
    user, project = require_project(request)
    fields = await read_fields(request)
    wanted = RunWanted(
        host_id=fields.number("run_by_host_id"),
        test_id=fields.number("test_id"),
        test_set_id=fields.number("test_set_id"),
        configuration_id=fields.number("test_config_id"),
        release_id=fields.number("release_id"),
        is_sequential=fields.flag("is_sequential"),
    )
    store = request.app[STORE]
    return answer(request, run_in_history(store, order_run(store, user.id, project, wanted)))


async def restart_test_run(request: web.Request) -> web.Response:
    """`POST testruns/{Id}/restart`: a new run of the same items; the old one stays as it is."""
    user, project = require_project(request)
    store = request.app[STORE]
    run_id = id_in_path(request, "run_id")
    return answer(request, run_in_history(store, restart_run(store, user.id, project, run_id)))
