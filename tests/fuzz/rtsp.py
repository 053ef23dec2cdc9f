"""Any bytes of a camera give messages, frames within the data and requests of ours, or one of the five stated errors."""

from __future__ import annotations

from sitewarden.wire.rtsp import MAX_BODY, MAX_HEAD, Reader, Request, Response, RtspError, interleave
from sitewarden.wire.rtsp_client import AuthRefused, Client, NotNow, StreamRefused
from sitewarden.wire.sdp import SdpError
from tests.fuzz.sdp import SEEDS as DESCRIPTIONS


def _answer(cseq: int, status: int, *headers: tuple[str, str], body: bytes = b"") -> bytes:
    return Response(status=status, reason="OK", headers=(("CSeq", str(cseq)), *headers), body=body).encode()


_DIGEST = ("WWW-Authenticate", 'Digest realm="cam", nonce="abc", algorithm=SHA-256, qop="auth", Basic realm="x"')
_OPTIONS = _answer(1, 200, ("Public", "DESCRIBE, SETUP, PLAY, GET_PARAMETER"))
_DESCRIBED = _answer(2, 200, ("Content-Base", "rtsp://h/p/"), body=DESCRIPTIONS[0])
_SET_UP = _answer(3, 200, ("Session", "12;timeout=60"), ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"))

SEEDS = [
    _OPTIONS + _DESCRIBED + _SET_UP + _answer(4, 200) + interleave(0, b"\x80\x60" + bytes(20)) + _answer(5, 454),
    _OPTIONS + _answer(2, 401, _DIGEST) + _answer(3, 401, _DIGEST),
    _OPTIONS
    + _DESCRIBED
    + _answer(3, 200, ("Session", "1"), ("Transport", "RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001;ttl=1")),
    _OPTIONS + _answer(2, 302, ("Location", "rtsp://other")),
    Request(method="SET_PARAMETER", url="rtsp://h", headers=(("CSeq", "9"),), body=b"x: y\r\n").encode(),
]


def check(data: bytes) -> None:
    for size, multicast in ((7, False), (1 << 16, True)):
        frames: list[tuple[int, int, int]] = []
        reader = Reader(lambda channel, raw, start, end, found=frames: found.append((start, end, len(raw))))  # type: ignore[misc]
        client = Client("rtsp://h/p", "user", "secret", multicast=multicast)
        client.start()
        try:
            for position in range(0, len(data), size):
                for message in reader.feed(data[position : position + size]):
                    assert len(message.body) <= MAX_BODY
                    answer = client.receive(message)
                    assert answer == b"" or answer.endswith(b"\r\n\r\n")
                    assert b"secret" not in answer
                assert len(reader._tail) + sum(map(len, reader._parts)) <= MAX_HEAD + MAX_BODY + 65539
        except (RtspError, SdpError, AuthRefused, StreamRefused, NotNow):
            pass
        assert all(0 <= start <= end <= total for start, end, total in frames)
