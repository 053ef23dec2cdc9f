"""Messages of recorded and live video."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.entity import Id


class VideoRange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera and a span of time, microseconds since 1970 UTC, [start, end)."""

    id: Id
    start: int
    end: int


class Recording(Struct, frozen=True, kw_only=True):
    """A piece of recording without a gap."""

    start: int
    end: int
    bytes: int
    segment: str


class Recordings(Struct, frozen=True, kw_only=True):
    """Recordings in order of time; what lies between two of them was not recorded."""

    items: list[Recording]


class CameraRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id


class VideoTicket(Struct, frozen=True, kw_only=True):
    """Where a web process finds a camera's video, once core has allowed it: the socket of its media worker."""

    camera: str
    socket: str
