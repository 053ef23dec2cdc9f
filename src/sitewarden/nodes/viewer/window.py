"""One window of a browser that watches a joined stream: a WebSocket (RFC 6455) that brings what the server's own would bring."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from typing import Final

import msgspec

from sitewarden.media.hub import Frame, Run, Track

MOST_WAITING: Final = 8 * 1024 * 1024
"""Bytes that a slow browser may have waiting; beyond it whole groups of pictures are left out."""
RESUME: Final = 1024 * 1024
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT: Final = 0x81
BINARY: Final = 0x82
CLOSE: Final = 0x88


def accept(key: str) -> bytes:
    """Return the answer to a handshake (clause 4.2.2)."""
    digest = hashlib.sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()
    token = base64.b64encode(digest).decode()
    lines = ("HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: Upgrade", f"sec-websocket-accept: {token}")
    return "\r\n".join((*lines, "", "")).encode()


def frame(kind: int, size: int) -> bytes:
    """Return the header of a frame from the server's side (clause 5.2)."""
    if size < 126:
        return bytes((kind, size))
    if size < 1 << 16:
        return struct.pack(">BBH", kind, 126, size)
    return struct.pack(">BBQ", kind, 127, size)


class Window:
    """A subscriber that writes into the browser's connection; what the browser sends is read by whoever owns the connection."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._wait_for_key = True

    def on_track(self, track: Track) -> None:
        head = {"codec": track.video.codec, "width": track.video.width, "height": track.video.height, "audio": ""}
        self._send(TEXT, msgspec.json.encode(head))
        self._send(BINARY, track.init)
        self._wait_for_key = True

    def on_frame(self, frame: Frame) -> None:
        waiting = self._transport.get_write_buffer_size()
        if self._wait_for_key:
            if not frame.key or waiting > RESUME:
                return
            self._wait_for_key = False
        elif waiting > MOST_WAITING:
            self._wait_for_key = True
            return
        self._send(BINARY, frame.fragment)

    def on_sound(self, run: Run) -> None:
        return

    def on_lost(self, reason: str) -> None:
        self._send(TEXT, msgspec.json.encode({"lost": reason}))
        self._wait_for_key = True

    def close(self, reason: str) -> None:
        """Say good-bye: the page tries again by itself."""
        said = struct.pack(">H", 1012) + reason.encode()[:100]
        self._send(CLOSE, said)

    def _send(self, kind: int, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frame(kind, len(body)))
            self._transport.write(body)
