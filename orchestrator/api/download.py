"""Fetch a script: from the API, from a web server it points to, or learn where it lies.

The API answers with the archive, with a redirect to a web server, or (this is not documented)
with a path on a share or on the host's own disk. Redirects are followed by hand: a foreign server
never sees the host's credentials, and only servers that the settings allow are asked at all.
"""

import ipaddress
import json
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import anyio
from yarl import URL

from orchestrator.api import answers
from orchestrator.api.transport import Api, Call, ask, read_capped
from orchestrator.errors import PermanentApiError, ScriptError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_HOPS = 5
_BATCH_BYTES = 1024 * 1024
_MAX_REFERENCE_BYTES = 4096
_PATH = re.compile(r"file:|\\\\|[a-z]:[\\/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a script may be and where it may come from."""

    hosts: Sequence[str] = ()
    """Foreign servers, as host or host:port; empty means any public one over https."""
    max_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Reference:
    """A script that was not sent, but lies at *path*, in any of the forms servers use."""

    path: str


async def download(api: Api, call: Call, into: Path, rules: Rules) -> Path | Reference:
    """Follow *call* to the script and return the file it was written to, or where it lies.

    Raises ScriptError when the server points nowhere useful, ApiError when it refuses or fails.
    """
    for _ in range(_MAX_HOPS):
        async with ask(api, call) as response:
            if response.status not in _REDIRECTS:
                return await _receive(response, call, into, rules.max_bytes)
            location = response.headers.get("Location", "").strip()
        if not location:
            raise ScriptError("the server redirects without saying where to")
        if _PATH.match(location):
            return Reference(location)
        call = await _followed(api, call, location, rules)
    raise ScriptError(f"the script's address redirects more than {_MAX_HOPS} times")


async def _receive(
    response: aiohttp.ClientResponse, call: Call, into: Path, max_bytes: int
) -> Path | Reference:
    if response.status >= 300:
        raise answers.refusal(call.operation, response, await read_capped(response))
    size = 0
    async with await anyio.open_file(into, "wb") as file:
        batch = bytearray()
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > max_bytes:
                raise ScriptError(f"the script is larger than {max_bytes} bytes")
            batch += piece
            if len(batch) >= _BATCH_BYTES:
                await file.write(batch)
                batch = bytearray()
        await file.write(batch)
    if size <= _MAX_REFERENCE_BYTES:
        reference = _as_reference(await anyio.Path(into).read_bytes())
        if reference:
            return Reference(reference)
    return into


def _as_reference(body: bytes) -> str | None:
    """Return the path that a short answer consists of, plain or in JSON; None if it has none."""
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None
    if text.startswith(("{", '"')):
        try:
            document = json.loads(text)
        except ValueError:
            return None
        text = str(document.get("path", "")) if isinstance(document, dict) else str(document)
    if text.isprintable() and (_PATH.match(text) or text.startswith("/")):
        return text
    return None


async def _followed(api: Api, call: Call, location: str, rules: Rules) -> Call:
    try:
        url = call.url.join(URL(location))
    except ValueError as error:
        raise ScriptError(f"the script's address cannot be read: {location[:200]}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ScriptError(f"the script's address is no web address: {location[:200]}")
    if url.origin() == URL(api.url).origin() and call.authorization:
        return replace(call, url=url)
    await _check_allowed(url, rules.hosts)
    # Once credentials are dropped they stay dropped, even if a foreign server points back.
    return replace(call, url=url, authorization=None)


async def _check_allowed(url: URL, hosts: Sequence[str]) -> None:
    place = f"{url.host}:{url.port}"
    if hosts:
        if url.host not in hosts and place not in hosts:
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
    except OSError as error:
        raise PermanentApiError("get_script", f"cannot find {url.host}: {error}") from error
    return all(ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_global for entry in found)
