"""What the path names, if it is the asking user's: a project, a test, a set or a run in it."""

import sqlite3

from aiohttp import web

from orchestrator.standin.auth import User, require_user
from orchestrator.standin.errors import Refusal
from orchestrator.standin.history import require_run
from orchestrator.standin.library import require_test
from orchestrator.standin.store import STORE
from orchestrator.standin.test_sets import require_set


def require_project(request: web.Request) -> tuple[User, sqlite3.Row]:
    """Return who asks, and the project in the path. Raises Refusal 401, 403 or 404."""
    user = require_user(request)
    project_id = id_in_path(request, "project_id")
    project = request.app[STORE].row("SELECT * FROM projects WHERE id = ?", project_id)
    if project is None:
        raise Refusal(404, f"Project with id {project_id} not found")
    if project["dept_id"] not in user.dept_ids:
        raise Refusal(403, f"Project {project_id} is not one of this user's")
    return user, project


def require_project_test(request: web.Request) -> sqlite3.Row:
    """Return the test in the path. Raises Refusal 401, 403 or 404."""
    _, project = require_project(request)
    return require_test(request.app[STORE], project["id"], id_in_path(request, "test_id"))


def require_project_set(request: web.Request) -> sqlite3.Row:
    """Return the test set in the path. Raises Refusal 401, 403 or 404."""
    _, project = require_project(request)
    return require_set(request.app[STORE], project["id"], id_in_path(request, "set_id"))


def require_project_run(request: web.Request) -> sqlite3.Row:
    """Return the run in the path. Raises Refusal 401, 403 or 404."""
    _, project = require_project(request)
    return require_run(request.app[STORE], project["id"], id_in_path(request, "run_id"))


def id_in_path(request: web.Request, name: str) -> int:
    """Return the number in the path; the routes let nothing else through."""
    return int(request.match_info[name])
