"""Any answer of a camera gives pictures in bounded memory, Refused or HttpError; what is no JPEG file is a JpegError."""

from __future__ import annotations

from sitewarden.wire.jpeg import JpegError
from sitewarden.wire.jpeg_read import size_of
from sitewarden.wire.mjpeg_http import MAX_HEAD, MAX_UNIT, HttpError, Reader, Refused
from tests.wire.test_mjpeg_http import ANSWERS

SEEDS = [*ANSWERS.values(), b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="b"\r\n\r\n']


def check(data: bytes) -> None:
    for size in (5, 1 << 16):
        reader = Reader()
        try:
            for position in range(0, len(data), size):
                for picture in reader.feed(data[position : position + size]):
                    assert 0 < len(picture) <= MAX_UNIT
                    try:
                        width, height = size_of(picture)
                    except JpegError:
                        continue
                    assert width > 0 and height > 0
                held = reader._parts._held if reader._parts else reader._head
                assert len(held) <= (MAX_UNIT if reader._parts else MAX_HEAD) + size
        except (HttpError, Refused):
            pass
