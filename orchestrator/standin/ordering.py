"""Orders: what a user wants to be run, and on which host."""

import sqlite3
from dataclasses import dataclass

from .errors import Refusal
from .history import items_of_run, require_run
from .library import require_test
from .new_runs import Named, PlannedItem, PlannedRun, make_run
from .store import Store
from .test_sets import items_of_set, require_set

_CONFIGURATION = "SELECT id, name FROM configurations WHERE id = ? AND project_id = ?"
_RELEASE = "SELECT id, name FROM releases WHERE id = ? AND project_id = ?"
_SINGLE_TEST = Named(0, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWanted:
    """Either a test or a set, by id; 0 or None is neither, none and nothing.

    *is_sequential* None: as the set has it.
    """

    host_id: int | None
    test_id: int | None = None
    test_set_id: int | None = None
    configuration_id: int | None = None
    release_id: int | None = None
    is_sequential: bool | None = None


def order_run(store: Store, user_id: int, project: sqlite3.Row, wanted: RunWanted) -> int:
    """Make the run, which then waits for its host, and return its id.

    Raises Refusal 400 for a host that is not active or not of the project's department, and for
    a test, set, configuration or release that the project does not have.
    """
    if wanted.host_id is None:
        raise Refusal(400, "run_by_host_id is required")
    _require_usable_host(store, project, wanted.host_id)
    test_set, items, by_set = _what_to_run(store, project["id"], wanted)
    planned = PlannedRun(
        project_id=project["id"],
        host_id=wanted.host_id,
        user_id=user_id,
        test_set=test_set,
        configuration=_named(store, _CONFIGURATION, project, wanted.configuration_id),
        release=_named(store, _RELEASE, project, wanted.release_id),
        is_sequential=by_set if wanted.is_sequential is None else wanted.is_sequential,
        items=items,
    )
    return make_run(store, planned)


def restart_run(store: Store, user_id: int, project: sqlite3.Row, run_id: int) -> int:
    """Make a new run of the same items and return its id; the old one stays as it is.

    Raises Refusal 404 if the project has no such run, 400 if its host cannot be used any more or
    one of its tests was removed: a run without items would wait for ever.
    """
    run = require_run(store, project["id"], run_id)
    _require_usable_host(store, project, run["host_id"])
    items = items_of_run(store, run["id"])
    for item in items:
        require_test(store, project["id"], item["test_id"], status=400)
    planned = PlannedRun(
        project_id=run["project_id"],
        host_id=run["host_id"],
        user_id=user_id,
        test_set=Named(run["test_set_id"], run["test_set_name"]),
        configuration=Named(run["test_config_id"], run["configuration_name"]),
        release=Named(run["release_id"], run["release_name"]),
        is_sequential=bool(run["is_sequential"]),
        items=[PlannedItem.from_row(row) for row in items],
    )
    return make_run(store, planned)


def _require_usable_host(store: Store, project: sqlite3.Row, host_id: int) -> None:
    host = store.row(
        "SELECT * FROM hosts WHERE id = ? AND dept_id = ?", host_id, project["dept_id"]
    )
    if host is None:
        raise Refusal(400, f"Host with id {host_id} not found")
    if not host["is_active"]:
        raise Refusal(400, f"Host {host['host_name']} is not active")


def _what_to_run(
    store: Store, project_id: int, wanted: RunWanted
) -> tuple[Named, list[PlannedItem], bool]:
    """Return the set, its items, and whether they are to be run in order."""
    if bool(wanted.test_id) == bool(wanted.test_set_id):
        raise Refusal(400, "either test_id or test_set_id is required")
    if wanted.test_id:
        require_test(store, project_id, wanted.test_id, status=400)
        return _SINGLE_TEST, [PlannedItem(1, wanted.test_id, False)], True
    test_set = require_set(store, project_id, wanted.test_set_id or 0, status=400)
    rows = [row for row in items_of_set(store, test_set["id"]) if row["is_active"]]
    if not rows:
        raise Refusal(400, f"Test set {test_set['id']} holds no tests that are active")
    named = Named(test_set["id"], test_set["name"])
    return named, [PlannedItem.from_row(row) for row in rows], bool(test_set["is_sequential"])


def _named(store: Store, sql: str, project: sqlite3.Row, wanted: int | None) -> Named:
    if not wanted:
        return Named()
    row = store.row(sql, wanted, project["id"])
    if row is None:
        raise Refusal(400, f"Configuration or release with id {wanted} not found")
    return Named(row["id"], row["name"])
