"""JPEG over RTP (RFC 2435): payloads to whole JPEG files. The headers that RTP leaves out are made as its appendices say."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from typing import Final

from sitewarden.wire.formats import JPEG_CODEC, VideoFormat
from sitewarden.wire.nal import MAX_UNIT, OnFormat, OnUnit
from sitewarden.wire.rtp_clock import unwrap

MAX_PACKETS: Final = 16 * 1024
RESTART: Final = 64
"""Bit of the type that says a restart marker header follows."""

_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
"""Table K.1 of ITU-T T.81 in zigzag order, as RFC 2435's appendix A has it."""
_CHROMA = bytes.fromhex(
    "1112121815182f1a1a2f634238426363636363636363636363636363636363636363636363636363636363636363636363636363636363636363636363636363"
)
STANDARD_DHT = bytes.fromhex(
    "ffc4001f0000010501010101010100000000000000000102030405060708090a0b"
    "ffc400b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282"
    "090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a"
    "92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
    "ffc4001f0100030101010101010101010000000000000102030405060708090a0b"
    "ffc400b51100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f1"
    "1718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a"
    "92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
"""The Huffman tables of T.81, annex K.3, which RFC 2435 fixes."""


class JpegError(ValueError):
    """The bytes are no JPEG that can be understood."""


@functools.lru_cache(maxsize=128)
def tables(quality: int) -> bytes:
    """Return both quantisation tables for Q of 1 to 99 (RFC 2435, appendix A)."""
    factor = max(1, min(99, quality))
    scale = 5000 // factor if factor < 50 else 200 - factor * 2
    return bytes(max(1, min(255, (value * scale + 50) // 100)) for value in _LUMA + _CHROMA)


@functools.lru_cache(maxsize=128)
def header(type_: int, width: int, height: int, quantisation: bytes, restart: int) -> bytes:
    """Return a JPEG file up to its first scan byte (RFC 2435, appendix B); `restart` is the interval, 0 for none."""
    parts = [b"\xff\xd8"]
    wide = len(quantisation) > 128
    size = 128 if wide else 64
    count = max(1, len(quantisation) // size)
    for number in range(count):
        table = quantisation[number * size : (number + 1) * size]
        parts.append(b"\xff\xdb" + struct.pack(">HB", size + 3, (16 if wide else 0) | number) + table)
    if restart:
        parts.append(b"\xff\xdd" + struct.pack(">HH", 4, restart))
    second = 1 if count > 1 else 0
    sampling = 0x21 if type_ & 1 == 0 else 0x22
    parts.append(b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3))
    parts.append(bytes((1, sampling, 0, 2, 0x11, second, 3, 0x11, second)))
    parts.append(STANDARD_DHT)
    parts.append(b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00")
    return b"".join(parts)


class Depacketiser:
    """RTP payloads of one stream to JPEG files; each is a picture of its own, so a loss costs that one alone.

    `size` is the picture's where the payload cannot say it (sides beyond 2040 pixels), from the SDP.
    """

    def __init__(self, on_unit: OnUnit, on_format: OnFormat, size: tuple[int, int] = (0, 0)) -> None:
        self._on_unit = on_unit
        self._on_format = on_format
        self._given = size
        self._size = (0, 0)
        self._parts: list[bytes] = []
        self._have = 0
        self._head: tuple[int, int, int, int] = (0, 0, 0, 0)
        self._quantisation = b""
        self._kept: dict[int, bytes] = {}
        self._restart = 0
        self._timestamp = -1
        self._time: int | None = None
        self._broken = False
        self.dropped = 0
        """Pictures that were left out."""

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload. Never raises: what cannot be understood breaks its picture."""
        if timestamp != self._timestamp:
            if self._parts or self._broken:
                self._close(lost)
            self._timestamp = timestamp
        if lost:
            self._broken = True
        if not self._broken:
            try:
                self._take(data, start, end)
            except (JpegError, IndexError):
                self._broken = True
        if self._broken:
            self._parts, self._have = [], 0
        if marker and (self._parts or self._broken):
            self._close(False)

    def _take(self, data: bytes, start: int, end: int) -> None:
        if end - start < 9:
            raise JpegError("a payload is cut")
        offset = int.from_bytes(data[start + 1 : start + 4], "big")
        type_, quality = data[start + 4], data[start + 5]
        width, height = data[start + 6] * 8, data[start + 7] * 8
        position = start + 8
        if offset != self._have:
            raise JpegError("a piece is missing")
        restart = 0
        if type_ & RESTART:
            restart = data[position] << 8 | data[position + 1]
            position += 4
        if type_ & ~(RESTART | 1) or quality == 0:
            raise JpegError(f"a picture of type {type_} with Q {quality}")
        if offset == 0:
            self._head = (type_, quality, width, height)
            self._restart = restart
            if quality >= 128:
                position = self._tables(data, position, end, quality)
            else:
                self._quantisation = tables(quality)
        if position > end:
            raise JpegError("a payload is cut")
        self._parts.append(data[position:end])
        self._have += end - position
        if self._have > MAX_UNIT or len(self._parts) > MAX_PACKETS:
            raise JpegError("a picture without an end")

    def _tables(self, data: bytes, position: int, end: int, quality: int) -> int:
        """Take the quantisation table header (3.1.8); one without tables stands for those that came before with this Q."""
        precision, length = data[position + 1], data[position + 2] << 8 | data[position + 3]
        position += 4
        if length:
            found = data[position : position + length]
            if position + length > end or length not in (64, 128, 256) or (precision & 3) not in ((0,) if length < 256 else (3,)):
                raise JpegError("quantisation tables of another form")
            self._quantisation = found
            if quality != 255:
                self._kept[quality] = found
        else:
            known = self._kept.get(quality)
            if known is None:
                raise JpegError("quantisation tables are missing")
            self._quantisation = known
        return position + length

    def _close(self, cut: bool) -> None:
        parts, broken = self._parts, self._broken or cut
        self._parts, self._have, self._broken = [], 0, False
        self._time = self._timestamp if self._time is None else unwrap(self._time, self._timestamp)
        type_, _, width, height = self._head
        width, height = width or self._given[0], height or self._given[1]
        if broken or not parts or not (0 < width <= 0xFFFF and 0 < height <= 0xFFFF):
            self.dropped += 1
            return
        if (width, height) != self._size:
            self._size = (width, height)
            self._on_format(VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=width, height=height))
        picture = [header(type_ & 1, width, height, self._quantisation, self._restart), *parts]
        if parts[-1][-2:] != b"\xff\xd9":
            picture.append(b"\xff\xd9")
        self._on_unit(picture, self._time, True)

    @property
    def waiting(self) -> bool:
        """Never: each picture stands alone."""
        return False

    @property
    def time(self) -> int | None:
        """Unwrapped time of the last picture that ended; None before the first."""
        return self._time


def packetise(
    scan: bytes, width: int, height: int, *, quantisation: bytes, type_: int = 1, restart: int = 0, limit: int = 1400
) -> Iterator[tuple[bytes, bool]]:
    """Cut a picture's scan data into payloads of at most `limit` bytes, with Q = 255; yield (payload, marker)."""
    position = 0
    while position < len(scan):
        head = b"\x00" + position.to_bytes(3, "big") + bytes((type_ | (RESTART if restart else 0), 255, width // 8, height // 8))
        if restart:
            head += struct.pack(">HH", restart, 0xFFFF)
        if position == 0:
            wide = len(quantisation) > 128
            head += struct.pack(">BBH", 0, 3 if wide else 0, len(quantisation)) + quantisation
        piece = scan[position : position + limit - len(head)]
        position += len(piece)
        yield head + piece, position >= len(scan)
