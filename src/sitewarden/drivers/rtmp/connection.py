"""One connection of an encoder: the protocol of its socket, and what becomes of it."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final, cast

from sitewarden.drivers.rtmp.stream import Stream
from sitewarden.wire.rtmp import HANDSHAKE, Publish, Server
from sitewarden.wire.rtmp_chunks import RtmpError

if TYPE_CHECKING:
    from sitewarden.drivers.rtmp.door import Door

PUBLISH_SECONDS: Final = 10.0
"""From the connection to a publication that is taken; whoever is slower is let go."""
CLOSING_SECONDS: Final = 2.0
"""For an encoder to close the connection once its stream is over or refused: one that finds it closed reports an error."""
MAX_UNSENT: Final = 64 * 1024
"""Bytes of ours that an encoder may leave unread before it counts as broken; we send answers and acknowledgements only."""


class Connection(asyncio.Protocol):
    """Made by the listener. `stream` stands once it publishes; `ended` holds why it is over."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._server = Server(secrets.token_bytes(HANDSHAKE - 8), self._publish, self._tag)
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.address = ""
        self.secure = False
        self.stream: Stream | None = None
        self.heard = 0.0
        """Monotonic time of the last that came, seconds."""

    @property
    def encoder(self) -> str:
        """What the encoder calls itself."""
        return self._server.encoder

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.address = str((transport.get_extra_info("peername") or ("?",))[0])
        self.secure = transport.get_extra_info("ssl_object") is not None
        self._patience = asyncio.get_running_loop().call_later(
            PUBLISH_SECONDS, self.end, f"it published nothing for {PUBLISH_SECONDS:g} s"
        )
        self._door.arrived(self)

    def data_received(self, data: bytes) -> None:
        if self.ended.done():
            return
        self.heard = self._door.clock.monotonic()
        if self.stream is not None:
            self.stream.arrival = self._door.clock.now()
        try:
            self._server.feed(data)
        except RtmpError as error:
            self.end(f"the encoder breaks RTMP: {error}")
            return
        self._send(self._server.take())
        if self._server.ended:
            self.end("the encoder ended the stream", at_once=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(f"the encoder closed the connection ({exc})" if exc else "the encoder closed the connection")

    def end(self, reason: str, *, at_once: bool = True) -> None:
        """Close the connection for this reason; the first one counts."""
        if self._patience is not None:
            self._patience.cancel()
        if not self.ended.done():
            self.ended.set_result(reason)
            if self.stream is not None:
                self.stream.end(reason)
            self._door.gone(self)
        if self._transport is not None and not self._transport.is_closing():
            if at_once:
                self._transport.abort()
            else:
                self._patience = asyncio.get_running_loop().call_later(CLOSING_SECONDS, self._transport.abort)

    def _send(self, data: bytes) -> None:
        if not data or self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self.end("the encoder does not read what it is sent")
            return
        self._transport.write(data)

    def _publish(self, wish: Publish) -> str:
        taken = self._door.admit(self, wish)
        if isinstance(taken, str):
            return taken
        if self._patience is not None:
            self._patience.cancel()
        self.stream = taken
        self.stream.arrival = self._door.clock.now()
        return ""

    def _tag(self, kind: int, time: int, body: bytes) -> None:
        if self.stream is not None and not self.ended.done():
            self.stream.take(kind, time, body)
