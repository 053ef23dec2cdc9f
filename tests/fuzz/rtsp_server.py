"""Any bytes of a client give whole answers and no secret, or RtspError; nothing opens without a login on this connection."""

from __future__ import annotations

from sitewarden.wire.formats import JPEG_CODEC, VideoFormat
from sitewarden.wire.rtsp import Reader, Request, Response, RtspError
from sitewarden.wire.rtsp_server import Medium, Open, Play, Server

_VIDEO = VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=64, height=48)
_LIVE = "rtsp://h/cameras/a/live"
_OLD = "rtsp://h/cameras/a/recorded?start=5&end=90000000"
_BASIC = ("Authorization", "Basic YWRhOnM=")


def _ask(number: int, method: str, url: str, *headers: tuple[str, str], body: bytes = b"") -> bytes:
    return Request(method=method, url=url, headers=(("CSeq", str(number)), *headers), body=body).encode()


SEEDS = [
    _ask(1, "OPTIONS", "*")
    + _ask(2, "DESCRIBE", _LIVE, _BASIC)
    + _ask(3, "SETUP", f"{_LIVE}/trackID=0", ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"))
    + _ask(4, "PLAY", _LIVE, ("Session", "5e55"), ("Range", "npt=now-"))
    + _ask(5, "TEARDOWN", _LIVE, ("Session", "5e55")),
    _ask(1, "DESCRIBE", _OLD, _BASIC)
    + _ask(2, "SETUP", f"{_OLD}/trackID=0", ("Transport", "RTP/AVP;unicast;client_port=5000-5001"))
    + _ask(3, "PLAY", _OLD, ("Session", "5e55"), ("Range", "clock=19700101T000030.5Z-"), ("Scale", "2"))
    + _ask(4, "PAUSE", _OLD, ("Session", "5e55"))
    + _ask(5, "SET_PARAMETER", _OLD, ("Session", "5e55"), body=b"a: b\r\n"),
    _ask(1, "DESCRIBE", _LIVE, ("Authorization", f'Digest username="a", nonce="n", uri="{_LIVE}", response="00", qop=auth')),
]


def check(data: bytes) -> None:
    for secure in (True, False):
        server = Server("192.0.2.1", 0.0, secure=secure, udp=(6970, 6971))
        server._session, server._nonce = "5e55", "n"
        reader = Reader(lambda channel, raw, start, end: None)
        try:
            for message in reader.feed(data):
                if not isinstance(message, Request):
                    continue
                answer, act = server.receive(message, 0.0)
                if isinstance(act, Open):
                    assert act.login.username and bool(act.login.proof) != bool(act.login.password)
                    start, end = (0, 90_000_000) if act.target.kind == "recorded" else (None, None)
                    answer = server.opened(Medium(name="A", video=_VIDEO, start=start, end=end))
                if isinstance(act, Play):
                    assert server.lanes and act.scale in (1, 2, 4)
                    assert act.start is None or (act.end is not None and 0 <= act.start < act.end <= 90_000_000)
                (response,) = Reader(lambda channel, raw, start, end: None).feed(answer)
                assert isinstance(response, Response)
                taken = [number for lane in server.lanes for number in lane.way.channels or ()]
                assert len(taken) == len(set(taken)) and len(server.lanes) <= 2
        except RtspError:
            pass
