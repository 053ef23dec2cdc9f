"""Decoder configuration records of H.264 and H.265 (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1), as MP4 and FLV have them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.wire.h264 import PPS, SPS
from sitewarden.wire.h265 import kind, parse_sps
from sitewarden.wire.nal import NalError


def avc_record(sets: Sequence[bytes]) -> bytes:
    """Return the AVCDecoderConfigurationRecord of these parameter sets, for lengths of 4 bytes."""
    sps = [nal for nal in sets if nal[0] & 0x1F == SPS][:31]
    pps = [nal for nal in sets if nal[0] & 0x1F == PPS][:255]
    first = sps[0]
    parts = [bytes((1, first[1], first[2], first[3], 0xFF, 0xE0 | len(sps)))]
    parts += [len(nal).to_bytes(2, "big") + nal for nal in sps]
    parts.append(bytes((len(pps),)))
    parts += [len(nal).to_bytes(2, "big") + nal for nal in pps]
    if first[1] in (100, 110, 122, 144):
        parts.append(b"\xfd\xf8\xf8\x00")
    return b"".join(parts)


def hevc_record(sets: Sequence[bytes], *, complete: bool) -> bytes:
    """Return the HEVCDecoderConfigurationRecord; `complete`: key frames bring no parameter sets of their own."""
    kinds = sorted({kind(nal) for nal in sets})
    first = parse_sps(next(nal for nal in sets if kind(nal) == 33))
    parts = [
        bytes((1, first.space << 6 | first.tier << 5 | first.profile)),
        first.compatibility.to_bytes(4, "big") + first.constraints + bytes((first.level,)),
        b"\xf0\x00\xfc",
        bytes((0xFC | first.chroma, 0xF8 | first.luma_depth - 8, 0xF8 | first.chroma_depth - 8, 0, 0)),
        bytes((first.layers << 3 | first.nested << 2 | 3, len(kinds))),
    ]
    for type_ in kinds:
        found = [nal for nal in sets if kind(nal) == type_]
        parts.append(bytes((0x80 * complete | type_,)) + len(found).to_bytes(2, "big"))
        parts += [len(nal).to_bytes(2, "big") + nal for nal in found]
    return b"".join(parts)


def read_avc(record: bytes) -> tuple[int, tuple[bytes, ...]]:
    """Return (bytes of a length, parameter sets); raises NalError."""
    if len(record) < 7 or record[0] != 1:
        raise NalError("no decoder configuration of H.264")
    sps, after = _sets(record, 6, record[5] & 0x1F)
    if after >= len(record):
        raise NalError("a decoder configuration is cut")
    pps, _ = _sets(record, after + 1, record[after])
    return (record[4] & 3) + 1, (*sps, *pps)


def read_hevc(record: bytes) -> tuple[int, tuple[bytes, ...]]:
    """Return (bytes of a length, NAL units of all arrays); raises NalError."""
    if len(record) < 23 or record[0] > 1:
        raise NalError("no decoder configuration of H.265")
    found: list[bytes] = []
    position = 23
    for _ in range(record[22]):
        if position + 3 > len(record):
            raise NalError("a decoder configuration is cut")
        sets, position = _sets(record, position + 3, int.from_bytes(record[position + 1 : position + 3], "big"))
        found += sets
    return (record[21] & 3) + 1, tuple(found)


def _sets(record: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    found = []
    for _ in range(count):
        size = int.from_bytes(record[position : position + 2], "big")
        position += 2 + size
        if size == 0 or position > len(record):
            raise NalError("a parameter set is cut")
        found.append(record[position - size : position])
    return found, position
