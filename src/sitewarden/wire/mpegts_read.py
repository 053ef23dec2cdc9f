"""Reading MPEG-2 transport streams: packets in, whole PES packets of the first program's streams out. Pure.

What is damaged or missing costs the PES packet that it belongs to, and is counted; nothing raises. Bounds: MAX_PES bytes a
stream, MAX_STREAMS streams.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sitewarden.wire.mpegts import PACKET, crc32

MAX_PES: Final = 8 * 1024 * 1024
MAX_STREAMS: Final = 16


class Pes(Struct, frozen=True):
    """One PES packet: the stream's type, its times (90 kHz, 33 bits), the bytes, and whether a packet before it was lost."""

    stream_type: int
    pts: int
    dts: int
    data: bytes
    random_access: bool
    broken: bool


class _Stream:
    def __init__(self, stream_type: int) -> None:
        self.stream_type = stream_type
        self.parts: list[bytes] = []
        self.size = 0
        self.counter = -1
        self.random_access = False
        self.broken = False
        """True from a loss to the next whole PES packet."""
        self.started = False


class Demuxer:
    """Takes whole packets, such as a datagram holds."""

    def __init__(self) -> None:
        self._pmt = -1
        self._streams: dict[int, _Stream] = {}
        self.lost = 0
        """Gaps in the continuity counters."""
        self.bad = 0
        """Packets and sections that cannot be read."""

    def feed(self, data: bytes) -> list[Pes]:
        """Return the PES packets that `data` completes. A datagram that ends within a frame's packets completes none."""
        found: list[Pes] = []
        for at in range(0, len(data) - PACKET + 1, PACKET):
            if data[at] != 0x47 or data[at + 1] & 0x80:
                self.bad += 1
                continue
            pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
            stream = self._streams.get(pid)
            if stream is not None:
                self._take(stream, data, at, found)
            elif pid == 0 or pid == self._pmt:
                self._table(pid, data[at : at + PACKET])
        if len(data) % PACKET:
            self.bad += 1
        return found

    def flush(self) -> list[Pes]:
        """Return what waits for its end, which packets without a length only show with the next one."""
        found: list[Pes] = []
        for stream in self._streams.values():
            self._end(stream, found)
        return found

    def _take(self, stream: _Stream, data: bytes, at: int, found: list[Pes]) -> None:
        control = data[at + 3]
        start = bool(data[at + 1] & 0x40)
        payload = at + 4
        counter = control & 15
        random_access = False
        if control & 0x20:
            length = data[at + 4]
            payload += 1 + length
            flags = data[at + 5] if length else 0
            random_access = bool(flags & 0x40)
            if flags & 0x80:
                stream.counter = -1
        if not control & 0x10 or payload >= at + PACKET:
            return
        if stream.counter >= 0 and counter != (stream.counter + 1) & 15:
            if counter == stream.counter:
                return
            self.lost += 1
            stream.parts.clear()
            stream.size, stream.started, stream.broken = 0, False, True
        stream.counter = counter
        if start:
            self._end(stream, found)
            stream.started, stream.random_access = True, random_access
        if not stream.started:
            return
        part = data[payload : at + PACKET]
        stream.parts.append(part)
        stream.size += len(part)
        if stream.size > MAX_PES:
            self.bad += 1
            stream.parts.clear()
            stream.size, stream.started, stream.broken = 0, False, True
        elif len(stream.parts[0]) >= 6:
            length = int.from_bytes(stream.parts[0][4:6], "big")
            if length and stream.size >= length + 6:
                self._end(stream, found)

    def _end(self, stream: _Stream, found: list[Pes]) -> None:
        if not stream.started or not stream.parts:
            return
        pes = _read(stream, b"".join(stream.parts))
        stream.parts.clear()
        stream.size, stream.started = 0, False
        if pes is None:
            self.bad += 1
            stream.broken = True
        else:
            stream.broken = False
            found.append(pes)

    def _table(self, pid: int, packet: bytes) -> None:
        """Read a section that fits into one packet, as those of one program do."""
        control = packet[3]
        at = 4 + (1 + packet[4] if control & 0x20 else 0)
        if not packet[1] & 0x40 or not control & 0x10 or at >= PACKET:
            return
        at += 1 + packet[at]
        section = packet[at:]
        size = int.from_bytes(section[1:3], "big") & 0xFFF
        if len(section) < 3 + size or size < 9 or crc32(section[: 3 + size]):
            self.bad += 1
            return
        body = section[8 : 3 + size - 4]
        if pid == 0 and section[0] == 0:
            programs = [body[place : place + 4] for place in range(0, len(body) - 3, 4)]
            first = next((one for one in programs if one[:2] != b"\0\0"), None)
            self._pmt = int.from_bytes(first[2:], "big") & 0x1FFF if first else -1
        elif pid == self._pmt and section[0] == 2 and len(body) >= 4:
            self._program(body)

    def _program(self, body: bytes) -> None:
        at = 4 + (int.from_bytes(body[2:4], "big") & 0xFFF)
        wanted: dict[int, int] = {}
        while at + 5 <= len(body) and len(wanted) < MAX_STREAMS:
            wanted[int.from_bytes(body[at + 1 : at + 3], "big") & 0x1FFF] = body[at]
            at += 5 + (int.from_bytes(body[at + 3 : at + 5], "big") & 0xFFF)
        if wanted != {pid: stream.stream_type for pid, stream in self._streams.items()}:
            self._streams = {pid: _Stream(type_) for pid, type_ in wanted.items() if pid not in (0, self._pmt)}


def _read(stream: _Stream, data: bytes) -> Pes | None:
    if len(data) < 9 or data[:3] != b"\0\0\1" or data[6] & 0xC0 != 0x80:
        return None
    length = int.from_bytes(data[4:6], "big")
    if length and len(data) < length + 6:
        return None
    flags, header = data[7], 9 + data[8]
    if not flags & 0x80 or data[8] < (10 if flags & 0x40 else 5) or header > len(data):
        return None
    pts = _time(data[9:14])
    dts = _time(data[14:19]) if flags & 0x40 else pts
    body = data[header : length + 6] if length else data[header:]
    return Pes(stream.stream_type, pts, dts, body, stream.random_access, stream.broken)


def _time(data: bytes) -> int:
    return (data[0] & 0xE) << 29 | data[1] << 22 | (data[2] & 0xFE) << 14 | data[3] << 7 | data[4] >> 1
