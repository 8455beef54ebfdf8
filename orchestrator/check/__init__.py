"""Look at everything a run will need, before the night: folders, tools, server and tokens."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from orchestrator import guard
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api
from orchestrator.api.wire import agent_name
from orchestrator.check.browsers import look_for_browsers
from orchestrator.check.finding import Finding
from orchestrator.check.tools import look_at
from orchestrator.errors import ApiError, PermanentApiError
from orchestrator.logs import redact, remember_secret
from orchestrator.settings import Settings

__all__ = ["Finding", "check"]

_NO_SEAL = (
    "neither file locks (ulimit -x) nor the resident set (ulimit -m) are unlimited: if a guard is"
    " killed, its run is Blocked and not run again, as not all of its tool could be found"
)


async def check(
    settings: Settings, api: Api, registered: Mapping[str, tuple[int, str]]
) -> AsyncIterator[Finding]:
    """Yield a finding for the state directory, each tool and each host."""
    yield _state_dir(settings.state_dir)
    yield await _server(api)
    for key, tool in settings.tools.items():
        async for finding in look_at(key, tool):
            yield finding
    for finding in (*look_for_browsers(settings.tools), *_shadowed(settings), *_limits()):
        yield finding
    if not settings.hosts:
        yield Finding("hosts", False, "none is configured")
    for key, host in settings.hosts.items():
        identity = registered.get(key)
        if host.id is not None and host.token is not None:
            identity = host.id, host.token.get_secret_value()
        if identity is not None:
            # What a server says back may quote it.
            remember_secret(identity[1])
        yield await _host(f"host {key}", api, identity)


def _state_dir(path: Path) -> Finding:
    usable = os.access(path, os.W_OK | os.X_OK)
    return Finding("state_dir", usable, str(path) if usable else f"{path} is not writable")


def _limits() -> Iterator[Finding]:
    if guard.seal_limit() is None:
        yield Finding("limits", True, _NO_SEAL, hint=True)


async def _server(api: Api) -> Finding:
    """See whether the API answers at all: to a stranger it says no, and that is an answer."""
    try:
        await HostClient(api, 0, "nobody").get_host()
    except PermanentApiError as error:
        if error.status in {401, 403, 404}:
            return Finding("server", True, api.url)
        return Finding("server", False, str(error))
    except ApiError as error:
        return Finding("server", False, str(error))
    return Finding("server", False, f"{api.url} lets anybody in; is it QAComplete?")


def _shadowed(settings: Settings) -> Iterator[Finding]:
    """Yield the profiles that a host will never use, once for all hosts with the same tools."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for key, host in settings.hosts.items():
        alike.setdefault(host.tools, []).append(key)
    for keys, hosts in alike.items():
        by_agent: dict[str, list[str]] = {}
        for key in keys:
            by_agent.setdefault(agent_name(settings.tools[key].agent), []).append(key)
        said = [
            f"{', '.join(same)} have the same agent, {agent}: only {same[0]} is used"
            for agent, same in by_agent.items()
            if len(same) > 1
        ]
        more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
        if said:
            yield Finding(f"tools of host {hosts[0]}{more}", True, "; ".join(said), hint=True)


async def _host(what: str, api: Api, identity: tuple[int, str] | None) -> Finding:
    if identity is None:
        return Finding(what, False, "has no id and token yet: run `labfleet register`")
    try:
        document = await HostClient(api, *identity).get_host()
    except ApiError as error:
        return Finding(what, False, redact(str(error)))
    if not document.is_active:
        return Finding(what, False, f"{document.host_name} is switched off in QAComplete")
    return Finding(what, True, f"{document.host_name}, id {document.id}")
