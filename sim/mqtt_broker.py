"""An MQTT broker, 3.1.1 and 5, for simulated devices: sessions, retained messages, wills, and faults on request.

It serves tests and the simulators; it has no limits that a broker for strangers would need.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from sitewarden.wire.mqtt import (
    V5,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Reader,
    Suback,
    Subscribe,
    Type,
    Unsubscribe,
    WireError,
    matches,
    write,
)


@dataclass
class Faults:
    """What goes wrong. Empty: nothing."""

    code: int = 0
    """Code with which a greeting is refused."""
    mute: bool = False
    """Connections are taken, and nothing is ever said."""
    deaf: set[str] = field(default_factory=set)
    """Topics whose messages are not acknowledged, and not passed on."""
    refused: set[str] = field(default_factory=set)
    """Topics that nobody may publish to, and filters that nobody may subscribe to."""
    delay: float = 0.0
    """Seconds until a packet is looked at."""


@dataclass
class _Session:
    filters: dict[str, int] = field(default_factory=dict)
    connection: _Connection | None = None
    queue: list[Publish] = field(default_factory=list)
    held: set[int] = field(default_factory=set)


class Broker:
    """Takes clients; `heard` has every message that was published."""

    def __init__(self, *, users: dict[str, bytes] | None = None) -> None:
        self.faults = Faults()
        self.users = users
        self.heard: list[Publish] = []
        """The newest messages, for tests to look at; `KEEP` of them."""
        self.sessions: dict[str, _Session] = {}
        self.retained: dict[str, Publish] = {}
        self.written: Callable[[Publish], None] = lambda _message: None
        """Told of each message that a client published."""
        self.greetings: list[Connect] = []
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; return the port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), host, port, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, *, forget: bool = False) -> None:
        """Stop listening and cut all connections, without their wills; `forget` sessions and retained messages as well."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.cut(will=False)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None
        if forget:
            self.sessions.clear()
            self.retained.clear()

    def drop(self) -> None:
        """Cut all connections as a broken network does."""
        for connection in list(self._connections):
            connection.cut(will=True)

    def send(self, data: bytes) -> None:
        """Say bytes to all clients, whatever they are."""
        for connection in self._connections:
            connection.transport.write(data)

    def publish(self, message: Publish) -> None:
        """Pass a message on to who subscribed, and keep it where it is to be retained."""
        if message.retain:
            if message.payload:
                self.retained[message.topic] = message
            else:
                self.retained.pop(message.topic, None)
        for session in self.sessions.values():
            granted = [qos for filter_, qos in session.filters.items() if matches(filter_, message.topic)]
            if granted:
                self.deliver(session, message, max(granted), retain=False)

    def deliver(self, session: _Session, message: Publish, qos: int, *, retain: bool) -> None:
        """Send a message to one session, or let it wait there."""
        made = Publish(message.topic, message.payload, min(qos, message.qos), retain)
        if session.connection is not None:
            session.connection.pass_on(made)
        elif made.qos:
            session.queue.append(made)


KEEP = 1000


class _Connection(asyncio.Protocol):
    def __init__(self, broker: Broker) -> None:
        self.transport: asyncio.Transport
        self._broker = broker
        self._reader = Reader()
        self._session = _Session()
        self._greeting: Connect | None = None
        self._next = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._broker._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._broker.faults.mute:
            return
        if self._broker.faults.delay:
            asyncio.get_running_loop().call_later(self._broker.faults.delay, self._take, data)
        else:
            self._take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone(will=True)

    def cut(self, *, will: bool) -> None:
        """End it, with or without the client's will."""
        self._gone(will=will)
        self.transport.abort()

    def pass_on(self, message: Publish) -> None:
        """Send a message with an identifier of its own."""
        if message.qos:
            self._next = self._next % 0xFFFF + 1
            message.id = self._next
        self._say(message)

    def _gone(self, *, will: bool) -> None:
        self._broker._connections.discard(self)
        if self._session.connection is self:
            self._session.connection = None
        greeting, self._greeting = self._greeting, None
        if will and greeting is not None and greeting.will is not None:
            left = greeting.will
            self._broker.publish(Publish(left.topic, left.payload, left.qos, left.retain))

    def _say(self, packet: Packet) -> None:
        if not self.transport.is_closing():
            self.transport.write(write(packet, self._reader.version))

    def _take(self, data: bytes) -> None:
        try:
            for packet in self._reader.feed(data):
                self._packet(packet)
        except WireError as error:
            if self._reader.version == V5 and self._greeting is not None:
                self._say(Disconnect(code=error.code))
            self.transport.close()

    def _packet(self, packet: Packet) -> None:
        match packet:
            case Connect():
                self._greet(packet)
            case _ if self._greeting is None:
                raise WireError("no CONNECT")
            case Publish():
                self._published(packet)
            case Subscribe():
                self._subscribed(packet)
            case Unsubscribe():
                for filter_ in packet.filters:
                    self._session.filters.pop(filter_, None)
                codes = (0,) * len(packet.filters) if self._reader.version == V5 else ()
                self._say(Suback(type=Type.UNSUBACK, id=packet.id, codes=codes))
            case Ack() if packet.type == Type.PUBREC:
                self._say(Ack(Type.PUBREL, packet.id))
            case Ack() if packet.type == Type.PUBREL:
                self._session.held.discard(packet.id)
                self._say(Ack(Type.PUBCOMP, packet.id))
            case Ping():
                self._say(Ping(Type.PINGRESP))
            case Disconnect():
                if packet.code != 4:
                    self._greeting = None
                self.transport.close()
            case _:
                pass

    def _greet(self, packet: Connect) -> None:
        broker = self._broker
        broker.greetings.append(packet)
        code = broker.faults.code
        if not code and broker.users is not None and broker.users.get(packet.username or "") != packet.password:
            code = 0x86 if packet.version == V5 else 4
        if code:
            self._say(Connack(code=code))
            self.transport.close()
            return
        known = broker.sessions.get(packet.client_id)
        if known is not None and known.connection is not None:
            known.connection.cut(will=True)
        present = known is not None and not packet.clean
        self._session = known if known is not None and present else _Session()
        self._session.connection = self
        broker.sessions[packet.client_id] = self._session
        self._greeting = packet
        self._say(Connack(session_present=present))
        waiting, self._session.queue = self._session.queue, []
        for message in waiting:
            self.pass_on(message)

    def _subscribed(self, packet: Subscribe) -> None:
        refused = self._broker.faults.refused
        codes = []
        for filter_, options in packet.filters:
            if filter_ in refused:
                codes.append(0x87 if self._reader.version == V5 else 0x80)
                continue
            self._session.filters[filter_] = options & 3
            codes.append(options & 3)
        self._say(Suback(type=Type.SUBACK, id=packet.id, codes=tuple(codes)))
        for filter_, options in packet.filters:
            if filter_ in refused:
                continue
            for topic, message in self._broker.retained.items():
                if matches(filter_, topic):
                    self._broker.deliver(self._session, message, options & 3, retain=True)

    def _published(self, packet: Publish) -> None:
        broker = self._broker
        if packet.topic in broker.faults.deaf:
            return
        code = 0x87 if packet.topic in broker.faults.refused else 0
        if packet.qos:
            self._say(Ack(Type.PUBACK if packet.qos == 1 else Type.PUBREC, packet.id, code))
        if code or (packet.qos == 2 and packet.id in self._session.held):
            return
        if packet.qos == 2:
            self._session.held.add(packet.id)
        broker.heard.append(packet)
        del broker.heard[:-KEEP]
        broker.publish(packet)
        broker.written(packet)
