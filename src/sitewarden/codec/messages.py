"""What a child is asked and answers, and its form on the pipes: 4 bytes of length, then msgpack. Pure.

A child answers each request with exactly one message before it reads the next, so neither side ever waits for the other's pipe.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.wire.formats import VideoFormat

MAX_MESSAGE: Final = 32 * 1024 * 1024
HEADER: Final = 4


class MessageError(ValueError):
    """The other side speaks something else."""


class Still(Struct, frozen=True, kw_only=True, tag="still"):
    """Decode one key frame: NAL units with 4-byte lengths, or a JPEG file."""

    video: VideoFormat
    data: bytes
    width: int = 0
    """Greatest width of the picture that is wanted, pixels; 0: as it is."""


class Jpeg(Struct, frozen=True, kw_only=True, tag="jpeg"):
    """A picture as a JPEG file."""

    data: bytes
    width: int
    height: int


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """It could not be done; the child goes on."""

    why: str


Request = Still
Answer = Jpeg | Failed

requests: Final[msgspec.msgpack.Decoder[Request]] = msgspec.msgpack.Decoder(Request)
answers: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)


def encode(message: Request | Answer) -> bytes:
    """Return the message with its length; raises MessageError where it is too long."""
    body = msgspec.msgpack.encode(message)
    if len(body) > MAX_MESSAGE:
        raise MessageError(f"a message of {len(body)} bytes")
    return len(body).to_bytes(HEADER, "big") + body


def length(header: bytes) -> int:
    """Return how many bytes follow a header; raises MessageError."""
    size = int.from_bytes(header, "big")
    if size > MAX_MESSAGE:
        raise MessageError(f"a message of {size} bytes")
    return size
