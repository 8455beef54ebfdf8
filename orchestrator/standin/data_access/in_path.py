"""What the path names, if it is the asking user's: the project, and a test in it."""

import sqlite3

from aiohttp import web

from orchestrator.standin.auth import User, require_user
from orchestrator.standin.errors import Refusal
from orchestrator.standin.library import require_test
from orchestrator.standin.store import STORE


def require_project(request: web.Request) -> tuple[User, sqlite3.Row]:
    """Return who asks, and the project in the path. Raises Refusal 401, 403 or 404."""
    user = require_user(request)
    project_id = int(request.match_info["project_id"])
    project = request.app[STORE].row("SELECT * FROM projects WHERE id = ?", project_id)
    if project is None:
        raise Refusal(404, f"Project with id {project_id} not found")
    if project["dept_id"] not in user.dept_ids:
        raise Refusal(403, f"Project {project_id} is not one of this user's")
    return user, project


def test_in_path(request: web.Request) -> sqlite3.Row:
    """Return the test in the path. Raises Refusal 401, 403 or 404."""
    _, project = require_project(request)
    return require_test(request.app[STORE], project["id"], int(request.match_info["test_id"]))
