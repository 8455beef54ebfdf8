"""Fetch a script: from the API, from a web server it points to, or learn where it lies.

The API answers with the archive, with a redirect to a web server, or (this is not documented)
with a path on a share or on the host's own disk. Redirects are followed by hand: a foreign server
never sees the host's credentials, only servers that the settings allow are asked at all, and only
the API itself may point to a path. What a foreign server does wrong is named with its address.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import anyio
from yarl import URL

from orchestrator.api import answers
from orchestrator.api.received import MalformedAnswer
from orchestrator.api.script_hosts import Rules, check_allowed
from orchestrator.api.transport import Api, Call, ask, read_capped
from orchestrator.errors import LabfleetError, ScriptError, TransientApiError

__all__ = ["Reference", "Rules", "download"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_BATCH_BYTES = 1024 * 1024
_SLOWEST_BYTES_PER_S = 1024
_PATIENCE = 10
"""After so many of a request's time limits a script has to come at that speed, or it drips."""
_MAX_REFERENCE_BYTES = 4096
_COMPLETE = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
"""An address that needs no further escaping."""
_PATH = re.compile(r"file:|\\\\|[a-z]:[\\/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A script that was not sent, but lies at *path*, in any of the forms servers use."""

    path: str


@dataclass(frozen=True, slots=True)
class _Bounds:
    max_bytes: int
    patience_s: float


async def download(api: Api, call: Call, into: Path, rules: Rules) -> Path | Reference:
    """Follow *call* to the script and return the file it was written to, or where it lies.

    Raises ScriptError when there is no usable script there, also when a foreign server refuses
    it; PermanentApiError when the API refuses; TransientApiError when asking again may help.
    """
    for _ in range(_MAX_REDIRECTS + 1):
        async with ask(api, call) as response:
            if response.status not in _REDIRECTS:
                patience_s = _PATIENCE * api.request_timeout_s
                return await _receive(response, call, into, _Bounds(rules.max_bytes, patience_s))
            location = response.headers.get("Location", "").strip()
        if not location:
            raise ScriptError(call.about("the server redirects without saying where to"))
        if _PATH.match(location):
            return _reference(call, location)
        call = await _followed(api, call, location, rules)
    raise ScriptError(f"the script's address redirects more than {_MAX_REDIRECTS} times")


async def _receive(
    response: aiohttp.ClientResponse, call: Call, into: Path, bounds: _Bounds
) -> Path | Reference:
    if not 200 <= response.status < 300:
        raise await _refusal(response, call)
    await _store(response, into, bounds)
    async with await anyio.open_file(into, "rb") as file:
        start = await file.read(_MAX_REFERENCE_BYTES + 1)
    if answers.is_page(start):
        # From the API it is a proxy's page, which may pass; a foreign login page stays.
        said = call.about("the answer is an HTML page, not a script")
        raise ScriptError(said) if call.foreign else MalformedAnswer(said)
    path = _path_in(start) if len(start) <= _MAX_REFERENCE_BYTES else None
    return into if path is None else _reference(call, path)


async def _refusal(response: aiohttp.ClientResponse, call: Call) -> LabfleetError:
    """Return what an answer without a script stands for.

    A foreign refusal is no ApiError: its 401 says nothing about the host's token, nor its 404
    about the run.
    """
    if not call.foreign:
        return answers.refusal(call.operation, response, await read_capped(response))
    reason = answers.reason_of(response)
    said = f"the script at {answers.shown(call.url)} answered {response.status} {reason}"
    if not answers.is_transient(response.status):
        return ScriptError(said)
    return TransientApiError(call.operation, said, retry_after_s=answers.wait_of(response))


async def _store(response: aiohttp.ClientResponse, into: Path, bounds: _Bounds) -> None:
    """Write the body to *into*; raises TimeoutError for one that drips."""
    size, began = 0, anyio.current_time()
    async with await anyio.open_file(into, "wb") as file:
        batch = bytearray()
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > bounds.max_bytes:
                raise ScriptError(f"the script is larger than {bounds.max_bytes} bytes")
            late_s = anyio.current_time() - began - bounds.patience_s
            if size < late_s * _SLOWEST_BYTES_PER_S:
                raise TimeoutError
            batch += piece
            if len(batch) >= _BATCH_BYTES:
                await file.write(batch)
                batch = bytearray()
        await file.write(batch)


def _reference(call: Call, path: str) -> Reference:
    if call.foreign:
        # Else any web server could name files of this machine, or shares to log in to.
        raise ScriptError(call.about("it points to a path, as only QAComplete may"))
    return Reference(path)


def _path_in(body: bytes) -> str | None:
    """Return the path that a short answer consists of, plain or in JSON; None if it has none."""
    try:
        text = body.decode("utf-8-sig").strip()
        if text.startswith(("{", '"')):
            document = json.loads(text)
            text = str(document.get("path", "") if isinstance(document, dict) else document)
    except (ValueError, RecursionError):
        return None
    if text.isprintable() and (_PATH.match(text) or text.startswith("/")):
        return text
    return None


async def _followed(api: Api, call: Call, location: str, rules: Rules) -> Call:
    try:
        # Byte for byte if it can be: a signature in it would not fit what is written otherwise.
        url = call.url.join(URL(location, encoded=_COMPLETE.fullmatch(location) is not None))
        place = _place(url)
    except ValueError:
        url, place = URL(), ("", "", None)
    if place[0] not in {"http", "https"} or not place[1]:
        raise ScriptError(f"the script's address is no web address: {answers.shown(location)}")
    if place == _place(URL(api.url)):
        # Without a user of its own, which would contradict the host's credentials. Where those
        # were dropped on the way they stay dropped, even if a foreign server points back.
        return replace(call, url=url.with_user(None))
    await check_allowed(url, rules.hosts)
    return replace(call, url=url, authorization=None)


def _place(url: URL) -> tuple[str, str, int | None]:
    """Return scheme, host and port; raises ValueError for a port that is none."""
    return url.scheme, (url.host or "").casefold(), url.port
