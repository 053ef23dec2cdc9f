"""Cameras and segments of recording."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Secret


class Camera(Entity, frozen=True, kw_only=True):
    """A camera by its stream address. The URL carries no user and no password."""

    driver: str = "rtsp"
    url: Annotated[str, Meta(pattern=r"^rtsps?://[^@/]+(/.*)?$", max_length=500)]
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Secret | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    onvif: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^@/\s]+(/\S*)?)?$",
            max_length=500,
            description="Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked.",
        ),
    ] = ""
    onvif_fingerprint: Annotated[
        str,
        Meta(pattern="^([0-9a-f]{64})?$", description="SHA-256 of its certificate, where no authority signed it; https alone."),
    ] = ""
    enabled: bool = True
    record: bool = True
    audio: Annotated[
        bool,
        Meta(description="Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it."),
    ] = False
    retention_days: Annotated[float, Meta(gt=0, le=3650)] = 30.0


class Segment(Struct, frozen=True, kw_only=True):
    """A sealed piece of recording: one fragmented-MP4 file that any player reads."""

    id: str
    camera: str
    path: str
    """Relative to the media directory."""
    start: int
    """Microseconds since 1970 UTC of the first access unit."""
    end: int
    bytes: int
    codec: str
    """Codecs by RFC 6381, the pictures' first: "avc1.64001f", "hvc1.1.6.L93.B0,mp4a.40.2"."""
    width: int = 0
    height: int = 0
    sealed: bool = True
