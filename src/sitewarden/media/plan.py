"""All that a web process needs to play a span. Pure."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.video.fill import Fill
from sitewarden.domain.video.model import Gap, Lock, Segment
from sitewarden.domain.video.volumes import Remote


class Plan(Struct, frozen=True, kw_only=True):
    """A span of one camera's recordings, and where they lie."""

    roots: dict[str, str]
    """Volume to its directory, of those that are there."""
    remotes: dict[str, Remote] = {}
    """Volume to its bucket, of those that are there."""
    start: int
    end: int
    segments: tuple[Segment, ...]
    gaps: tuple[Gap, ...] = ()
    """Why the rest of the span has none, where that was asked for."""
    locks: tuple[Lock, ...] = ()
    filled: tuple[tuple[int, int], ...] = ()
    """What of it came from the camera's own recording."""
    fills: tuple[Fill, ...] = ()
    """Gaps of it that are filled, or were tried."""
