"""The web interface: a page for each document, all of it from here and none from elsewhere."""

from pathlib import Path
from typing import Any

from aiohttp import web

from orchestrator.standin.errors import Handler
from orchestrator.standin.quirks import QUIRKS, SWITCHES, Quirks

from .documents import DOCUMENTS

_HERE = Path(__file__).parent
_FILES = {
    "swagger-ui.css": (_HERE / "swagger_ui" / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (_HERE / "swagger_ui" / "swagger-ui-bundle.js", "text/javascript"),
    "page.css": (_HERE / "page" / "page.css", "text/css"),
    "page.js": (_HERE / "page" / "page.js", "text/javascript"),
}
_PAGE = _HERE / "page" / "index.html"
# Swagger UI draws its icons from data: addresses, and sets styles by script, which needs no leave.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_REDIRECTS = (301, 302, 303, 307, 308)


def add_interface(app: web.Application) -> None:
    """Offer each document and its page below the address of what it describes."""
    for base in DOCUMENTS:
        app.router.add_get(base, _to_page)
        app.router.add_get(f"{base}/", _show_page)
        app.router.add_get(f"{base}/openapi.json", _send_document)
        app.router.add_get(f"{base}/ui/{{name}}", _send_file)


@web.middleware
async def show_redirects(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write a redirect down for the page, which asks for it by a header of its own.

    A page of another site cannot send that header unasked, and no other program does.
    """
    response = await handler(request)
    location = response.headers.get("Location")
    asked = "X-Show-Redirect" in request.headers
    if location is None or response.status not in _REDIRECTS or not asked:
        return response
    shown = {"Location": location, "X-Shown-Redirect": str(response.status)}
    return web.Response(headers=shown)


async def _to_page(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"{request.path}/"})


async def _show_page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE, headers={**_HEADERS, "Content-Type": "text/html"})


async def _send_document(request: web.Request) -> web.Response:
    document = _with_quirks(
        DOCUMENTS[request.path.removesuffix("/openapi.json")](), request.app[QUIRKS]
    )
    return web.json_response(document, headers={"Cache-Control": "no-cache"})


def _with_quirks(document: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    """Say which quirks are on, to programs and to who reads the page."""
    if not quirks.names:
        return document
    names = sorted(quirks.names)
    lines = "\n".join(f"- `{name}`: {SWITCHES[name].what}" for name in names)
    about = f"**On this server, quirks are on: answers differ from this document.**\n\n{lines}"
    info = document["info"]
    said = {"description": f"{about}\n\n{info['description']}", "x-quirks": names}
    return {**document, "info": {**info, **said}}


async def _send_file(request: web.Request) -> web.FileResponse:
    try:
        path, content_type = _FILES[request.match_info["name"]]
    except KeyError:
        raise web.HTTPNotFound from None
    return web.FileResponse(path, headers={**_HEADERS, "Content-Type": content_type})
