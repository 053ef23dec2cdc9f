from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.sdp import SdpError, parameter_sets, parse, resolve

AXIS = b"""v=0
o=- 1188340656180883 1 IN IP4 10.13.54.19
s=Session streamed with GStreamer
t=0 0
a=control:*
a=range:npt=now-
m=video 0 RTP/AVP 96
c=IN IP4 0.0.0.0
b=AS:50000
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1; profile-level-id=4d0029; sprop-parameter-sets=Z00AKeKQDwBE/LgLcBAQGkHiRFQ=,aO48gA==
a=control:rtsp://10.13.54.19/axis-media/media.amp/stream=0?videocodec=h264
a=recvonly
m=audio 0 RTP/AVP 97
a=rtpmap:97 MPEG4-GENERIC/16000/1
a=control:stream=1
"""


def test_a_camera_s_description() -> None:
    found = parse(AXIS)
    video, audio = found.media
    assert (video.kind, video.payload_type, video.encoding, video.clock_rate) == ("video", 96, "H264", 90000)
    assert video.fmtp["packetization-mode"] == "1"
    assert [unit[0] & 31 for unit in parameter_sets(video)] == [7, 8]
    assert video.direction == "recvonly"
    assert audio.encoding == "MPEG4-GENERIC"
    assert resolve("rtsp://10.13.54.19/axis-media/media.amp", video.control).endswith("stream=0?videocodec=h264")


@pytest.mark.parametrize(
    ("base", "control", "expected"),
    [
        ("rtsp://h/p/", "track1", "rtsp://h/p/track1"),
        ("rtsp://h/p", "track1", "rtsp://h/p/track1"),
        ("rtsp://h/p?a=1", "trackID=1", "rtsp://h/p?a=1/trackID=1"),
        ("rtsp://h/p", "*", "rtsp://h/p"),
        ("rtsp://h/p", "", "rtsp://h/p"),
        ("rtsp://h/p/", "/x", "rtsp://h/p/x"),
        ("rtsp://h/p/", "rtsp://other/q", "rtsp://other/q"),
    ],
)
def test_control_urls(base: str, control: str, expected: str) -> None:
    assert resolve(base, control) == expected


@pytest.mark.parametrize(
    "hostile", [b"", b"m=video 0 RTP/AVP 96", b"v=0\nm=video", b"v=0\n" * 3000, b"v=0\n" + b"m=a 1 b 2\n" * 40]
)
def test_what_is_no_description_is_refused(hostile: bytes) -> None:
    with pytest.raises(SdpError):
        parse(hostile)


@given(st.binary(max_size=400))
def test_never_another_error(body: bytes) -> None:
    try:
        for media in parse(b"v=0\n" + body).media:
            parameter_sets(media)
    except SdpError:
        pass
