"""Departments, as the data-access API has them: in its version 1, the only one documented."""

import sqlite3

from aiohttp import web

from orchestrator.standin.accounts import departments_of
from orchestrator.standin.answers import answer, envelope, read_page
from orchestrator.standin.auth import require_user
from orchestrator.standin.dates import UtcDate
from orchestrator.standin.errors import Refusal
from orchestrator.standin.store import STORE

from .in_path import id_in_path


async def list_departments(request: web.Request) -> web.Response:
    """`GET depts`: those of the user who asks."""
    user = require_user(request)
    page = read_page(request, filters=True)
    rows = departments_of(request.app[STORE], user.id)
    part = rows[page.offset : page.offset + page.limit]
    shown = [_document(row) for row in part]
    return answer(request, envelope(page, shown, total=len(rows), acl=0))


async def get_department(request: web.Request) -> web.Response:
    """`GET depts/{DeptId}`: another's department is "not found"."""
    user = require_user(request)
    dept_id = id_in_path(request, "dept_id")
    for row in departments_of(request.app[STORE], user.id):
        if row["id"] == dept_id:
            return answer(request, _document(row))
    raise Refusal(404, f"Department with id {dept_id} not found")


def _document(row: sqlite3.Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "dept_name": row["name"],
        "company": row["company"],
        "date_created": UtcDate(row["date_created"]),
    }
