"""Datagrams: BACnet virtual link control (Annex J.2) around the network layer's header (clause 6.2). Pure.

An address is a `Station`: an IPv4 address and port, and where it stands behind a router its network and address there.
"""

from __future__ import annotations

import ipaddress
from enum import IntEnum
from typing import Final, NamedTuple

from sitewarden.wire.bacnet.tags import WireError

PORT: Final = 47808
LONGEST: Final = 1497
"""Bytes of the longest NPDU over IP (clause 6.2, table 6-1)."""
EVERY_NETWORK: Final = 0xFFFF
HOPS: Final = 255


class Function(IntEnum):
    """Functions of the virtual link (J.2)."""

    RESULT = 0x00
    FORWARDED = 0x04
    REGISTER_FOREIGN_DEVICE = 0x05
    DISTRIBUTE_BROADCAST = 0x09
    UNICAST = 0x0A
    BROADCAST = 0x0B


REGISTRATION_REFUSED: Final = 0x0030
_CARRIES: Final = frozenset({Function.FORWARDED, Function.DISTRIBUTE_BROADCAST, Function.UNICAST, Function.BROADCAST})


class Station(NamedTuple):
    """Where a device is reached: over IP directly, or behind the router there."""

    host: str
    port: int = PORT
    network: int = 0
    mac: bytes = b""

    def __str__(self) -> str:
        where = f"{self.host}:{self.port}"
        return f"{where}, network {self.network}, address {self.mac.hex()}" if self.network else where


class Frame(NamedTuple):
    """One datagram. `apdu` is empty where it has none: a result, or a message of the network layer."""

    function: int
    source: Station
    apdu: bytes
    result: int = 0
    """Code of a RESULT; 0 is success."""
    broadcast: bool = False


def read(data: bytes, sender: tuple[str, int]) -> Frame:
    """Return the datagram that `sender` sent; raise WireError."""
    if len(data) < 4 or data[0] != 0x81:
        raise WireError("the datagram is not BACnet/IP")
    function = data[1]
    if data[2] << 8 | data[3] != len(data):
        raise WireError("the datagram has another length than it says")
    host, port = sender
    if function == Function.RESULT:
        if len(data) != 6:
            raise WireError("a result has the wrong length")
        return Frame(function, Station(host, port), b"", data[4] << 8 | data[5])
    if function not in _CARRIES:
        return Frame(function, Station(host, port), b"")
    at = 4
    if function == Function.FORWARDED:
        if len(data) < 10:
            raise WireError("a forwarded datagram ends within its origin")
        host, port = str(ipaddress.IPv4Address(bytes(data[4:8]))), data[8] << 8 | data[9]
        at = 10
    return _npdu(function, data, at, host, port)


def _npdu(function: int, data: bytes, at: int, host: str, port: int) -> Frame:
    end = len(data)
    if at + 2 > end or data[at] != 1:
        raise WireError("the network layer has no version 1")
    control = data[at + 1]
    at += 2
    broadcast = function != Function.UNICAST
    if control == 0x00 or control == 0x04:
        return Frame(function, Station(host, port), data[at:], broadcast=broadcast)
    network, mac, far = 0, b"", False
    if control & 0x20:
        if at + 3 > end:
            raise WireError("the datagram ends within its destination")
        destination, size = data[at] << 8 | data[at + 1], data[at + 2]
        at += 3 + size
        broadcast = broadcast or not size
        far = destination != EVERY_NETWORK
    if control & 0x08:
        if at + 3 > end:
            raise WireError("the datagram ends within its source")
        network, size = data[at] << 8 | data[at + 1], data[at + 2]
        mac = bytes(data[at + 3 : at + 3 + size])
        at += 3 + size
        if len(mac) != size or not size or network in (0, EVERY_NETWORK):
            raise WireError("a source has no address")
    if control & 0x20:
        at += 1
    if at > end:
        raise WireError("the datagram ends within the network layer's header")
    source = Station(host, port, network, mac)
    # What is meant for another network, or speaks of networks, concerns routers alone.
    return Frame(function, source, b"" if control & 0x80 or far else data[at:], broadcast=broadcast)


def unicast(to: Station, apdu: bytes, *, reply: bool) -> bytes:
    """Write an APDU to one device; `reply` says that an answer is expected."""
    control = 0x04 if reply else 0x00
    if to.network:
        head = bytes((1, control | 0x20)) + to.network.to_bytes(2) + bytes((len(to.mac),)) + to.mac + bytes((HOPS,))
    else:
        head = bytes((1, control))
    return _link(Function.UNICAST, head + apdu)


def broadcast(apdu: bytes, *, everywhere: bool = True, distribute: bool = False) -> bytes:
    """Write an APDU to all: of every network or of this one; `distribute` asks a BBMD to do it for a foreign device."""
    head = b"\x01\x20\xff\xff\x00\xff" if everywhere else b"\x01\x00"
    return _link(Function.DISTRIBUTE_BROADCAST if distribute else Function.BROADCAST, head + apdu)


def register(ttl: int) -> bytes:
    """Write a foreign device's registration for `ttl` seconds (J.5.2)."""
    return _link(Function.REGISTER_FOREIGN_DEVICE, ttl.to_bytes(2))


def result(code: int) -> bytes:
    """Write what a BBMD answers."""
    return _link(Function.RESULT, code.to_bytes(2))


def forwarded(origin: tuple[str, int], npdu: bytes) -> bytes:
    """Write what a BBMD passes on."""
    return _link(Function.FORWARDED, ipaddress.IPv4Address(origin[0]).packed + origin[1].to_bytes(2) + npdu)


def _link(function: int, content: bytes) -> bytes:
    return bytes((0x81, function)) + (len(content) + 4).to_bytes(2) + content
