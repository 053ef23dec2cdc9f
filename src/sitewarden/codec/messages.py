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


class Mark(Struct, frozen=True, kw_only=True):
    """Text that is drawn over the bottom of each picture: `left`, the picture's own time in `zone` (IANA), `right`."""

    left: str
    right: str
    zone: str = "UTC"


class Begin(Struct, frozen=True, kw_only=True, tag="begin"):
    """Convert a stream to H.264 from here on; the answer is an empty `Coded`."""

    live: bool
    """Low delay and a low price; otherwise a better picture."""
    width: int = 0
    """Greatest width, pixels; 0: as it is."""
    masks: tuple[tuple[float, float, float, float], ...] = ()
    """Rectangles that are made black: left, top, width and height in percent of the picture."""
    mark: Mark | None = None


class Shot(Struct, frozen=True, kw_only=True, tag="shot"):
    """A picture to convert, in decoding order; the answer is what the encoder gives for it, maybe nothing yet."""

    video: VideoFormat | None = None
    """What it is coded as, with the first picture and where that changes, which is at a key frame."""
    time: int
    """When it is shown, 1/90,000 s."""
    wall: int
    """Microseconds since 1970 UTC."""
    key: bool
    data: bytes


class Finish(Struct, frozen=True, tag="finish"):
    """No more pictures; the answer is what the encoder still holds."""


class Unit(Struct, frozen=True, array_like=True):
    """One access unit of H.264, NAL units with 4-byte lengths, without parameter sets; none refers to a later one."""

    time: int
    wall: int
    key: bool
    data: bytes


class Coded(Struct, frozen=True, kw_only=True, tag="coded"):
    """What was made, in the order in which it is shown."""

    units: tuple[Unit, ...] = ()
    video: VideoFormat | None = None
    """What the units are coded as, where that is new."""


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """It could not be done; the child goes on."""

    why: str


Request = Still | Begin | Shot | Finish
Answer = Jpeg | Coded | Failed

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
