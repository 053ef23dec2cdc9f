"""Settings of an HTTP endpoint (a port that devices push to, or a device that is asked), a device and a point's address."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config
from sitewarden.wire.jsonpath import Path
from sitewarden.wire.template import Template

Place = Annotated[str, Meta(max_length=500)]
Target = Annotated[str, Meta(max_length=500, pattern=r"^(/[!-~]*)?$")]
Secret = Annotated[str, Meta(max_length=1000, pattern=r"^[ -~]*$", extra={"secret": True})]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One port of ours that devices push to ("server"), or one device or gateway that is asked ("client")."""

    mode: Literal["server", "client"]
    port: Annotated[int, Meta(ge=1, le=65535)]
    """There is no default; 56789 is offered."""
    host: Annotated[str, Meta(max_length=253)] = ""
    """Address or name of the device that is asked; empty for a server."""
    tls: Literal["auto", "on", "off"] = "auto"
    """"auto" is TLS but on loopback. "off" is for devices that speak plain HTTP alone: keys and values can be read on the way."""
    ca: Annotated[str, Meta(max_length=65536)] = ""
    """PEM of the authorities that an asked device's certificate is believed from; empty is those of this computer."""
    fingerprint: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """SHA-256 of the one certificate that an asked device may show, whoever signed it."""
    username: Annotated[str, Meta(max_length=200, pattern="^[ -9;-~]*$")] = ""
    """For Basic authentication with an asked device, together with `password`."""
    password: Secret = ""
    token: Secret = ""
    """Bearer token for an asked device, in the place of a password."""
    networks: Annotated[tuple[Annotated[str, Meta(max_length=50)], ...], Meta(max_length=64)] = ()
    """Networks that devices may push from ("10.3.0.0/24"); empty is any."""
    connections: Annotated[int, Meta(ge=1, le=8192)] = 512
    """Connections that a server holds; the newest beyond is closed at once."""
    idle: Annotated[float, Meta(ge=1.0, le=3600.0)] = 60.0
    """Seconds after which a server closes a connection on which nothing came."""
    most: Annotated[int, Meta(ge=64, le=1048576)] = 65536
    """Longest body, in bytes."""
    rate: Annotated[float, Meta(ge=0.1, le=100000.0)] = 50.0
    """Messages a second of one device, in the long run; twice as many may come at once."""
    timeout: Annotated[float, Meta(ge=0.1, le=60.0)] = 5.0
    """Seconds that an asked device has for its answer."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86400.0)] = 30.0
    """Seconds for which a lost point is Uncertain (last known value) before it is Bad: after its last message where it is asked,
    after its silence was found out where it sends by itself."""
    probe_every: Annotated[float, Meta(ge=1.0, le=3600.0)] = 30.0
    """Longest pause, in seconds, between two tries with a device that does not answer."""

    def __post_init__(self) -> None:
        if (self.mode == "client") != bool(self.host):
            raise ValueError('a client needs the host that it asks, and a server has none (mode is "server" or "client")')
        if self.mode == "client" and self.networks:
            raise ValueError("networks are a server's")
        if self.mode == "server" and (self.ca or self.fingerprint or self.username or self.password or self.token):
            raise ValueError(
                "ca, fingerprint, username, password and token are a client's; a pushing device has a key of its own"
            )
        if self.token and (self.username or self.password):
            raise ValueError("a token stands in the place of a username and password; give one of both")
        for network in self.networks:
            ipaddress.ip_network(network)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this endpoint needs."""
        if self.mode == "server":
            return (PortUse(row="http-server", way="in", number=self.port),)
        return (PortUse(row="http-server", way="out", host=self.host, number=self.port),)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One device. A pushing one is known by the path that it posts to, by its key, or must give both."""

    path: Target = ""
    """Path of the URL that it posts to, or that it is asked for."""
    key_hash: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """SHA-256 of its key, which `sitewarden machine key` makes and shows once; empty: whoever knows the path may post."""
    time: Place = ""
    """Where a message tells when its values held; empty: when it arrived."""
    time_form: Literal["iso", "seconds", "milliseconds"] = "iso"
    every: Annotated[float, Meta(ge=0.1, le=86400.0)] = 5.0
    """Seconds between two questions to an asked device."""
    silent_after: Annotated[float, Meta(ge=0.5, le=604800.0)] = 300.0
    """Seconds without a message after which a pushing device counts as lost."""

    def __post_init__(self) -> None:
        Path(self.time)
        if "?" in self.path or "#" in self.path:
            raise ValueError('path ends before a "?" or "#"')


class AddressConfig(Config, frozen=True, kw_only=True):
    """Where a point's value stands in a message, and how it is written."""

    path: Place
    """JSON pointer ("/sensors/0/value") or a path such as $.sensors[name='t1'].value."""
    write: Target = ""
    """Path of the URL that a written value is sent to; empty: the point is read-only."""
    method: Literal["PUT", "POST", "PATCH"] = "PUT"
    body: Annotated[str, Meta(max_length=1000)] = '{{"value": {value}}}'
    """What is sent; "{value}" stands for the value as JSON."""

    def __post_init__(self) -> None:
        Path(self.path)
        if extra := Template(self.body).names - {"value"}:
            raise ValueError(f'body knows no place "{min(extra)}", only "value"')


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
