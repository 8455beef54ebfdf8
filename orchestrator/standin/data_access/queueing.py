"""Side door: test sets, and the orders that make runs."""

import sqlite3

from aiohttp import web

from orchestrator.standin.answers import answer
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.new_runs import Named, PlannedItem, PlannedRun, make_run
from orchestrator.standin.store import STORE, Store

from .history import require_run, run_in_history
from .library import require_project, require_test

_CONFIGURATION = "SELECT id, name FROM configurations WHERE id = ? AND project_id = ?"
_RELEASE = "SELECT id, name FROM releases WHERE id = ? AND project_id = ?"
_SINGLE_TEST = Named(0, None)


async def create_test_set(request: web.Request) -> web.Response:
    """`POST testsets`: Name, IsSequential, and Items of TestId and StopOnFail, in order."""
    _, project = require_project(request)
    store = request.app[STORE]
    fields = await read_fields(request)
    name = fields.required_text("name", limit=255)
    sequential = fields.flag("is_sequential") is not False
    items = [
        _read_item(store, project["id"], number, item)
        for number, item in enumerate(fields.objects("items") or [], start=1)
    ]
    with store.transaction():
        set_id = store.write(
            "INSERT INTO test_sets (project_id, name, is_sequential) VALUES (?, ?, ?)",
            project["id"],
            name,
            int(sequential),
        )
        for item in items:
            store.write(
                "INSERT INTO test_set_items VALUES (?, ?, ?, ?)",
                set_id,
                item.sequence_number,
                item.test_id,
                int(item.stop_on_fail),
            )
    shown = {"id": set_id, "project_id": project["id"], "name": name, "is_sequential": sequential}
    return answer(request, {**shown, "items": [_item_document(item) for item in items]})


async def create_test_run(request: web.Request) -> web.Response:
    """`POST testruns`: TestId or TestSetId, and RunByHostId; the run then waits for its host."""
    user, project = require_project(request)
    store = request.app[STORE]
    fields = await read_fields(request)
    host_id = fields.number("run_by_host_id")
    if host_id is None:
        raise Refusal(400, "run_by_host_id is required")
    _require_usable_host(store, project, host_id)
    test_set, items, by_set = _what_to_run(store, project["id"], fields)
    asked = fields.flag("is_sequential")
    planned = PlannedRun(
        project_id=project["id"],
        host_id=host_id,
        user_id=user.id,
        test_set=test_set,
        configuration=_named(store, _CONFIGURATION, project, fields.number("test_config_id")),
        release=_named(store, _RELEASE, project, fields.number("release_id")),
        is_sequential=by_set if asked is None else asked,
        items=items,
    )
    return answer(request, run_in_history(store, make_run(store, planned)))


async def restart_test_run(request: web.Request) -> web.Response:
    """`POST testruns/{Id}/restart`: a new run of the same items; the old one stays as it is."""
    user, project = require_project(request)
    store = request.app[STORE]
    run = require_run(request, project)
    _require_usable_host(store, project, run["host_id"])
    rows = store.rows(
        "SELECT * FROM run_items WHERE run_id = ? ORDER BY sequence_number", run["id"]
    )
    planned = PlannedRun(
        project_id=run["project_id"],
        host_id=run["host_id"],
        user_id=user.id,
        test_set=Named(run["test_set_id"], run["test_set_name"]),
        configuration=Named(run["test_config_id"], run["configuration_name"]),
        release=Named(run["release_id"], run["release_name"]),
        is_sequential=bool(run["is_sequential"]),
        items=[PlannedItem.from_row(row) for row in rows],
    )
    return answer(request, run_in_history(store, make_run(store, planned)))


def _read_item(store: Store, project_id: int, number: int, fields: Fields) -> PlannedItem:
    test_id = fields.number("test_id")
    if test_id is None:
        raise Refusal(400, "each item needs a test_id")
    require_test(store, project_id, test_id, status=400)
    return PlannedItem(number, test_id, bool(fields.flag("stop_on_fail")))


def _item_document(item: PlannedItem) -> dict[str, object]:
    return {
        "sequence_number": item.sequence_number,
        "test_id": item.test_id,
        "stop_on_fail": item.stop_on_fail,
    }


def _require_usable_host(store: Store, project: sqlite3.Row, host_id: int) -> None:
    """Refuse a host that is not active or not of the project's department."""
    host = store.row(
        "SELECT * FROM hosts WHERE id = ? AND dept_id = ?", host_id, project["dept_id"]
    )
    if host is None:
        raise Refusal(400, f"Host with id {host_id} not found")
    if not host["is_active"]:
        raise Refusal(400, f"Host {host['host_name']} is not active")


def _what_to_run(
    store: Store, project_id: int, fields: Fields
) -> tuple[Named, list[PlannedItem], bool]:
    """Return the set, its items, and whether they are to be run in order."""
    # 0 stands for "none" in either, as it does in answers.
    test_id, set_id = fields.number("test_id"), fields.number("test_set_id")
    if bool(test_id) == bool(set_id):
        raise Refusal(400, "either test_id or test_set_id is required")
    if test_id:
        require_test(store, project_id, test_id, status=400)
        return _SINGLE_TEST, [PlannedItem(1, test_id, False)], True
    test_set = store.row(
        "SELECT * FROM test_sets WHERE id = ? AND project_id = ?", set_id, project_id
    )
    if test_set is None:
        raise Refusal(400, f"Test set with id {set_id} not found")
    rows = store.rows(
        "SELECT * FROM test_set_items WHERE test_set_id = ? ORDER BY sequence_number", set_id
    )
    if not rows:
        raise Refusal(400, f"Test set {set_id} holds no tests")
    named = Named(test_set["id"], test_set["name"])
    return named, [PlannedItem.from_row(row) for row in rows], bool(test_set["is_sequential"])


def _named(store: Store, sql: str, project: sqlite3.Row, wanted: int | None) -> Named:
    if not wanted:
        return Named()
    row = store.row(sql, wanted, project["id"])
    if row is None:
        raise Refusal(400, f"Configuration or release with id {wanted} not found")
    return Named(row["id"], row["name"])
