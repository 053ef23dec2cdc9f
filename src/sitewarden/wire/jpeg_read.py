"""Takes a JPEG file apart into what RFC 2435 carries: sampling, tables, restart interval, scan. Other JPEGs are refused."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.wire.jpeg import STANDARD_DHT, JpegError
from sitewarden.wire.nal import MAX_SIDE

MAX_SEGMENTS = 200


class Picture(Struct, frozen=True, kw_only=True):
    """A baseline picture with the standard Huffman tables."""

    type: int
    """0: 4:2:2, 1: 4:2:0 (RFC 2435, 3.1.3)."""
    width: int
    height: int
    quantisation: bytes
    """Both tables, luma first."""
    restart: int
    scan: bytes


def parse(data: bytes) -> Picture:
    """Read a JPEG file; raises JpegError where RTP cannot carry it."""
    if data[:2] != b"\xff\xd8":
        raise JpegError("not a JPEG file")
    tables: dict[int, bytes] = {}
    huffman: dict[int, bytes] = {}
    frame = b""
    restart = 0
    position = 2
    for _ in range(MAX_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 4 > len(data) or data[position] != 0xFF:
            raise JpegError("a marker is missing")
        marker, size = data[position + 1], data[position + 2] << 8 | data[position + 3]
        body = data[position + 4 : position + 2 + size]
        position += 2 + size
        if size < 2 or position > len(data):
            raise JpegError("a segment is cut")
        if marker == 0xDB:
            _quantisation(body, tables)
        elif marker == 0xC4:
            _huffman(body, huffman)
        elif marker == 0xC0:
            frame = body
        elif 0xC1 <= marker <= 0xCF and marker not in (0xC8, 0xCC):
            raise JpegError("the picture is not baseline")
        elif marker == 0xDD and len(body) >= 2:
            restart = body[0] << 8 | body[1]
        elif marker == 0xDA:
            if any(STANDARD_HUFFMAN.get(key) != table for key, table in huffman.items()):
                raise JpegError("the picture has Huffman tables of its own")
            return _picture(frame, tables, restart, data[position:])
    raise JpegError(f"more than {MAX_SEGMENTS} segments")


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height of any JPEG file, whatever its tables; raises JpegError."""
    if data[:2] != b"\xff\xd8":
        raise JpegError("not a JPEG file")
    position = 2
    for _ in range(MAX_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 9 > len(data) or data[position] != 0xFF:
            raise JpegError("a marker is missing")
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = (data[place] << 8 | data[place + 1] for place in (position + 5, position + 7))
            if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
                raise JpegError(f"a picture of {width} x {height}")
            return width, height
        position += 2 + (data[position + 2] << 8 | data[position + 3])
    raise JpegError(f"more than {MAX_SEGMENTS} segments")


def _quantisation(body: bytes, tables: dict[int, bytes]) -> None:
    position = 0
    while position < len(body):
        wide, number = body[position] >> 4, body[position] & 15
        size = 128 if wide else 64
        table = body[position + 1 : position + 1 + size]
        if wide > 1 or number > 3 or len(table) < size:
            raise JpegError("quantisation tables of another form")
        tables[number] = table
        position += 1 + size


def _huffman(body: bytes, tables: dict[int, bytes]) -> None:
    position = 0
    while position + 17 <= len(body):
        end = position + 17 + sum(body[position + 1 : position + 17])
        tables[body[position]] = body[position + 1 : end]
        position = end
    if position != len(body):
        raise JpegError("Huffman tables are cut")


def _picture(frame: bytes, tables: dict[int, bytes], restart: int, scan: bytes) -> Picture:
    if len(frame) < 15 or frame[0] != 8 or frame[5] != 3:
        raise JpegError("the picture has other than three components of 8 bits")
    height, width = frame[1] << 8 | frame[2], frame[3] << 8 | frame[4]
    luma, second, third = frame[6:9], frame[9:12], frame[12:15]
    if luma[1] not in (0x21, 0x22) or second[1] != 0x11 or third[1] != 0x11 or second[2] != third[2]:
        raise JpegError("the picture is neither 4:2:0 nor 4:2:2")
    first, chroma = tables.get(luma[2]), tables.get(second[2])
    if first is None or chroma is None or len(first) != len(chroma):
        raise JpegError("the picture lacks its tables")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise JpegError(f"a picture of {width} x {height}")
    return Picture(
        type=1 if luma[1] == 0x22 else 0,
        width=width,
        height=height,
        quantisation=first + chroma,
        restart=restart,
        scan=scan,
    )


def _standard() -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position = 0
    while position < len(STANDARD_DHT):
        size = STANDARD_DHT[position + 2] << 8 | STANDARD_DHT[position + 3]
        _huffman(STANDARD_DHT[position + 4 : position + 2 + size], found)
        position += 2 + size
    return found


STANDARD_HUFFMAN = _standard()
"""The tables of T.81, annex K.3, by class and number."""
