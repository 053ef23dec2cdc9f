"""The web worker's side of live viewing: one connection a camera, however many viewers there are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, cast

import msgspec

from sitewarden.codec.children import demand
from sitewarden.domain.errors import Refusal, TooMany
from sitewarden.media.conversion import Conversion
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LiveError, Messages
from sitewarden.net import Network

log = logging.getLogger(__name__)

VIEWER_BYTES: Final = 8 * 1024 * 1024
"""Bytes that may wait for one viewer; beyond it what waits is dropped up to the next key frame."""
RETRY: Final = 0.5
"""Seconds until a lost media worker is dialled again."""
CONVERTED: Final = "converted"
"""Pictures as H.264, whatever the camera sends."""
GIVE_UP: Final = 30.0
"""Seconds after which viewers of a worker that does not come back are let go."""


class Viewer:
    """One person's stream: text (JSON) and binary messages as the WebSocket of a camera carries them, in order."""

    def __init__(self, relay: LiveRelay, key: tuple[str, str, str]) -> None:
        self._relay = relay
        self._key = key
        self._queue: deque[str | bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._needs_key = True
        self.dropped = 0
        """How often this viewer was too slow."""

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    async def __anext__(self) -> str | bytes:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        item = self._queue.popleft()
        self._bytes -= len(item)
        return item

    def close(self) -> None:
        """Leave; the connection to the media worker ends with its last viewer."""
        self._relay.leave(self._key, self)
        self.end()

    def end(self) -> None:
        """Give what waits, then end."""
        self._closed = True
        self._wake.set()

    def begin(self, init: bytes) -> None:
        """Begin a track with its init segment; JPEG has none."""
        self._needs_key = True
        if init:
            self.put(init)

    def put(self, item: str | bytes, *, frame: bool = False, key: bool = False) -> None:
        """Queue one message; frames wait for a key frame after a drop."""
        if frame:
            if self._needs_key and not key:
                return
            if self._bytes > VIEWER_BYTES:
                self.dropped += 1
                kept = [one for one in self._queue if isinstance(one, str) or one[4:8] == b"ftyp"]
                self._queue = deque(kept)
                self._bytes = sum(map(len, kept))
                if not key:
                    self._needs_key = True
                    return
            self._needs_key = False
        self._queue.append(item)
        self._bytes += len(item)
        self._wake.set()


class _Stream(asyncio.Protocol):
    """The connection for one camera, with what a late viewer needs."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self.head: str | None = None
        self.init: bytes | None = None
        self.gop: list[bytes] = []
        self.transport: asyncio.Transport | None = None
        self.closed = asyncio.Event()
        self._messages = Messages(self.take)

    def renew(self) -> None:
        """Be ready for another connection."""
        self._messages = Messages(self.take)
        self.closed.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._messages.feed(data)
        except LiveError as error:
            log.error("live stream broken: %s", error)
            if self.transport is not None:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gop = []
        self.closed.set()

    def take(self, kind: int, body: bytes) -> None:
        """Take one message of the live socket, or of a conversion."""
        if kind in (KEY, DELTA):
            if kind == KEY:
                self.gop = [body]
            elif self.gop:
                self.gop.append(body)
            for viewer in self.viewers:
                viewer.put(body, frame=True, key=kind == KEY)
            return
        self.gop = []
        if kind == INIT:
            self.init = body
            for viewer in self.viewers:
                viewer.begin(body)
            return
        text = body.decode()
        if kind == HEAD:
            if text == self.head:
                return
            self.head = text
        for viewer in self.viewers:
            viewer.put(text)

    def join(self, viewer: Viewer) -> None:
        """Give a new viewer the track and the current group of pictures."""
        self.viewers.append(viewer)
        if self.head is not None and self.init is not None:
            viewer.put(self.head)
            viewer.begin(self.init)
            for number, fragment in enumerate(self.gop):
                viewer.put(fragment, frame=True, key=number == 0)


class LiveRelay:
    """All live streams of one web worker."""

    def __init__(self, net: Network, conversions: int = 0) -> None:
        """`conversions` is how many cameras may be converted at once."""
        self._net = net
        self._conversions = conversions
        self._threads: ThreadPoolExecutor | None = None
        self._streams: dict[tuple[str, str, str], tuple[_Stream, asyncio.Task[None]]] = {}

    def view(self, socket: str, camera: str, media: str = "video") -> Viewer:
        """Return a new viewer, or listener (`media` "audio"), of a camera of the worker at `socket`; close it at the end.

        Raises Unreachable or TooMany where it is to be "converted" and that cannot be.
        """
        key = (socket, camera, media)
        viewer = Viewer(self, key)
        found = self._streams.get(key)
        if found is None:
            if media == CONVERTED:
                self._admit()
            stream = _Stream()
            run = self._convert(key, stream) if media == CONVERTED else self._run(key, stream)
            found = self._streams[key] = (stream, asyncio.create_task(run, name=f"live {media} {camera}"))
        found[0].join(viewer)
        return viewer

    async def _convert(self, key: tuple[str, str, str], stream: _Stream) -> None:
        assert self._threads is not None
        with contextlib.closing(self.view(key[0], key[1], "units")) as units:
            await Conversion(stream.take, self._threads).run(units)
        self._streams.pop(key, None)
        for viewer in stream.viewers:
            viewer.end()

    def _admit(self) -> None:
        """Refuse another conversion where it cannot be."""
        demand()
        if sum(media == CONVERTED for _, _, media in self._streams) >= self._conversions:
            raise TooMany(
                f"The server converts {self._conversions} cameras already, and no more at once.",
                where="pictures.conversions",
                remedy="Close one of them, set the camera to H.264, or allow more in the settings.",
            )
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._conversions, thread_name_prefix="conversion")

    def leave(self, key: tuple[str, str, str], viewer: Viewer) -> None:
        """Take a viewer out; the last one ends the connection."""
        found = self._streams.get(key)
        if found is None or viewer not in found[0].viewers:
            return
        found[0].viewers.remove(viewer)
        if not found[0].viewers:
            del self._streams[key]
            found[1].cancel()
            if found[0].transport is not None:
                found[0].transport.abort()

    async def close(self) -> None:
        """End all streams."""
        for key, (stream, _) in list(self._streams.items()):
            for viewer in list(stream.viewers):
                self.leave(key, viewer)
                viewer.end()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, key: tuple[str, str, str], stream: _Stream) -> None:
        loop = asyncio.get_running_loop()
        last_seen = loop.time()
        while loop.time() - last_seen < GIVE_UP:
            try:
                stream.renew()
                transport, _ = await self._net.dial_unix("live", lambda: stream, key[0])
            except (OSError, Refusal):
                await asyncio.sleep(RETRY)
                continue
            transport.write(msgspec.json.encode({"camera": key[1], "media": key[2]}) + b"\n")
            await stream.closed.wait()
            last_seen = loop.time()
            await asyncio.sleep(RETRY)
        self._streams.pop(key, None)
        for viewer in stream.viewers:
            viewer.put('{"lost":"the media worker does not answer"}')
            viewer.end()
