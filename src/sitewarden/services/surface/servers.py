"""Messages of the servers and nodes that announce themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id, Name
from sitewarden.domain.network.node import Fingerprint, NodeRole

Trust = Literal["site", "registered", "changed", "unknown"]
"""Of a found server: its certificate is by this site's CA; it signs with the key that was registered; it is where a registered
one was and signs with another key; nothing of it is known."""


class AnnouncedPort(Struct, frozen=True, kw_only=True):
    """A port that it says it serves."""

    row: str
    number: int


class FoundServer(Struct, frozen=True, kw_only=True):
    """A server or node that was heard. What it says of itself is proven only as far as `trust` tells."""

    id: str
    name: str
    node: str
    """Its id in its own site."""
    version: str
    roles: tuple[NodeRole, ...]
    """What it can be registered as."""
    address: str
    """Where its announcements come from."""
    interface: str
    """Where they arrive."""
    addresses: tuple[str, ...]
    ports: tuple[AnnouncedPort, ...]
    group: str
    """Multicast group of its live media; empty where it sends none."""
    fingerprint: str
    """SHA-256 of the certificate that its first port presents, as it says; empty where that speaks no TLS."""
    key: str
    """SHA-256 of the key that signs what it announces."""
    site: str
    """SHA-256 of its site's CA, as it says."""
    trust: Trust
    registered: tuple[str, ...] = ()
    """References of the nodes of this site that it is ("node:north")."""
    present: bool
    """False once it fell silent or said farewell."""
    farewell: bool = False
    first: int
    last: int
    """First and last heard, microseconds since 1970 UTC."""
    skew: float
    """Seconds that its clock is ahead of this node's."""
    reach: Literal["reachable", "other-certificate", "unreachable", "unchecked"]
    """What the last look at its first port found."""
    reach_detail: str = ""
    reach_at: int | None = None
    problems: tuple[str, ...] = ()
    """What a person should know before trusting it, in sentences."""


class GroupCollision(Struct, frozen=True, kw_only=True):
    """Another server that sends live media to this server's multicast group."""

    id: str
    name: str
    address: str
    key: str
    group: str
    offer: str
    """A group that no server that was heard uses; another one for each of those that share the group."""


class FoundServers(Struct, frozen=True, kw_only=True):
    """Servers and nodes that announce themselves, those present first."""

    enabled: bool
    """False where announcements are turned off in the settings."""
    places: tuple[str, ...]
    """Where this computer listens, as "eth0 (192.0.2.5)"."""
    group: str = ""
    """Multicast group of this server's live media; empty where it sends none."""
    key: str = ""
    """SHA-256 of the key that signs what this node announces; others see it in their lists."""
    fingerprint: str = ""
    """SHA-256 of the certificate of this node's own first port."""
    heard: int = 0
    refused: int = 0
    problems: tuple[str, ...] = ()
    """What is not heard or not taken, in sentences."""
    collisions: tuple[GroupCollision, ...] = ()
    items: tuple[FoundServer, ...] = ()


class RegisterServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Register a found server or node. Its port is looked at first: it must present the certificate that it announced."""

    id: Annotated[str, Meta(max_length=64, description="Id of the found server.")]
    role: Annotated[NodeRole | None, Meta(description="As what; left out: its first role.")] = None
    name: Name | None = None
    area: Id | None = None
    fingerprint: Annotated[
        Fingerprint | None,
        Meta(description="The fingerprint that a person compared; refused where another one is announced meanwhile."),
    ] = None


class RegisteredServer(Struct, frozen=True, kw_only=True):
    """The node that was made."""

    entity: str
    """Its reference, "node:north"."""
    next: str
    """What is still to be done, in a sentence."""
