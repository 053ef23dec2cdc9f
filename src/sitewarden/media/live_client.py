"""The web worker's side of live viewing: one connection a camera, however many viewers there are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, cast

import msgspec

from sitewarden.codec.children import demand
from sitewarden.domain.errors import Refusal, TooMany
from sitewarden.media.conversion import Conversion
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LiveError, Messages
from sitewarden.net import Network
from sitewarden.wire.websocket import BINARY, TEXT, frame

log = logging.getLogger(__name__)

VIEWER_BYTES: Final = 8 * 1024 * 1024
"""Bytes that may wait for one viewer; beyond it what waits is dropped up to the next key frame."""
RETRY: Final = 0.5
"""Seconds until a lost media worker is dialled again."""
CONVERTED: Final = "converted"
"""Pictures as H.264, whatever the camera sends."""
GIVE_UP: Final = 30.0
"""Seconds after which viewers of a worker that does not come back are let go."""


class Sink(Protocol):
    """A WebSocket that takes whole frames without a wait. `on_open` is called when it is open again."""

    on_open: Callable[[], None] | None

    @property
    def open(self) -> bool: ...

    def write(self, framed: bytes) -> None: ...


class Piece:
    """One message of a stream, text or binary, and its WebSocket frame, which is made once for all who get it."""

    __slots__ = ("_framed", "body", "lasting")

    def __init__(self, body: str | bytes, *, lasting: bool = False) -> None:
        self.body = body
        self.lasting = lasting
        """True for what is no picture: it is not left out for a slow viewer."""
        self._framed = b""

    @property
    def framed(self) -> bytes:
        if not self._framed:
            body = self.body
            self._framed = frame(TEXT, body.encode()) if isinstance(body, str) else frame(BINARY, body)
        return self._framed


class Viewer:
    """One person's stream: text (JSON) and binary messages as the WebSocket of a camera carries them, in order.

    They are iterated over or, with a sink, written to it as they come; what it does not take at once waits here.
    """

    def __init__(self, relay: LiveRelay, key: tuple[str, str, str], sink: Sink | None = None, *, keys: bool = False) -> None:
        """`keys`: it gets key frames alone."""
        self._relay = relay
        self._keys = keys
        self._key = key
        self._sink = sink
        self._queue: deque[Piece] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._needs_key = True
        self._held = 0.0
        """When the sink last took something of what waits, or something began to wait."""
        self.dropped = 0
        """How often this viewer was too slow."""
        if sink is not None:
            sink.on_open = self._drain

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    async def __anext__(self) -> str | bytes:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._next().body

    async def pour(self, patience: float) -> None:
        """Return once all is written, at the stream's end; raises TimeoutError where the sink takes nothing for `patience` s."""
        loop = asyncio.get_running_loop()
        while self._queue or not self._closed:
            left = self._held + patience - loop.time() if self._queue else patience
            if left <= 0:
                raise TimeoutError
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()

    def close(self) -> None:
        """Leave; the connection to the media worker ends with its last viewer."""
        self._relay.leave(self._key, self)
        if self._sink is not None:
            self._sink.on_open = None
        self.end()

    def end(self) -> None:
        """Give what waits, then end."""
        self._closed = True
        self._wake.set()

    def begin(self, init: Piece) -> None:
        """Begin a track with its init segment; JPEG has none."""
        self._needs_key = True
        if init.body:
            self.put(init)

    def put(self, piece: Piece, *, key: bool = False) -> None:
        """Give one message; frames wait for a key frame after a drop."""
        if not piece.lasting:
            if not key and (self._needs_key or self._keys):
                return
            if self._bytes > VIEWER_BYTES:
                self.dropped += 1
                self._queue = deque(one for one in self._queue if one.lasting)
                self._bytes = sum(len(one.body) for one in self._queue)
                if not key:
                    self._needs_key = True
                    return
            self._needs_key = False
        sink = self._sink
        if sink is None:
            self._wake.set()
        elif not self._queue:
            if sink.open:
                sink.write(piece.framed)
                return
            self._held = asyncio.get_running_loop().time()
        self._queue.append(piece)
        self._bytes += len(piece.body)

    def _next(self) -> Piece:
        piece = self._queue.popleft()
        self._bytes -= len(piece.body)
        return piece

    def _drain(self) -> None:
        """Write what waits, as far as the sink takes it."""
        sink = self._sink
        assert sink is not None
        self._held = asyncio.get_running_loop().time()
        while self._queue and sink.open:
            sink.write(self._next().framed)
        if not self._queue:
            self._wake.set()


class _Stream(asyncio.Protocol):
    """The connection for one camera, with what a late viewer needs."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self.head: Piece | None = None
        self.init: Piece | None = None
        self.gop: list[Piece] = []
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
            piece, key = Piece(body), kind == KEY
            if key:
                self.gop = [piece]
            elif self.gop:
                self.gop.append(piece)
            for viewer in self.viewers:
                viewer.put(piece, key=key)
            return
        self.gop = []
        if kind == INIT:
            self.init = Piece(body, lasting=True)
            for viewer in self.viewers:
                viewer.begin(self.init)
            return
        told = Piece(body.decode(), lasting=True)
        if kind == HEAD:
            if self.head is not None and told.body == self.head.body:
                return
            self.head = told
        for viewer in self.viewers:
            viewer.put(told)

    def join(self, viewer: Viewer) -> None:
        """Give a new viewer the track and the current group of pictures."""
        self.viewers.append(viewer)
        if self.head is not None and self.init is not None:
            viewer.put(self.head)
            viewer.begin(self.init)
            for number, piece in enumerate(self.gop):
                viewer.put(piece, key=number == 0)


class LiveRelay:
    """All live streams of one web worker."""

    def __init__(self, net: Network, conversions: int = 0) -> None:
        """`conversions` is how many cameras may be converted at once."""
        self._net = net
        self._conversions = conversions
        self._threads: ThreadPoolExecutor | None = None
        self._streams: dict[tuple[str, str, str], tuple[_Stream, asyncio.Task[None]]] = {}

    def view(self, socket: str, camera: str, media: str = "video", sink: Sink | None = None, *, keys: bool = False) -> Viewer:
        """Return a new viewer, or listener (`media` "audio"), of a camera of the worker at `socket`; close it at the end.

        `keys`: of the pictures it gets key frames alone, for a screen that cannot show more.
        Raises Unreachable or TooMany where it is to be "converted" and that cannot be.
        """
        key = (socket, camera, media)
        viewer = Viewer(self, key, sink, keys=keys)
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
            viewer.put(Piece('{"lost":"the media worker does not answer"}', lasting=True))
            viewer.end()
