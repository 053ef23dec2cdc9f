"""Messages of RTSP out."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sitewarden.domain.entity import Id


class RtspRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id


class RtspDoor(Struct, frozen=True, kw_only=True):
    """One port that serves it."""

    scheme: Literal["rtsp", "rtsps"]
    port: int
    open: bool
    """False where the settings ask for it and no process listens: its log and the network page say why."""


class RtspAddresses(Struct, frozen=True, kw_only=True):
    """How other systems pull a camera: "<scheme>://<this server>:<port><path>"."""

    enabled: bool
    """False where `rtsp_out.enabled` is not set."""
    doors: list[RtspDoor]
    udp: bool
    """RTP over UDP is served too, on the door without TLS."""
    live: str
    """Path of the live stream."""
    recorded: str
    """Path of recordings; {start} and {end} are times by RFC 3339, or microseconds since 1970 UTC."""
