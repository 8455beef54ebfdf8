"""For a browser at an address that no page has: a page too, with a way back."""

from aiohttp import web

from orchestrator.standin.errors import Handler, Refusal
from orchestrator.standin.quirks import QUIRKS

from .rendering import render

# Below these a browser is told what a program is told.
_APIS = ("/rest-api/", "/service/", "/standin/")


@web.middleware
async def show_nothing_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a browser that is at no API with a page, whatever goes wrong outside of the pages."""
    if request.path.startswith(_APIS) or "text/html" not in request.headers.get("Accept", ""):
        return await handler(request)
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        return _show(request, error.status, "There is nothing here", "No page has this address.")
    except Refusal as refusal:
        answer = _show(request, refusal.status, "Not possible", f"{refusal.message}.")
        answer.headers.update(refusal.headers)
        return answer


def _show(request: web.Request, status: int, title: str, text: str) -> web.Response:
    quirks = sorted(request.app[QUIRKS].names)
    return render("nothing.html", status=status, title=title, text=text, quirks=quirks)
