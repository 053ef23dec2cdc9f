"""STUN (RFC 8489) as an ICE-lite agent needs it (RFC 8445, 2.5): it answers binding requests and asks nothing. Pure."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
import zlib
from typing import Final

from msgspec import Struct

COOKIE: Final = 0x2112A442
REQUEST, SUCCESS, ERROR = 0x0001, 0x0101, 0x0111
USERNAME, INTEGRITY, ERROR_CODE, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0009, 0x0020
USE_CANDIDATE, FINGERPRINT, ICE_CONTROLLED = 0x0025, 0x8028, 0x8029
ROLE_CONFLICT: Final = 487
LIMIT: Final = 1280
"""Bytes of a message: what crosses every network in one datagram, and more than any check has."""
MOST_ATTRIBUTES: Final = 32
_MARK: Final = 0x5354554E


class StunError(ValueError):
    """The bytes are no STUN message."""


class Message(Struct, frozen=True):
    """A message whose fingerprint, where it has one, is right."""

    kind: int
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...]
    covered: int
    """Bytes in front of MESSAGE-INTEGRITY; 0 where there is none. What stands behind it, but FINGERPRINT, is not told."""
    data: bytes

    def get(self, kind: int) -> bytes | None:
        """Return the first attribute of that type."""
        return next((value for found, value in self.attributes if found == kind), None)

    def authentic(self, key: bytes) -> bool:
        """Tell whether MESSAGE-INTEGRITY was made with this key (RFC 8489, 14.5)."""
        given = self.get(INTEGRITY)
        if not self.covered or given is None:
            return False
        return hmac.compare_digest(given, _integrity(self.data[: self.covered], key))


def parse(data: bytes) -> Message:
    """Read a message; raises StunError."""
    if not 20 <= len(data) <= LIMIT:
        raise StunError(f"a message of {len(data)} bytes")
    kind, length, cookie = struct.unpack_from(">HHI", data)
    if kind >> 14 or cookie != COOKIE or length % 4 or length != len(data) - 20:
        raise StunError("not a STUN header")
    found: list[tuple[int, bytes]] = []
    position, covered = 20, 0
    while position < len(data):
        name, size = struct.unpack_from(">HH", data, position)
        end = position + 4 + size
        if end > len(data):
            raise StunError("an attribute is cut")
        value = data[position + 4 : end]
        if name == FINGERPRINT:
            if end != len(data) or value != _fingerprint(data[:position]):
                raise StunError("the fingerprint is wrong")
        elif name == INTEGRITY and not covered:
            if size != 20:
                raise StunError("MESSAGE-INTEGRITY of another size")
            covered = position
            found.append((name, value))
        elif not covered:
            found.append((name, value))
            if len(found) > MOST_ATTRIBUTES:
                raise StunError(f"more than {MOST_ATTRIBUTES} attributes")
        position = end + -size % 4
    if position != len(data):
        raise StunError("an attribute's padding is cut")
    return Message(kind, data[8:20], tuple(found), covered, data)


def build(kind: int, transaction: bytes, attributes: list[tuple[int, bytes]], key: bytes) -> bytes:
    """Return a message with MESSAGE-INTEGRITY and FINGERPRINT."""
    body = b"".join(struct.pack(">HH", name, len(value)) + value + bytes(-len(value) % 4) for name, value in attributes)
    head = struct.pack(">HHI", kind, len(body), COOKIE) + transaction + body
    signed = head[:2] + (len(body) + 24).to_bytes(2, "big") + head[4:] + struct.pack(">HH", INTEGRITY, 20) + _integrity(head, key)
    whole = signed[:2] + (len(body) + 32).to_bytes(2, "big") + signed[4:]
    return whole + struct.pack(">HH", FINGERPRINT, 4) + _fingerprint(whole)


def answer(request: Message, host: str, port: int, key: bytes) -> bytes:
    """Return the success response to a binding request that came from this address (RFC 8489, 14.2)."""
    return build(SUCCESS, request.transaction, [(XOR_MAPPED_ADDRESS, _xor_address(host, port, request.transaction))], key)


def refuse(request: Message, code: int, reason: str, key: bytes) -> bytes:
    """Return an error response (RFC 8489, 14.8)."""
    value = bytes((0, 0, code // 100, code % 100)) + reason.encode()
    return build(ERROR, request.transaction, [(ERROR_CODE, value)], key)


def _integrity(before: bytes, key: bytes) -> bytes:
    """HMAC-SHA1 over what is in front, whose length counts the attribute itself."""
    sized = before[:2] + (len(before) - 20 + 24).to_bytes(2, "big") + before[4:]
    return hmac.digest(key, sized, hashlib.sha1)


def _fingerprint(before: bytes) -> bytes:
    sized = before[:2] + (len(before) - 20 + 8).to_bytes(2, "big") + before[4:]
    return (zlib.crc32(sized) ^ _MARK).to_bytes(4, "big")


def _xor_address(host: str, port: int, transaction: bytes) -> bytes:
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    mask = (COOKIE.to_bytes(4, "big") + transaction)[: len(address.packed)]
    packed = bytes(one ^ other for one, other in zip(address.packed, mask, strict=True))
    return struct.pack(">BBH", 0, 1 if address.version == 4 else 2, port ^ COOKIE >> 16) + packed
