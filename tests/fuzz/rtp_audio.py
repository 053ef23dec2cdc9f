"""Any payloads give frames that lie within what came, at most 64 a packet, with a duration; SDP raises AudioError only."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.wire import sdp
from sitewarden.wire.rtp_audio import MAX_FRAME, MAX_FRAMES, Aac, AudioError, Latm, Opus, Samples
from sitewarden.wire.rtp_formats import audio_depacketiser

_AAC = bytes.fromhex("0020 0028 0018") + b"frameabc"
SEEDS = [
    bytes((len(_AAC), 1, 0)) + _AAC + bytes((6, 1, 1)) + bytes.fromhex("0010 4000 0102"),
    bytes((8, 1, 0)) + b"\x03abc\x02de\x00" + bytes((3, 0, 1)) + b"\xff\xff\x01",
    bytes((3, 1, 0)) + b"\xff\x83\x01" + bytes((1, 1, 0)) + b"\xf8",
    b"m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000/1\n"
    b"a=fmtp:97 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408\na=control:2\n",
    b"m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/44100\na=fmtp:97 cpresent=0;config=400024103fc0\n",
    b"m=audio 0 RTP/AVP 0 8\nm=audio 0 RTP/AVP 96\na=rtpmap:96 L16/44100/2\n",
]


def check(data: bytes) -> None:
    state = {"given": 0}

    def sound(frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        assert 0 < len(frames) <= MAX_FRAMES and duration > 0
        assert all(0 < len(frame) <= MAX_FRAME for frame in frames)
        assert sum(map(len, frames)) <= state["given"]

    try:
        for media in sdp.parse(b"v=0\n" + data).media:
            audio_depacketiser(media, sound)
    except (sdp.SdpError, AudioError):
        pass
    made = (Aac(sound, 1024), Aac(sound, 1024, 6, 2), Latm(sound, 1024), Opus(sound), Samples(sound, 4))
    position = 0
    while position + 3 < len(data):
        size = max(1, data[position])
        payload = data[position + 3 : position + 3 + size]
        flags = data[position + 1]
        state["given"] += len(payload)
        for depacketiser in made:
            depacketiser.push(payload, 0, len(payload), bool(flags & 1), data[position + 2], bool(flags & 2))
        position += 3 + size
