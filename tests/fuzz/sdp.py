"""Any body gives a description with whole parameter sets, or SdpError."""

from __future__ import annotations

from sitewarden.wire.sdp import MAX_MEDIA, SdpError, parameter_sets, parse, resolve

SEEDS = [
    b"v=0\r\no=- 1 1 IN IP4 h\r\ns=x\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AKeKQDwBE/LgLcBAQGkHiRFQ=,aO48gA==\r\na=control:track1\r\n",
    b"v=0\nm=audio 0 RTP/AVP 0 8\nm=video 5000/2 RTP/AVP 26 96\na=control:rtsp://h/x?y\na=recvonly\n",
]


def check(data: bytes) -> None:
    try:
        found = parse(data)
    except SdpError:
        return
    assert len(found.media) <= MAX_MEDIA
    for media in found.media:
        assert all(parameter_sets(media))
        assert resolve("rtsp://h/p", media.control)
