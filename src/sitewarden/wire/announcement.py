"""Announcement of services, sans-IO: datagrams by which servers, analytics and LPR nodes tell where they are. No I/O.

A datagram: "SWA", version 1, kind (1 announcement, 2 farewell), length of the body (16 bits, big-endian), the body (msgpack, an
array; members may be added at its end), length of the certificate (16 bits), the certificate of the sender's node key (DER), and
that key's ECDSA P-256 signature with SHA-256 (r and s, 32 bytes each) over `CONTEXT` and all before it. At most 1,200 bytes, so
that it crosses every link unfragmented. `docs/discovery.md` has what a signature proves, and to whom.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import ID_PATTERN

MAGIC: Final = b"SWA"
VERSION: Final = 1
LIMIT: Final = 1200
"""Greatest datagram in bytes."""
CONTEXT: Final = b"sitewarden announcement 1\0"
"""What a signature covers first, so that it is one of an announcement and of nothing else that the key signs."""
SIGNATURE: Final = 64
CERTIFICATE: Final = 800
"""Greatest certificate in bytes; the site CA makes one of 598 for the longest id."""
HEAD: Final = len(MAGIC) + 4
NAME_BYTES: Final = 96
"""Longest name in UTF-8; a longer one is cut where it is sent."""

Sign = Callable[[bytes], bytes]
"""Returns r and s (32 bytes each) of a signature by the key of the certificate."""

Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,15}$")]
Address = Annotated[bytes, Meta(min_length=4, max_length=16)]
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
Whole = Annotated[int, Meta(ge=0, le=2**53)]


class Port(Struct, frozen=True, array_like=True):
    """A TCP port that is served: the manifest's row and its number."""

    row: Word
    number: Annotated[int, Meta(ge=1, le=65535)]


class Stamp(Struct, frozen=True, array_like=True):
    """Where a datagram stands among those of its sender."""

    boot: Annotated[bytes, Meta(min_length=8, max_length=8)]
    """Drawn at each start."""
    number: Whole
    """Grows by one with each datagram since that start."""
    time: Whole
    """The sender's clock, microseconds since 1970 UTC."""


class Announcement(Struct, frozen=True, array_like=True):
    """What a server or node is, and where."""

    node: Annotated[str, Meta(pattern=ID_PATTERN)]
    """Its id, as in its certificate; unique in its site, not between sites."""
    name: Annotated[str, Meta(min_length=1, max_length=NAME_BYTES)]
    version: Annotated[str, Meta(max_length=24)]
    """Of its software."""
    roles: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=6)]
    addresses: Annotated[tuple[Address, ...], Meta(min_length=1, max_length=8)]
    """IPv4 (4 bytes) and IPv6 (16 bytes) addresses that it serves on; the one that it is sent from is always among them."""
    ports: Annotated[tuple[Port, ...], Meta(max_length=4)]
    group: Annotated[bytes, Meta(max_length=16)]
    """Multicast group of its live media; empty where it sends none."""
    tls: Annotated[bytes, Meta(max_length=32)]
    """SHA-256 of the certificate that its first port presents; empty where that port speaks no TLS."""
    site: Digest
    """SHA-256 of its site's CA certificate."""
    stamp: Stamp
    period: Annotated[int, Meta(ge=1, le=60)]
    """Seconds until its next announcement, about."""


class Farewell(Struct, frozen=True, array_like=True):
    """It stops now."""

    node: Annotated[str, Meta(pattern=ID_PATTERN)]
    addresses: Annotated[tuple[Address, ...], Meta(min_length=1, max_length=8)]
    stamp: Stamp


Message = Announcement | Farewell
KINDS: Final[dict[int, type[Message]]] = {1: Announcement, 2: Farewell}
"""Kind of a datagram to its body."""
_NUMBERS: Final = {model: number for number, model in KINDS.items()}
_DECODERS: Final = {number: msgspec.msgpack.Decoder(model) for number, model in KINDS.items()}
_body = msgspec.msgpack.Encoder().encode


class Datagram(Struct, frozen=True):
    """A datagram that was read. Nothing in it is proven until `signature` is found to be the certificate's, over `signed`."""

    message: Message
    certificate: bytes
    signed: bytes
    signature: bytes


def encode(message: Message, certificate: bytes, sign: Sign) -> bytes:
    """Return the signed datagram; addresses that do not fit are left out from the end. Raises ValueError where nothing helps."""
    if not 0 < len(certificate) <= CERTIFICATE:
        raise ValueError(f"a certificate of {len(certificate)} bytes")
    while True:
        body = _body(message)
        size = HEAD + len(body) + 2 + len(certificate) + SIGNATURE
        if size <= LIMIT:
            break
        if len(message.addresses) == 1:
            raise ValueError(f"a {type(message).__name__} of {size} bytes")
        message = replace(message, addresses=message.addresses[:-1])
    data = MAGIC + bytes((VERSION, _NUMBERS[type(message)])) + len(body).to_bytes(2) + body
    data += len(certificate).to_bytes(2) + certificate
    signature = sign(CONTEXT + data)
    if len(signature) != SIGNATURE:
        raise ValueError(f"a signature of {len(signature)} bytes")
    return data + signature


def decode(data: bytes) -> Datagram:
    """Read a datagram; raises Invalid. The signature is the caller's to check."""
    if not HEAD <= len(data) <= LIMIT or data[:3] != MAGIC:
        raise Invalid("It is no announcement.", where="announcement")
    if data[3] != VERSION:
        raise Invalid(f"It is of version {data[3]}, this is {VERSION}.", where="announcement", remedy="Update the older side.")
    decoder, end = _DECODERS.get(data[4]), HEAD + int.from_bytes(data[5:7])
    if decoder is None or end + 2 > len(data):
        raise Invalid(f"A datagram of kind {data[4]} is not known, or was cut.", where="announcement")
    last = end + 2 + int.from_bytes(data[end : end + 2])
    if not end + 2 < last <= end + 2 + CERTIFICATE or len(data) - last != SIGNATURE:
        raise Invalid("Its certificate and signature do not fill the rest.", where="announcement")
    try:
        message = decoder.decode(data[HEAD:end])
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The body cannot be read: {error}.", where="announcement") from None
    _check(message)
    return Datagram(message, data[end + 2 : last], CONTEXT + data[:last], data[last:])


def _check(message: Message) -> None:
    """Refuse what fits its type and is no address, no group or no digest."""
    for packed in message.addresses:
        if len(packed) not in (4, 16) or not usable(ipaddress.ip_address(packed)):
            raise Invalid("It names an address that no computer has.", where="announcement.addresses")
    if isinstance(message, Farewell):
        return
    if message.group and (len(message.group) not in (4, 16) or not ipaddress.ip_address(message.group).is_multicast):
        raise Invalid("Its group is no multicast group.", where="announcement.group")
    if len(message.tls) not in (0, 32):
        raise Invalid(f"Its fingerprint has {len(message.tls)} bytes, not 32.", where="announcement.tls")


def usable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether a computer may have this address."""
    return not (address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255")


def cut(name: str) -> str:
    """Return a name within NAME_BYTES of UTF-8."""
    return name.encode()[:NAME_BYTES].decode(errors="ignore")


def fingerprint(digest: bytes) -> str:
    """Return a digest as people compare it: upper-case bytes with colons; "" for none."""
    return ":".join(f"{byte:02X}" for byte in digest)
