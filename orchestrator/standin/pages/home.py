"""Where one comes in, and how one gets from project to project."""

from aiohttp import web

from .visit import Visit


async def show_home(visit: Visit) -> web.Response:
    """`GET /`: the runs of the project last looked at, or what to do without one."""
    project = visit.last_project
    if project is None:
        return visit.show("no_project.html")
    return visit.go(f"/projects/{project['id']}/runs")


async def open_project(visit: Visit) -> web.Response:
    """`GET /open?project=`: what the project switcher asks for."""
    wanted = visit.request.query.get("project", "")
    known = {str(project["id"]) for project in visit.projects}
    return visit.go(f"/projects/{wanted}/runs" if wanted in known else "/")
