"""Messages of cameras that publish to this server."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.entity import Id


class PublishRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id


class PublishAddress(Struct, frozen=True, kw_only=True):
    """Where an encoder publishes a camera: "rtmps://<this server>:<port><path>", with the stream key as the stream's name."""

    publishes: bool
    """False where the camera's driver is another: it is asked for its stream."""
    port: int
    path: str
    tls: bool
    """Encoders may publish by rtmps://; False of a server that is reached from its own computer alone."""
    plain_networks: tuple[str, ...]
    """Networks whose encoders may publish by rtmp://, as this computer itself may."""
    open: bool
    """False where no process listens: the camera is disabled, or its status says why."""
    key_set: bool


class StreamKey(Struct, frozen=True, kw_only=True):
    """A new stream key, told this once."""

    address: PublishAddress
    key: str
