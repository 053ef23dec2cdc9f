"""One TCP connection with a device or gateway: bytes in as messages, bytes out within a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from sitewarden.kit.errors import DriverError, PeerViolation, Unavailable
from sitewarden.wire.framing import Framer, FramingError

if TYPE_CHECKING:
    from sitewarden.drivers.tcp.station import Station
    from sitewarden.drivers.tcp.talk import Talk

UNSENT: Final = 64 * 1024
"""Bytes of ours that a peer may leave unread before its connection is given up."""


class Session(asyncio.Protocol):
    """Made by a listener or a dial. `closed` holds why it is over."""

    def __init__(
        self,
        framer: Framer,
        heard: Callable[[Session, list[bytes]], None],
        *,
        made: Callable[[Session], None] | None = None,
        gone: Callable[[Session], None] | None = None,
    ) -> None:
        """`heard` takes whole messages; `made` and `gone` hear of the connection itself."""
        self._framer = framer
        self._heard = heard
        self._made, self._gone = made, gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[DriverError] = self._loop.create_future()
        self.address = ""
        self.last = self._loop.time()
        """Loop time at which anything last came."""
        self.station: Station | None = None
        """The one device behind it, where it is known without its messages."""
        self.talk: Talk | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.address = str((transport.get_extra_info("peername") or ("?",))[0])
        if self._made is not None:
            self._made(self)

    def data_received(self, data: bytes) -> None:
        if self.closed.done():
            return
        self.last = self._loop.time()
        try:
            messages = self._framer.feed(data)
        except FramingError as error:
            self.end(PeerViolation(str(error)))
            return
        if messages:
            self._heard(self, messages)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(Unavailable(f"the connection was lost: {exc}" if exc else "the device closed the connection"))

    def send(self, data: bytes) -> None:
        """Send; a peer that reads nothing loses its connection."""
        if self._transport is None or self.closed.done():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > UNSENT:
            self.end(PeerViolation(f"it leaves more than {UNSENT} bytes of ours unread"))

    def end(self, why: DriverError) -> None:
        """Close the connection, once."""
        if self.closed.done():
            return
        self.closed.set_result(why)
        if self._transport is not None:
            self._transport.abort()
        if self.talk is not None:
            self.talk.stop(str(why))
        if self._gone is not None:
            self._gone(self)
