"""Any offer gets OfferError, or an answer of whole lines that names each of its media once and nothing that it did not offer."""

from __future__ import annotations

from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.webrtc_sdp import MAX_SECTIONS, Chosen, Identity, OfferError, answer, choose, parse

_VIDEO = VideoFormat(encoding="H264", codec="avc1.42e01e", width=64, height=48)
_AUDIO = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)
_OWN = Identity(ufrag="ours", password="p" * 32, fingerprint="AB", candidates=(("192.0.2.1", 8602),), session=7)
_HEAD = (
    b"v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\na=fingerprint:sha-256 "
    + b":".join([b"AB"] * 32)
    + b"\r\n"
)
_VIDEO_LINES = (
    b"m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:102 H264/90000\r\n"
    b"a=rtcp-fb:102 nack pli\r\na=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
)
SEEDS = [
    _HEAD + _VIDEO_LINES + b"m=audio 9 UDP/TLS/RTP/SAVPF 111 8\r\na=mid:1\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
    _HEAD + b"m=application 0 UDP/DTLS/SCTP x\r\na=mid:2\r\n" + _VIDEO_LINES,
]


def check(data: bytes) -> None:
    try:
        offer = parse(data)
        pictures, sound = choose(offer, _VIDEO, _AUDIO)
    except OfferError:
        return
    assert 1 <= len(offer.sections) <= MAX_SECTIONS
    text = answer(offer, [Chosen(*one, 1) for one in (pictures, sound) if one is not None], _OWN).decode()
    lines = text.split("\r\n")
    assert lines.pop() == "" and all(line[1:2] == "=" and "\n" not in line and "\r" not in line for line in lines)
    media = [line for line in lines if line.startswith("m=")]
    assert [line[2:].split()[0] for line in media] == [one.kind for one in offer.sections]
    assert sum(line.split()[1] == "9" for line in media) == 1 + (sound is not None)
