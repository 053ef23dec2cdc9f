"""One connection to a broker: the client's side of MQTT on a transport, with its time limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, cast

from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable
from sitewarden.wire.mqtt import V4, Ack, Connack, Connect, Disconnect, Publish, Suback, WireError, reason_text
from sitewarden.wire.mqtt.client import Client, Full, Happening, Kept
from sitewarden.wire.plain import plain

LARGEST: Final = 8 << 20
"""Bytes of the largest packet that is taken."""
WAITING: Final = 4 << 20
"""Bytes that may wait to be sent; beyond, a message of ours is refused."""
MUCH: Final = 16_384
"""Bytes that came at once, after which others have their turn."""
REFUSED_4: Final = frozenset({1, 2, 4, 5})
REFUSED: Final = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C})
"""Codes of CONNACK that trying again does not change."""


class Session(asyncio.Protocol):
    """Hands messages over as they come; `closed` tells why it ended."""

    def __init__(self, connect: Connect, kept: Kept, take: Callable[[list[Publish]], None], keep_alive: float) -> None:
        loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[Connack] = loop.create_future()
        self.closed: asyncio.Future[DriverError] = loop.create_future()
        self._loop = loop
        self._client = Client(connect, kept, largest=LARGEST)
        self._take = take
        self._interval = keep_alive
        self._transport: asyncio.Transport | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._heard = False
        self._asked = False
        self._waiting: dict[int, asyncio.Future[Ack | Suback]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take messages first, and acknowledge them then."""
        self._heard = True
        try:
            messages = self._client.received(data)
            if messages:
                self._take(messages)
        except WireError as error:
            self._client.disconnect(error.code)
            self._flush()
            self._end(PeerViolation(f"the broker sent what is no MQTT: {error}"))
            return
        happened = self._client.happened
        while happened:
            self._happened(happened.popleft())
        self._flush()
        transport = self._transport
        if len(data) >= MUCH and transport is not None and not transport.is_closing():
            # uvloop goes on reading in one turn of the loop while there is more, and a flood would leave nothing else a turn.
            transport.pause_reading()
            self._loop.call_soon(self._resume)

    def connection_lost(self, exc: Exception | None) -> None:
        """Say why."""
        self._end(Unavailable(f"the broker closed the connection{f' ({exc})' if exc else ''}"))

    def subscribe(self, filters: Sequence[tuple[str, int]]) -> list[asyncio.Future[Ack | Suback]]:
        """Ask for filters with their options; the futures give the SUBACKs, one for each part of the filters."""
        return self._awaited(self._client.subscribe(filters))

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Give filters up."""
        if filters:
            self._awaited(self._client.unsubscribe(filters))

    def publish(self, message: Publish) -> asyncio.Future[Ack | Suback] | None:
        """Send a message; the future gives the acknowledgement, None for QoS 0.

        Raises Unavailable where too much waits already, ValueError where the broker takes no such message.
        """
        transport = self._transport
        if transport is None or self.closed.done() or transport.get_write_buffer_size() > WAITING:
            raise Unavailable("the broker takes nothing now")
        try:
            id_ = self._client.publish(message)
        except Full:
            raise Unavailable("the broker does not acknowledge what was sent") from None
        if not id_:
            self._flush()
            return None
        return self._awaited([id_])[0]

    def close(self) -> None:
        """Say goodbye where that is still possible, and close."""
        if self._transport is not None and not self._transport.is_closing():
            if self._client.connected and not self.closed.done():
                self._client.disconnect()
                self._flush()
                self._transport.close()
            else:
                self._transport.abort()
        self._end(Unavailable("the connection was closed"))

    def _awaited(self, ids: Sequence[int]) -> list[asyncio.Future[Ack | Suback]]:
        made = []
        for id_ in ids:
            future: asyncio.Future[Ack | Suback] = self._loop.create_future()
            self._waiting[id_] = future
            made.append(future)
        self._flush()
        return made

    def _happened(self, event: Happening) -> None:
        if isinstance(event, (Ack, Suback)):
            future = self._waiting.pop(event.id, None)
            if future is not None and not future.done():
                future.set_result(event)
        elif isinstance(event, Connack):
            self._answered(event)
        elif isinstance(event, Disconnect):
            self._end(Unavailable(f"the broker ended the connection: {_reason(event.code, event.properties)}"))

    def _answered(self, event: Connack) -> None:
        if not event.code:
            given = event.properties.get("server_keep_alive")
            if given:
                self._interval = min(self._interval, given)
            self._beat = self._loop.call_later(self._interval * 0.75, self._look)
            if not self.connected.done():
                self.connected.set_result(event)
            return
        version = self._client.version
        final = event.code in (REFUSED_4 if version == V4 and event.code < 0x80 else REFUSED)
        said = _reason(event.code, event.properties, version)
        if not final:
            self._end(Unavailable(f"the broker does not let us in: {said}"))
            return
        remedy = 'set version to "3.1.1"' if event.code in (1, 0x84) else "check username, password, client_id and its rights"
        self._end(Misconfigured(f"the broker does not let us in: {said}; {remedy}"))

    def _look(self) -> None:
        """Ask for a sign of life, or give up where none came to the last question."""
        if self._asked and not self._heard:
            self._end(Unavailable(f"the broker has said nothing for {self._interval * 0.75:g} s"))
            return
        self._asked, self._heard = True, False
        self._client.ping()
        self._flush()
        self._beat = self._loop.call_later(self._interval * 0.75, self._look)

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _flush(self) -> None:
        data = self._client.to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _end(self, error: DriverError) -> None:
        if self.closed.done():
            return
        self.closed.set_result(error)
        if self._beat is not None:
            self._beat.cancel()
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()


def _reason(code: int, properties: dict[str, object], version: int = 5) -> str:
    more = plain(str(properties.get("reason_string", "")))
    return f"{reason_text(code, version)} ({more})" if more else reason_text(code, version)
