"""The stream between a media worker and a web worker on their Unix socket: one camera a connection. Pure.

The web worker sends one line, {"camera": "<id>", "media": "video"} or "audio". The media worker answers with messages: 4 bytes
of length, 1 byte of kind, then that many bytes. A HEAD comes before its INIT and again whenever the track changes; frames begin
with the current group of pictures. JPEG has an empty INIT, and its frames are files; all else is fragments. Sound is KEYs alone.
With "units" both come together, as they were coded (`media.units`), and the INIT is empty. With "picture" come HEAD and KEY of
the last key frame in that form, or of the next where none is kept, then the end; an INIT in place of both says that its wall time
is the one given as "after".
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

HEAD, INIT, KEY, DELTA, LOST = range(5)
"""JSON {codec, width, height, audio} · init segment · fragment of a key frame · of another · JSON {lost: reason}."""
MAX_MESSAGE: Final = 16 * 1024 * 1024
MAX_REQUEST: Final = 512

_HEADER = struct.Struct(">IB")


class LiveError(ValueError):
    """The other side speaks something else."""


def message(kind: int, body: bytes) -> bytes:
    """Return a message's header; the body is written behind it."""
    return _HEADER.pack(len(body), kind)


class Messages:
    """Takes bytes cut anywhere, calls `on_message(kind, body)` for each whole message."""

    def __init__(self, on_message: Callable[[int, bytes], None]) -> None:
        self._on_message = on_message
        self._parts: list[bytes] = []
        self._have = 0
        self._need = _HEADER.size

    def feed(self, data: bytes) -> None:
        """Take `data`; raises LiveError for a kind or length that cannot be."""
        self._parts.append(data)
        self._have += len(data)
        if self._have < self._need:
            return
        joined = b"".join(self._parts) if len(self._parts) > 1 else data
        position = 0
        total = len(joined)
        self._need = _HEADER.size
        while total - position >= _HEADER.size:
            size, kind = _HEADER.unpack_from(joined, position)
            if kind > LOST or size > MAX_MESSAGE:
                raise LiveError(f"a message of kind {kind} with {size} bytes")
            end = position + _HEADER.size + size
            if end > total:
                self._need = _HEADER.size + size
                break
            self._on_message(kind, joined[position + _HEADER.size : end])
            position = end
        rest = joined[position:]
        self._parts = [rest] if rest else []
        self._have = len(rest)
