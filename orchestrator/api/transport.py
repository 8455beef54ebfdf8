"""One request to one server: sent once, counted, timed, and its failure named.

One session serves every identity. It holds no credentials and no cookies: each request carries
its own Authorization header, and no redirect is followed by the library, so a host's token can
only ever reach the API itself. Nothing is retried here; an error says whether asking again may
help, and the poller, the runner and the reporter choose.
"""

import json
import math
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import anyio
from anyio import to_thread
from yarl import URL

from orchestrator.api import answers
from orchestrator.api.circuit import Circuit
from orchestrator.api.received import MalformedAnswer
from orchestrator.errors import SettingsError, TransientApiError
from orchestrator.metrics import Metrics
from orchestrator.settings.sections import ServerSettings

_T = TypeVar("_T")

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""No documented answer comes near it; an endless one is refused here."""
_READ_ASIDE_BYTES = 256 * 1024
"""A longer one is read in a thread: some megabytes of runs would hold every host up for seconds."""
# What a proxy says of a server that it cannot reach, or the server of itself.
_AWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Api:
    """The server, and how to reach it; shared by all identities."""

    session: aiohttp.ClientSession
    url: str
    """Ends in /rest-api/service."""
    metrics: Metrics
    request_timeout_s: float
    proxy: str | None = field(default=None, repr=False)
    circuit: Circuit = field(default_factory=lambda: Circuit(math.inf, failures=math.inf))
    """By default one that asks every time, as a command wants that asks each host once."""

    def at(self, path: str) -> URL:
        """Return the address of *path* below the automation API."""
        return URL(f"{self.url}/automation/v2/{path}", encoded=True)


def api_of(server: ServerSettings, session: aiohttp.ClientSession, metrics: Metrics) -> Api:
    """Return the API that *server* describes, with a circuit."""
    circuit = Circuit(server.poll_interval_s)
    metrics.server_away.set_function(lambda: circuit.away)
    limit_s = server.request_timeout_s
    return Api(session, server.service_url, metrics, limit_s, server.proxy or None, circuit)


@asynccontextmanager
async def open_session(ca_file: Path | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the one session: few connections, kept longer than the gap between polls.

    Raises SettingsError when *ca_file*, an authority to trust beside the system's, is unusable.
    """
    connector = aiohttp.TCPConnector(
        limit=128, limit_per_host=64, keepalive_timeout=75, ssl=_trust(ca_file)
    )
    async with aiohttp.ClientSession(
        connector=connector,
        # One host's session cookie must not ride on another host's request.
        cookie_jar=aiohttp.DummyCookieJar(),
        # The environment's .netrc would replace credentials.
        trust_env=False,
    ) as session:
        yield session


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"server.ca_file {ca_file} cannot be used: {error}") from error
    return context


@dataclass(frozen=True, slots=True)
class Call:
    """One request: which operation, and what it carries."""

    operation: str
    method: str
    url: URL
    authorization: str | None = field(repr=False)
    """None on the way to a foreign server."""
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    timeout: aiohttp.ClientTimeout | None = None
    head_within_s: float = math.inf
    """How long the answer's head may take where the body may take much longer."""

    @property
    def big(self) -> bool:
        """Whether its own size may be why it fails: those have a limit of their own."""
        return self.timeout is not None

    @property
    def host(self) -> str:
        """The host whose call it is, as it stands in the address; empty for a user's."""
        parts = self.url.parts
        place = parts.index("hosts") + 1 if "hosts" in parts else len(parts)
        return parts[place] if place < len(parts) else ""

    @property
    def foreign(self) -> bool:
        """Whether it goes to a server that is not the API: only scripts are asked for so."""
        return self.authorization is None

    def about(self, said: str) -> str:
        """Name the foreign server that *said* is about; the API needs no name."""
        return f"the script at {answers.shown(self.url)}: {said}" if self.foreign else said


@asynccontextmanager
async def ask(api: Api, call: Call) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send *call* and yield the answer, of whatever status; count and time it.

    A foreign server's answers are not counted: they say nothing about the API.
    Raises TransientApiError when no whole answer came, also while the caller reads it, and
    ServerAwayError when the server was not asked at all, since it answers nobody.
    """
    trial = _Trial(None if call.foreign else api.circuit, call)
    started = time.perf_counter()
    outcome = said = ""
    try:
        with anyio.fail_after(call.head_within_s) as head:
            async with _request(api, call) as response:
                head.deadline = math.inf
                outcome = f"{response.status // 100}xx"
                trial.answered(response)
                yield response
            return
    except TimeoutError:
        outcome, said = "timeout", "no answer in time"
    except aiohttp.ClientError as error:
        outcome, said = "connection", answers.connection_text(error)
    except MalformedAnswer as error:
        # Likely a proxy's or a login page in between; such things pass.
        outcome, said = "decode", str(error)
    finally:
        # A call that we gave up ourselves has no outcome.
        if outcome and not call.foreign:
            api.metrics.api_call(call.operation, outcome, time.perf_counter() - started)
        trial.end(outcome, said)
    # Out here, so that the library's error does not go along: it may hold the request's headers.
    raise TransientApiError(call.operation, call.about(said)) from None


class _Trial:
    """What one call tells the circuit of the server."""

    def __init__(self, circuit: Circuit | None, call: Call) -> None:
        self._circuit = circuit
        self._big, self._who = call.big, call.host
        self._refused = ""
        self._wanted_s: float | None = None
        self._probe = circuit is not None and circuit.admit(call.operation, big=call.big)

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """Note an answer that a proxy may have given for a server that is away."""
        if response.status in _AWAY:
            self._refused = f"{response.status} {answers.reason_of(response)}"
            self._wanted_s = answers.wait_of(response)

    def end(self, outcome: str, said: str) -> None:
        """Tell what became of the call; without *outcome* we gave it up ourselves."""
        if self._circuit is None:
            return
        failed = bool(self._refused) or outcome in {"timeout", "connection"}
        # Half of an answer, or a big file that gets stuck, says nothing of the others' calls.
        unsaid = not outcome or outcome == "decode" or (failed and self._big)
        self._circuit.note(
            None if unsaid else not failed,
            self._refused or said,
            probe=self._probe,
            wanted_s=self._wanted_s,
            who=self._who,
        )


def _request(api: Api, call: Call) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    headers = {"Accept": "application/json", **call.headers}
    if call.authorization:
        headers["Authorization"] = call.authorization
    return api.session.request(
        call.method,
        call.url,
        json=call.json,
        data=call.body,
        headers=headers,
        allow_redirects=False,
        proxy=api.proxy,
        timeout=call.timeout or aiohttp.ClientTimeout(total=api.request_timeout_s),
    )


async def ask_json(api: Api, call: Call, read: Callable[[Any], _T]) -> _T:
    """Send *call* and return what *read* makes of the decoded body; of None for an empty one.

    Raises TransientApiError or PermanentApiError for every answer but a success.
    """
    async with ask(api, call) as response:
        data = await read_capped(response)
        if not 200 <= response.status < 300:
            raise answers.refusal(call.operation, response, data)
        if len(data) <= _READ_ASIDE_BYTES:
            return read(_decode(data))
        # Nothing waits for the thread when the call is given up.
        decode = partial(_decoded, data, read)
        return await to_thread.run_sync(decode, abandon_on_cancel=True)


def ignored(_answer: Any) -> None:
    """Judge an answer by its status alone.

    It was JSON or empty all the same: a login page with status 200 confirms nothing.
    """


async def ask_taken(api: Api, call: Call) -> None:
    """Send *call*, an upload, whose success is documented by its status alone.

    A short word will do for an answer, but not a page: a login page confirms nothing.
    Raises TransientApiError or PermanentApiError for every answer but a success.
    """
    async with ask(api, call) as response:
        data = await read_capped(response)
        if not 200 <= response.status < 300:
            raise answers.refusal(call.operation, response, data)
        if not answers.is_word(data):
            _decode(data)


async def read_capped(response: aiohttp.ClientResponse) -> bytes:
    """Return the whole body; MalformedAnswer when it is longer than any answer may be."""
    data = bytearray()
    async for piece in response.content.iter_any():
        data += piece
        if len(data) > MAX_ANSWER_BYTES:
            raise MalformedAnswer(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
    return bytes(data)


def _decoded(data: bytes, read: Callable[[Any], _T]) -> _T:
    return read(_decode(data))


def _decode(data: bytes) -> Any:
    if not data.strip():
        return None
    # The error is dropped before ours is raised: it holds the body, and that may hold a token.
    with suppress(ValueError, RecursionError):
        return json.loads(data)
    raise MalformedAnswer(f"the answer is {answers.looks_like(data)}, not JSON")
