"""MPEG-2 transport streams (ISO/IEC 13818-1): one video and at most one audio stream in, packets of 188 bytes out. Pure.

Each frame ends with its last packet stuffed, so it can leave at once. Times are of the 90 kHz clock. The PCR rides on the
video's first packet of each frame, `LEAD` before its decode time.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from typing import Final, Literal

PACKET: Final = 188
ROOM: Final = 184
"""Bytes of payload in a packet without adaptation field."""
LEAD: Final = 18_000
"""How far the decode times lie behind the PCR, 1/90,000 s: what a receiver may buffer."""
PMT_PID: Final = 0x1000
VIDEO_PID: Final = 0x100
AUDIO_PID: Final = 0x101
VIDEO_TYPES: Final = {"h264": 0x1B, "h265": 0x24}
"""stream_type by codec; H.265 by amendment 3."""
ADTS_BYTES: Final = 7
AUDIO_TYPES: Final = {"aac": 0x0F}
"""AAC in ADTS."""
WRAP: Final = 1 << 33

_STUFFING: Final = bytes([0xFF]) * ROOM
_DELIMITERS: Final = {"h264": b"\0\0\0\1\x09\xf0", "h265": b"\0\0\0\1\x46\x01\x50"}
"""Access unit delimiters, which clause 2.14 demands of H.264 in a transport stream; any kind of picture may follow."""

VideoCodec = Literal["h264", "h265"]
AudioCodec = Literal["aac"]


def crc32(data: bytes) -> int:
    """Return the CRC of annex A (polynomial 0x04C11DB7, not reflected), by way of zlib's reflected one."""
    mirrored = zlib.crc32(bytes(_MIRROR[byte] for byte in data)) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


_MIRROR: Final = tuple(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def annex_b(data: bytes) -> bytes:
    """Return NAL units with 4-byte lengths as a byte stream with start codes. Raises ValueError where they do not fit."""
    parts: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        next_ = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if next_ > end:
            raise ValueError("a NAL unit is longer than what holds it")
        parts += (b"\0\0\0\1", data[at + 4 : next_])
        at = next_
    return b"".join(parts)


def timestamp(mark: int, time: int) -> bytes:
    """Return a PTS or DTS as five bytes; `mark` is 2 for a PTS alone, 3 for one that a DTS follows, 1 for that DTS."""
    time %= WRAP
    return bytes(
        (
            mark << 4 | time >> 29 & 0xE | 1,
            time >> 22 & 0xFF,
            time >> 14 & 0xFE | 1,
            time >> 7 & 0xFF,
            time << 1 & 0xFE | 1,
        )
    )


@lru_cache(maxsize=1024)
def _rooms(count: int) -> Struct:
    return Struct(f"{ROOM}s" * count)


def adts(config: bytes) -> Callable[[int], bytes] | None:
    """Return what makes the ADTS header (ISO/IEC 13818-7, 6.2) of a frame of so many bytes.

    `config` is the stream's AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); None for one that ADTS has no words for.
    """
    if len(config) < 2:
        return None
    bits = int.from_bytes(config[:2], "big")
    profile, rate, channels = bits >> 11, bits >> 7 & 15, bits >> 3 & 15
    if not 1 <= profile <= 4 or rate > 12 or not 1 <= channels <= 7:
        return None
    fixed = 0xFFF1 << 40 | (profile - 1) << 38 | rate << 34 | channels << 30 | 0x7FF << 2

    def header(size: int) -> bytes:
        return (fixed | size + ADTS_BYTES << 13).to_bytes(ADTS_BYTES, "big")

    return header


class _Pid:
    """One packet id with its continuity counter."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._counter = 0
        high, low = pid >> 8, pid & 0xFF
        self._plain = tuple(bytes((0x47, high, low, 0x10 | counter)) for counter in range(16))

    def _head(self, start: bool, adapted: bool) -> bytes:
        counter = self._counter
        self._counter = (counter + 1) & 15
        return bytes((0x47, start << 6 | self._pid >> 8, self._pid & 0xFF, (0x30 if adapted else 0x10) | counter))

    def packets(self, data: bytes, fields: bytes) -> bytes:
        """Return `data` as packets; `fields` are flags and what follows them of the first adaptation field, or nothing."""
        parts: list[bytes] = []
        room = ROOM - (1 + len(fields) if fields else 0)
        size = len(data)
        if size <= room:
            return self._last(data, fields, start=True)
        if fields:
            parts += (self._head(True, True), bytes((len(fields),)), fields, data[:room])
        else:
            parts += (self._head(True, False), data[:room])
        whole = (size - room) // ROOM
        end = room + whole * ROOM
        middle: list[bytes] = [b""] * (2 * whole)
        middle[0::2] = (self._plain * (whole // 16 + 2))[self._counter : self._counter + whole]
        middle[1::2] = _rooms(whole).unpack_from(data, room)
        parts += middle
        self._counter = (self._counter + whole) & 15
        if end < size:
            parts.append(self._last(data[end:], b"", start=False))
        return b"".join(parts)

    def _last(self, data: bytes, fields: bytes, *, start: bool) -> bytes:
        """Return one packet, stuffed where `data` does not fill it."""
        left = ROOM - len(data)
        if not left:
            return self._head(start, False) + data
        if not fields and left == 1:
            return self._head(start, True) + b"\0" + data
        fields = fields or b"\0"
        return self._head(start, True) + bytes((left - 1,)) + fields + _STUFFING[: left - 1 - len(fields)] + data


class Muxer:
    """Makes packets of frames. Tables go before each key frame, so a receiver that joins begins there."""

    def __init__(self, video: VideoCodec, audio: AudioCodec | None = None) -> None:
        self._delimiter = _DELIMITERS[video]
        streams = [(VIDEO_TYPES[video], VIDEO_PID)] + ([(AUDIO_TYPES[audio], AUDIO_PID)] if audio else [])
        self._tables = [(_Pid(0), _section(0, 1, (1).to_bytes(2, "big") + (0xE000 | PMT_PID).to_bytes(2, "big")))]
        loop = b"".join(bytes((kind,)) + (0xE000 | pid).to_bytes(2, "big") + b"\xf0\0" for kind, pid in streams)
        self._tables.append((_Pid(PMT_PID), _section(2, 1, (0xE000 | VIDEO_PID).to_bytes(2, "big") + b"\xf0\0" + loop)))
        self._video, self._audio = _Pid(VIDEO_PID), _Pid(AUDIO_PID)

    def video(self, data: bytes, pts: int, dts: int, key: bool, *, discontinuity: bool = False) -> bytes:
        """Return the packets of a frame. `data` is an Annex B byte stream; a key frame's begins with its parameter sets."""
        clock = (dts - LEAD) % WRAP
        flags = 0x10 | (0x40 if key else 0) | (0x80 if discontinuity else 0)
        fields = bytes((flags,)) + ((clock << 15) | 0x7E00).to_bytes(6, "big")
        times = timestamp(2, pts) if pts == dts else timestamp(3, pts) + timestamp(1, dts)
        body = self._delimiter + data
        packets = self._video.packets(_pes(0xE0, times, body), fields)
        return self._table_packets() + packets if key else packets

    def audio(self, data: bytes, pts: int) -> bytes:
        """Return the packets of audio frames: AAC with its ADTS headers."""
        return self._audio.packets(_pes(0xC0, timestamp(2, pts), data), b"")

    def _table_packets(self) -> bytes:
        return b"".join(pid._head(True, False) + section.ljust(ROOM, b"\xff") for pid, section in self._tables)


def _pes(stream: int, times: bytes, body: bytes) -> bytes:
    """Return a PES packet. One of more than 65,535 bytes says no length, as video may."""
    size = 3 + len(times) + len(body)
    length = size if size < 1 << 16 else 0
    flags = 0xC0 if len(times) == 10 else 0x80
    return b"\0\0\1" + bytes((stream, length >> 8, length & 0xFF, 0x84, flags, len(times))) + times + body


def _section(table: int, identifier: int, body: bytes) -> bytes:
    """Return a section behind its pointer field."""
    size = 5 + len(body) + 4
    head = bytes((table,)) + (0xB000 | size).to_bytes(2, "big") + identifier.to_bytes(2, "big") + b"\xc1\0\0"
    return b"\0" + head + body + crc32(head + body).to_bytes(4, "big")
