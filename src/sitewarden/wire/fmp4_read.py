"""Reads fragmented MP4 as `fmp4` writes it, whole or cut anywhere; what another writer made may be refused."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from sitewarden.wire.fmp4 import DELTA_FLAGS, TRACK
from sitewarden.wire.rtp import NTP_EPOCH

MAX_MOOV: Final = 256 * 1024
MAX_MOOF: Final = 1024 * 1024
MAX_SAMPLES: Final = 16 * 1024
NON_SYNC: Final = DELTA_FLAGS & 0x00010000

_TRUN_FIELDS = ((0x100, "duration"), (0x200, "size"), (0x400, "flags"), (0x800, "offset"))


class Fmp4Error(ValueError):
    """The bytes are no fragmented MP4 of ours."""


class Init(Struct, frozen=True, kw_only=True):
    """What an init segment says."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    timescale: int


class Fragment(Struct, frozen=True, kw_only=True):
    """One moof: times in units of the track's scale, columns of its samples."""

    sequence: int
    decode_time: int
    durations: tuple[int, ...]
    sizes: tuple[int, ...]
    keys: tuple[bool, ...]
    offsets: tuple[int, ...]
    data_offset: int
    """Bytes from the moof's first byte to the first sample."""


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, body start, body end) of the boxes in `data[start:end]`; raises Fmp4Error where one does not fit."""
    end = len(data) if end is None else end
    while start < end:
        kind, head, size = box_header(data, start)
        if size < head or start + size > end:
            raise Fmp4Error(f"box {kind!r} does not fit in what holds it")
        yield kind, start + head, start + size
        start += size


def box_header(data: bytes, start: int = 0) -> tuple[bytes, int, int]:
    """Return (kind, bytes of the header, bytes of the whole box) at `start`; needs 8 bytes, 16 for a large one."""
    if len(data) - start < 8:
        raise Fmp4Error("a box header is cut")
    size = int.from_bytes(data[start : start + 4], "big")
    kind = data[start + 4 : start + 8]
    if size == 1:
        if len(data) - start < 16:
            raise Fmp4Error("a box header is cut")
        return kind, 16, int.from_bytes(data[start + 8 : start + 16], "big")
    return kind, 8, size


def _find(data: bytes, start: int, end: int, *path: bytes) -> tuple[int, int]:
    for wanted in path:
        for kind, body, stop in boxes(data, start, end):
            if kind == wanted:
                start, end = body, stop
                break
        else:
            raise Fmp4Error(f"no {wanted.decode('latin-1')} box")
    return start, end


def parse_init(data: bytes) -> Init:
    """Read ftyp and moov."""
    start, end = _find(data, 0, len(data), b"moov", b"trak", b"mdia")
    head, stop = _find(data, start, end, b"mdhd")
    try:
        timescale = struct.unpack_from(">I", data, head + (20 if data[head] == 1 else 12))[0]
        table, stop = _find(data, start, end, b"minf", b"stbl", b"stsd")
        entry = next(boxes(data, table + 8, stop), None)
        if entry is None or entry[0] not in (b"avc1", b"avc3"):
            raise Fmp4Error("the track is not H.264")
        where, stop = _find(data, entry[1] + 78, entry[2], b"avcC")
        sps, after = _sets(data, where + 6, stop, data[where + 5] & 0x1F)
        pps, after = _sets(data, after + 1, stop, data[after])
    except (struct.error, IndexError) as error:
        raise Fmp4Error("the init segment is cut") from error
    if timescale == 0 or not sps or not pps:
        raise Fmp4Error("the init segment names no picture format")
    return Init(sps=sps, pps=pps, timescale=timescale)


def _sets(data: bytes, position: int, end: int, count: int) -> tuple[tuple[bytes, ...], int]:
    found = []
    for _ in range(count):
        size = int.from_bytes(data[position : position + 2], "big")
        position += 2 + size
        if size == 0 or position > end:
            raise Fmp4Error("a parameter set is cut")
        found.append(data[position - size : position])
    return tuple(found), position


def parse_moof(data: bytes, start: int = 0) -> Fragment:
    """Read the moof that begins at `data[start]`."""
    kind, head, size = box_header(data, start)
    if kind != b"moof" or size > MAX_MOOF or start + size > len(data):
        raise Fmp4Error("not a whole moof")
    try:
        body, stop = start + head, start + size
        mfhd, _ = _find(data, body, stop, b"mfhd")
        sequence = struct.unpack_from(">I", data, mfhd + 4)[0]
        traf, stop = _find(data, body, stop, b"traf")
        tfhd, _ = _find(data, traf, stop, b"tfhd")
        flags, track = struct.unpack_from(">II", data, tfhd)
        if flags & 0xFFFFFF != 0x020000 or track != TRACK:
            raise Fmp4Error("a track fragment of another form")
        tfdt, _ = _find(data, traf, stop, b"tfdt")
        decode_time = struct.unpack_from(">Q" if data[tfdt] == 1 else ">I", data, tfdt + 4)[0]
        trun, stop = _find(data, traf, stop, b"trun")
        flags, count = struct.unpack_from(">II", data, trun)
        if flags != 0x01000F01 or count > MAX_SAMPLES or trun + 12 + 16 * count > stop:
            raise Fmp4Error("a track run of another form")
        offset = struct.unpack_from(">i", data, trun + 8)[0]
        rows = list(struct.iter_unpack(">IIIi", data[trun + 12 : trun + 12 + 16 * count]))
    except struct.error as error:
        raise Fmp4Error("a moof is cut") from error
    if not rows:
        raise Fmp4Error("a fragment without frames")
    durations, sizes, sample_flags, offsets = zip(*rows, strict=True)
    return Fragment(
        sequence=sequence,
        decode_time=decode_time,
        durations=durations,
        sizes=sizes,
        keys=tuple(not flag & NON_SYNC for flag in sample_flags),
        offsets=offsets,
        data_offset=offset,
    )


def parse_prft(body: bytes) -> tuple[int, int]:
    """Return (wall in microseconds since 1970 UTC, media time) of a prft's body."""
    if len(body) < 24 or body[0] != 1:
        raise Fmp4Error("a producer reference time of another form")
    stamp, media = struct.unpack_from(">QQ", body, 8)
    return ((stamp >> 32) - NTP_EPOCH) * 1_000_000 + ((stamp & 0xFFFFFFFF) * 1_000_000 + (1 << 31) >> 32), media
