"""Files that a browser is to save, never to show: somebody else made them."""

from urllib.parse import quote

from aiohttp import web

from orchestrator.standin.store import Store


def download(store: Store, stored_name: str, file_name: str, content_type: str) -> web.FileResponse:
    """Answer with a stored file under the name that it was given."""
    # RFC 6266; the quoted form keeps any character of the name from breaking the header.
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.FileResponse(store.files / stored_name, headers=headers)
