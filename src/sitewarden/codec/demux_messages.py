"""What a child that takes a stream apart is told, and tells: 4 bytes of length, then msgpack, one way each. Pure."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct

from sitewarden.wire.formats import AudioFormat

HEADER: Final = 4
MAX_PACKET: Final = 9 * 1024 * 1024
"""Bytes of a message; an access unit has 8 MiB at most."""


PLAYED: Final = "the recording was played to its end"


class Source(Struct, frozen=True, kw_only=True):
    """What to open: the one message to the child."""

    url: str = ""
    """With user and password in it, where it has any."""
    protocols: str = ""
    """Those that FFmpeg may use, with commas between them."""
    audio: bool
    file: int = -1
    """In the place of an address: the descriptor of a recording, which the child inherits and reads in its own time."""
    again: bool = False
    """A recording begins anew when it is over."""


class Pictures(Struct, frozen=True, kw_only=True, tag="pictures"):
    """How the pictures from here on are coded."""

    encoding: Literal["H264", "H265"]
    length: int
    """Bytes of a NAL unit's length; 0 where start codes stand between them."""
    sets: tuple[bytes, ...] = ()
    form: str = ""
    """What carries them, by FFmpeg's name: "hls", "mpegts", "flv"."""


class Heard(Struct, frozen=True, kw_only=True, tag="heard"):
    """The sound from here on; None where there is none that is understood, `silent` says why."""

    audio: AudioFormat | None = None
    silent: str = ""


class Picture(Struct, frozen=True, tag="p"):
    """One access unit, shown at `time` (1/90,000 s)."""

    time: int
    data: bytes


class Sound(Struct, frozen=True, tag="s"):
    """One frame of sound of `duration` samples at `time` (1/90,000 s, as the pictures)."""

    time: int
    duration: int
    data: bytes


class Ended(Struct, frozen=True, tag="ended"):
    """The last message: why it is over. `wrong` where the settings must change before it can work."""

    why: str
    wrong: bool = False


Told = Pictures | Heard | Picture | Sound | Ended

sources: Final[msgspec.msgpack.Decoder[Source]] = msgspec.msgpack.Decoder(Source)
tellings: Final[msgspec.msgpack.Decoder[Told]] = msgspec.msgpack.Decoder(Told)


def framed(message: Source | Told) -> bytes:
    """Return a message with its length."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(HEADER, "big") + body
