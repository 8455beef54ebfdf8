"""From a claim to an order: its folder, its script, its command; nothing is started here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import structlog

from orchestrator import attempt as stages
from orchestrator.admission import is_scarce
from orchestrator.api.client import HostClient
from orchestrator.api.download import Reference, Rules
from orchestrator.choice import Choice
from orchestrator.errors import (
    ApiError,
    PermanentApiError,
    ServerAwayError,
    StateError,
    TransientApiError,
)
from orchestrator.executors import Order
from orchestrator.journal import Claim
from orchestrator.parts import Parts
from orchestrator.threads import in_thread
from orchestrator.turn import Postponed, Scarce
from orchestrator.workspace import Attempt

log = structlog.get_logger()

_SCRIPT_TRIES = 5
_ASK_TWICE_S = 2.0
_BUSY_TRIES = 12
"""For what says that the server is busy, and nothing of the script."""
_BUSY = frozenset({408, 429, 502, 503, 504})


class Preparing:
    """Makes one claim's attempts ready; it remembers how often the script could not be had."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._script_failures = 0
        self._without_script: set[str] = set()
        """Tools of which the server said once that it has no script for them."""

    async def ready(self, claim: Claim, choice: Choice) -> tuple[Attempt, Order]:
        """Make everything ready for the next attempt of *claim*.

        Raises Postponed while it is the server that fails or the host is another's, Scarce while
        it is this machine, and leaves nothing on a full disk then. Every other error is the
        test's own.
        """
        parts = self._parts
        async with self._scarcity(claim):
            name, earlier = claim.next_attempt_name, claim.assignment
            await stages.clear_forgotten(parts.workspaces, parts.executor, earlier)
            attempt = await stages.prepare_folder(parts.workspaces, parts.executor, name)
            with parts.metrics.stage("script"):
                fetched = await self._script(claim, choice, attempt)
            with parts.metrics.stage("unpack"):
                folder = await in_thread(partial(stages.lay_out, fetched, attempt))
                make = partial(stages.make_order, parts.settings, claim, choice, attempt, folder)
                order = await in_thread(make)
            # Another labfleet may have taken it while the script came and was laid out.
            self._must_be_ours(claim)
            return attempt, order

    @asynccontextmanager
    async def _scarcity(self, claim: Claim) -> AsyncIterator[None]:
        try:
            yield
        except Exception as error:
            if not is_scarce(error):
                raise
            # Now, while what filled the disk still lies there.
            await self._parts.admission.look()
            await self.clear_away(claim)
            raise Scarce(str(error) or type(error).__name__) from error

    async def clear_away(self, claim: Claim) -> None:
        """Remove what was made ready and will be made anew: it may be what fills the disk."""
        with suppress(OSError, StateError, RuntimeError):
            parts, name = self._parts, claim.next_attempt_name
            await stages.clear_folder(parts.workspaces, parts.executor, name)

    async def _script(self, claim: Claim, choice: Choice, attempt: Attempt) -> Path | Reference:
        """Fetch the script; raises Postponed while it is the server that fails.

        A script that cannot be had from a server that works is the test's fault, and raised.
        """
        client = self._must_be_ours(claim)
        rules = Rules(self._parts.settings.server.script_hosts)
        try:
            return await stages.fetch_script(client, claim.assignment, choice, attempt, rules)
        except ServerAwayError as error:
            raise Postponed(str(error), error.retry_after_s or 0.0) from error
        except ApiError as error:
            if error.status == 404 and not choice.wanted.agent and self._is_first(choice):
                raise Postponed(str(error), _ASK_TWICE_S) from error
            self._script_failures += 1
            final = isinstance(error, PermanentApiError) and error.status not in {401, 403}
            # A server in maintenance says 404 to everything: then it is not the script.
            tries = _BUSY_TRIES if error.status in _BUSY else _SCRIPT_TRIES
            if final or self._script_failures >= tries:
                if await client.is_served():
                    raise
                self._script_failures = 0
            wait_s = error.retry_after_s if isinstance(error, TransientApiError) else None
            raise Postponed(str(error), wait_s or 0.0) from error

    def _is_first(self, choice: Choice) -> bool:
        """Whether this tool was not refused before.

        Where the server names no tool the next one is asked, and its script may be one that
        passes where this one's fails: one wrong 404 must not decide that.
        """
        first = choice.key not in self._without_script
        self._without_script.add(choice.key)
        return first

    def _must_be_ours(self, claim: Claim) -> HostClient:
        """Return the client of the claim's host; raises Postponed where that is another's."""
        client = self._parts.client_of(claim.assignment.host)
        if client is None:
            raise Postponed("its host is not ours any more")
        return client
