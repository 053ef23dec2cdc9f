"""Whatever a camera answers, the session that speaks ends in one of its errors, or plays with a loudspeaker of G.711."""

from __future__ import annotations

from sitewarden.wire.rtsp import Reader, Response, RtspError
from sitewarden.wire.rtsp_backchannel import FEATURE, Backchannel
from sitewarden.wire.rtsp_client import AuthRefused, NotNow, StreamRefused
from sitewarden.wire.sdp import SdpError

_SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\nm=audio 0 RTP/AVP 0\r\na=control:track3\r\na=sendonly\r\n"


def _answer(number: int, status: int, *headers: tuple[str, str], body: bytes = b"") -> bytes:
    return Response(status=status, reason="OK", headers=(("CSeq", str(number)), *headers), body=body).encode()


_DIGEST = ("WWW-Authenticate", 'Digest realm="c", nonce="n"')
_SESSION = (("Session", "5;timeout=60"), ("Transport", "RTP/AVP/TCP;interleaved=0-1"))
SEEDS = [
    _answer(1, 200) + _answer(2, 200, body=_SDP) + _answer(3, 200, *_SESSION) + _answer(4, 200),
    _answer(1, 200) + _answer(2, 401, _DIGEST) + _answer(3, 200, body=_SDP) + _answer(4, 200, *_SESSION) + _answer(5, 200),
    _answer(1, 404) + _answer(2, 551),
    _answer(1, 200) + _answer(2, 200, body=_SDP.replace(b"AVP 0", b"AVP 98")),
]


def check(data: bytes) -> None:
    client = Backchannel("rtsp://h/a", "ada", "secret")
    assert FEATURE.encode() not in client.start()
    reader = Reader(lambda channel, raw, start, end: None)
    try:
        for message in reader.feed(data):
            sent = client.receive(message)
            assert sent.count(FEATURE.encode()) == sent.startswith((b"DESCRIBE", b"SETUP", b"PLAY"))
            assert b"secret" not in sent or b"Basic" in sent
    except (RtspError, SdpError, AuthRefused, StreamRefused, NotNow):
        return
    if client.state == "playing":
        assert client.law in ("PCMU", "PCMA") and 0 <= client.stream.channels[0] <= 255
