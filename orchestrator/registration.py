"""Give every host of the settings an identity: find it at the server by its name, or make it.

A user's account is needed for this once; what comes of it, an id and a token for each host,
goes into the journal. A host that has its own id and token in the settings is left alone.
"""

import os
import platform
from collections.abc import AsyncIterator
from dataclasses import dataclass

from orchestrator import __version__
from orchestrator.api.client import HostClient, UserClient
from orchestrator.api.sent import HostRegistration
from orchestrator.api.transport import Api
from orchestrator.api.wire import Department, HostDocument
from orchestrator.errors import ApiError, LabfleetError
from orchestrator.journal import Journal
from orchestrator.logs import remember_secret
from orchestrator.settings import Settings
from orchestrator.settings.sections import HostSettings


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of one host: found, created, already known, or why not."""

    host: str
    host_name: str
    outcome: str
    id: int | None = None
    failed: bool = False


async def choose_department(user: UserClient, wanted: str | None) -> Department | None:
    """Return the department to register in; None where the user has only one.

    *wanted* is an id or a name. Raises LabfleetError where it has to be said and was not.
    """
    departments = await user.list_departments()
    if wanted is not None:
        for department in departments:
            if wanted in {str(department.id), department.name}:
                return department if len(departments) > 1 else None
        raise LabfleetError(f"no department {wanted}; yours are {_listed(departments)}")
    if len(departments) > 1:
        raise LabfleetError(f"choose one with --department: {_listed(departments)}")
    return None


def _listed(departments: list[Department]) -> str:
    return ", ".join(f"{one.id} ({one.name})" for one in departments) or "none"


async def register_hosts(
    settings: Settings, api: Api, user: UserClient, journal: Journal, department: int | None
) -> AsyncIterator[Registered]:
    """Register host by host and yield what became of each; one failure stops nothing."""
    for key, host in settings.hosts.items():
        if host.id is not None:
            yield Registered(key, host.host_name, "has its id in the settings", host.id)
            continue
        try:
            document, outcome = await _find_or_create(settings, host, user, department)
            token = _token(document)
            await journal.save_credentials(key, document.id, token)
            await _update(HostClient(api, document.id, token), settings, host)
        except LabfleetError as error:
            yield Registered(key, host.host_name, str(error), failed=True)
        else:
            yield Registered(key, host.host_name, outcome, document.id)


async def _find_or_create(
    settings: Settings, host: HostSettings, user: UserClient, department: int | None
) -> tuple[HostDocument, str]:
    found = await user.find_host(host.host_name, department)
    if found is not None:
        return found, "found"
    registration = HostRegistration(
        host_name=host.host_name,
        host_configuration=f"labfleet; cpus={os.cpu_count()}; machine={platform.machine()}",
        agents=_agents(settings, host),
        os=platform.platform(),
        agent_version=_agent_version(),
        dept_id=department,
    )
    try:
        return await user.register_host(registration), "created"
    except ApiError:
        # The answer may have been lost, or somebody else was quicker: then it is there now.
        found = await user.find_host(host.host_name, department)
        if found is None:
            raise
        return found, "found"


def _token(document: HostDocument) -> str:
    if document.security_token is None:
        raise LabfleetError("the server sends no token; may this user read test hosts?")
    token = document.security_token.get_secret_value()
    remember_secret(token)
    return token


async def _update(client: HostClient, settings: Settings, host: HostSettings) -> None:
    """Tell what the host has now; not whether it is active, which is its administrators' choice."""
    await client.update_host(
        {
            "agents": _agents(settings, host),
            "os": platform.platform(),
            "agent_version": _agent_version(),
        }
    )


def _agents(settings: Settings, host: HostSettings) -> list[str]:
    return list(dict.fromkeys(settings.tools[key].agent for key in host.tools))


def _agent_version() -> str:
    """Return our version in the form that the API documents, x.xx.xxxx."""
    major, minor, patch = __version__.split(".")
    return f"{major}.{minor:0>2}.{patch:0>4}"
