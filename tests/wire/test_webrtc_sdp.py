from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.webrtc_sdp import Chosen, Identity, OfferError, answer, choose, parse

DIGEST = ":".join(["AB"] * 32)
OFFER = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {DIGEST}
a=setup:actpass
m=video 9 UDP/TLS/RTP/SAVPF 96 102 104 108 116 49
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtpmap:102 H264/90000
a=rtcp-fb:102 nack
a=rtcp-fb:102 nack pli
a=rtcp-fb:102 transport-cc
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:104 H264/90000
a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:108 H264/90000
a=rtcp-fb:* ccm fir
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
a=rtpmap:116 H264/90000
a=fmtp:116 packetization-mode=1;profile-level-id=640c1f
a=rtpmap:49 H265/90000
m=audio 9 UDP/TLS/RTP/SAVPF 111 8
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:2
""".replace("\n", "\r\n")
OWN = Identity(
    ufrag="ours", password="p" * 32, fingerprint=DIGEST, candidates=(("192.0.2.1", 8602), ("2001:db8::1", 8602)), session=7
)


def h264(profile: str) -> VideoFormat:
    return VideoFormat(encoding="H264", codec=f"avc1.{profile}", width=64, height=48)


OPUS = AudioFormat(encoding="OPUS", codec="opus", rate=48000, channels=1)
PCMA = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)
AAC = AudioFormat(encoding="AAC", codec="mp4a.40.2", rate=48000, channels=2)


@pytest.mark.parametrize(
    ("profile", "number", "fmtp"),
    [
        ("42e01e", 102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01e"),
        ("42c028", 102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e028"),
        ("4d0028", 108, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d0028"),
        ("640028", 116, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
        ("6e0028", 116, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
    ],
)
def test_the_payload_type_says_best_what_is_sent(profile: str, number: int, fmtp: str) -> None:
    (section, codec), _ = choose(parse(OFFER.encode()), h264(profile), None)
    assert (section, codec.number, codec.fmtp) == (0, number, fmtp)


@pytest.mark.parametrize(("audio", "number"), [(OPUS, 111), (PCMA, 8), (AAC, None)])
def test_sound_is_sent_where_the_viewer_takes_it_as_it_is(audio: AudioFormat, number: int | None) -> None:
    _, sound = choose(parse(OFFER.encode()), h264("42e01e"), audio)
    assert (sound[1].number if sound else None) == number


def test_the_answer_sends_what_is_chosen_and_refuses_the_rest() -> None:
    offer = parse(OFFER.encode())
    pictures, sound = choose(offer, h264("4d0028"), OPUS)
    assert sound is not None
    text = answer(offer, [Chosen(*pictures, 11), Chosen(*sound, 12)], OWN).decode()
    session, video, audio, application = text.split("m=")
    assert "a=ice-lite" in session and "a=group:BUNDLE 0 1\r\n" in session
    assert video.startswith("video 9 UDP/TLS/RTP/SAVPF 108\r\n")
    for line in (
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=setup:passive",
        "a=ice-ufrag:ours",
        f"a=fingerprint:sha-256 {DIGEST}",
        "a=rtpmap:108 H264/90000",
        "a=rtcp-fb:108 ccm fir",
        "a=ssrc:11 cname:sitewarden",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 8602 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 8602 typ host",
        "a=end-of-candidates",
    ):
        assert f"\r\n{line}\r\n" in video, line
    assert "nack" not in video and "transport-cc" not in video
    assert audio.startswith("audio 9 UDP/TLS/RTP/SAVPF 111\r\n") and "a=rtpmap:111 opus/48000/2" in audio
    assert application.startswith("application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n") and "a=mid:2" in application


def test_pictures_alone_leave_the_sound_refused() -> None:
    offer = parse(OFFER.encode())
    pictures, _ = choose(offer, h264("42e01e"), None)
    text = answer(offer, [Chosen(*pictures, 11)], OWN).decode()
    assert "a=group:BUNDLE 0\r\n" in text and "\r\nm=audio 0 " in text and "a=inactive" in text


def test_h265_goes_to_whoever_names_it() -> None:
    video = VideoFormat(encoding="H265", codec="hvc1.1.6.L93.B0", width=64, height=48)
    assert choose(parse(OFFER.encode()), video, None)[0][1].number == 49
    with pytest.raises(OfferError, match="takes no H265"):
        choose(parse(OFFER.replace("a=rtpmap:49 H265/90000\r\n", "").encode()), video, None)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("v=0", "x=0", "no session description"),
        ("a=setup:actpass", "a=setup:passive", "actpass"),
        ("a=setup:actpass", "a=ice-lite", "ICE-lite"),
        ("a=ice-pwd:0123456789012345678901", "a=ice-pwd:short", "ice-pwd"),
        ("a=ice-ufrag:abcd\r\n", "", "ice-ufrag"),
        (f"sha-256 {DIGEST}", f"sha-1 {DIGEST[:59]}", "fingerprint"),
        (f"sha-256 {DIGEST}", f"sha-256 {DIGEST[:-3]}", "fingerprint"),
        (f"sha-256 {DIGEST}", f"sha-512 {DIGEST}", "fingerprint"),
        ("a=mid:1", "a=mid:0", "same mid"),
        ("a=mid:1", "a=mid:a b", "mid"),
        ("m=audio 9", "m=au\x00dio 9", "m= line"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video 9 UDP;TLS 96", "m= line"),
    ],
)
def test_what_cannot_be_answered_is_said(before: str, after: str, said: str) -> None:
    assert before in OFFER
    with pytest.raises(OfferError, match=said):
        parse(OFFER.replace(before, after).encode())


def test_an_offer_that_only_sends_gets_nothing() -> None:
    with pytest.raises(OfferError, match="takes no H264"):
        choose(parse(OFFER.replace("a=recvonly", "a=sendonly").encode()), h264("42e01e"), None)


def test_jpeg_is_nothing_that_viewers_take() -> None:
    with pytest.raises(OfferError, match="JPEG"):
        choose(parse(OFFER.encode()), VideoFormat(encoding="JPEG", codec="mp4v.6C", width=64, height=48), None)


@given(st.data())
def test_hostile_offers_are_refused_or_answered_in_lines_of_ours(data: st.DataObject) -> None:
    lines = OFFER.split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(st.one_of(st.text(max_size=40), st.just(lines[place] * 2), st.sampled_from(lines)))
    try:
        offer = parse("\r\n".join(lines).encode("utf-8", "replace"))
        pictures, sound = choose(offer, h264("42e01e"), OPUS)
    except OfferError:
        return
    text = answer(offer, [Chosen(*one, 1) for one in (pictures, sound) if one is not None], OWN).decode()
    assert all(line[1:2] == "=" and line.isprintable() for line in text.split("\r\n")[:-1])
