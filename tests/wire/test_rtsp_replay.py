from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import rtp
from sitewarden.wire.rtsp import Reader, Request, Response
from sitewarden.wire.rtsp_replay import ReplayClient, Stamp, read_stamp, stamped

NOON = 1_763_726_400_000_000
STAMPS = [
    # 0xABAC, three words, NTP of 2025-11-21 12:00:00 UTC, flags, CSeq, padding (ONVIF Streaming Specification, 6.3).
    ("abac0003 eccad2c0 00000000 80 05 0000", Stamp(wall=NOON, clean=True)),
    ("abac0003 eccad2c0 80000000 00 05 0000", Stamp(wall=NOON + 500_000)),
    ("abac0003 eccad2c0 00000000 60 05 0000", Stamp(wall=NOON, end=True, gap=True)),
    ("abac0003 eccad2c0 00000000 50 05 0000", Stamp(wall=NOON, end=True, last=True)),
]


@pytest.mark.parametrize(("text", "stamp"), STAMPS)
def test_stamps(text: str, stamp: Stamp) -> None:
    plain = rtp.build(96, 7, 90, 3, True, b"payload")
    packet = stamped(plain, stamp, 5)
    assert packet[12:28] == bytes.fromhex(text)
    assert read_stamp(packet, 0, len(packet)) == stamp
    parsed = rtp.parse(packet, 0, len(packet))
    assert (packet[parsed.start : parsed.end], parsed.marker, parsed.sequence) == (b"payload", True, 7)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        rtp.build(96, 7, 90, 3, True, b"payload" * 9),
        # Another extension, one that is too short, one that is cut.
        bytes.fromhex("906000070000005a00000003beef0003") + bytes(12),
        bytes.fromhex("906000070000005a00000003abac0002") + bytes(12),
        bytes.fromhex("906000070000005a00000003abac0003") + bytes(11),
    ],
)
def test_what_has_no_stamp(packet: bytes) -> None:
    assert read_stamp(packet, 0, len(packet)) is None


@given(st.integers(0, 2**51), st.booleans(), st.binary(max_size=40))
def test_any_time_reads_the_same_again(wall: int, last: bool, payload: bytes) -> None:
    packet = stamped(rtp.build(96, 1, 2, 3, False, payload), Stamp(wall=wall % 2_085_000_000_000_000, last=last))
    found = read_stamp(packet, 0, len(packet))
    assert found is not None and abs(found.wall - wall % 2_085_000_000_000_000) <= 1


def test_a_session_requires_the_replay_and_says_its_range() -> None:
    client = ReplayClient("rtsp://10.0.0.5/rec", "ada", "pw", NOON, NOON + 10_500_000)
    sdp = b"v=0\r\no=- 1 1 IN IP4 h\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t1\r\n"

    def sent(data: bytes) -> Request:
        (message,) = Reader(lambda *frame: None).feed(data)
        assert isinstance(message, Request)
        return message

    def answer(request: Request, status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
        fields = (("CSeq", str(request.cseq)), *headers)
        return client.receive(Response(status=status, reason="x", headers=fields, body=body))

    options = sent(client.start())
    assert options.get("Require") == ""
    describe = sent(answer(options))
    assert (describe.method, describe.get("Require")) == ("DESCRIBE", "onvif-replay")
    again = sent(answer(describe, 401, b"", ("WWW-Authenticate", 'Digest realm="r", nonce="n"')))
    assert again.get("Authorization") and again.every("Require") == ["onvif-replay"]
    setup = sent(answer(again, 200, sdp))
    assert (setup.method, setup.get("Require")) == ("SETUP", "onvif-replay")
    play = sent(answer(setup, 200, b"", ("Session", "1"), ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")))
    assert (play.method, play.get("Require"), play.get("Rate-Control")) == ("PLAY", "onvif-replay", "no")
    assert play.get("Range") == "clock=20251121T120000Z-20251121T120010.5Z"
