"""Connections of devices that push: requests in, answers out, within limits of size, time and number."""

from __future__ import annotations

import asyncio
import ipaddress
from math import ceil
from typing import Final, cast

from sitewarden.drivers.http.config import EndpointConfig
from sitewarden.drivers.http.requests import CONTINUE, DONE, Reader, Request, RequestError, answer
from sitewarden.drivers.http.senders import Senders

UNSENT: Final = 64 * 1024
"""Bytes of answers that a peer may leave unread before its connection is closed."""
WHOLE: Final = 20.0
"""Seconds from the first byte of a request to its last; a slower one is closed."""


class Inbox:
    """Makes the connections of a listener and holds them."""

    def __init__(self, config: EndpointConfig, senders: Senders) -> None:
        self.config, self.senders = config, senders
        self.open: set[Connection] = set()
        self._networks = [ipaddress.ip_network(network) for network in config.networks]

    def connection(self) -> Connection:
        """Return the protocol of a new connection."""
        return Connection(self)

    def arrived(self, one: Connection) -> str:
        """Take a new connection, or return why it is refused."""
        if len(self.open) >= self.config.connections:
            return f"{self.config.connections} connections stand already."
        if self._networks and not self._within(one.address):
            return f"{one.address} is in none of the endpoint's networks."
        self.open.add(one)
        self.senders.connections = len(self.open)
        return ""

    def left(self, one: Connection) -> None:
        """Forget a connection."""
        self.open.discard(one)
        self.senders.connections = len(self.open)

    def sweep(self) -> None:
        """Close what is idle, and what takes too long over one request."""
        now = asyncio.get_running_loop().time()
        for one in list(self.open):
            if now - one.last > self.config.idle or (one.began is not None and now - one.began > WHOLE):
                one.close()

    def close(self) -> None:
        """Close all."""
        for one in list(self.open):
            one.close()

    def _within(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)


class Connection(asyncio.Protocol):
    """One connection; requests on it are answered in their order, before anything else is read."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._reader = Reader(inbox.config.most)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.address = "?"
        self.last = self._loop.time()
        self.began: float | None = None
        """Loop time at which a request began that is not whole yet."""
        self._told_to_continue = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.address = str((transport.get_extra_info("peername") or ("?",))[0])
        refused = self._inbox.arrived(self)
        if refused:
            self._refuse(RequestError(403, refused))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._inbox.left(self)

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self.last = now = self._loop.time()
        try:
            requests = self._reader.feed(data)
        except RequestError as error:
            self._refuse(error)
            return
        self.began = None if requests else self.began or now
        if self._reader.expects and not self._told_to_continue:
            self._told_to_continue = True
            transport.write(CONTINUE)
        for request in requests:
            self._told_to_continue = False
            transport.write(self._answer(request, now))
            if not request.keep:
                self.close(gently=True)
                return
        if self._reader.fault is not None:
            self._refuse(self._reader.fault)
        elif transport.get_write_buffer_size() > UNSENT:
            self.close()

    def close(self, *, gently: bool = False) -> None:
        """End the connection; gently: after what was written."""
        self._inbox.left(self)
        if self._transport is not None:
            if gently:
                self._transport.close()
            else:
                self._transport.abort()

    def _answer(self, request: Request, now: float) -> bytes:
        senders = self._inbox.senders
        try:
            wait = senders.post(request, now)
        except RequestError as error:
            senders.refused(self.address, str(error))
            more = (
                "WWW-Authenticate: Bearer\r\n" if error.status == 401 else "Allow: POST, PUT\r\n" if error.status == 405 else ""
            )
            return answer(error.status, str(error), keep=request.keep, more=more)
        if wait:
            rate = self._inbox.config.rate
            why = f"A device may send {rate:g} messages a second; this one is not taken."
            senders.refused(self.address, why)
            return answer(429, why, keep=request.keep, more=f"Retry-After: {ceil(wait)}\r\n")
        return DONE

    def _refuse(self, error: RequestError) -> None:
        self._inbox.senders.refused(self.address, str(error))
        if self._transport is not None:
            self._transport.write(answer(error.status, str(error), keep=False))
        self.close(gently=True)
