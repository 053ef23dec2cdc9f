"""Bytes of either side of an MQTT connection to packets. Pure.

PUBLISH is what a busy connection consists of, so it is read in the loop itself and topics are decoded once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sitewarden.wire.mqtt import properties as props
from sitewarden.wire.mqtt.packets import (
    V5,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Suback,
    Subscribe,
    Type,
    Unsubscribe,
    Will,
)
from sitewarden.wire.mqtt.properties import Properties, WireError, take_data, take_text, take_variable, text_of

T = TypeVar("T")
TOPICS: Final = 65_536
"""Topics whose text is remembered; at the limit all are forgotten, and learnt anew."""
LARGEST: Final = 1 << 20
"""Bytes of the largest packet that is taken, unless a Reader is told another limit."""


class Reader:
    """Cuts what arrives into packets. `version` may be set by who waits for a CONNECT; a CONNECT sets it itself."""

    def __init__(self, version: int = V5, *, largest: int = LARGEST) -> None:
        self.version = version
        self._largest = largest
        self._parts: list[bytes] = []
        self._held = self._needed = 0
        self._topics: dict[bytes, str] = {}

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that are whole now; raises WireError, after which the connection is of no more use."""
        buffer = data
        found: list[Packet] = []
        if self._parts:
            # A large packet comes in many pieces, and is put together once.
            self._parts.append(data)
            self._held += len(data)
            if self._held < self._needed:
                return found
            buffer = b"".join(self._parts)
        add = found.append
        at, end, needed = 0, len(buffer), 2
        while end - at >= 2:
            first, size, begin = buffer[at], buffer[at + 1], at + 2
            if size & 0x80:
                if end - at < 5 and all(byte & 0x80 for byte in buffer[at + 1 : end]):
                    needed = end - at + 1
                    break
                size, begin = take_variable(buffer, at + 1, end)
            if size > self._largest:
                raise WireError(f"a packet of {size} bytes; {self._largest} are taken", 0x95)
            behind = begin + size
            if behind > end:
                needed = behind - at
                break
            add(self._publish(buffer, first, begin, behind) if first >> 4 == 3 else self._other(buffer, first, begin, behind))
            at, needed = behind, 2
        self._held, self._needed = end - at, needed
        self._parts = [buffer[at:]] if self._held else []
        return found

    def _publish(self, buffer: bytes, first: int, at: int, end: int) -> Publish:
        begin = at + 2
        at = begin + (buffer[begin - 2] << 8 | buffer[begin - 1]) if begin <= end else end + 1
        if at > end:
            raise WireError("a topic is cut off")
        raw = buffer[begin:at]
        topic = self._topics.get(raw)
        if topic is None:
            topic = self._learn(raw)
        qos, id_ = first >> 1 & 3, 0
        if qos:
            if at + 2 > end or qos == 3:
                raise WireError("a message has QoS 3" if qos == 3 else "a packet identifier is cut off")
            id_ = buffer[at] << 8 | buffer[at + 1]
            if not id_:
                raise WireError("a packet identifier is 0", 0x82)
            at += 2
        given: Properties | None = None
        if self.version == V5:
            if at < end and not buffer[at]:
                at += 1
            else:
                given, at = props.take(buffer, at, end)
        if not raw and not (given and "topic_alias" in given):
            raise WireError("a message has no topic", 0x82)
        return Publish(topic, buffer[at:end], qos, first & 1 == 1, first & 8 == 8, id_, given)

    def _learn(self, raw: bytes) -> str:
        topic = text_of(raw)
        if "#" in topic or "+" in topic:
            raise WireError("a message has a wildcard in its topic", 0x90)
        if len(self._topics) >= TOPICS:
            self._topics.clear()
        self._topics[raw] = topic
        return topic

    def _other(self, buffer: bytes, first: int, at: int, end: int) -> Packet:
        kind, flags = first >> 4, first & 15
        read = _READERS.get(kind)
        if read is None:
            raise WireError(f"there is no packet of type {kind}")
        if flags != (2 if kind in (Type.PUBREL, Type.SUBSCRIBE, Type.UNSUBSCRIBE) else 0):
            raise WireError(f"{Type(kind).name} has the flags {flags}")
        packet = read(buffer[at:end], Type(kind), self.version)
        if isinstance(packet, Connect):
            self.version = packet.version
        return packet


def _connect(body: bytes, kind: Type, version: int) -> Connect:
    name, at = take_text(body, 0, len(body))
    if at + 4 > len(body):
        raise WireError("CONNECT is cut off")
    version, flags, keep_alive = body[at], body[at + 1], body[at + 2] << 8 | body[at + 3]
    if name != "MQTT" or version not in (4, 5):
        raise WireError(f"{name!r} {version} is neither MQTT 3.1.1 nor 5", 0x84)
    at, five, end = at + 4, version == V5, len(body)
    qos = flags >> 3 & 3
    if flags & 1 or qos == 3 or (not flags & 4 and flags & 0x38) or (not five and flags & 0xC0 == 0x40):
        raise WireError(f"CONNECT has the flags {flags}")
    given: Properties = {}
    if five:
        given, at = props.take(body, at, end)
    client_id, at = take_text(body, at, end)
    will = None
    if flags & 4:
        about: Properties = {}
        if five:
            about, at = props.take(body, at, end)
        topic, at = take_text(body, at, end)
        payload, at = take_data(body, at, end)
        will = Will(topic=topic, payload=payload, qos=qos, retain=bool(flags & 0x20), properties=about)
    username: str | None = None
    password: bytes | None = None
    if flags & 0x80:
        username, at = take_text(body, at, end)
    if flags & 0x40:
        password, at = take_data(body, at, end)
    _ended(at, end)
    return Connect(
        version=version,
        client_id=client_id,
        clean=bool(flags & 2),
        keep_alive=keep_alive,
        username=username,
        password=password,
        will=will,
        properties=given,
    )


def _connack(body: bytes, kind: Type, version: int) -> Connack:
    if len(body) < 2 or body[0] > 1:
        raise WireError("CONNACK is malformed")
    given: Properties = {}
    # A broker that does not speak version 5 answers in the form of 3.1.1.
    if version == V5 and len(body) > 2:
        given, at = props.take(body, 2, len(body))
        _ended(at, len(body))
    elif len(body) > 2:
        raise WireError("CONNACK is too long")
    return Connack(code=body[1], session_present=body[0] == 1, properties=given)


def _ack(body: bytes, kind: Type, version: int) -> Ack:
    id_, at = _id(body)
    if version != V5:
        _ended(at, len(body))
        return Ack(kind, id_)
    code = body[at] if at < len(body) else 0
    given: Properties = {}
    if at + 1 < len(body):
        given, at = props.take(body, at + 1, len(body))
        _ended(at, len(body))
    return Ack(kind, id_, code, given)


def _subscribe(body: bytes, kind: Type, version: int) -> Packet:
    id_, at = _id(body)
    end = len(body)
    given: Properties = {}
    if version == V5:
        given, at = props.take(body, at, end)
    if kind == Type.UNSUBSCRIBE:
        names: list[str] = []
        while at < end:
            name, at = take_text(body, at, end)
            names.append(name)
        return Unsubscribe(id=id_, filters=_some(names), properties=given)
    filters: list[tuple[str, int]] = []
    while at < end:
        name, at = take_text(body, at, end)
        if at >= end:
            raise WireError("the options of a subscription are cut off")
        options = body[at]
        if options & 3 == 3 or options & (0xC0 if version == V5 else 0xFC) or options & 0x30 == 0x30:
            raise WireError(f"a subscription has the options {options}")
        filters.append((name, options))
        at += 1
    return Subscribe(id=id_, filters=_some(filters), properties=given)


def _suback(body: bytes, kind: Type, version: int) -> Suback:
    id_, at = _id(body)
    given: Properties = {}
    if version == V5:
        given, at = props.take(body, at, len(body))
    codes = tuple(body[at:])
    if codes and kind == Type.UNSUBACK and version != V5:
        raise WireError("UNSUBACK is too long")
    return Suback(type=kind, id=id_, codes=codes, properties=given)


def _ping(body: bytes, kind: Type, version: int) -> Ping:
    _ended(0, len(body))
    return Ping(kind)


def _disconnect(body: bytes, kind: Type, version: int) -> Disconnect:
    if version != V5:
        if kind == Type.AUTH:
            raise WireError("MQTT 3.1.1 has no AUTH")
        _ended(0, len(body))
        return Disconnect()
    given: Properties = {}
    if len(body) > 1:
        given, at = props.take(body, 1, len(body))
        _ended(at, len(body))
    return Disconnect(type=kind, code=body[0] if body else 0, properties=given)


def _id(body: bytes) -> tuple[int, int]:
    if len(body) < 2 or not (body[0] or body[1]):
        raise WireError("a packet has no identifier", 0x82)
    return body[0] << 8 | body[1], 2


def _some(found: list[T]) -> tuple[T, ...]:
    if not found:
        raise WireError("a subscription names no topic", 0x82)
    return tuple(found)


def _ended(at: int, end: int) -> None:
    if at != end:
        raise WireError("a packet is longer than what is in it")


_READERS: Final[dict[int, Callable[[bytes, Type, int], Packet]]] = {
    Type.CONNECT: _connect,
    Type.CONNACK: _connack,
    Type.PUBACK: _ack,
    Type.PUBREC: _ack,
    Type.PUBREL: _ack,
    Type.PUBCOMP: _ack,
    Type.SUBSCRIBE: _subscribe,
    Type.SUBACK: _suback,
    Type.UNSUBSCRIBE: _subscribe,
    Type.UNSUBACK: _suback,
    Type.PINGREQ: _ping,
    Type.PINGRESP: _ping,
    Type.DISCONNECT: _disconnect,
    Type.AUTH: _disconnect,
}
