"""Settings of an OPC UA server (a port), a device (a folder of it), and the nodes in it."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, SecretText

NODES: Final = 10_000
"""Most nodes of one folder."""
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^/\x00-\x1f]+$")]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One port. A client is let in by its certificate, and then by its user."""

    port: Annotated[int, Meta(ge=1, le=65535)] = 48250
    clients: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=64)] = ("127.0.0.0/8",)
    """Addresses or networks ("10.1.20.0/24") that may connect; all others are cut off at once."""
    connections: Annotated[int, Meta(ge=1, le=256)] = 16
    """Clients at once; one more is cut off."""
    plain: bool = False
    """True also serves without security: all values, and a password, can be read on the way."""
    trusted: Annotated[str, Meta(max_length=262_144)] = ""
    """Certificates (PEM) of the clients that are let in, or of authorities that issue them. Empty: only `plain` ones are."""
    username: Annotated[str, Meta(max_length=256)] = ""
    password: SecretText = ""
    """The user that may read, and write what is writable."""
    anonymous: bool = False
    """True lets clients read without a user."""

    def __post_init__(self) -> None:
        for network in self.clients:
            ipaddress.ip_network(network, strict=False)
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together")
        if not self.username and not self.anonymous:
            raise ValueError("nobody could sign in: set username and password, or anonymous")

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that it listens on, once for each network that may connect."""
        return tuple(PortUse(row="opcua", way="in", host=network, number=self.port) for network in self.clients)


class NodeConfig(Config, frozen=True, kw_only=True):
    """One value of the site as a node."""

    of: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*:[^\s:]{1,120}$")]
    """"point:ahu-supply", "door:main", "camera:lobby"."""
    member: Annotated[str, Meta(max_length=64)] = ""
    """What of a door or camera, such as "lock"; empty: a point's value, the state of anything else."""
    name: Name | Literal[""] = ""
    """Name in the folder; empty: what `of` and `member` say."""
    type: Literal["double", "integer", "boolean", "string"] | None = None
    """Absent: double for a point, string for the state of anything else."""
    writable: bool = False
    """The user may write it (points that are writable alone)."""

    def __post_init__(self) -> None:
        if self.writable and (not self.of.startswith("point:") or self.member):
            raise ValueError("only the value of a point can be written")

    @property
    def kind(self) -> str:
        """`type`, with its default."""
        return self.type or ("double" if self.of.startswith("point:") and not self.member else "string")

    @property
    def called(self) -> str:
        """`name`, with its default."""
        return self.name or (f"{self.of}.{self.member}" if self.member else self.of)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One folder of nodes."""

    folder: Name = "Site"
    nodes: Annotated[tuple[NodeConfig, ...], Meta(min_length=1, max_length=NODES)]

    def __post_init__(self) -> None:
        names: set[str] = set()
        for one in self.nodes:
            if one.called in names:
                raise ValueError(f'two nodes of {self.folder} are called "{one.called}"; give one of them a name')
            names.add(one.called)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
