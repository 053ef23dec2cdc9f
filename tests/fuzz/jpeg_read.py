"""Any file is a picture whose parts lie within it and which our own depacketiser gives back, or JpegError."""

from __future__ import annotations

from sitewarden.wire import jpeg
from sitewarden.wire.formats import JPEG_CODEC, VideoFormat
from sitewarden.wire.jpeg_read import parse
from sitewarden.wire.rtp_packetise import LIMIT, video_packetiser

_SCAN = bytes(range(200)) * 20
SEEDS = [
    jpeg.header(1, 64, 48, jpeg.tables(60), 0) + _SCAN + b"\xff\xd9",
    jpeg.header(0, 640, 360, jpeg.tables(20), 4) + b"scan" + b"\xff\xd9",
    jpeg.header(1, 4000, 3000, b"\x01" * 256, 0) + b"\x00" * 9,
]
_PACKETISE = video_packetiser(VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=8, height=8))


def check(data: bytes) -> None:
    try:
        found = parse(data)
    except jpeg.JpegError:
        return
    assert found.scan == data[len(data) - len(found.scan) :]
    assert found.width > 0 and found.height > 0 and len(found.quantisation) in (128, 256)
    files: list[bytes] = []
    size = (-(-found.width // 8) * 8, -(-found.height // 8) * 8)
    reader = jpeg.Depacketiser(lambda parts, time, key: files.append(b"".join(parts)), lambda video: None, size)
    for payload, marker in _PACKETISE(data, True):
        assert len(payload) <= LIMIT
        reader.push(payload, 0, len(payload), marker, 0, False)
    if not found.scan:
        assert files == []
        return
    again = parse(files[0])
    assert again.scan.startswith(found.scan) and again.scan[len(found.scan) :] in (b"", b"\xff\xd9")
    assert (again.type, again.restart, again.quantisation) == (found.type, found.restart, found.quantisation)
    assert (again.width, again.height) == size
