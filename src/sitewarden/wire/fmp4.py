"""Fragmented MP4 with one H.264 track, written by hand (ISO/IEC 14496-12 and 14496-15).

Two forms: one frame a fragment for live viewing (a header of 112 bytes before the frame), and many frames a fragment for
recording. Samples are NAL units with 4-byte lengths. The time scale is 90,000 a second, that of RTP.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from sitewarden.wire.h264 import parse_sps
from sitewarden.wire.rtp import ntp

TIMESCALE: Final = 90000
TRACK: Final = 1
KEY_FLAGS: Final = 0x02000000
"""sample_depends_on = 2: a picture that needs no other."""
DELTA_FLAGS: Final = 0x01010000
"""sample_depends_on = 1, sample_is_non_sync_sample = 1."""
FRAME_HEADER: Final = 112
"""Bytes of moof and mdat header in front of a single frame."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TRUN_FLAGS = 0x01000F01
"""Version 1 (signed offsets); data offset, and duration, size, flags and offset of each sample."""
_MOOF_HEAD = struct.Struct(">I4s I4sII I4s I4sII I4sIQ")
_FRAME_TAIL = struct.Struct(">I4sIII IIIi I4s")
_TRUN_HEAD = struct.Struct(">I4sIII")
_SAMPLE = struct.Struct(">IIIi")
_PRFT = struct.Struct(">I4sIIQQ")


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of `kind` around `parts`."""
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, (version << 24 | flags).to_bytes(4, "big"), *parts)


def init_segment(
    sps: Sequence[bytes], pps: Sequence[bytes], *, duration: int = 0, in_band: bool = False, created: int = 0
) -> bytes:
    """Return ftyp and moov.

    `duration` in units of TIMESCALE is written where it is known before (playback), `created` is microseconds since 1970
    UTC. `in_band` names the track "avc3": key frames may bring parameter sets of their own. Raises H264Error where the first
    SPS cannot be read.
    """
    first = parse_sps(sps[0])
    size = struct.pack(">HH", first.width, first.height)
    stamp = created // 1_000_000 + 2_082_844_800 if created else 0
    entry = box(
        b"avc3" if in_band else b"avc1",
        bytes(6) + b"\x00\x01" + bytes(16) + size + struct.pack(">IIIH", 0x480000, 0x480000, 0, 1) + bytes(32),
        struct.pack(">Hh", 24, -1),
        box(b"avcC", _configuration(sps, pps)),
    )
    table = box(
        b"stbl",
        _full(b"stsd", 0, 0, b"\x00\x00\x00\x01", entry),
        _full(b"stts", 0, 0, bytes(4)),
        _full(b"stsc", 0, 0, bytes(4)),
        _full(b"stsz", 0, 0, bytes(8)),
        _full(b"stco", 0, 0, bytes(4)),
    )
    info = box(
        b"minf",
        _full(b"vmhd", 0, 1, bytes(8)),
        box(b"dinf", _full(b"dref", 0, 0, b"\x00\x00\x00\x01", _full(b"url ", 0, 1))),
        table,
    )
    media = box(
        b"mdia",
        _full(b"mdhd", 1, 0, struct.pack(">QQIQHH", stamp, stamp, TIMESCALE, 0, 0x55C4, 0)),
        _full(b"hdlr", 0, 0, bytes(4) + b"vide" + bytes(12) + b"video\x00"),
        info,
    )
    track_head = struct.pack(">QQIIQ", stamp, stamp, TRACK, 0, 0) + bytes(16) + _MATRIX
    track_head += struct.pack(">II", first.width << 16, first.height << 16)
    movie_head = struct.pack(">QQIQIH", stamp, stamp, TIMESCALE, 0, 0x10000, 0x100) + bytes(10) + _MATRIX + bytes(24)
    extends = _full(b"mehd", 1, 0, duration.to_bytes(8, "big")) if duration else b""
    return box(b"ftyp", b"iso6\x00\x00\x02\x00iso6isomavc1mp41") + box(
        b"moov",
        _full(b"mvhd", 1, 0, movie_head + (TRACK + 1).to_bytes(4, "big")),
        box(b"trak", _full(b"tkhd", 1, 3, track_head), media),
        box(b"mvex", extends, _full(b"trex", 0, 0, struct.pack(">IIIII", TRACK, 1, 0, 0, 0))),
    )


def _configuration(sps: Sequence[bytes], pps: Sequence[bytes]) -> bytes:
    """AVCDecoderConfigurationRecord (14496-15, 5.3.3.1)."""
    first = sps[0]
    parts = [bytes((1, first[1], first[2], first[3], 0xFF, 0xE0 | len(sps[:31])))]
    parts += [len(nal).to_bytes(2, "big") + nal for nal in sps[:31]]
    parts.append(bytes((len(pps[:255]),)))
    parts += [len(nal).to_bytes(2, "big") + nal for nal in pps[:255]]
    if first[1] in (100, 110, 122, 144):
        parts.append(b"\xfd\xf8\xf8\x00")
    return b"".join(parts)


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
) -> bytes:
    """Return prft (where `wall` is given), moof and the mdat header of a fragment of several frames.

    `wall` is when the first frame was seen, microseconds since 1970 UTC: it keeps the file's time tied to the day's
    (producer reference time, 14496-12, 8.16.5).
    """
    count = len(sizes)
    trun = 20 + 16 * count
    moof = 68 + trun
    parts = [
        _moof_head(sequence, decode_time, moof),
        _TRUN_HEAD.pack(trun, b"trun", _TRUN_FLAGS, count, moof + 8),
    ]
    pack = _SAMPLE.pack
    for duration, size, key, offset in zip(durations, sizes, keys, offsets, strict=True):
        parts.append(pack(duration, size, KEY_FLAGS if key else DELTA_FLAGS, offset))
    parts.append(struct.pack(">I4s", sum(sizes) + 8, b"mdat"))
    if wall is not None:
        parts.insert(0, _PRFT.pack(32, b"prft", 0x01000000, TRACK, ntp(wall), decode_time))
    return b"".join(parts)


def _moof_head(sequence: int, decode_time: int, size: int) -> bytes:
    """moof, mfhd, traf, tfhd (default-base-is-moof) and tfdt: the first 68 bytes of a moof of `size` bytes."""
    return _MOOF_HEAD.pack(
        *(size, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(size - 24, b"traf"),
        *(16, b"tfhd", 0x020000, TRACK),
        *(20, b"tfdt", 0x01000000, decode_time),
    )
