"""Reads fragmented MP4 as `fmp4` writes it, whole or cut anywhere; what another writer made may be refused."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from sitewarden.wire.fmp4 import DELTA_FLAGS, SOUND_TRACK, TRACK, Sound
from sitewarden.wire.rtp import NTP_EPOCH

MAX_MOOF: Final = 1024 * 1024
MAX_SAMPLES: Final = 16 * 1024
NON_SYNC: Final = DELTA_FLAGS & 0x00010000


class Fmp4Error(ValueError):
    """The bytes are no fragmented MP4 of ours."""


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
    sound: Sound | None = None
    """What is heard meanwhile; its samples follow the pictures."""

    @property
    def octets(self) -> int:
        """Bytes of all samples."""
        return sum(self.sizes) + (sum(self.sound.sizes) if self.sound else 0)


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


def find(data: bytes, start: int, end: int, *path: bytes) -> tuple[int, int]:
    """Return where the body of the box at `path` lies within `data[start:end]`; raises Fmp4Error where there is none."""
    for wanted in path:
        for kind, body, stop in boxes(data, start, end):
            if kind == wanted:
                start, end = body, stop
                break
        else:
            raise Fmp4Error(f"no {wanted.decode('latin-1')} box")
    return start, end


def parse_moof(data: bytes, start: int = 0) -> Fragment:
    """Read the moof that begins at `data[start]`."""
    kind, head, size = box_header(data, start)
    if kind != b"moof" or size > MAX_MOOF or start + size > len(data):
        raise Fmp4Error("not a whole moof")
    try:
        body, stop = start + head, start + size
        mfhd, _ = find(data, body, stop, b"mfhd")
        sequence = struct.unpack_from(">I", data, mfhd + 4)[0]
        trafs = [(first, last) for name, first, last in boxes(data, body, stop) if name == b"traf"]
        if not 1 <= len(trafs) <= 2:
            raise Fmp4Error("a fragment of another form")
        decode_time, trun, stop = _traf(data, *trafs[0], TRACK)
        flags, count = struct.unpack_from(">II", data, trun)
        if flags != 0x01000F01 or count > MAX_SAMPLES or trun + 12 + 16 * count > stop:
            raise Fmp4Error("a track run of another form")
        offset = struct.unpack_from(">i", data, trun + 8)[0]
        rows = list(struct.iter_unpack(">IIIi", data[trun + 12 : trun + 12 + 16 * count]))
        if not rows:
            raise Fmp4Error("a fragment without frames")
        durations, sizes, sample_flags, offsets = zip(*rows, strict=True)
        sound = _sound(data, *trafs[1], offset + sum(sizes)) if len(trafs) == 2 else None
    except struct.error as error:
        raise Fmp4Error("a moof is cut") from error
    return Fragment(
        sequence=sequence,
        decode_time=decode_time,
        durations=durations,
        sizes=sizes,
        keys=tuple(not flag & NON_SYNC for flag in sample_flags),
        offsets=offsets,
        data_offset=offset,
        sound=sound,
    )


def _traf(data: bytes, start: int, stop: int, wanted: int) -> tuple[int, int, int]:
    """Return (decode time, where trun's body begins, where it ends) of a traf of the track `wanted`."""
    tfhd, _ = find(data, start, stop, b"tfhd")
    flags, track = struct.unpack_from(">II", data, tfhd)
    if flags & 0xFFFFFF != 0x020000 or track != wanted:
        raise Fmp4Error("a track fragment of another form")
    tfdt, _ = find(data, start, stop, b"tfdt")
    decode_time = struct.unpack_from(">Q" if data[tfdt] == 1 else ">I", data, tfdt + 4)[0]
    trun, stop = find(data, start, stop, b"trun")
    return decode_time, trun, stop


def _sound(data: bytes, start: int, stop: int, offset: int) -> Sound:
    """Read the traf of the sound, whose samples must begin at `offset`."""
    decode_time, trun, stop = _traf(data, start, stop, SOUND_TRACK)
    flags, count, where = struct.unpack_from(">IIi", data, trun)
    if flags != 0x00000301 or not 0 < count <= MAX_SAMPLES or trun + 12 + 8 * count > stop or where != offset:
        raise Fmp4Error("a track run of another form")
    values = struct.unpack_from(f">{2 * count}I", data, trun + 12)
    return Sound(decode_time, values[::2], values[1::2])


def parse_prft(body: bytes) -> tuple[int, int]:
    """Return (wall in microseconds since 1970 UTC, media time) of a prft's body."""
    if len(body) < 24 or body[0] != 1:
        raise Fmp4Error("a producer reference time of another form")
    stamp, media = struct.unpack_from(">QQ", body, 8)
    return ((stamp >> 32) - NTP_EPOCH) * 1_000_000 + ((stamp & 0xFFFFFFFF) * 1_000_000 + (1 << 31) >> 32), media
