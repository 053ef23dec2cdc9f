"""The media worker's side of live viewing: a Unix socket on which a web worker asks for one camera a connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, cast

import msgspec

from sitewarden.domain.refs import is_id
from sitewarden.media.hub import Frame, Hub, Run, Subscriber, Track
from sitewarden.media.live_picture import OnePicture
from sitewarden.media.live_units import Units
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LOST, MAX_REQUEST, message
from sitewarden.net import Listener, Network

log = logging.getLogger(__name__)

MOST_WAITING: Final = 8 * 1024 * 1024
"""Bytes that a slow reader may have waiting; beyond it whole groups of pictures are left out."""
RESUME: Final = 1024 * 1024
"""It goes on at a key frame once fewer wait."""
SILENT: Final = 10.0
"""Seconds without a picture after which nobody waits for the next one."""


Subscribe = Callable[[str, Subscriber], Callable[[], None]]


class LiveServer:
    """Serves the hub's cameras on a Unix socket of this machine (mode 0600)."""

    def __init__(self, hub: Hub, knows: Callable[[str], bool], subscribe: Subscribe | None = None) -> None:
        """`knows` tells whether a camera is configured here; `subscribe` gives a channel in place of the hub."""
        self._hub = hub
        self._subscribe = subscribe or hub.subscribe
        self._knows = knows
        self._listener: Listener | None = None

    async def start(self, net: Network, path: str) -> None:
        """Listen."""
        self._listener = await net.listen_unix("live", path, lambda: _Connection(self._hub, self._knows, self._subscribe))

    async def close(self) -> None:
        """Stop listening and cut the connections."""
        if self._listener is not None:
            await self._listener.close()


class _Connection(asyncio.Protocol):
    """One web worker's stream."""

    def __init__(self, hub: Hub, knows: Callable[[str], bool], subscribe: Subscribe) -> None:
        self._hub = hub
        self._subscribe = subscribe
        self._knows = knows
        self._asked = b""
        self._end: Callable[[], None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._end is not None:
            return
        self._asked += data
        line, newline, _ = self._asked.partition(b"\n")
        if not newline:
            if len(self._asked) > MAX_REQUEST:
                self._transport.abort()
            return
        try:
            asked = msgspec.json.decode(line, type=dict[str, str])
        except msgspec.MsgspecError:
            asked = {}
        camera, media = asked.get("camera", ""), asked.get("media", "video")
        if not _is_channel(camera) or media not in ("video", "audio", "units", "picture") or not self._knows(camera):
            self.send(LOST, msgspec.json.encode({"lost": "there is no such camera"}))
            self._transport.close()
            return
        subscriber: Subscriber = _Pictures(self) if media == "video" else _Sounds(self)
        if media == "units":
            subscriber = Units(self, most=MOST_WAITING, resume=RESUME)
        elif media == "picture":
            subscriber = OnePicture(self, asked.get("after", ""))
            if not self._hub.channel(camera).gop and self._hub.silent(camera) > SILENT:
                subscriber.on_lost("the camera sends no picture")
                return
            self._end = self._hub.subscribe(camera, subscriber)
            return
        self._end = self._subscribe(camera, subscriber)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end()

    @property
    def waiting(self) -> int:
        """Bytes that the reader has not taken; MOST_WAITING + 1 where it is gone."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return MOST_WAITING + 1
        return transport.get_write_buffer_size()

    def close(self) -> None:
        """Send what waits, then end."""
        if self._transport is not None:
            self._transport.close()

    def send(self, kind: int, body: bytes) -> None:
        """Write one message."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(message(kind, body))
            self._transport.write(body)


class _Pictures:
    """The hub's subscriber for pictures."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._waiting_for_key = True
        self._plain = False

    def on_track(self, track: Track) -> None:
        video, audio = track.video, track.audio
        head = {"codec": video.codec, "width": video.width, "height": video.height, "audio": audio.codec if audio else ""}
        self._plain = not track.init
        self._connection.send(HEAD, msgspec.json.encode(head))
        self._connection.send(INIT, track.init)
        self._waiting_for_key = True

    def on_frame(self, frame: Frame) -> None:
        waiting = self._connection.waiting
        if self._waiting_for_key:
            if not frame.key or waiting > RESUME:
                return
            self._waiting_for_key = False
        elif waiting > MOST_WAITING:
            self._waiting_for_key = True
            return
        self._connection.send(KEY if frame.key else DELTA, frame.data if self._plain else frame.fragment)

    def on_sound(self, run: Run) -> None:
        return

    def on_lost(self, reason: str) -> None:
        self._connection.send(LOST, msgspec.json.encode({"lost": reason}))
        self._waiting_for_key = True


class _Sounds:
    """The hub's subscriber for sound."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def on_track(self, track: Track) -> None:
        if track.audio is None:
            self._connection.send(LOST, msgspec.json.encode({"lost": "the camera sends no sound"}))
            return
        # Browsers take PCM as FLAC, see `wire.flac`.
        head = {"codec": "flac" if track.audio.plain else track.audio.codec, "rate": track.audio.rate}
        self._connection.send(HEAD, msgspec.json.encode(head))
        self._connection.send(INIT, track.sound_init)

    def on_frame(self, frame: Frame) -> None:
        return

    def on_sound(self, run: Run) -> None:
        if self._connection.waiting <= RESUME:
            self._connection.send(KEY, run.fragment)

    def on_lost(self, reason: str) -> None:
        self._connection.send(LOST, msgspec.json.encode({"lost": reason}))


def _is_channel(name: str) -> bool:
    """Tell whether this is a camera's id, or a second stream's, "camera/sub"."""
    camera, slash, stream = name.partition("/")
    return is_id(camera) and (is_id(stream) if slash else not stream)
