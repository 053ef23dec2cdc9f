"""Any payloads give pictures that are JPEG files with a size and tables, within the limit; nothing is raised."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.wire import jpeg
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.nal import MAX_UNIT


def _stream(**more: int) -> bytes:
    payloads = jpeg.packetise(bytes(range(200)), 640, 360, quantisation=bytes(range(1, 129)), limit=180, **more)
    return b"".join(bytes((len(payload), 2 * marker, 1)) + payload for payload, marker in payloads)


SEEDS = [
    _stream(),
    _stream(restart=4),
    bytes((12, 2, 1))
    + bytes.fromhex("0000000001325028")
    + b"scan"
    + bytes((12, 3, 2))
    + bytes.fromhex("0000000001805028")
    + bytes(4),
]


def check(data: bytes) -> None:
    formats: list[VideoFormat] = []

    def unit(parts: Sequence[bytes], time: int, key: bool) -> None:
        whole = b"".join(parts)
        assert key and formats and formats[-1].width > 0 and formats[-1].height > 0
        assert whole.startswith(b"\xff\xd8\xff\xdb") and whole.endswith(b"\xff\xd9") and len(whole) < 2 * MAX_UNIT

    depacketiser = jpeg.Depacketiser(unit, formats.append)
    position = 0
    while position + 3 < len(data):
        size = max(1, data[position])
        payload = data[position + 3 : position + 3 + size]
        flags = data[position + 1]
        if payload:
            depacketiser.push(payload, 0, len(payload), bool(flags & 2), data[position + 2], bool(flags & 1))
        position += 3 + size
