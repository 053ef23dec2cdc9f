"""Frames: four bytes of length, big-endian, then one message."""

from __future__ import annotations

import struct

from sitewarden.wire.link.errors import PeerViolation
from sitewarden.wire.link.messages import Message, decode, encode

FRAME_LIMIT = 65536
"""Largest payload of a frame in bytes."""
HEADER = struct.Struct(">I")
CHUNK = FRAME_LIMIT - 512
"""Bytes of a body in one frame: leaves room for the longest other fields."""


def encode_frame(message: Message) -> bytes:
    """Return the message as one frame."""
    payload = encode(message)
    if len(payload) > FRAME_LIMIT:
        raise ValueError(f"a frame holds {FRAME_LIMIT} bytes, this message has {len(payload)}")
    return HEADER.pack(len(payload)) + payload


class FrameReader:
    """Turns bytes, cut anywhere, into messages. It holds less than one frame."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def held(self) -> int:
        """Bytes of the unfinished frame."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that are complete with `data`.

        Raises PeerViolation `frame` on a length out of bounds and `message` on a payload that is none. Messages before the
        bad one are lost with the connection.
        """
        if self._rest:
            data = self._rest + data
        messages: list[Message] = []
        at, end = 0, len(data)
        while end - at >= 4:
            (size,) = HEADER.unpack_from(data, at)
            if not 0 < size <= FRAME_LIMIT:
                raise PeerViolation("frame", f"a frame of {size} bytes; 1 to {FRAME_LIMIT} are allowed")
            stop = at + 4 + size
            if stop > end:
                break
            try:
                messages.append(decode(data[at + 4 : stop]))
            except (ValueError, RecursionError) as error:
                raise PeerViolation("message", f"{error}"[:200]) from error
            at = stop
        self._rest = data[at:] if at else data
        return messages
