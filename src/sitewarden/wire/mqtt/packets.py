"""Control packets of MQTT 3.1.1 and 5.0 as structs, and how they are written. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from msgspec import Struct, field

from sitewarden.wire.mqtt.properties import Properties, WireError, put, put_data, put_text, variable

V4: Final = 4
"""Protocol level of MQTT 3.1.1."""
V5: Final = 5


class Type(IntEnum):
    """Types of control packets (MQTT 5.0, table 2-1)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Publish(Struct, gc=False):
    """A message. `id` is 0 for QoS 0."""

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    dup: bool = False
    id: int = 0
    properties: Properties | None = None


class Will(Struct, frozen=True, kw_only=True):
    """What the broker publishes when the connection breaks."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = field(default_factory=dict)


class Connect(Struct, frozen=True, kw_only=True):
    """The client's first packet. `keep_alive` in seconds, 0 for none."""

    version: int
    client_id: str
    clean: bool = True
    keep_alive: int = 0
    username: str | None = None
    password: bytes | None = None
    will: Will | None = None
    properties: Properties = field(default_factory=dict)


class Connack(Struct, frozen=True, kw_only=True):
    """The broker's first packet."""

    code: int = 0
    session_present: bool = False
    properties: Properties = field(default_factory=dict)


class Ack(Struct, frozen=True):
    """PUBACK, PUBREC, PUBREL, PUBCOMP, as `type` says."""

    type: Type
    id: int
    code: int = 0
    properties: Properties = field(default_factory=dict)


class Subscribe(Struct, frozen=True, kw_only=True):
    """Topic filters with their options: QoS in bits 0 and 1; of version 5 also no-local, retain as published, retain handling."""

    id: int
    filters: tuple[tuple[str, int], ...]
    properties: Properties = field(default_factory=dict)


class Unsubscribe(Struct, frozen=True, kw_only=True):
    """Topic filters that are given up."""

    id: int
    filters: tuple[str, ...]
    properties: Properties = field(default_factory=dict)


class Suback(Struct, frozen=True, kw_only=True):
    """Answer to SUBSCRIBE, or with `type` UNSUBACK to UNSUBSCRIBE; in 3.1.1 the latter has no codes."""

    type: Type
    id: int
    codes: tuple[int, ...]
    properties: Properties = field(default_factory=dict)


class Ping(Struct, frozen=True):
    """PINGREQ or PINGRESP."""

    type: Type


class Disconnect(Struct, frozen=True, kw_only=True):
    """DISCONNECT, or AUTH as `type` says."""

    type: Type = Type.DISCONNECT
    code: int = 0
    properties: Properties = field(default_factory=dict)


Packet = Publish | Connect | Connack | Ack | Subscribe | Unsubscribe | Suback | Ping | Disconnect

_REASONS_4: Final = {
    1: "the protocol version is not supported",
    2: "the client identifier is refused",
    3: "the server is unavailable",
    4: "user name or password are wrong",
    5: "not authorised",
}
_REASONS: Final = {
    0x04: "disconnected, with the will",
    0x10: "nobody subscribes to it",
    0x11: "there was no such subscription",
    0x80: "an error that it does not name",
    0x81: "the packet is malformed",
    0x82: "the protocol was broken",
    0x83: "the server refuses it for reasons of its own",
    0x84: "the protocol version is not supported",
    0x85: "the client identifier is refused",
    0x86: "user name or password are wrong",
    0x87: "not authorised",
    0x88: "the server is unavailable",
    0x89: "the server is busy",
    0x8A: "this client is banned",
    0x8B: "the server is shutting down",
    0x8C: "the way of authentication is refused",
    0x8D: "the keep-alive ran out",
    0x8E: "another client took over the identifier",
    0x8F: "the topic filter is not valid",
    0x90: "the topic is not valid",
    0x91: "the packet identifier is in use",
    0x92: "the packet identifier is not known",
    0x93: "more messages at once than it takes",
    0x94: "the topic alias is not valid",
    0x95: "the packet is too large",
    0x96: "messages come too fast",
    0x97: "a quota is exceeded",
    0x98: "an administrator ended it",
    0x99: "the payload has not the format that was said",
    0x9A: "it keeps no retained messages",
    0x9B: "the QoS is not supported",
    0x9C: "use another server",
    0x9D: "the server moved",
    0x9E: "shared subscriptions are not supported",
    0x9F: "connections come too fast",
    0xA0: "the longest time of a connection is over",
    0xA1: "subscription identifiers are not supported",
    0xA2: "wildcards are not supported",
}


def reason_text(code: int, version: int = V5) -> str:
    """Return in words what a reason code says, of a CONNACK of 3.1.1 too."""
    table = _REASONS_4 if version == V4 and code < 0x80 else _REASONS
    return table.get(code, f"reason {code}")


def write(packet: Packet, version: int) -> bytes:
    """Return a packet's bytes; raises ValueError for what cannot be said in this version, or does not fit."""
    match packet:
        case Publish():
            return publish(packet, version)
        case Ack():
            return ack(packet.type, packet.id, packet.code, packet.properties, version)
        case Ping():
            return bytes((packet.type << 4, 0))
        case Connect():
            return _connect(packet)
        case Connack():
            body = bytes((packet.session_present, packet.code))
            return _frame(Type.CONNACK << 4, body + (put(packet.properties) if version == V5 else b""))
        case Subscribe():
            entries = b"".join(put_text(one) + bytes((options,)) for one, options in packet.filters)
            return _frame(Type.SUBSCRIBE << 4 | 2, _head(packet.id, packet.properties, version) + entries)
        case Unsubscribe():
            entries = b"".join(put_text(one) for one in packet.filters)
            return _frame(Type.UNSUBSCRIBE << 4 | 2, _head(packet.id, packet.properties, version) + entries)
        case Suback():
            codes = b"" if packet.type == Type.UNSUBACK and version == V4 else bytes(packet.codes)
            return _frame(packet.type << 4, _head(packet.id, packet.properties, version) + codes)
        case Disconnect():
            if version == V4:
                return bytes((packet.type << 4, 0))
            if not packet.properties:
                return _frame(packet.type << 4, bytes((packet.code,)) if packet.code else b"")
            return _frame(packet.type << 4, bytes((packet.code,)) + put(packet.properties))


def publish(packet: Publish, version: int) -> bytes:
    """Return a PUBLISH."""
    flags = packet.dup << 3 | packet.qos << 1 | packet.retain
    head = put_text(packet.topic)
    if packet.qos:
        head += packet.id.to_bytes(2, "big")
    if version == V5:
        head += put(packet.properties) if packet.properties else b"\0"
    return bytes((Type.PUBLISH << 4 | flags,)) + variable(len(head) + len(packet.payload)) + head + packet.payload


def ack(type_: int, id_: int, code: int, properties: Properties, version: int) -> bytes:
    """Return a PUBACK, PUBREC, PUBREL or PUBCOMP."""
    flags = 2 if type_ == Type.PUBREL else 0
    body = id_.to_bytes(2, "big")
    if version == V5 and (code or properties):
        body += bytes((code,)) + (put(properties) if properties else b"")
    return bytes((type_ << 4 | flags, len(body))) + body if len(body) < 128 else _frame(type_ << 4 | flags, body)


def _frame(first: int, body: bytes) -> bytes:
    return bytes((first,)) + variable(len(body)) + body


def _head(id_: int, properties: Properties, version: int) -> bytes:
    return id_.to_bytes(2, "big") + (put(properties) if version == V5 else b"")


def _connect(packet: Connect) -> bytes:
    if packet.version == V4 and packet.password is not None and packet.username is None:
        raise ValueError("MQTT 3.1.1 knows no password without a user name")
    will, five = packet.will, packet.version == V5
    flags = packet.clean << 1
    if will is not None:
        flags |= 0x04 | will.qos << 3 | will.retain << 5
    flags |= (packet.username is not None) << 7 | (packet.password is not None) << 6
    body = b"\x00\x04MQTT" + bytes((packet.version, flags)) + packet.keep_alive.to_bytes(2, "big")
    if five:
        body += put(packet.properties)
    body += put_text(packet.client_id)
    if will is not None:
        body += (put(will.properties) if five else b"") + put_text(will.topic) + put_data(will.payload)
    if packet.username is not None:
        body += put_text(packet.username)
    if packet.password is not None:
        body += put_data(packet.password)
    return _frame(Type.CONNECT << 4, body)


__all__ = ["V4", "V5", "Ack", "Connack", "Connect", "Disconnect", "Packet", "Ping", "Publish", "WireError", "write"]
