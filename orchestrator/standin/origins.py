"""What a browser may be made to send by a page from elsewhere, and is not taken.

A browser that has signed in adds that to whatever any page has it send, and a name that leads to
this machine for a moment lets a page elsewhere read the answers too.
"""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web

from .errors import Handler, Refusal

_READING = ("GET", "HEAD", "OPTIONS")
_APIS = ("/rest-api/", "/service/", "/standin/")  # the pages know their own forms by a key
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^][:@/?#\\\s]+)(:(?P<port>[0-9]{1,5}))?")
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

OWN_NAMES = web.AppKey("standin.own_names", frozenset[str])
"""Names that this server answers to; none: it answers to any."""


def own_names(host: str, allowed: Collection[str]) -> frozenset[str]:
    """Return the names of a server that listens on *host*; for others than this machine any."""
    if not allowed and not _is_loopback(host):
        return frozenset()
    return frozenset(name.casefold() for name in (*_LOOPBACK_NAMES, host, *allowed))


@web.middleware
async def refuse_foreign(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse calls by another name, 421, and changes that a page from elsewhere makes, 403."""
    _require_own_name(request)
    if request.method not in _READING and request.path.startswith(_APIS) and _is_foreign(request):
        raise Refusal(403, "A page from elsewhere cannot change anything here")
    return await handler(request)


def _require_own_name(request: web.Request) -> None:
    host = request.headers.get("Host")
    if host is None:  # no browser leaves it out
        return
    found = _HOST.fullmatch(host)
    if found is None or int(found["port"] or 0) > 65535:
        raise Refusal(400, "Host is not a name and a port")
    names = request.app[OWN_NAMES]
    if names and found["name"].casefold() not in names:
        raise Refusal(421, "This server does not answer to that name: see --allowed-host")


def _is_foreign(request: web.Request) -> bool:
    """Say whether a browser says so; what is no browser says nothing of it."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.casefold() != request.headers.get("Host", "").casefold()
    except ValueError:
        return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
