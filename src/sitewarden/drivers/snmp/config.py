"""Settings of an SNMP endpoint (agents with one proof of who asks), a device (an agent) and a point's address."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import KEPT
from sitewarden.domain.network.use import PortUse
from sitewarden.drivers.snmp.names import resolve
from sitewarden.kit.config import Config, SecretText
from sitewarden.wire.snmp import usm
from sitewarden.wire.snmp.usm import Auth, Priv

SOURCES: Final = 256
"""Most source ports of an endpoint."""
Type = Literal["auto", "integer", "octets", "oid", "ip", "counter", "gauge", "ticks", "counter64"]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """Agents that are asked with the same community, or as the same user."""

    version: Literal["1", "2c", "3"] = "2c"
    community: SecretText = "public"
    """Of versions 1 and 2c, for reading and for traps."""
    write_community: SecretText = ""
    """For writing; empty is the one for reading."""
    user: Annotated[str, Meta(max_length=32)] = ""
    """Of version 3."""
    auth: Auth | None = None
    """Digest of version 3's messages; absent sends them without."""
    auth_password: SecretText = ""
    priv: Priv | None = None
    """Encryption of version 3's messages. "aes256c" is AES-256 with the longer key made as Cisco makes it."""
    priv_password: SecretText = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 161
    """Where the agents listen."""
    timeout: Annotated[float, Meta(ge=0.05, le=60.0)] = 1.0
    """Seconds until a request without an answer has failed; a read is sent again `retries` times."""
    retries: Annotated[int, Meta(ge=0, le=10)] = 2
    in_flight: Annotated[int, Meta(ge=1, le=1024)] = 64
    """Requests under way at once, to all agents together."""
    source_from: Annotated[int, Meta(ge=1, le=65535)] | None = None
    source_to: Annotated[int, Meta(ge=1, le=65535)] | None = None
    """First and last of the ports that requests are sent from in turn; absent is one that the system chooses."""
    traps: bool = False
    """Hear traps and informs of these agents on port 162."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86400.0)] = 30.0
    """Seconds after its last good reading at which a lost point turns from Uncertain (last known value) to Bad."""
    probe_every: Annotated[float, Meta(ge=1.0, le=3600.0)] = 30.0
    """Longest pause, in seconds, between two probes of a lost agent."""

    def __post_init__(self) -> None:
        if self.version == "3":
            if not self.user:
                raise ValueError("version 3 needs a user")
            if self.priv and not self.auth:
                raise ValueError("encryption needs a digest too: give auth and auth_password")
            for name, chosen, password in (
                ("auth_password", self.auth, self.auth_password),
                ("priv_password", self.priv, self.priv_password),
            ):
                if chosen and len(password) < usm.SHORTEST and password != KEPT:
                    raise ValueError(f"{name} needs at least {usm.SHORTEST} characters (RFC 3414, 11.2)")
        elif self.user or self.auth or self.priv:
            raise ValueError(f'user, auth and priv are of version "3", and this is "{self.version}"')
        if (self.source_from is None) != (self.source_to is None):
            raise ValueError("source ports need both source_from and source_to")
        if self.sources and not 1 <= len(self.sources) <= SOURCES:
            raise ValueError(f"source_from to source_to are at most {SOURCES} ports, the first one first")
        if self.source_from is not None and not self.sources:
            raise ValueError("source_from is not greater than source_to")

    @property
    def sources(self) -> range:
        """The source ports; empty where the system chooses one."""
        if self.source_from is None or self.source_to is None:
            return range(0)
        return range(self.source_from, self.source_to + 1)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the ports that it needs. Source ports need no rule: what comes in there are answers."""
        asking = PortUse(row="snmp", way="out", number=self.port)
        return (asking, PortUse(row="snmp-trap", way="in")) if self.traps else (asking,)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One agent."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    """Address or name."""
    max_oids: Annotated[int, Meta(ge=1, le=400)] = 40
    """Most objects that one request asks for; fewer where the agent says that its answer is too big."""
    in_flight: Annotated[int, Meta(ge=1, le=16)] = 2
    """Requests under way at once to this agent."""
    context: Annotated[str, Meta(max_length=255)] = ""
    """Context of version 3."""


class AddressConfig(Config, frozen=True, kw_only=True):
    """Which object is the point's."""

    oid: Annotated[str, Meta(min_length=1, max_length=1200)]
    """"1.3.6.1.2.1.1.3.0", or a name with its instance: "sysUpTime.0", "UPS-MIB::upsBatteryVoltage.0"."""
    type: Type = "auto"
    """Type in which a value is written; "auto" is the one that the agent gives when it is read."""
    format: Literal["auto", "hex"] = "auto"
    """"hex" reads and writes a string of bytes as "00 1b 21"."""
    poll: bool = True
    """False takes it from traps and informs alone."""

    def __post_init__(self) -> None:
        resolve(self.oid)

    @property
    def name(self) -> bytes:
        """The object identifier's content."""
        return resolve(self.oid)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
