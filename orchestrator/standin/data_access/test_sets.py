"""Test sets and their items, as the data-access API has them."""

import sqlite3

from aiohttp import web

from orchestrator.standin import test_sets
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.errors import Refusal
from orchestrator.standin.inputs import Fields, read_fields
from orchestrator.standin.store import STORE, Store
from orchestrator.standin.test_sets import SetItem

from .in_path import id_in_path, require_project, require_project_set

_TITLE_LIMIT = 255


async def list_test_sets(request: web.Request) -> web.Response:
    """`GET testsets`: in ascending order of id, without their items."""
    _, project = require_project(request)
    page = read_page(request)
    found = test_sets.sets_of(request.app[STORE], project["id"], page.offset, page.limit)
    shown = [_header(row) for row in found.rows]
    return answer(request, envelope(page, shown, total=found.total, acl=7))


async def create_test_set(request: web.Request) -> web.Response:
    """`POST testsets`: Title (or Name), IsSequential, and at once its Items, in order."""
    _, project = require_project(request)
    store = request.app[STORE]
    fields = await read_fields(request)
    title = _title(fields)
    if title is None:
        raise Refusal(400, "title is required")
    items = _read_items(fields) or []
    set_id = test_sets.add_set(store, project["id"], title, _is_sequential(fields), items)
    return answer(request, _document(store, project["id"], set_id))


async def get_test_set(request: web.Request) -> web.Response:
    """`GET testsets/{Id}`: one set with its items."""
    row = require_project_set(request)
    return answer(request, _document(request.app[STORE], row["project_id"], row["id"]))


async def update_test_set(request: web.Request) -> web.Response:
    """`PATCH testsets/{Id}`: only what is sent changes; its items are changed by themselves."""
    row = require_project_set(request)
    fields = await read_fields(request)
    store = request.app[STORE]
    kept = test_sets.require_set(store, row["project_id"], row["id"])
    sequential = fields.flag("is_sequential")
    if sequential is None:
        sequential = bool(kept["is_sequential"])
    test_sets.change_set(store, kept["id"], _title(fields) or kept["name"], sequential)
    return answer(request, _document(store, kept["project_id"], kept["id"]))


async def replace_test_set(request: web.Request) -> web.Response:
    """`PUT testsets/{Id}`: what is not sent becomes what it is in a new set; its items stay."""
    row = require_project_set(request)
    fields = await read_fields(request)
    title = _title(fields)
    if title is None:
        raise Refusal(400, "title is required")
    store = request.app[STORE]
    test_sets.change_set(store, row["id"], title, _is_sequential(fields))
    return answer(request, _document(store, row["project_id"], row["id"]))


async def delete_test_set(request: web.Request) -> web.Response:
    """`DELETE testsets/{Id}`: its tests and its runs stay."""
    row = require_project_set(request)
    test_sets.remove_set(request.app[STORE], row["id"])
    return answer(request, {})


async def list_set_items(request: web.Request) -> web.Response:
    """`GET testsets/{Id}/items`: in order."""
    row = require_project_set(request)
    page = read_page(request, filters=True)
    items = test_sets.items_of_set(request.app[STORE], row["id"])
    part = items[page.offset : page.offset + page.limit]
    shown = [_item_document(item) for item in part]
    return answer(request, envelope(page, shown, total=len(items), acl=7))


async def add_set_items(request: web.Request) -> web.Response:
    """`POST testsets/{Id}/items`: Items, which go to the end."""
    row = require_project_set(request)
    new = _read_items(await read_fields(request))
    if new is None:
        raise Refusal(400, "items is required")
    return _change_items(request, row, [*_items(request, row), *new])


async def replace_set_items(request: web.Request) -> web.Response:
    """`PUT testsets/{Id}/items`: Items, in place of all that are there."""
    row = require_project_set(request)
    new = _read_items(await read_fields(request))
    if new is None:
        raise Refusal(400, "items is required")
    return _change_items(request, row, new)


async def insert_set_item(request: web.Request) -> web.Response:
    """`POST testsets/{Id}/items/{Seq}`: one item at that place; later ones move on by one.

    A place behind the end is the end; before the first there is none: 404.
    """
    row = require_project_set(request)
    place = id_in_path(request, "sequence_number")
    new = _read_item(await read_fields(request))
    if place < 1:
        raise Refusal(404, f"Test set {row['id']} has no item {place}")
    items = _items(request, row)
    return _change_items(request, row, [*items[: place - 1], new, *items[place - 1 :]])


async def delete_set_item(request: web.Request) -> web.Response:
    """`DELETE testsets/{Id}/items/{Seq}`: later ones move up."""
    row = require_project_set(request)
    place = id_in_path(request, "sequence_number")
    items = _items(request, row)
    if not 1 <= place <= len(items):
        raise Refusal(404, f"Test set {row['id']} has no item {place}")
    return _change_items(request, row, [*items[: place - 1], *items[place:]])


def _change_items(request: web.Request, row: sqlite3.Row, items: list[SetItem]) -> web.Response:
    store = request.app[STORE]
    # Looked up again: the set may have been renamed while the body was on its way.
    now = test_sets.require_set(store, row["project_id"], row["id"])
    test_sets.change_set(store, now["id"], now["name"], bool(now["is_sequential"]), items)
    return answer(request, _document(store, now["project_id"], now["id"]))


def _items(request: web.Request, row: sqlite3.Row) -> list[SetItem]:
    rows = test_sets.items_of_set(request.app[STORE], row["id"])
    return [SetItem.from_row(item) for item in rows]


def _title(fields: Fields) -> str | None:
    """Read Title, as documented, or Name, as this stand-in used to call it."""
    name = next((name for name in ("title", "name") if fields.has(name)), None)
    return None if name is None else fields.required_text(name, limit=_TITLE_LIMIT)


def _is_sequential(fields: Fields) -> bool:
    # The default is documented nowhere; in order is what surprises nobody.
    return fields.flag("is_sequential") is not False


def _read_items(fields: Fields) -> list[SetItem] | None:
    given = fields.objects("items")
    return None if given is None else [_read_item(item) for item in given]


def _read_item(fields: Fields) -> SetItem:
    test_id = fields.number("test_id")
    if test_id is None:
        raise Refusal(400, "each item needs a test_id")
    stops = fields.flag("is_stopped_on_fail")
    if stops is None:  # as the other API calls it
        stops = fields.flag("stop_on_fail")
    return SetItem(test_id, bool(stops), fields.flag("is_active") is not False)


def _header(row: sqlite3.Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "project_id": row["project_id"],
        "title": row["name"],
        "is_sequential": bool(row["is_sequential"]),
    }


def _document(store: Store, project_id: int, set_id: int) -> dict[str, object]:
    items = [_item_document(item) for item in test_sets.items_of_set(store, set_id)]
    return {**_header(test_sets.require_set(store, project_id, set_id)), "items": items}


def _item_document(row: sqlite3.Row) -> dict[str, object]:
    return {
        "sequence_number": row["sequence_number"],
        "test_id": row["test_id"],
        "title": row["title"],
        "is_stopped_on_fail": bool(row["stop_on_fail"]),
        "is_active": bool(row["is_active"]),
    }
