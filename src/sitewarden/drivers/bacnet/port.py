"""One UDP port of this computer, which all endpoints share that speak BACnet by it, as clients and as devices. Does I/O."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

from sitewarden.domain.errors import Refusal
from sitewarden.drivers.bacnet.exchange import Exchange
from sitewarden.net.broadcast import local_networks
from sitewarden.net.interfaces import Network
from sitewarden.wire.bacnet import apdu, network, services
from sitewarden.wire.bacnet.apdu import Apdu, Confirmed, Message, Request, SegmentAck, Unconfirmed
from sitewarden.wire.bacnet.network import Function, Station
from sitewarden.wire.bacnet.services import IAm, Notification
from sitewarden.wire.bacnet.tags import WireError

RECEIVE: Final = 1 << 21
"""Bytes of the socket's receive buffer: what waits while the loop is busy; more is dropped by the kernel, and asked for again."""
UNKNOWN_SUBSCRIPTION: Final = (5, 79)


class Client(Protocol):
    """Who asks devices by this port."""

    def is_there(self, source: Station, one: IAm) -> None:
        """A device tells of itself."""
        ...

    def changed(self, source: Station, told: Notification) -> bool:
        """A device tells changed values; False where nobody asked it to."""
        ...


class Server(Protocol):
    """Who answers as a device by this port."""

    def asked(self, source: Station, request: Request) -> None: ...

    def looked_for(self, source: Station, low: int, high: int) -> None: ...

    def acknowledged(self, source: Station, ack: SegmentAck) -> None: ...


class Port(asyncio.DatagramProtocol):
    """Sends, hears, and gives what is heard to whom it concerns."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.clients: list[Client] = []
        self.server: Server | None = None
        self.users = 0
        self.opening = asyncio.Lock()
        self.exchange = Exchange(self.send)
        self.bbmd: Station | None = None
        """Where broadcasts go while this computer is a foreign device."""
        self.registered: Callable[[int], None] | None = None
        """Takes the BBMD's answers to registrations."""
        self.strays = 0
        """Datagrams that were none, or that concerned nobody."""
        self._transport: asyncio.DatagramTransport | None = None
        self._ears: list[asyncio.DatagramTransport] = []
        self._everyone: list[str] = []
        self._own: set[str] = set()

    async def open(self, net: Network) -> None:
        """Open the sockets; raises the network's Refusal where the port cannot be had."""
        self._transport, _ = await net.datagram("bacnet", lambda: self, number=self.number, receive_buffer=RECEIVE)
        name = self._transport.get_extra_info("sockname")
        host, self.number = str(name[0]), int(name[1])
        found = local_networks(host)
        wide = [one for one in found if not one.is_loopback] or found
        self._own = {str(one.ip) for one in found}
        self._everyone = [str(one.network.broadcast_address) for one in wide if one.network.prefixlen < 31]
        if host == "0.0.0.0":  # noqa: S104
            return
        for address in self._everyone:
            # A socket with an address of its own hears no broadcasts. Where another program has that port, we hear answers alone.
            try:
                ear, _ = await net.datagram("bacnet", lambda: _Ear(self), host=address, number=self.number)
            except Refusal:
                continue
            self._ears.append(ear)

    def close(self) -> None:
        """Close the sockets and forget what is under way."""
        self.exchange.close()
        for transport in (*self._ears, self._transport):
            if transport is not None:
                transport.close()
        self._ears, self._transport = [], None

    def send(self, data: bytes, to: Station) -> None:
        """Send a datagram to a device, or to the router before it."""
        if self._transport is not None:
            self._transport.sendto(data, (to.host, to.port))

    def ask_all(self, content: bytes, broadcast: str = "", number: int = network.PORT) -> None:
        """Send an unconfirmed request to everyone."""
        if self.bbmd is not None:
            self.send(network.broadcast(content, distribute=True), self.bbmd)
            return
        written = network.broadcast(content)
        for address in [broadcast] if broadcast else self._everyone:
            self.send(written, Station(address, number))

    def ask_one(self, to: Station) -> None:
        """Ask one device who it is."""
        self.send(network.unicast(to, apdu.message(Unconfirmed.WHO_IS, b""), reply=False), to)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        try:
            frame = network.read(data, (addr[0], addr[1]))
            if frame.function == Function.RESULT:
                if self.registered is not None and self.bbmd is not None and addr[:2] == self.bbmd[:2]:
                    self.registered(frame.result)
            elif frame.apdu:
                self._heard(frame.source, apdu.read(frame.apdu))
        except WireError:
            self.strays += 1

    def error_received(self, exc: Exception) -> None:
        """A closed port's answer, or a network that is down; whoever waits notices that nothing comes."""

    def _heard(self, source: Station, heard: Apdu) -> None:
        if isinstance(heard, Message):
            self._message(source, heard)
        elif isinstance(heard, Request):
            self._request(source, heard)
        elif isinstance(heard, SegmentAck):
            if self.server is not None and not heard.server:
                self.server.acknowledged(source, heard)
        else:
            self.exchange.take(source, heard)

    def _message(self, source: Station, heard: Message) -> None:
        if heard.service == Unconfirmed.COV_NOTIFICATION:
            told = services.read_notification(heard.data)
            if not self._told(source, told):
                self.strays += 1
        elif heard.service == Unconfirmed.I_AM:
            found = services.read_i_am(heard.data)
            for client in self.clients:
                client.is_there(source, found)
        elif heard.service == Unconfirmed.WHO_IS and self.server is not None:
            self.server.looked_for(source, *services.read_who_is(heard.data))

    def _request(self, source: Station, heard: Request) -> None:
        if heard.sequence is not None:
            self._reply(source, apdu.abort(heard.invoke, apdu.AbortReason.SEGMENTATION_NOT_SUPPORTED))
        elif heard.service == Confirmed.COV_NOTIFICATION:
            try:
                told = services.read_notification(heard.data)
            except WireError:
                self._reply(source, apdu.reject(heard.invoke, apdu.RejectReason.INVALID_TAG))
                return
            if self._told(source, told):
                self._reply(source, apdu.done(heard.invoke, heard.service))
            else:
                self._reply(source, apdu.error(heard.invoke, heard.service, *UNKNOWN_SUBSCRIPTION))
        elif self.server is not None:
            self.server.asked(source, heard)
        else:
            self._reply(source, apdu.reject(heard.invoke, apdu.RejectReason.UNRECOGNIZED_SERVICE))

    def _told(self, source: Station, told: Notification) -> bool:
        known = [client.changed(source, told) for client in self.clients]
        return any(known)

    def _reply(self, to: Station, content: bytes) -> None:
        self.send(network.unicast(to, content, reply=False), to)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, port: Port) -> None:
        self.datagram_received = port.datagram_received  # type: ignore[method-assign]


_OPEN: WeakKeyDictionary[Network, dict[int, Port]] = WeakKeyDictionary()
"""The ports of each network of this process: client and server are two drivers, and one port is theirs together."""


@asynccontextmanager
async def shared(net: Network, number: int) -> AsyncIterator[Port]:
    """Give the open port of this number while the block runs; the last one to leave closes it."""
    ports = _OPEN.setdefault(net, {})
    port = ports.get(number)
    if port is None:
        port = ports[number] = Port(number)
    port.users += 1
    try:
        async with port.opening:
            if port._transport is None:
                await port.open(net)
        yield port
    finally:
        port.users -= 1
        if not port.users:
            if ports.get(number) is port:
                del ports[number]
            port.close()
