"""The port that encoders publish to, one for all cameras of a process: who may, and who does."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.drivers.rtmp.connection import Connection
from sitewarden.drivers.rtmp.stream import Stream
from sitewarden.kit.context import Context
from sitewarden.net import Network
from sitewarden.net.interfaces import Listener
from sitewarden.wire.rtmp import Publish

TAKEOVER: Final = 2.0
"""Seconds without a byte after which a publisher makes way for a second one: its connection is dead, and nobody told us."""
WRONG: Final = 10
"""Wrong keys of one address within WINDOW, beyond which none of its publications is looked at until they are past."""
WINDOW: Final = 60.0
ADDRESSES: Final = 1024
"""Addresses whose wrong keys are remembered; the longest untouched goes first."""
WAITING: Final = 64
WAITING_PER_ADDRESS: Final = 16
"""Connections that have published nothing yet; the newest beyond is closed at once."""

NO_ENTRY: Final = "no enabled camera has this path and this stream key"
"""All that a stranger is told, whichever of the two is wrong."""


class Place:
    """One camera's: who publishes to it. `news` is set when that changes, or somebody was refused."""

    def __init__(self, camera: str, key: str, stream: Callable[[], Stream]) -> None:
        self.camera, self.key, self.stream = camera, key.encode(), stream
        self.publisher: Connection | None = None
        self.refused: tuple[str, str] | None = None
        """(address, why) of the last who was refused, since somebody was taken."""
        self.told: tuple[str, str] | None = None
        """The one of them that an event tells of."""
        self.news = asyncio.Event()

    def refuse(self, address: str, why: str) -> str:
        """Remember it; return what the encoder is told."""
        self.refused = (address, why)
        self.news.set()
        return why


class Door:
    """The listener of one process; it stands while a camera is there to be published to."""

    def __init__(self, net: Network, clock: Clock) -> None:
        self._net = net
        self.clock = clock
        self._places: dict[str, Place] = {}
        self._listener: Listener | None = None
        self._turn = asyncio.Lock()
        self._waiting: dict[Connection, str] = {}
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    async def enter(self, ctx: Context, place: Place) -> None:
        """Let a camera be published to; raises a Refusal where the port cannot be had."""
        async with self._turn:
            if self._listener is None:
                tls = ctx.face_tls() if ctx.face_tls is not None else None
                self._listener = await self._net.listen("rtmp", lambda: Connection(self), tls=tls)
            self._places[place.camera] = place

    async def leave(self, place: Place, reason: str) -> None:
        """Cut the camera's publisher; the last camera closes the port."""
        if self._places.get(place.camera) is place:
            del self._places[place.camera]
        if place.publisher is not None:
            place.publisher.end(reason)
        async with self._turn:
            if not self._places and self._listener is not None:
                listener, self._listener = self._listener, None
                for one in list(self._waiting):
                    one.end(reason)
                await listener.close()

    def arrived(self, connection: Connection) -> None:
        """Take note of a connection, or close it where too many wait."""
        per = Counter(self._waiting.values())
        if len(self._waiting) >= WAITING or per[connection.address] >= WAITING_PER_ADDRESS:
            connection.end("too many connections that publish nothing")
            return
        self._waiting[connection] = connection.address

    def gone(self, connection: Connection) -> None:
        """Forget a connection."""
        self._waiting.pop(connection, None)
        for place in self._places.values():
            if place.publisher is connection:
                place.news.set()

    def admit(self, connection: Connection, wish: Publish) -> Stream | str:
        """Return the stream that takes what it publishes, or why it is refused."""
        address, now = connection.address, self.clock.monotonic()
        place = self._places.get(wish.camera)
        if self._barred(address, now):
            why = f"more than {WRONG} wrong stream keys came from this address; try again in a minute"
            return place.refuse(address, why) if place is not None else why
        if place is None or not hmac.compare_digest(wish.key.encode(), place.key):
            self._strike(address, now)
            if place is not None:
                place.refuse(address, "another stream key" if wish.key else "no stream key")
            return NO_ENTRY
        before = place.publisher
        if before is not None and not before.ended.done():
            if now - before.heard < TAKEOVER:
                return place.refuse(address, f"{before.address} publishes to this camera already")
            before.end(f"another encoder, at {address}, took over from one that was silent")
        place.publisher, place.refused, place.told = connection, None, None
        self._waiting.pop(connection, None)
        place.news.set()
        return place.stream()

    def _barred(self, address: str, now: float) -> bool:
        recent = [moment for moment in self._wrong.get(address, ()) if now - moment < WINDOW]
        return len(recent) >= WRONG

    def _strike(self, address: str, now: float) -> None:
        recent = [moment for moment in self._wrong.pop(address, ()) if now - moment < WINDOW]
        self._wrong[address] = [*recent, now]
        while len(self._wrong) > ADDRESSES:
            self._wrong.popitem(last=False)
