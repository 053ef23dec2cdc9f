"""Settings of the listener for controllers, and of a controller."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.kit.config import Config


class EndpointConfig(Config, frozen=True, kw_only=True):
    """The listener."""

    host: Annotated[str, Meta(max_length=253)] = ""
    """Address to listen on; empty is the node's."""
    connections: Annotated[int, Meta(ge=1, le=10_000)] = 2048
    """Connections that stand at once; further ones are closed, and their controllers dial again."""


class DeviceConfig(Config, frozen=True, kw_only=True):
    """A controller."""

    fingerprint: Annotated[str, Meta(max_length=95)] = ""
    """SHA-256 of the public key that was paired, hex; empty until then."""
    matching: Literal["local", "server"] = "local"


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
