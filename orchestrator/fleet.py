"""Desired hosts against scheduled ones: the settings land here, at the start and at each reload.

Hosts that came are polled, hosts that went are polled no more while their runs go on, hosts
whose identity changed start afresh. Nothing that runs notices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from orchestrator.api.client import HostClient
from orchestrator.logs import remember_secret
from orchestrator.poller import Poller
from orchestrator.settings import Settings
from orchestrator.settings.sections import HostSettings

log = structlog.get_logger()

Identity = tuple[int, str]
"""A host's id and token."""


@dataclass(frozen=True, slots=True)
class HostView:
    """One host as people and metrics see it."""

    key: str
    host_name: str
    state: str
    error: str
    last_poll_at: float
    running: int


class Fleet:
    """The hosts of the settings in force; those that left are remembered while they drain."""

    def __init__(
        self,
        poller: Poller,
        connect: Callable[[int, str], HostClient],
        running_of: Callable[[str], int],
    ) -> None:
        self._poller = poller
        self._connect = connect
        self._running_of = running_of
        self._hosts: Mapping[str, HostSettings] = {}
        self._identities: dict[str, Identity] = {}
        self._clients: dict[str, HostClient] = {}
        self._unregistered: set[str] = set()
        self._left: dict[str, str] = {}

    def apply(self, settings: Settings, registered: Mapping[str, Identity]) -> None:
        """Make the schedule that of *settings*; *registered* are the journal's identities."""
        self._poller.pace(settings.server.poll_interval_s)
        for tool in settings.tools.values():
            if tool.access_key:
                remember_secret(tool.access_key.get_secret_value())
        desired = {
            key: _identity(host, registered.get(key)) for key, host in settings.hosts.items()
        }
        for key in self._hosts.keys() - desired.keys():
            self._remove(key)
        self._hosts = settings.hosts
        self._left = {key: name for key, name in self._left.items() if key not in desired}
        unregistered = {key for key, identity in desired.items() if identity is None}
        for key in sorted(unregistered - self._unregistered):
            self._poller.remove(key)
            log.error("host.refused", host=key, error=_UNREGISTERED)
        self._unregistered = unregistered
        for key, identity in desired.items():
            if identity is not None:
                self._add(key, identity)

    def _add(self, key: str, identity: Identity) -> None:
        polled = self._poller.hosts.get(key)
        changed = self._identities.get(key) != identity
        # A refused host is asked again soon: its token may have been put right at the server.
        if polled is not None and not changed and polled.state != "refused":
            return
        if changed:
            remember_secret(identity[1])
            self._identities[key] = identity
            self._clients[key] = self._connect(*identity)
        self._poller.add(key, self._clients[key])
        log.info("host.added", host=key, id=identity[0])

    def _remove(self, key: str) -> None:
        self._poller.remove(key)
        self._left[key] = self._hosts[key].host_name
        log.info("host.removed", host=key, running=self._running_of(key))

    def client_of(self, key: str) -> HostClient | None:
        """Return the host's client, also while it drains; None when it has no identity."""
        return self._clients.get(key)

    def views(self) -> list[HostView]:
        """Return every host: configured ones, and those that still drain."""
        for key in [key for key in self._left if not self._running_of(key)]:
            del self._left[key]
        draining = [
            HostView(key, name, "draining", "", 0.0, self._running_of(key))
            for key, name in self._left.items()
        ]
        return [self._view(key, host) for key, host in self._hosts.items()] + draining

    def _view(self, key: str, host: HostSettings) -> HostView:
        running = self._running_of(key)
        polled = self._poller.hosts.get(key)
        if polled is None:
            return HostView(key, host.host_name, "refused", _UNREGISTERED, 0.0, running)
        return HostView(
            key, host.host_name, polled.state, polled.error, polled.last_poll_at, running
        )


_UNREGISTERED = "it has no id and token yet: run `labfleet register`"


def _identity(host: HostSettings, registered: Identity | None) -> Identity | None:
    """Return the settings' own identity, else the one that registration brought."""
    if host.id is not None and host.token is not None:
        return host.id, host.token.get_secret_value()
    return registered
