"""How well a camera's streams arrive: figures of the moment, of the last hour, and what they were interrupted by."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.video.limits import Poor


class Interruption(Struct, frozen=True, kw_only=True):
    """A stream was lost and opened anew. Microseconds since 1970 UTC."""

    time: int
    back: Annotated[int, Meta(description="When pictures came again; 0 while they do not.")] = 0
    reason: str


class History(Struct, frozen=True, kw_only=True):
    """Figures of the last hour as columns; where nothing arrived there is no row."""

    step: Annotated[int, Meta(description="Microseconds that a row stands for.")]
    times: list[int]
    bitrate: list[int]
    fps: list[float]
    loss: Annotated[list[float], Meta(description="The worst moment's, per cent.")]
    jitter: Annotated[list[float], Meta(description="The worst moment's, milliseconds.")]


class StreamHealth(Struct, frozen=True, kw_only=True):
    """One stream of a camera. What its protocol does not tell is 0, or null where 0 would say something."""

    stream: Literal["main", "sub"]
    state: str
    since: int
    detail: str = ""
    transport: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    audio: str = ""
    bitrate: int = 0
    fps: float = 0.0
    loss: Annotated[float, Meta(description="Packets that were missing in the last moments, per cent.")] = 0.0
    lost: Annotated[int, Meta(description="Packets that were missing since the stream began.")] = 0
    reordered: Annotated[int, Meta(description="Packets that were overtaken since the stream began.")] = 0
    jitter: Annotated[
        float | None,
        Meta(description="Milliseconds (RFC 3550, 6.4.1): over UDP of packets, over TCP of whole pictures."),
    ] = None
    gop_frames: Annotated[int, Meta(description="Pictures from one key frame to the next; 0 before the second key frame.")] = 0
    gop_seconds: float = 0.0
    clock_offset: Annotated[
        float | None, Meta(description="Seconds by which the camera's clock is ahead of the server's, by its sender reports.")
    ] = None
    key_requests: Annotated[int, Meta(description="Key frames that the camera was asked for after a loss.")] = 0
    restarts: Annotated[int, Meta(description="How often the stream was lost since the server's video process began.")] = 0
    interruptions: Annotated[list[Interruption], Meta(description="The last of them, the newest first.")] = []
    instead_until: Annotated[
        int,
        Meta(
            description="Of a second stream that fails: its viewers get the first, and it is tried again from then on, "
            "microseconds since 1970 UTC; 0 where they get it."
        ),
    ] = 0
    instead_reason: Annotated[str, Meta(description="Why they do.")] = ""
    poor: Annotated[list[Poor], Meta(description="Figures that are beyond the camera's limits, as it was told.")] = []
    history: History


class CameraHealth(Struct, frozen=True, kw_only=True):
    """All streams of a camera that are, or were, taken in; none for a camera that is switched off."""

    camera: str
    time: int
    """Now, by the server's clock."""
    streams: list[StreamHealth]
