"""Test sets, and the orders that make runs, as the data-access API has them."""

from aiohttp import web

from orchestrator.standin.answers import answer
from orchestrator.standin.errors import Refusal
from orchestrator.standin.history import run_in_history
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.ordering import RunWanted, order_run, restart_run
from orchestrator.standin.store import STORE
from orchestrator.standin.test_sets import SetItem, add_set

from .in_path import require_project


async def create_test_set(request: web.Request) -> web.Response:
    """`POST testsets`: Name, IsSequential, and Items of TestId and StopOnFail, in order."""
    _, project = require_project(request)
    fields = await read_fields(request)
    name = fields.required_text("name", limit=255)
    sequential = fields.flag("is_sequential") is not False
    items = [_read_item(item) for item in fields.objects("items") or []]
    set_id = add_set(request.app[STORE], project["id"], name, sequential, items)
    shown = {"id": set_id, "project_id": project["id"], "name": name, "is_sequential": sequential}
    listed = [
        {"sequence_number": number, "test_id": item.test_id, "stop_on_fail": item.stop_on_fail}
        for number, item in enumerate(items, start=1)
    ]
    return answer(request, {**shown, "items": listed})


async def create_test_run(request: web.Request) -> web.Response:
    """`POST testruns`: TestId or TestSetId, and RunByHostId; the run then waits for its host."""
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
    run_id = int(request.match_info["run_id"])
    return answer(request, run_in_history(store, restart_run(store, user.id, project, run_id)))


def _read_item(fields: Fields) -> SetItem:
    test_id = fields.number("test_id")
    if test_id is None:
        raise Refusal(400, "each item needs a test_id")
    return SetItem(test_id, bool(fields.flag("stop_on_fail")))
