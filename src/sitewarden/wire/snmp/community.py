"""Messages of versions 1 and 2c: a community and a PDU (RFC 1157, clause 4; RFC 3584, clause 5). Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from sitewarden.wire.snmp import ber, pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Pdu, TrapV1

V1, V2C, V3 = 0, 1, 3
"""What the first integer of a message says."""
COMMUNITY: Final = 255
"""Most bytes of a community."""


class Message(NamedTuple):
    """A message of version 1 or 2c."""

    version: int
    community: bytes
    pdu: Pdu | TrapV1


def version(data: bytes) -> int:
    """Return the version of a message; raise WireError for what is none."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    if end != len(data):
        raise WireError("bytes follow the message")
    found, _ = ber.integer(data, at, end)
    if found not in (V1, V2C, V3):
        raise WireError(f"version {found} is not known")
    return found


def read(data: bytes) -> Message:
    """Return a message of version 1 or 2c; raise WireError."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    if end != len(data):
        raise WireError("bytes follow the message")
    found, at = ber.integer(data, at, end)
    if found not in (V1, V2C):
        raise WireError(f"version {found} carries no community")
    community, at = ber.octets(data, at, end, COMMUNITY)
    return Message(found, community, pdu.read(data, at, end))


def write(version: int, community: bytes, written: bytes) -> bytes:
    """Return the message around a written PDU."""
    return ber.element(ber.SEQUENCE, ber.write_integer(version) + ber.element(ber.OCTETS, community) + written)
