"""Test sets: their tests in order, and whose failure stops the set."""

import sqlite3

from aiohttp import web

from orchestrator.standin import test_sets
from orchestrator.standin.library import tests_of
from orchestrator.standin.test_sets import SetItem

from .forms import Form
from .paging import PAGE_SIZE, read_paging
from .visit import Visit

_MOST_TESTS = 2000
"""How many tests a form offers: more would be a page too long to choose from."""


async def list_sets(visit: Visit) -> web.Response:
    """`GET sets`."""
    total = test_sets.sets_of(visit.store, visit.here["id"], 0, 0).total
    paging = read_paging(visit.request, total)
    sets = test_sets.sets_of(visit.store, visit.here["id"], paging.offset, PAGE_SIZE).rows
    sizes = {one["id"]: len(test_sets.items_of_set(visit.store, one["id"])) for one in sets}
    return visit.show("sets.html", sets=sets, sizes=sizes, paging=paging)


async def ask_new(visit: Visit) -> web.Response:
    """`GET sets/new`."""
    visit.form = Form({"is_sequential": "yes"})
    return _show(visit, None, [])


async def add(visit: Visit) -> web.Response:
    """`POST sets/new`: with the tests that are chosen, in the order of the list."""
    form = visit.form
    name, items = form.text("name"), [SetItem(test_id) for test_id in form.numbers("add")]
    if not form.errors:
        with form.refusals():
            set_id = test_sets.add_set(
                visit.store, visit.here["id"], name, form.flag("is_sequential"), items
            )
            return visit.go(f"{visit.home}/sets/{set_id}", f"Set {name} was added.")
    return _show(visit, None, [])


async def show_set(visit: Visit) -> web.Response:
    """`GET sets/{SetId}`."""
    one = _require(visit)
    items = test_sets.items_of_set(visit.store, one["id"])
    visit.form = Form(_filled(one, items))
    return _show(visit, one, items)


async def change(visit: Visit) -> web.Response:
    """`POST sets/{SetId}`: the order by the numbers given, then what is added; runs stay."""
    one, form = _require(visit), visit.form
    before = test_sets.items_of_set(visit.store, one["id"])
    name = form.text("name")
    items = [*_read_items(form, before), *(SetItem(test_id) for test_id in form.numbers("add"))]
    if not form.errors:
        with form.refusals():
            test_sets.change_set(visit.store, one["id"], name, form.flag("is_sequential"), items)
            return visit.go(f"{visit.home}/sets/{one['id']}", "The set was changed.")
    return _show(visit, one, before)


async def remove(visit: Visit) -> web.Response:
    """`POST sets/{SetId}/remove`: its tests and runs stay."""
    one = _require(visit)
    test_sets.remove_set(visit.store, one["id"])
    return visit.go(f"{visit.home}/sets", f"Set {one['name']} was removed.")


def _require(visit: Visit) -> sqlite3.Row:
    return test_sets.require_set(visit.store, visit.here["id"], visit.id("set_id"))


def _read_items(form: Form, before: list[sqlite3.Row]) -> list[SetItem]:
    """Read the row of each item: its place, whether it stays, and what is ticked for it.

    The test stands in the row too: the set may be another one by now than the form shows.
    """
    placed = []
    for number, test_id in enumerate(form.numbers("test"), start=1):
        place = form.number(f"place-{number}")
        if place is None:
            form.wrong(f"place-{number}", "A number, please.")
        elif not form.flag(f"leave-{number}"):
            stops, active = form.flag(f"stop-{number}"), form.flag(f"active-{number}")
            placed.append((place, number, SetItem(test_id, stops, active)))
    return [item for _, _, item in sorted(placed)]


def _filled(one: sqlite3.Row, items: list[sqlite3.Row]) -> dict[str, str]:
    """Fill the form with the set as it is now."""
    filled = {"name": one["name"], **({"is_sequential": "yes"} if one["is_sequential"] else {})}
    for number, item in enumerate(items, start=1):
        filled[f"place-{number}"] = str(number)
        ticks = {"stop": item["stop_on_fail"], "active": item["is_active"]}
        filled |= {f"{name}-{number}": "yes" for name, ticked in ticks.items() if ticked}
    return filled


def _show(visit: Visit, one: sqlite3.Row | None, items: list[sqlite3.Row]) -> web.Response:
    tests = tests_of(visit.store, visit.here["id"], 0, _MOST_TESTS).rows
    return visit.show("set.html", form=visit.form, one=one, items=items, tests=tests)
