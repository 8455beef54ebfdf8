"""Which servers a script may be fetched from, beside the API itself."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
from yarl import URL

from orchestrator.errors import ScriptError, TransientApiError


@dataclass(frozen=True, slots=True)
class Rules:
    """What a script may be and where it may come from."""

    hosts: Sequence[str] = ()
    """Foreign servers, as host or host:port; empty means any public one over https."""
    max_bytes: int = 2 * 1024**3


async def check_allowed(url: URL, hosts: Sequence[str]) -> None:
    """Raise ScriptError unless *url* leads to one of *hosts*, or, without any, to a public server.

    A public server's addresses are looked up here and once more by the connection, so a name
    may lead elsewhere by then. It is not pinned: such a server is asked over TLS only, and one
    inside the lab has no certificate for the name of another, so it gets no request.

    Raises TransientApiError when the server's name cannot be looked up.
    """
    host = (url.host_subcomponent or "").casefold()
    place = f"{host}:{url.port}"
    if hosts:
        if not {entry.casefold() for entry in hosts} & {host, host.strip("[]"), place}:
            raise ScriptError(
                f"the script lies on {place}, which server.script_hosts does not name"
            )
        return
    if url.scheme != "https":
        raise ScriptError(f"the script lies on {place} without TLS; name it in server.script_hosts")
    if not await _public(url):
        raise ScriptError(f"{place} is no public address; name it in server.script_hosts")


async def _public(url: URL) -> bool:
    """Whether every address of the server is one of the public Internet.

    Otherwise whoever may write a test could make this machine ask any server of the lab.
    """
    try:
        found = await anyio.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TransientApiError(
            "get_script", f"the script's server {url.host} cannot be found"
        ) from None
    return all(ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_global for entry in found)
