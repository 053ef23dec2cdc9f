"""Messages of recorded and live video."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.video.fill import Fill
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
    viewing: Annotated[
        str,
        Meta(
            pattern="^[A-Za-z0-9-]{0,40}$",
            description="The same for all pieces of one viewing, as the player makes it up: they are audited as one. Empty: a "
            "viewing of its own.",
        ),
    ] = ""


class Recording(Struct, frozen=True, kw_only=True):
    """A piece of recording without a gap and without a change of codec."""

    start: int
    end: int
    bytes: int
    segment: str
    codec: str = ""
    """Codecs by RFC 6381, the pictures' first: "avc1.64001f", "hvc1.1.6.L93.B0,mp4a.40.2"; "mp4v.6C" is Motion JPEG."""


class Filled(Struct, frozen=True, kw_only=True):
    """A span whose recording is the camera's own, fetched later."""

    start: int
    end: int


class Recordings(Struct, frozen=True, kw_only=True):
    """Recordings in order of time; what lies between two of them was not recorded, and `gaps` say why."""

    items: list[Recording]
    gaps: list[Gap] = []
    """In order, up to now. "unknown" is what was before the camera, and what no server was there to note."""
    locks: list[Lock] = []
    """What is held against being deleted."""
    filled: list[Filled] = []
    """What was a gap, and was filled from the camera's own recording."""
    fills: list[Fill] = []
    """Gaps that are being filled from it, or could not be, with the reason."""


class CameraRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id
    media: Literal["video", "audio", "converted"] = "video"
    """What of it: the pictures, or the sound on a connection of its own; "converted": pictures as H.264, made by the server."""
    stream: Literal["main", "sub"] = "main"
    """Which of its streams; "sub" is the main one where the camera has no second."""


Width = Annotated[
    int, Meta(ge=0, le=8192, description="Greatest width in pixels; the next larger of a few is taken. 0: as it is.")
]


class SnapshotAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A camera's picture of now."""

    id: Id
    width: Width = 0


class ThumbnailAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recorded picture: the last key frame at or before `at`, microseconds since 1970 UTC."""

    id: Id
    at: Annotated[int, Meta(ge=0, lt=1 << 62)]
    width: Width = 0


class CameraHealthAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera's health."""

    id: Id


class VideoTicket(Struct, frozen=True, kw_only=True):
    """Where a web process finds a camera's video, once core has allowed it: the socket of its media worker."""

    camera: str
    socket: str
    channel: str = ""
    """What to ask for there: the camera's id, or "<id>/sub" of its second stream; empty stands for the camera's id."""
