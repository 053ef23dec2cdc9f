"""Messages of recorded and live video."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.video.model import Gap, Lock


class VideoRange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera and a span of time, microseconds since 1970 UTC, [start, end)."""

    id: Id
    start: int
    end: int


class PlaybackRange(VideoRange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera, a span, and how it is played."""

    frames: Annotated[
        Literal["all", "keys"],
        Meta(description="keys: key frames alone, without sound; for what is too fast to be decoded, and for playing backward."),
    ] = "all"
    direction: Annotated[
        Literal["forward", "backward"],
        Meta(description="backward: from `end` to `start`, time 0 of the file being the end. Needs frames=keys."),
    ] = "forward"
    every: Annotated[
        int, Meta(ge=0, le=3_600_000_000, description="Of the key frames, none closer than this, microseconds. With frames=keys.")
    ] = 0


class Recording(Struct, frozen=True, kw_only=True):
    """A piece of recording without a gap and without a change of codec."""

    start: int
    end: int
    bytes: int
    segment: str
    codec: str = ""
    """Codecs by RFC 6381, the pictures' first: "avc1.64001f", "hvc1.1.6.L93.B0,mp4a.40.2"; "mp4v.6C" is Motion JPEG."""


class Recordings(Struct, frozen=True, kw_only=True):
    """Recordings in order of time; what lies between two of them was not recorded, and `gaps` say why."""

    items: list[Recording]
    gaps: list[Gap] = []
    """In order, up to now. "unknown" is what was before the camera, and what no server was there to note."""
    locks: list[Lock] = []
    """What is held against being deleted."""


class CameraRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id
    media: Literal["video", "audio"] = "video"
    """What of it: the pictures, or the sound on a connection of its own."""


class VideoTicket(Struct, frozen=True, kw_only=True):
    """Where a web process finds a camera's video, once core has allowed it: the socket of its media worker."""

    camera: str
    socket: str
