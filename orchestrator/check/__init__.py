"""Look at everything a run will need, before the night: folders, tools, server and tokens."""

from collections.abc import AsyncIterator, Iterator

from orchestrator import guard
from orchestrator.api.client import HostClient
from orchestrator.api.transport import Api
from orchestrator.api.wire import agent_name
from orchestrator.check.before import Before, look_before, owners
from orchestrator.check.browsers import look_for_browsers
from orchestrator.check.finding import Finding
from orchestrator.check.tools import look_at
from orchestrator.errors import ApiError, PermanentApiError
from orchestrator.logs import redact, remember_secret
from orchestrator.settings import Settings
from orchestrator.threads import in_thread

__all__ = ["Finding", "check"]

_NO_SEAL = (
    "neither file locks (ulimit -x) nor the resident set (ulimit -m) are unlimited: if a guard is"
    " killed, its run is Blocked and not run again, as not all of its tool could be found"
)


async def check(settings: Settings, api: Api) -> AsyncIterator[Finding]:
    """Yield a finding for the state directory and what is in it, each tool and each host."""
    before = await in_thread(look_before, settings)
    for finding in before.findings:
        yield finding
    yield await _server(api)
    for key, tool in settings.tools.items():
        async for finding in look_at(key, tool):
            yield finding
    for finding in (*look_for_browsers(settings.tools), *_shadowed(settings), *_limits()):
        yield finding
    if not settings.hosts:
        yield Finding("hosts", False, "none is configured")
    async for finding in _hosts(settings, api, before):
        yield finding


async def _hosts(settings: Settings, api: Api, before: Before) -> AsyncIterator[Finding]:
    identities = {key: _identity(settings, before, key) for key in settings.hosts}
    ids = [identity[0] for identity in identities.values() if identity]
    owned = await in_thread(owners, settings, before, ids)
    for key, identity in identities.items():
        what = f"host {key}"
        if identity is None:
            yield Finding(what, False, before.why_no_token(settings.state_dir))
            continue
        # What a server says back may quote it.
        remember_secret(identity[1])
        found = await _host(what, api, identity)
        if found.good and (why := owned.get(identity[0])):
            found = Finding(what, False, f"{found.detail}; {why}")
        elif found.good and key in before.known.paused:
            paused = f"{found.detail}; paused: no run is taken until `labfleet resume {key}`"
            found = Finding(what, True, paused, hint=True)
        yield found


def _identity(settings: Settings, before: Before, key: str) -> tuple[int, str] | None:
    host = settings.hosts[key]
    if host.id is not None and host.token is not None:
        return host.id, host.token.get_secret_value()
    return before.known.credentials.get(key)


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


async def _host(what: str, api: Api, identity: tuple[int, str]) -> Finding:
    try:
        document = await HostClient(api, *identity).get_host()
    except ApiError as error:
        return Finding(what, False, redact(str(error)))
    if not document.is_active:
        return Finding(what, False, f"{document.host_name} is switched off in QAComplete")
    return Finding(what, True, f"{document.host_name}, id {document.id}")
