"""Settings of an OPC UA endpoint (a server), a device (a part of its nodes) and a point's address (a node)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.drivers.opcua.mapping import Node
from sitewarden.kit.config import Config, SecretText

Policy = Literal["best", "Aes256_Sha256_RsaPss", "Aes128_Sha256_RsaOaep", "Basic256Sha256", "None"]
NodeText = Annotated[str, Meta(min_length=3, max_length=1000)]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One session with one server."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 48250
    """Many servers listen on 4840."""
    path: Annotated[str, Meta(max_length=200, pattern=r"^(/[^\s?#]*)?$")] = ""
    """What follows the port in the server's URL, such as "/line"."""
    security: Policy = "best"
    """"best" is the strongest of the three that the server offers; "None" speaks plainly, and has to be said."""
    mode: Literal["sign-and-encrypt", "sign"] = "sign-and-encrypt"
    fingerprint: Annotated[str, Meta(pattern=r"^([0-9A-Fa-f]{2}:?){32}$|^$")] = ""
    """SHA-256 of the one certificate that the server may show."""
    ca: Annotated[str, Meta(max_length=65_536)] = ""
    """Certificates (PEM) that are believed: the server's own, or those of authorities that issue servers' certificates."""
    username: Annotated[str, Meta(max_length=1024)] = ""
    password: SecretText = ""
    user_certificate: Annotated[str, Meta(max_length=65_536)] = ""
    """A user's certificate (PEM), in place of a name."""
    user_key: SecretText = ""
    """The key of `user_certificate` (PEM, RSA, without a password)."""
    timeout: Annotated[float, Meta(ge=0.5, le=60.0)] = 10.0
    """Seconds that the server has to answer a request."""
    keep_alive: Annotated[float, Meta(ge=1.0, le=600.0)] = 5.0
    """Seconds without news after which the server says that a subscription still lives."""
    history: bool = True
    """After a gap, ask the server's history for what was missed, where it has one."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86_400.0)] = 30.0
    """Seconds after the connection's last sign of life at which lost points turn from Uncertain to Bad."""

    def __post_init__(self) -> None:
        if self.fingerprint and self.ca:
            raise ValueError("give the one fingerprint, or ca, not both")
        if self.username and self.user_certificate:
            raise ValueError("a session has one user: give username, or user_certificate")
        if bool(self.user_certificate) != bool(self.user_key):
            raise ValueError("user_certificate and user_key go together")
        if self.password and not self.username:
            raise ValueError("a password needs its username")

    @property
    def url(self) -> str:
        """The server's URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"opc.tcp://{host}:{self.port}{self.path}"

    @property
    def row(self) -> str:
        """The row of the port manifest that it is dialled by."""
        return "opcua-second" if self.port == 48255 else "opcua"

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this session needs."""
        return (PortUse(row=self.row, way="out", host=self.host, number=self.port),)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """Nodes that belong together."""

    root: NodeText = "i=85"
    """Where browsing it begins: a node, such as "nsu=http://plant.example/;s=Line1"; i=85 is the folder Objects."""

    def __post_init__(self) -> None:
        Node.parse(self.root)


class AddressConfig(Config, frozen=True, kw_only=True):
    """The node whose Value a point is."""

    node: NodeText
    """"nsu=<namespace URI>;s=<name>" (or ;i= ;g= ;b=), true also when the server numbers its namespaces anew; or "ns=2;s=…"."""
    read: Literal["subscribe", "poll"] = "subscribe"
    """"poll" reads it every period; what cannot be monitored is polled anyhow."""
    sampling: Annotated[float, Meta(ge=0.0, le=86_400.0)] | None = None
    """Seconds between two looks of the server at the value; absent: the point's period; 0: as fast as the server can."""
    queue: Annotated[int, Meta(ge=1, le=10_000)] = 1
    """Changes between two publications that the server keeps; the oldest go first."""
    deadband: Annotated[float, Meta(ge=0.0)] = 0.0
    """Change below which the server says nothing, in raw units or percent of the range (`deadband_kind`)."""
    deadband_kind: Literal["absolute", "percent"] = "absolute"
    trigger: Literal["value", "status", "timestamp"] = "value"
    """What is news: another value or status, another status alone, or also another source time."""
    element: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    """Which element of an array."""
    read_back: bool = True
    """After a write, read the value again."""

    def __post_init__(self) -> None:
        Node.parse(self.node)
        if self.deadband_kind == "percent" and self.deadband > 100.0:
            raise ValueError("a deadband in percent is 100 at most")


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
