"""Frames of a WebSocket as a server sends them: unmasked, whole (RFC 6455, clause 5.2)."""

from __future__ import annotations

from typing import Final

TEXT: Final = 0x1
BINARY: Final = 0x2


def frame(opcode: int, payload: bytes) -> bytes:
    """Return a message as one frame; it is the same for all who get it."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big")
    return head + payload
