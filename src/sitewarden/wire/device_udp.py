"""Controllers on UDP 51110, sans-IO: search, change of network settings, reset. `docs/protocols/device-udp.md` has the bytes.

A datagram is "SWD", the version, the kind, the length of the body (16 bits, big-endian), the body (a msgpack array) and then:
zeros up to `SEARCH_SIZE` for a search, HMAC-SHA256 of all before it for everything else. The key comes from the device's
commissioning code. A search is open to all, so its answer never is longer than it. An order carries the device's own
uptime and start, which only a fresh answer tells, so no clock needs to be set anywhere.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.errors import Conflict, Forbidden, Invalid, TooMany
from sitewarden.domain.refs import ID_PATTERN
from sitewarden.wire.pairing import Code, same

PORT: Final = 51110
MAGIC: Final = b"SWD"
VERSION: Final = 1
LIMIT: Final = 1200
"""Greatest datagram in bytes."""
SEARCH_SIZE: Final = 640
"""Bytes of every search; answers stay below, so that a forged sender gains nothing."""
MAC: Final = 32
HEAD: Final = len(MAGIC) + 4
WINDOW: Final = 30_000
"""Milliseconds of the device's uptime by which an order may be early or late."""
NONCES: Final = 1024
"""Orders remembered for the window; while so many are within it further ones are refused."""
CONFIRM_SECONDS: Final = 60.0
"""Seconds after which changed network settings go back unless they are confirmed at the new address."""
_INFO: Final = b"sitewarden device-udp 1\x01"

Device = Annotated[str, Meta(pattern=ID_PATTERN)]
Wanted = Annotated[str, Meta(max_length=63)]
Address = Annotated[str, Meta(max_length=15)]
Word = Annotated[str, Meta(max_length=60)]
Server = Annotated[str, Meta(max_length=120)]
Short = Annotated[bytes, Meta(min_length=8, max_length=8)]
Long = Annotated[bytes, Meta(min_length=16, max_length=16)]
Uptime = Annotated[int, Meta(ge=0, le=2**53)]


class Ipv4(Struct, frozen=True, array_like=True):
    """IPv4 settings of one interface. With `dhcp` the rest is what the lease gave, and is not read in an order."""

    dhcp: bool
    address: Address = ""
    prefix: Annotated[int, Meta(ge=0, le=32)] = 0
    gateway: Address = ""
    """Empty: none."""


class Search(Struct, frozen=True, array_like=True):
    """Who is there? `device` empty asks all; each waits up to `spread` milliseconds, by chance, before it answers."""

    nonce: Short
    device: Wanted = ""
    spread: Annotated[int, Meta(ge=0, le=5000)] = 0


class Found(Struct, frozen=True, array_like=True):
    """What a device is."""

    nonce: Short
    device: Device
    model: Word
    firmware: Word
    hardware: Annotated[str, Meta(max_length=17)]
    """Its MAC address, lower-case with colons; empty where it has none."""
    network: Ipv4
    mode: Literal["server", "direct"]
    server: Server
    """"host:port" that it dials; empty where it dials none."""
    paired: bool
    boot: Short
    """Drawn at each start."""
    uptime: Uptime
    """Milliseconds since that start."""
    trial: bool = False
    """Its network settings were changed and wait to be confirmed."""
    holder: Annotated[str, Meta(max_length=80)] = ""
    """Who holds it in direct mode; empty where nobody does."""
    until: Annotated[int, Meta(ge=0, le=2**62)] = 0
    """When that hold expires, microseconds since 1970 UTC."""


class Stamp(Struct, frozen=True, array_like=True):
    """Which device an order is for, and the moment for which it was made: start and uptime of the device."""

    device: Device
    boot: Short
    uptime: Uptime
    nonce: Long


class SetNetwork(Struct, frozen=True, array_like=True):
    """Change the network settings; they go back after `CONFIRM_SECONDS` unless `Confirm` reaches the new address."""

    stamp: Stamp
    network: Ipv4


class Confirm(Struct, frozen=True, array_like=True):
    """Keep the changed settings. Sent to the new address alone, so that its arrival proves the address."""

    stamp: Stamp


class Reset(Struct, frozen=True, array_like=True):
    """Restart the device."""

    stamp: Stamp


class Done(Struct, frozen=True, array_like=True):
    """The order is taken; it is carried out once this is sent."""

    device: Device
    nonce: Long


class Refused(Struct, frozen=True, array_like=True):
    """The order is not taken."""

    device: Device
    nonce: Long
    code: Annotated[str, Meta(max_length=20)]
    what: Annotated[str, Meta(max_length=200)] = ""


Order = SetNetwork | Confirm | Reset
Message = Search | Found | SetNetwork | Confirm | Reset | Done | Refused
KINDS: Final[dict[int, type[Message]]] = {1: Search, 2: Found, 3: SetNetwork, 4: Confirm, 5: Reset, 6: Done, 7: Refused}
"""Kind of a datagram to its body."""
_NUMBERS: Final = {model: number for number, model in KINDS.items()}
_DECODERS: Final = {number: msgspec.msgpack.Decoder(model) for number, model in KINDS.items()}
_body = msgspec.msgpack.Encoder().encode


class Datagram(Struct, frozen=True):
    """A datagram that was read; nothing in it is proven before `proven`."""

    message: Message
    signed: bytes
    mac: bytes

    def proven(self, key: bytes) -> bool:
        """Tell whether the holder of the key wrote it."""
        return same(self.mac, hmac.digest(key, self.signed, "sha256"))


def key_of(code: Code, device: str) -> bytes:
    """Return the key of a device from its commissioning code (HKDF-SHA256, RFC 5869, salted with the device's id)."""
    extracted = hmac.digest(device.encode(), (code.label + code.secret).encode(), "sha256")
    return hmac.digest(extracted, _INFO, "sha256")


def encode(message: Message, key: bytes = b"") -> bytes:
    """Return the datagram; `key` signs it (a search needs none). Raises ValueError where it would be too long."""
    body = _body(message)
    head = MAGIC + bytes((VERSION, _NUMBERS[type(message)])) + len(body).to_bytes(2)
    if isinstance(message, Search):
        return (head + body).ljust(SEARCH_SIZE, b"\0")
    data = head + body
    data += hmac.digest(key, data, "sha256")
    if len(data) > SEARCH_SIZE:
        raise ValueError(f"a {type(message).__name__} of {len(data)} bytes")
    return data


def decode(data: bytes) -> Datagram:
    """Read a datagram; raises Invalid."""
    if not HEAD <= len(data) <= LIMIT or data[:3] != MAGIC:
        raise Invalid("It is no datagram of a controller.", where="device-udp")
    if data[3] != VERSION:
        raise Invalid(f"It is of version {data[3]}, this is {VERSION}.", where="device-udp", remedy="Update the older side.")
    decoder, end = _DECODERS.get(data[4]), HEAD + int.from_bytes(data[5:7])
    if decoder is None or end > len(data):
        raise Invalid(f"A datagram of kind {data[4]} is not known, or was cut.", where="device-udp")
    try:
        message = decoder.decode(data[HEAD:end])
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The body cannot be read: {error}.", where="device-udp") from None
    rest = data[end:]
    if isinstance(message, Search):
        if len(data) != SEARCH_SIZE or rest.strip(b"\0"):
            raise Invalid("A search has its full size, and only zeros after the body.", where="device-udp")
        return Datagram(message, data, b"")
    if len(rest) != MAC:
        raise Invalid(f"{len(rest)} bytes follow the body, not a MAC of {MAC}.", where="device-udp")
    return Datagram(message, data[:end], rest)


def check_network(network: Ipv4) -> None:
    """Refuse settings with which no computer can be reached; raises Invalid that names the field."""
    if network.dhcp:
        return
    try:
        interface = ipaddress.IPv4Interface(f"{network.address}/{network.prefix}")
    except ValueError:
        raise Invalid(f"{network.address!r} is no IPv4 address.", where="address", remedy="Write it as 192.168.1.20.") from None
    if not 8 <= network.prefix <= 30:
        raise Invalid(
            f"A network of /{network.prefix} holds no computers here.",
            where="prefix",
            remedy="Give 8 to 30; 24 is 255.255.255.0.",
        )
    lan, own = interface.network, interface.ip
    if own in (lan.network_address, lan.broadcast_address) or own.is_multicast or own.is_unspecified or own.is_reserved:
        raise Invalid(
            f"{own} is no address of a computer in {lan}.", where="address", remedy=f"Give one between the ends of {lan}."
        )
    if not network.gateway:
        return
    try:
        gateway = ipaddress.IPv4Address(network.gateway)
    except ValueError:
        raise Invalid(
            f"{network.gateway!r} is no IPv4 address.", where="gateway", remedy="Leave it empty where there is none."
        ) from None
    if gateway not in lan or gateway in (own, lan.network_address, lan.broadcast_address):
        raise Invalid(f"The gateway {gateway} is not another computer of {lan}.", where="gateway", remedy="Give one inside it.")


class Guard:
    """What a device holds against old, repeated and foreign orders. `boot` is drawn at the start; no I/O."""

    def __init__(self, device: str, key: bytes, boot: bytes) -> None:
        self.device, self.boot = device, boot
        self._key = key
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def admit(self, datagram: Datagram, uptime: int) -> Order | None:
        """Return the order; None where it is none, or is for another device.

        `uptime` is the device's own, in milliseconds. Raises Forbidden, Conflict or TooMany; then nothing may be done.
        """
        order = datagram.message
        if not isinstance(order, SetNetwork | Confirm | Reset) or order.stamp.device != self.device:
            return None
        stamp = order.stamp
        if not datagram.proven(self._key):
            raise Forbidden("The commissioning code is not this controller's.", where=self.device)
        if stamp.boot != self.boot or abs(stamp.uptime - uptime) > WINDOW:
            raise Conflict("The order is from another time.", where=self.device)
        while self._seen and next(iter(self._seen.values())) < uptime:
            self._seen.popitem(last=False)
        if stamp.nonce in self._seen:
            raise Conflict("The order came before.", where=self.device)
        if len(self._seen) >= NONCES:
            raise TooMany("Too many orders at once.", where=self.device)
        # Kept until the stamp can no longer pass, whichever way it was off; all live equally long, so the first is the oldest.
        self._seen[stamp.nonce] = uptime + 2 * WINDOW
        return order
