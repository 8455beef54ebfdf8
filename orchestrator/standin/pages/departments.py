"""Departments and their projects."""

from aiohttp import web

from orchestrator.standin import accounts

from .rights import require_own_department, require_right
from .visit import Visit


async def list_departments(visit: Visit) -> web.Response:
    """`GET departments`: those of this person, with their projects."""
    return visit.show(
        "departments.html",
        departments=accounts.departments_of(visit.store, visit.person.id),
        form=visit.form,
    )


async def add(visit: Visit) -> web.Response:
    """`POST departments`: who adds one belongs to it."""
    require_right(visit)
    form = visit.form
    name, company = form.text("name"), form.text("company")
    if form.errors:
        return await list_departments(visit)
    dept_id = accounts.add_department(visit.store, name, company)
    mine = {*visit.person.dept_ids, dept_id}
    accounts.change_user(visit.store, visit.person.id, visit.person.may_read_hosts, mine)
    return visit.go(f"/departments/{dept_id}", f"Department {name} was added. Give it a project.")


async def show_department(visit: Visit) -> web.Response:
    """`GET departments/{id}`: the form to change it, and its projects."""
    dept_id = require_own_department(visit)
    return _show(visit, dept_id)


async def change(visit: Visit) -> web.Response:
    """`POST departments/{id}`: another name or company."""
    dept_id, form = require_own_department(visit), visit.form
    name, company = form.text("name"), form.text("company")
    if form.errors:
        return _show(visit, dept_id)
    accounts.change_department(visit.store, dept_id, name, company)
    return visit.go(f"/departments/{dept_id}", "The department was changed.")


async def add_project(visit: Visit) -> web.Response:
    """`POST departments/{id}/projects`."""
    dept_id, form = require_own_department(visit), visit.form
    name = form.text("project_name")
    if form.errors:
        return _show(visit, dept_id)
    project_id = accounts.add_project(visit.store, dept_id, name)
    return visit.go(f"/projects/{project_id}/runs", f"Project {name} was added.")


async def remove(visit: Visit) -> web.Response:
    """`POST departments/{id}/remove`: one without hosts and projects."""
    dept_id = require_own_department(visit)
    with visit.form.refusals():
        accounts.remove_department(visit.store, dept_id)
        return visit.go("/departments", "The department was removed.")
    return _show(visit, dept_id)


def _show(visit: Visit, dept_id: int) -> web.Response:
    rows = accounts.departments_of(visit.store, visit.person.id)
    return visit.show(
        "department.html",
        form=visit.form,
        department=next(row for row in rows if row["id"] == dept_id),
        projects=accounts.projects(visit.store, [dept_id]),
    )
