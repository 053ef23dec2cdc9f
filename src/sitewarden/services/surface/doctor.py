"""Messages of doctor: what was looked at, what it means, what mends it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Level = Literal["error", "warning", "ok"]


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    level: Level
    """"error": must be mended, something does not work. "warning": should be mended. "ok": fine."""
    check: str
    """"ports", "multicast", "buffers", "clock", "database", "disk", "volumes", "backup", "certificates", "names", "path",
    "TLS" or "roles"."""
    what: str
    why: str = ""
    """Why it matters to this site."""
    remedy: str = ""
    """What to do, as a sentence."""
    command: str = ""
    """The command that does it or shows more, to be typed as it stands, as root; empty where it is a deed."""


class Examine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Look at this machine."""

    max_age: Annotated[int, Meta(ge=0, le=86_400)] = 0
    """Findings that are at most so many seconds old will do; 0 looks anew, which takes seconds and writes to the disk."""


class Findings(Struct, frozen=True, kw_only=True):
    """What doctor found, the worst first."""

    time: int
    """Microseconds since 1970 UTC at which it was looked."""
    took: float
    """Seconds."""
    items: tuple[Finding, ...]
