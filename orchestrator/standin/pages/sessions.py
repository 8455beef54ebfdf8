"""Who is signed in: kept in memory, so a restart of the stand-in signs everybody out."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

IDLE_S = 12 * 3600.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the next page that is shown: *kind* says how it went."""

    kind: Literal["done", "warning"]
    text: str


@dataclass(slots=True)
class Session:
    """One browser that signed in; *form_key* stands in each form, or the form is not taken.

    *project_id* is the project that was last looked at.
    """

    user_id: int
    email: str
    used_at_s: float
    project_id: int | None = None
    form_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    said: list[Said] = field(default_factory=list)

    def take_said(self) -> list[Said]:
        """Return what is to be said, once."""
        said, self.said = self.said, []
        return said


class Sessions:
    """Sessions by an id that only their browser knows; *idle_s* without a visit ends one."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._open: dict[str, Session] = {}

    def begin(self, user_id: int, email: str) -> str:
        """Sign a user in and return the id of the new session."""
        self._forget_idle()
        # Whoever signs in without end pushes out the session that began first, not the server.
        while len(self._open) >= _MOST:
            self._open.pop(next(iter(self._open)))
        session_id = secrets.token_urlsafe(32)
        self._open[session_id] = Session(user_id, email, time.monotonic())
        return session_id

    def find(self, session_id: str) -> Session | None:
        """Return the session, and count this as a visit; None if it is over."""
        session = self._open.get(session_id)
        if session is None or time.monotonic() - session.used_at_s > self._idle_s:
            return None
        session.used_at_s = time.monotonic()
        return session

    def end(self, session_id: str) -> None:
        """Sign out."""
        self._open.pop(session_id, None)

    def end_all_of(self, user_id: int, *, but: Session | None = None) -> None:
        """Sign a user out everywhere, for the password is another one now."""
        for session_id, session in list(self._open.items()):
            if session.user_id == user_id and session is not but:
                del self._open[session_id]

    def _forget_idle(self) -> None:
        now_s = time.monotonic()
        for session_id, session in list(self._open.items()):
            if now_s - session.used_at_s > self._idle_s:
                del self._open[session_id]


SESSIONS = web.AppKey("standin.sessions", Sessions)
