"""Access units and sound as RTSP out takes them, and their form on the live socket between media and web processes. Pure.

A HEAD is the JSON of a `Head`. A KEY is a picture that needs no other, a DELTA any other picture, or a run of sound.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.media.channel import Frame, Run
from sitewarden.wire.formats import AudioFormat, VideoFormat

PICTURE, SOUND = 0, 1
MOST_FRAMES: Final = 4096
"""Frames of one run of sound."""
_PICTURE = struct.Struct(">BQiQB")
_SOUND = struct.Struct(">BQH")


class UnitError(ValueError):
    """The bytes are no unit."""


class Head(Struct, frozen=True, kw_only=True):
    """What the stream is coded as from here on."""

    video: VideoFormat
    audio: AudioFormat | None = None


class Picture(Struct, frozen=True):
    """One access unit. `time` is when it is shown, in 1/90,000 s; `wall` microseconds since 1970 UTC."""

    time: int
    wall: int
    key: bool
    data: bytes


class Sound(Struct, frozen=True):
    """Consecutive frames; `time` is the first one's on the pictures' timeline, in units of the sound's own rate."""

    time: int
    durations: Sequence[int]
    frames: Sequence[bytes]


Unit = Picture | Sound

_heads = msgspec.json.Decoder(Head)


def head(text: str) -> Head:
    """Read a HEAD; raises UnitError."""
    try:
        return _heads.decode(text)
    except msgspec.MsgspecError as error:
        raise UnitError(str(error)) from None


def of_frame(frame: Frame) -> bytes:
    """Return a picture of the hub as a message's body."""
    return _PICTURE.pack(PICTURE, frame.decode_time, frame.offset, frame.wall, frame.key) + frame.data


def of_run(run: Run) -> bytes:
    """Return sound of the hub as a message's body."""
    count = min(len(run.frames), MOST_FRAMES)
    columns = struct.pack(f">{2 * count}I", *run.durations[:count], *map(len, run.frames[:count]))
    return b"".join((_SOUND.pack(SOUND, run.time, count), columns, *run.frames[:count]))


def decode(body: bytes) -> Unit:
    """Read a message's body; raises UnitError."""
    try:
        if body[0] == PICTURE:
            _, decode_time, offset, wall, key = _PICTURE.unpack_from(body)
            return Picture(decode_time + offset, wall, bool(key), body[_PICTURE.size :])
        kind, time, count = _SOUND.unpack_from(body)
        columns = struct.unpack_from(f">{2 * count}I", body, _SOUND.size)
    except (struct.error, IndexError):
        raise UnitError("a unit is cut") from None
    if kind != SOUND:
        raise UnitError(f"a unit of kind {kind}")
    frames, position = [], _SOUND.size + 8 * count
    for size in columns[count:]:
        frames.append(body[position : position + size])
        position += size
    if position != len(body):
        raise UnitError("a run of sound of another size")
    return Sound(time, columns[:count], frames)
