"""What would keep the next start from running anything, whatever tools and server are like.

All of it is looked at only: nothing is mended or begun, and no lock is held longer than the look.
SQLite may put its two companions beside a journal that it reads, which a start takes up.
"""

import errno
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.admission import shortages
from orchestrator.admission.readings import read
from orchestrator.check.finding import Finding
from orchestrator.database import examine, is_held
from orchestrator.errors import StateError
from orchestrator.identity import held_by_others
from orchestrator.journal.reading import Known, known
from orchestrator.settings import Settings

_REGISTER = "run `labfleet register`"


@dataclass(slots=True)
class Before:
    """One look at the state directory and the machine; it blocks."""

    findings: list[Finding]
    known: Known = field(default_factory=Known)
    running: bool = False
    """Whether a labfleet runs on the state directory now."""

    def why_no_token(self, state_dir: Path) -> str:
        """Say what to do for a host that has no token, and what may have become of it."""
        if any(one.what == "journal" and not one.good for one in self.findings):
            return "has no id and token that can be read: see the row of the journal"
        kept = sorted(state_dir.glob("journal.db.damaged-*"))
        lost = f", which may be lost with the journal that was kept as {kept[-1]}" if kept else ""
        return f"has no id and token yet{lost}: {_REGISTER}"


def look_before(settings: Settings) -> Before:
    """Look at the state directory, its journal, the machine and the port."""
    state_dir = settings.state_dir
    before = Before([_state_dir(state_dir)])
    try:
        before.running = is_held(state_dir)
        before.known = known(state_dir, settings.server.service_url)
        before.findings += _journal(state_dir, before.known)
    except (StateError, OSError) as error:
        before.findings.append(Finding("journal", False, str(error)))
    before.findings += _shortages(settings)
    before.findings += _port(settings.web.host, settings.web.port, running=before.running)
    return before


def _state_dir(path: Path) -> Finding:
    there = _nearest(path)
    if not there.is_dir():
        return Finding("state_dir", False, f"{there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("state_dir", False, f"{there} is not writable")
    return Finding("state_dir", True, str(path) if there == path else f"{path} will be made")


def _nearest(path: Path) -> Path:
    """Return *path* itself or, of the folders it will be made in, the one that is there."""
    return next((each for each in (path, *path.parents) if os.path.lexists(each)), path)


def _journal(state_dir: Path, known: Known) -> Iterator[Finding]:
    try:
        examine(state_dir)
        yield Finding("journal", True, "can be read" if known.there else "there is none yet")
    except StateError as error:
        yield Finding("journal", False, str(error))
    if known.dead:
        said = "lie here that the server refused: see `labfleet runs --dead`, then redeliver them"
        yield Finding("dead letters", True, f"{known.dead} {said}", hint=True)


def _shortages(settings: Settings) -> Iterator[Finding]:
    """Yield what admission would refuse to start anything for; load and memory soon change."""
    found = shortages(settings.limits, read(_nearest(settings.state_dir)), ())
    for name, (reason, words) in found.items():
        detail = f"{words}: nothing is started until that is better"
        yield Finding(name, reason != "disk", detail, hint=True)


def _port(host: str, port: int, *, running: bool) -> Iterator[Finding]:
    if running:
        yield Finding("labfleet", True, "runs here now: `labfleet hosts` tells how its hosts are")
    elif port and (why := _why_not(host, port)):
        said = f"{host}:{port}: {why}; labfleet would end at once: set another web.port"
        yield Finding("web", False, said)


def _why_not(host: str, port: int) -> str:
    """Take the address as labfleet would, but let nobody in, and say why that cannot be."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                tried.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "another program listens there"
        return error.strerror or str(error)
    return ""


def owners(settings: Settings, before: Before, ids: Collection[int]) -> dict[int, str]:
    """Return of which host ids another labfleet on this machine is the owner now, and so said."""
    if before.running:
        return {}  # the owner is the one that runs here
    with suppress(OSError):
        return held_by_others(settings.server.service_url, ids)
    return {}
