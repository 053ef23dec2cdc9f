"""Settings of the listener for controllers, of a dialled controller, and of a controller."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.kit.config import Config


class EndpointConfig(Config, frozen=True, kw_only=True):
    """The listener for all controllers in server mode, or the dialling of one in direct mode."""

    host: Annotated[str, Meta(max_length=253)] = ""
    """Address to listen on; empty is the node's."""
    connections: Annotated[int, Meta(ge=1, le=10_000)] = 2048
    """Connections that stand at once; further ones are closed, and their controllers dial again."""
    dial: Annotated[str, Meta(max_length=253)] = ""
    """Direct mode: the controller's address, which is dialled; nothing listens then. Empty in server mode."""
    number: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Its port; 0 is the family's."""
    family: Literal["station", "reader"] = "station"
    code: Annotated[str, Meta(max_length=80)] = ""
    """Its commissioning code, with which it is paired where it is not yet."""


class DeviceConfig(Config, frozen=True, kw_only=True):
    """A controller."""

    fingerprint: Annotated[str, Meta(max_length=95)] = ""
    """SHA-256 of the public key that was paired, hex; empty until then."""
    revoked: int | None = None
    """When its pairing was revoked, microseconds since 1970 UTC; it is refused until it is paired again."""
    matching: Literal["local", "server"] = "local"


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
