"""The media worker's side of live viewing: a Unix socket on which a web worker asks for one camera a connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, cast

import msgspec

from sitewarden.domain.refs import is_id
from sitewarden.media.hub import Frame, Hub, Track
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LOST, MAX_REQUEST, message
from sitewarden.net import Listener, Network

log = logging.getLogger(__name__)

MOST_WAITING: Final = 8 * 1024 * 1024
"""Bytes that a slow reader may have waiting; beyond it whole groups of pictures are left out."""
RESUME: Final = 1024 * 1024
"""It goes on at a key frame once fewer wait."""


class LiveServer:
    """Serves the hub's cameras on a Unix socket of this machine (mode 0600)."""

    def __init__(self, hub: Hub, knows: Callable[[str], bool]) -> None:
        """`knows` tells whether a camera is configured here."""
        self._hub = hub
        self._knows = knows
        self._listener: Listener | None = None

    async def start(self, net: Network, path: str) -> None:
        """Listen."""
        self._listener = await net.listen_unix("live", path, lambda: _Connection(self._hub, self._knows))

    async def close(self) -> None:
        """Stop listening and cut the connections."""
        if self._listener is not None:
            await self._listener.close()


class _Connection(asyncio.Protocol):
    """One web worker's stream; also the hub's subscriber."""

    def __init__(self, hub: Hub, knows: Callable[[str], bool]) -> None:
        self._hub = hub
        self._knows = knows
        self._asked = b""
        self._end: Callable[[], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting_for_key = True

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
            camera = msgspec.json.decode(line, type=dict[str, str]).get("camera", "")
        except msgspec.MsgspecError:
            camera = ""
        if not is_id(camera) or not self._knows(camera):
            self._send(LOST, msgspec.json.encode({"lost": "there is no such camera"}))
            self._transport.close()
            return
        self._end = self._hub.subscribe(camera, self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end()

    def on_track(self, track: Track) -> None:
        head = {"codec": track.codec, "width": track.width, "height": track.height}
        self._send(HEAD, msgspec.json.encode(head))
        self._send(INIT, track.init)
        self._waiting_for_key = True

    def on_frame(self, frame: Frame) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        waiting = transport.get_write_buffer_size()
        if self._waiting_for_key:
            if not frame.key or waiting > RESUME:
                return
            self._waiting_for_key = False
        elif waiting > MOST_WAITING:
            self._waiting_for_key = True
            return
        self._send(KEY if frame.key else DELTA, frame.fragment)

    def on_lost(self, reason: str) -> None:
        self._send(LOST, msgspec.json.encode({"lost": reason}))
        self._waiting_for_key = True

    def _send(self, kind: int, body: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(message(kind, body))
            self._transport.write(body)
