"""Any bytes, in any pieces, are whole requests within the limits, or one RequestError with an answer; nothing else."""

from __future__ import annotations

from sitewarden.domain.points.model import Point
from sitewarden.drivers.http.config import AddressConfig, DeviceConfig
from sitewarden.drivers.http.mapping import Reading, Unread
from sitewarden.drivers.http.requests import HEAD, Reader, RequestError, answer

MOST = 256
SEEDS = [
    b'POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n{"a": [1, "x y"]}',
    b'PUT /b?c HTTP/1.1\r\nAuthorization: Bearer k\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n',
    b"POST http://h/a HTTP/1.0\r\nExpect: 100-continue\r\nX-Device-Key: k\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n",
    b"GET /c HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x00",
    b"POST /a HTTP/1.1\r\nContent-Length: 9999\r\n\r\n",
]
READING = Reading(
    DeviceConfig(path="/a", time="t"),
    [
        (Point(id=type_, name="P", device="d", type=type_), AddressConfig(path="$.a[0]"))  # type: ignore[arg-type]
        for type_ in ("number", "integer", "boolean", "string")
    ],
)


def check(data: bytes) -> None:
    for step in (len(data) or 1, 7):
        reader = Reader(MOST)
        try:
            for at in range(0, len(data), step):
                for request in reader.feed(data[at : at + step]):
                    assert len(request.body) <= MOST and len(request.path) <= HEAD + step and request.path.startswith("/")
                    try:
                        found = READING.read(request.body)
                    except Unread:
                        continue
                    assert len(found.ids) == len(found.values) == len(found.qualities)
                if reader.fault is not None:
                    raise reader.fault
        except RequestError as error:
            assert answer(error.status, str(error), keep=False).startswith(b"HTTP/1.1 ")
