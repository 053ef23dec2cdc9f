"""Datagrams of a probe: questions and answers of the UDP echo, and beacons to multicast groups. Pure.

A question has 64 bytes, and so has its answer, so that an echo amplifies nothing. Big-endian:

    0  "SWPE"     4  version (1)     5  b"Q" or b"A"     6  port (2)     8  session (8)     16  nonce (16)     32  proof (32)

The proof is HMAC-SHA256 under the session's one-time token over the 32 bytes before it; the token itself never travels so.
A beacon has 40 bytes:

    0  "SWPM"     4  version (1)     5  group (index)     6  TTL as sent     7  phase (0, 1 or 2)
    8  machine (8)     16  number (4)     20  interval in ms (4)     24  sent, µs since 1970 UTC (8)     32  zero (8)
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Literal

from msgspec import Struct

from sitewarden.domain.errors import Invalid

VERSION = 1
TOKEN = 16
"""Bytes of a session's token."""
SESSION = 8
NONCE = 16
SIZE = 64
"""Bytes of a question and of its answer."""
BEACON = 40
_HEAD = struct.Struct(">4sBcH8s16s")
_BEACON = struct.Struct(">4sBBBB8sIIQ8s")

Kind = Literal["Q", "A"]


class Beacon(Struct, frozen=True, kw_only=True):
    """One datagram of a machine to a group."""

    group: int
    """Index of the group in the list that all machines use."""
    ttl: int
    phase: int
    """0: the sender is a member of the groups. 1: it has left them. 2: it is a member, and about to end."""
    machine: bytes
    """8 random bytes that name the sender's run."""
    number: int
    """Counts from 0 in each group."""
    interval: int
    """Milliseconds between two beacons."""
    sent: int
    """Microseconds since 1970 UTC on the sender's clock."""


def seal(kind: Kind, token: bytes, port: int, session: bytes, nonce: bytes) -> bytes:
    """Return a question or an answer."""
    head = _HEAD.pack(b"SWPE", VERSION, kind.encode(), port, session, nonce)
    return head + hmac.digest(token, head, hashlib.sha256)


def unseal(kind: Kind, token: bytes, port: int, session: bytes, data: bytes) -> bytes | None:
    """Return the nonce of a question or answer of this session and port; None for any other bytes."""
    if len(data) != SIZE or data[: _HEAD.size - NONCE] != _HEAD.pack(b"SWPE", VERSION, kind.encode(), port, session, b"")[:16]:
        return None
    head = data[: _HEAD.size]
    return head[-NONCE:] if hmac.compare_digest(hmac.digest(token, head, hashlib.sha256), data[_HEAD.size :]) else None


def encode_beacon(beacon: Beacon) -> bytes:
    """Return a beacon's 40 bytes."""
    return _BEACON.pack(
        b"SWPM", VERSION, beacon.group, beacon.ttl, beacon.phase, beacon.machine, beacon.number, beacon.interval,
        beacon.sent, bytes(8),
    )  # fmt: skip


def decode_beacon(data: bytes) -> Beacon | None:
    """Return the beacon; None for any other bytes."""
    if len(data) != BEACON or data[:5] != b"SWPM\x01":
        return None
    _, _, group, ttl, phase, machine, number, interval, sent, rest = _BEACON.unpack(data)
    if phase > 2 or interval == 0 or any(rest):
        return None
    return Beacon(group=group, ttl=ttl, phase=phase, machine=machine, number=number, interval=interval, sent=sent)


def key_text(session: bytes, token: bytes) -> str:
    """Return session and token as one word that a person can carry to another computer."""
    return f"{session.hex()}.{token.hex()}"


def read_key(text: str) -> tuple[bytes, bytes]:
    """Return session and token of such a word; raise Invalid."""
    first, _, second = text.strip().partition(".")
    try:
        session, token = bytes.fromhex(first), bytes.fromhex(second)
    except ValueError:
        session, token = b"", b""
    if len(session) != SESSION or len(token) != TOKEN:
        raise Invalid(
            "this is no key of an echo", where="--key", remedy="Copy the whole word that `sitewarden probe --open` printed."
        )
    return session, token
