"""Sessions of signed-in people: opaque random ids, kept only as hashes, in memory and in one small file. Writes that file."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import DAY, HOUR, MINUTE, Clock

LONGEST: Final = 7 * DAY
"""A session ends this long after signing in, used or not."""
IDLE: Final = 12 * HOUR
"""A session ends when it was not used for this long."""
PER_USER: Final = 32
"""Sessions of one user at a time; the oldest ends when there would be more."""
_TOUCH: Final = 5 * MINUTE
"""The time of last use is written down at most this often."""


class Session(Struct, kw_only=True):
    """One signed-in browser or program. Times are microseconds since 1970 UTC."""

    user: str
    opened: int
    used: int
    remote: str = ""
    stamp: str = ""
    """Digest of the password hash at the time: a session ends when the password changes."""

    @property
    def expires(self) -> int:
        """When it ends if it is not used again."""
        return min(self.opened + LONGEST, self.used + IDLE)


def digest(secret: str) -> str:
    """Return the SHA-256 of a session's id or an API token, hex: what is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Sessions:
    """The table of sessions. `path` keeps it over a restart; None keeps it in memory only."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._path = path
        self._written = 0
        self._sessions: dict[str, Session] = {}
        if path is not None and path.exists():
            try:
                self._sessions = msgspec.json.decode(path.read_bytes(), type=dict[str, Session])
            except (msgspec.DecodeError, UnicodeDecodeError):
                path.rename(path.with_suffix(".broken"))

    def open(self, user: str, remote: str, stamp: str = "") -> str:
        """Begin a session; return its id, which is not kept."""
        now = self._clock.now()
        self._drop([key for key, session in self._sessions.items() if session.expires <= now])
        own = sorted((session.opened, key) for key, session in self._sessions.items() if session.user == user)
        self._drop([key for _, key in own[: max(0, len(own) - PER_USER + 1)]])
        id_ = secrets.token_urlsafe(32)
        self._sessions[digest(id_)] = Session(user=user, opened=now, used=now, remote=remote, stamp=stamp)
        self._write()
        return id_

    def get(self, id_: str) -> Session | None:
        """Return the session and count it as used now; None when it is unknown or over."""
        key = digest(id_)
        session = self._sessions.get(key)
        if session is None:
            return None
        now = self._clock.now()
        if session.expires <= now:
            self._drop([key])
            self._write()
            return None
        session.used = now
        if now - self._written > _TOUCH:
            self._write()
        return session

    def restamp(self, id_: str, stamp: str) -> None:
        """Let a session live on over its user's own change of password."""
        session = self._sessions.get(digest(id_))
        if session is not None:
            session.stamp = stamp
            self._write()

    def close(self, id_: str) -> None:
        """End one session."""
        if self._sessions.pop(digest(id_), None) is not None:
            self._write()

    def close_of(self, user: str, *, but: str = "") -> None:
        """End all sessions of a user, except the one with the id `but`."""
        kept = digest(but) if but else ""
        gone = [key for key, session in self._sessions.items() if session.user == user and key != kept]
        self._drop(gone)
        if gone:
            self._write()

    def _drop(self, keys: list[str]) -> None:
        for key in keys:
            del self._sessions[key]

    def _write(self) -> None:
        self._written = self._clock.now()
        if self._path is None:
            return
        # A few KB without fsync: microseconds; a lost file costs a sign-in, nothing else.
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(self._sessions))
        new.replace(self._path)
