"""A far node: another server, or an analytics or LPR node, that this site works with."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from msgspec import Meta

from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Invalid

NodeRole = Literal["server", "analytics", "lpr"]
PORTS: Final[dict[NodeRole, int]] = {"server": 8600, "analytics": 8610, "lpr": 8611}
"""Role to the default port of its administration."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")

Fingerprint = Annotated[
    str,
    Meta(pattern=r"^([0-9A-F]{2}(:[0-9A-F]{2}){31})?$", description="SHA-256 as 3F:9A:…, 32 bytes; empty where none is known."),
]


class Node(Entity, frozen=True, kw_only=True):
    """Another server, or an analytics or LPR node, as it was registered: where it is, and by what it is known again."""

    role: NodeRole
    address: Annotated[str, Meta(min_length=1, max_length=253, description="Its IP address or name.")]
    port: Annotated[int, Meta(ge=1, le=65535, description="Port of its administration.")]
    fingerprint: Fingerprint = ""
    """Of the certificate that the port presents; another one is told. Empty: the port speaks no TLS."""
    key: Fingerprint = ""
    """Of the key that signs its announcements; empty where it was registered by hand."""
    enabled: bool = True


def check_address(address: str, where: str = "address") -> None:
    """Refuse what is neither an IP address nor a name of a computer."""
    if not _HOST.fullmatch(address):
        raise Invalid(
            f"{address!r} is no address of a computer.", where=where, remedy="Write it as 192.168.1.20 or server.example.org."
        )
