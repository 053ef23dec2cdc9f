"""The client's side of a session: packet identifiers, acknowledgements both ways, QoS 2, subscriptions. Sans-IO.

`received` takes bytes and returns messages; what is to be sent waits in `to_send`, so that acknowledgements leave after the
messages were taken. What else happened is in `happened`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

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
    WireError,
    ack,
    publish,
    write,
)
from sitewarden.wire.mqtt.properties import Properties
from sitewarden.wire.mqtt.reader import LARGEST, Reader

FLIGHT: Final = 65_535
"""Messages of ours that may wait for their acknowledgement, unless the broker takes fewer; beyond, `publish` refuses."""
FILTERS: Final = 100
"""Filters in one SUBSCRIBE; brokers have limits on the size of a packet."""

Happening = Connack | Ack | Suback | Ping | Disconnect


class Full(Exception):
    """The broker has not acknowledged as much as it takes at once."""


class Kept:
    """What a session remembers over a broken connection: messages of QoS 2 that the broker will release."""

    def __init__(self) -> None:
        self.awaiting_release: set[int] = set()


class Client:
    """One connection."""

    def __init__(self, connect: Connect, kept: Kept | None = None, *, largest: int = LARGEST) -> None:
        self.version = connect.version
        self.connected = False
        self.limits: Properties = {}
        """What the broker said of itself in its CONNACK."""
        self.happened: deque[Happening] = deque()
        """CONNACK, SUBACK and UNSUBACK, PINGRESP, DISCONNECT, and what ended a message of ours: PUBACK, PUBCOMP, a refusing
        PUBREC. Emptied by who uses it, after each `received`; what the broker may send at once bounds it."""
        self._connect = connect
        self._kept = kept or Kept()
        self._reader = Reader(connect.version, largest=largest)
        self._out: list[bytes] = [write(connect, connect.version)]
        self._next = 0
        self._flight: dict[int, Type] = {}
        self._flight_most = FLIGHT
        self._largest = 0

    def to_send(self) -> bytes:
        """Return what is to be sent now, and forget it."""
        out, self._out = b"".join(self._out), []
        return out

    def received(self, data: bytes) -> list[Publish]:
        """Take bytes of the broker; raises WireError, after which the connection is to be closed."""
        messages: list[Publish] = []
        for packet in self._reader.feed(data):
            if type(packet) is Publish:
                if not packet.qos or self._acknowledge(packet):
                    messages.append(packet)
                if not self.connected:
                    raise WireError("a message before CONNACK", 0x82)
            else:
                self._take(packet)
        return messages

    def subscribe(self, filters: Sequence[tuple[str, int]], properties: Properties | None = None) -> list[int]:
        """Ask for filters with their options; return the identifiers of the requests, each for `FILTERS` of them at most."""
        made = []
        for start in range(0, len(filters), FILTERS):
            some = tuple(filters[start : start + FILTERS])
            made.append(self._id(Type.SUBACK))
            self._send(Subscribe(id=made[-1], filters=some, properties=properties or {}))
        return made

    def unsubscribe(self, filters: Sequence[str]) -> list[int]:
        """Give filters up."""
        made = []
        for start in range(0, len(filters), FILTERS):
            made.append(self._id(Type.UNSUBACK))
            self._send(Unsubscribe(id=made[-1], filters=tuple(filters[start : start + FILTERS])))
        return made

    def publish(self, message: Publish) -> int:
        """Send a message; return its identifier, 0 for QoS 0.

        Raises Full where too many wait, ValueError for one that the broker says it does not take.
        """
        if message.qos > self.limits.get("maximum_qos", 2):
            raise ValueError(f"the broker takes messages up to QoS {self.limits['maximum_qos']}")
        if message.retain and not self.limits.get("retain_available", 1):
            raise ValueError("the broker keeps no retained messages")
        if message.qos:
            message.id = self._id(Type.PUBACK if message.qos == 1 else Type.PUBREC)
        data = publish(message, self.version)
        if self._largest and len(data) > self._largest:
            self._flight.pop(message.id, None)
            raise ValueError(f"the message has {len(data)} bytes; the broker takes {self._largest}")
        self._out.append(data)
        return message.id

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._send(Ping(Type.PINGREQ))

    def disconnect(self, code: int = 0) -> None:
        """Say goodbye; with code 0 the broker forgets the will."""
        self._send(Disconnect(code=code))

    def _send(self, packet: Packet) -> None:
        self._out.append(write(packet, self.version))

    def _id(self, awaited: Type) -> int:
        if len(self._flight) >= self._flight_most:
            raise Full
        while True:
            self._next = self._next % 0xFFFF + 1
            if self._next not in self._flight:
                self._flight[self._next] = awaited
                return self._next

    def _acknowledge(self, message: Publish) -> bool:
        """Acknowledge; False for a message of QoS 2 that came before."""
        if message.qos == 1:
            self._out.append(ack(Type.PUBACK, message.id, 0, {}, self.version))
            return True
        self._out.append(ack(Type.PUBREC, message.id, 0, {}, self.version))
        if message.id in self._kept.awaiting_release:
            return False
        self._kept.awaiting_release.add(message.id)
        return True

    def _take(self, packet: Packet) -> None:
        if isinstance(packet, Connack):
            if self.connected:
                raise WireError("a second CONNACK", 0x82)
            self._connack(packet)
        elif not self.connected:
            raise WireError("the broker did not begin with CONNACK", 0x82)
        elif isinstance(packet, Ack):
            self._acked(packet)
        elif isinstance(packet, Suback):
            if self._flight.get(packet.id) != packet.type:
                raise WireError(f"{packet.type.name} for nothing that was asked", 0x82)
            del self._flight[packet.id]
            self.happened.append(packet)
        elif (isinstance(packet, Ping) and packet.type == Type.PINGRESP) or (
            isinstance(packet, Disconnect) and packet.type == Type.DISCONNECT and self.version == V5
        ):
            self.happened.append(packet)
        else:
            raise WireError("a packet that only clients send", 0x82)

    def _connack(self, packet: Connack) -> None:
        if not packet.code:
            self.connected = True
            if not packet.session_present:
                self._kept.awaiting_release.clear()
            self.limits = packet.properties
            self._flight_most = min(FLIGHT, packet.properties.get("receive_maximum", FLIGHT))
            self._largest = packet.properties.get("maximum_packet_size", 0)
        self.happened.append(packet)

    def _acked(self, packet: Ack) -> None:
        id_ = packet.id
        if packet.type == Type.PUBREL:
            known = id_ in self._kept.awaiting_release
            self._kept.awaiting_release.discard(id_)
            self._out.append(ack(Type.PUBCOMP, id_, 0 if known else 0x92, {}, self.version))
            return
        if self._flight.get(id_) != packet.type:
            # Of a message that an earlier connection sent, in a session that was kept.
            if packet.type == Type.PUBREC:
                self._out.append(ack(Type.PUBREL, id_, 0x92, {}, self.version))
            return
        if packet.type == Type.PUBREC and packet.code < 0x80:
            self._flight[id_] = Type.PUBCOMP
            self._out.append(ack(Type.PUBREL, id_, 0, {}, self.version))
            return
        del self._flight[id_]
        self.happened.append(packet)
