"""Fragments of MP4 with a track of pictures and maybe one of sound, written by hand (ISO/IEC 14496-12 and 14496-15).

Two forms: one frame a fragment for live viewing (a header of 112 bytes before the frame), and many frames a fragment for
recording, the sound of the same time behind them. Samples of H.264 and H.265 are NAL units with 4-byte lengths. The time scale of
pictures is 90,000 a second, that of RTP; that of sound its samples a second. `fmp4_init` writes what stands before fragments.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sitewarden.wire.rtp import ntp

TIMESCALE: Final = 90000
TRACK: Final = 1
SOUND_TRACK: Final = 2
KEY_FLAGS: Final = 0x02000000
"""sample_depends_on = 2: a picture that needs no other."""
DELTA_FLAGS: Final = 0x01010000
"""sample_depends_on = 1, sample_is_non_sync_sample = 1."""
FRAME_HEADER: Final = 112
"""Bytes of moof and mdat header in front of a single frame."""

_TRUN_FLAGS = 0x01000F01
"""Version 1 (signed offsets); data offset, and duration, size, flags and offset of each sample."""
_MOOF_HEAD = struct.Struct(">I4s I4sII I4s I4sII I4sIQ")
_FRAME_TAIL = struct.Struct(">I4sIII IIIi I4s")
_SOUND_FLAGS = 0x00000301
"""Data offset, and duration and size of each sample; each can be decoded by itself."""
_SOUND_HEAD = struct.Struct(">I4s I4sII I4sIQ I4sIIi")
_TRUN_HEAD = struct.Struct(">I4sIII")
_SAMPLE = struct.Struct(">IIIi")
_PRFT = struct.Struct(">I4sIIQQ")


class Sound(Struct, frozen=True):
    """The sound of a fragment, as columns in units of its own time scale."""

    decode_time: int
    durations: Sequence[int]
    sizes: Sequence[int]


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of `kind` around `parts`."""
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box that begins with a version and flags."""
    return box(kind, (version << 24 | flags).to_bytes(4, "big"), *parts)


def sample(nals: Sequence[bytes | memoryview]) -> bytes:
    """Return an access unit as it stands in a file: each NAL unit behind its length of 4 bytes."""
    parts: list[bytes | memoryview] = []
    for nal in nals:
        parts += (len(nal).to_bytes(4, "big"), nal)
    return b"".join(parts)


def frame_header(sequence: int, decode_time: int, duration: int, offset: int, key: bool, size: int) -> bytes:
    """Return what stands before a single frame of `size` bytes: moof and the mdat header, FRAME_HEADER bytes.

    `offset` is presentation minus decode time; times in units of TIMESCALE.
    """
    flags = KEY_FLAGS if key else DELTA_FLAGS
    return _moof_head(sequence, decode_time, 104) + _FRAME_TAIL.pack(
        36, b"trun", _TRUN_FLAGS, 1, FRAME_HEADER, duration, size, flags, offset, size + 8, b"mdat"
    )


def fragment_header(
    sequence: int,
    decode_time: int,
    durations: Sequence[int],
    sizes: Sequence[int],
    keys: Sequence[bool],
    offsets: Sequence[int],
    wall: int | None = None,
    sound: Sound | None = None,
) -> bytes:
    """Return prft (where `wall` is given), moof and the mdat header of a fragment of several frames, with `sound` behind them.

    `wall` is when the first frame was seen, microseconds since 1970 UTC: it keeps the file's time tied to the day's
    (producer reference time, 14496-12, 8.16.5).
    """
    count = len(sizes)
    trun = 20 + 16 * count
    extra = _SOUND_HEAD.size + 8 * len(sound.sizes) if sound else 0
    moof = 68 + trun + extra
    octets = sum(sizes)
    parts = [
        _moof_head(sequence, decode_time, moof, extra),
        _TRUN_HEAD.pack(trun, b"trun", _TRUN_FLAGS, count, moof + 8),
    ]
    pack = _SAMPLE.pack
    for duration, size, key, offset in zip(durations, sizes, keys, offsets, strict=True):
        parts.append(pack(duration, size, KEY_FLAGS if key else DELTA_FLAGS, offset))
    if sound:
        parts.append(_sound(sound, extra, moof + 8 + octets))
        octets += sum(sound.sizes)
    parts.append(struct.pack(">I4s", octets + 8, b"mdat"))
    if wall is not None:
        parts.insert(0, _PRFT.pack(32, b"prft", 0x01000000, TRACK, ntp(wall), decode_time))
    return b"".join(parts)


def sound_header(sequence: int, sound: Sound) -> bytes:
    """Return moof and the mdat header of a fragment of sound alone."""
    size = _SOUND_HEAD.size + 8 * len(sound.sizes)
    moof = 24 + size
    head = struct.pack(">I4s I4sII", moof, b"moof", 16, b"mfhd", 0, sequence & 0xFFFFFFFF)
    return head + _sound(sound, size, moof + 8) + struct.pack(">I4s", sum(sound.sizes) + 8, b"mdat")


def _sound(sound: Sound, size: int, offset: int) -> bytes:
    """traf of `size` bytes whose samples begin `offset` bytes behind the moof's first."""
    count = len(sound.sizes)
    head = _SOUND_HEAD.pack(
        *(size, b"traf"),
        *(16, b"tfhd", 0x020000, SOUND_TRACK),
        *(20, b"tfdt", 0x01000000, sound.decode_time),
        *(20 + 8 * count, b"trun", _SOUND_FLAGS, count, offset),
    )
    rows = [value for row in zip(sound.durations, sound.sizes, strict=True) for value in row]
    return head + struct.pack(f">{2 * count}I", *rows)


def _moof_head(sequence: int, decode_time: int, size: int, extra: int = 0) -> bytes:
    """moof, mfhd, traf, tfhd (default-base-is-moof) and tfdt: the first 68 bytes of a moof of `size` bytes.

    `extra` of them belong to another traf.
    """
    return _MOOF_HEAD.pack(
        *(size, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(size - 24 - extra, b"traf"),
        *(16, b"tfhd", 0x020000, TRACK),
        *(20, b"tfdt", 0x01000000, decode_time),
    )
