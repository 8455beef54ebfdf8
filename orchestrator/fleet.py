"""Desired hosts against scheduled ones: the settings land here, at the start and at each reload.

Hosts that came are polled, hosts that went are polled no more while their runs go on, hosts
whose identity changed start afresh. A paused host is not polled, and one whose identity belongs
to another labfleet is not touched at all. Nothing that runs notices.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog

from orchestrator.api.client import HostClient
from orchestrator.errors import LabfleetError
from orchestrator.journal.hosts import apart
from orchestrator.logs import remember_secret
from orchestrator.poller import Poller
from orchestrator.settings import Settings
from orchestrator.settings.faults import suggest
from orchestrator.settings.sections import HostSettings

log = structlog.get_logger()

Identity = tuple[int, str]
"""A host's id and token."""
Counts = Mapping[str, tuple[int, int]]
"""By a host's key how many of its tools run, and how many of its claims wait to be started."""
_NOTHING = (0, 0)


@dataclass(frozen=True, slots=True)
class HostView:
    """One host as people and metrics see it."""

    key: str
    host_name: str
    state: str
    error: str
    last_poll_at: float
    running: int
    waiting: int


class Fleet:
    """The hosts of the settings in force; those that left are remembered while they drain."""

    def __init__(
        self,
        poller: Poller,
        connect: Callable[[int, str], HostClient],
        unsettled_of: Callable[[str], int],
        refusal: Callable[[int], str] = lambda _: "",
        counts_of: Callable[[], Counts] = dict,
    ) -> None:
        """*refusal* says why a host's id is not ours, or nothing if it is.

        *unsettled_of* counts a host's claims, *counts_of* what runs and what waits of all hosts.
        """
        self._poller = poller
        self._connect = connect
        self._unsettled_of = unsettled_of
        self._refusal = refusal
        self._counts_of = counts_of
        self._hosts: Mapping[str, HostSettings] = {}
        self._identities: dict[str, Identity] = {}
        self._clients: dict[str, HostClient] = {}
        self._unregistered: set[str] = set()
        self._left: dict[str, str] = {}
        self._others: dict[str, str] = {}
        """Who has the identities that are not ours, by key."""
        self._paused: dict[str, float] = {}
        """When each was polled last."""

    def apply(
        self,
        settings: Settings,
        registered: Mapping[str, Identity],
        paused: Collection[str] = frozenset(),
    ) -> None:
        """Make the schedule that of *settings*; *registered* are the journal's identities."""
        self._poller.pace(settings.server.poll_interval_s)
        for tool in settings.tools.values():
            remember_secret(tool.licence_key)
        desired = identities(settings, registered)
        for key in self._hosts.keys() - desired.keys():
            self._remove(key)
        self._hosts = settings.hosts
        self._left = {key: name for key, name in self._left.items() if key not in desired}
        self._paused = {key: self._polled_at(key) for key in desired if key in paused}
        unregistered = {key for key, identity in desired.items() if identity is None}
        for key in sorted(unregistered - self._unregistered):
            self._poller.remove(key)
            log.error("host.refused", host=key, error=_UNREGISTERED)
        self._unregistered = unregistered
        for key, identity in desired.items():
            if identity is not None:
                self._add(key, identity)

    def _add(self, key: str, identity: Identity) -> None:
        changed = self._identities.get(key) != identity
        if changed:
            remember_secret(identity[1])
            self._keep_apart(key, identity)
            self._identities[key] = identity
            self._clients[key] = self._connect(*identity)
        if not self._note_owner(key) or key in self._paused:
            self._poller.remove(key)
            return
        polled = self._poller.hosts.get(key)
        # A refused host is asked again soon: its token may have been put right at the server.
        if polled is None or changed or polled.state == "refused":
            self._poller.add(key, self._clients[key])
            log.info("host.added", host=key, id=identity[0])

    def _keep_apart(self, key: str, identity: Identity) -> None:
        """Keep the client of an identity that its key has no more, for what is owed under it."""
        old = self._identities.get(key)
        if old is not None and old[0] != identity[0]:
            self._clients[apart(key, old[0])] = self._clients[key]
            self._poller.disown(key)

    def _note_owner(self, key: str) -> bool:
        """Note whose the identity of *key* is, and tell it once; return whether it is ours."""
        other = self._refusal(self._identities[key][0])
        if other and self._others.get(key) != other:
            log.error("host.refused", host=key, error=other)
        self._others.pop(key, None)
        if other:
            self._others[key] = other
        return not other

    def take_over(self) -> bool:
        """Begin with the hosts whose other owner is gone; whether there were any."""
        free = False
        for key in list(self._others):
            if key not in self._hosts:
                del self._others[key]
                free = True
            elif self._note_owner(key):
                log.warning("host.taken_over", host=key)
                self._add(key, self._identities[key])
                free = True
        return free

    def stand_down(self) -> None:
        """Touch no more the hosts whose identity another labfleet has taken from us."""
        known = self._hosts.keys() & self._identities.keys() - self._unregistered
        for key in sorted(known - self._others.keys()):
            if not self._note_owner(key):
                self._poller.disown(key)

    def _remove(self, key: str) -> None:
        self._poller.disown(key)
        self._left[key] = self._hosts[key].host_name
        log.info("host.removed", host=key, **self._counted(key))

    def pause(self, key: str) -> None:
        """Take no more of this host's runs; what is ours already goes on to its end."""
        self._paused[key] = self._polled_at(key)
        self._poller.remove(key)
        log.warning("host.paused", host=key, **self._counted(key))

    def _counted(self, key: str) -> dict[str, int]:
        return dict(zip(("running", "waiting"), self._counts_of().get(key, _NOTHING), strict=True))

    def resume(self, key: str) -> None:
        """Ask for this host's runs again."""
        self._paused.pop(key, None)
        if key in self._identities and key not in self._unregistered:
            self._add(key, self._identities[key])

    def _polled_at(self, key: str) -> float:
        polled = self._poller.hosts.get(key)
        return polled.last_poll_at if polled else self._paused.get(key, 0.0)

    def takes(self, key: str) -> bool:
        """Whether what a poll of *key* brings is wanted, which may have begun before a pause."""
        return key not in self._paused

    def reads_all(self, key: str) -> bool:
        """Whether the last poll of *key* could be read whole."""
        polled = self._poller.hosts.get(key)
        return polled is not None and not polled.problems

    def serves(self, key: str) -> bool:
        """Whether *key* is a host of the settings with an identity, and that is ours."""
        ours = key in self._hosts and key not in self._unregistered
        return ours and self.client_of(key) is not None

    @property
    def all_paused(self) -> bool:
        """Whether there are hosts, and somebody paused them all."""
        return bool(self._hosts) and self._hosts.keys() <= self._paused.keys()

    def client_of(self, key: str) -> HostClient | None:
        """Return the host's client, also while it drains; None when it has no identity of ours."""
        return None if key in self._others else self._clients.get(key)

    @property
    def ids(self) -> set[int]:
        """The ids of the hosts that the settings name."""
        return {self._identities[key][0] for key in self._hosts.keys() & self._identities.keys()}

    def view(self, key: str) -> HostView:
        """Return one host of the settings; raises LabfleetError for another."""
        if key not in self._hosts:
            raise LabfleetError(f"no host {key} in the settings{suggest(key, self._hosts)}")
        return self._view(key, self._hosts[key], self._counts_of())

    def views(self) -> list[HostView]:
        """Return every host: configured ones, and those that still drain."""
        for key in [key for key in self._left if not self._unsettled_of(key)]:
            del self._left[key]
        counts = self._counts_of()
        draining = [
            HostView(key, name, "draining", "", 0.0, *counts.get(key, _NOTHING))
            for key, name in self._left.items()
        ]
        return [self._view(key, host, counts) for key, host in self._hosts.items()] + draining

    def _view(self, key: str, host: HostSettings, counts: Counts) -> HostView:
        polled = self._poller.hosts.get(key)
        error = _UNREGISTERED if key in self._unregistered else self._others.get(key, "")
        if polled is not None:
            found = (polled.state, polled.error, polled.last_poll_at)
        elif key in self._paused and not error:
            found = ("paused", "", self._paused[key])
        else:
            found = ("refused", error, 0.0)
        return HostView(key, host.host_name, *found, *counts.get(key, _NOTHING))


_UNREGISTERED = "it has no id and token yet: run `labfleet register`"


def identities(
    settings: Settings, registered: Mapping[str, Identity]
) -> dict[str, Identity | None]:
    """Return the identity of every host by its key; None where it is not registered yet."""
    return {key: _identity(host, registered.get(key)) for key, host in settings.hosts.items()}


def _identity(host: HostSettings, registered: Identity | None) -> Identity | None:
    """Return the settings' own identity, else the one that registration brought."""
    if host.id is not None and host.token is not None:
        return host.id, host.token.get_secret_value()
    return registered
