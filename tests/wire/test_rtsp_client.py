"""Which media a client sets up, whatever a camera's description leaves out or gets wrong."""

from __future__ import annotations

from typing import Any

import pytest

from sitewarden.wire.rtp import Receiver, build
from sitewarden.wire.rtsp import Reader, Request, Response
from sitewarden.wire.rtsp_client import Client, Group, StreamRefused

VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
AAC = (
    "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/16000/1\r\n"
    "a=fmtp:97 mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3; config=1408\r\na=control:a\r\n"
)


GIVEN = 'RTP/AVP;multicast;destination=239.1.1.2;source=10.1.0.7;port=5010-5011;ttl=16;mode="PLAY"'


class Camera:
    """Answers a client by a table of status by (method, end of the URL)."""

    def __init__(
        self, description: str, answers: dict[tuple[str, str], int] | None = None, replies: dict[str, str] | None = None
    ) -> None:
        self.replies = replies or {}
        self.description = "v=0\r\ns=x\r\n" + description
        self.answers = answers or {}
        self.asked: list[tuple[str, str, str]] = []

    def play(self, client: Client) -> Client:
        data = client.start()
        while data:
            (request,) = Reader(lambda *_: None).feed(data)
            assert isinstance(request, Request)
            transport = request.get("Transport")
            self.asked.append((request.method, request.url, transport))
            status = next(
                (code for (method, end), code in self.answers.items() if request.method == method and request.url.endswith(end)),
                200,
            )
            headers: list[tuple[str, str]] = [("CSeq", str(request.cseq)), ("Session", "s")]
            headers.append(("Transport", self.replies.get(request.url.rpartition("/")[2], transport)))
            body = self.description.encode() if request.method == "DESCRIBE" else b""
            data = client.receive(Response(status=status, headers=tuple(headers), body=body))
        return client

    @property
    def setups(self) -> list[str]:
        return [url.removeprefix("rtsp://c/s/") for method, url, _ in self.asked if method == "SETUP"]


def client(**more: Any) -> Client:
    return Client("rtsp://c/s", audio=True, **more)


def test_both_media_are_set_up_on_lanes_of_their_own() -> None:
    camera = Camera(VIDEO + AAC)
    done = camera.play(client())
    assert done.state == "playing" and not done.silent
    assert camera.setups == ["v", "a"]
    assert [transport.partition("interleaved=")[2] for _, _, transport in camera.asked if transport] == ["0-1", "2-3"]
    assert camera.asked[-1][:2] == ("PLAY", "rtsp://c/s")
    udp = Camera(VIDEO + AAC)
    udp.play(client(udp_ports=[(3000, 3001), (3002, 3003)]))
    assert [transport.partition("client_port=")[2] for _, _, transport in udp.asked if transport] == ["3000-3001", "3002-3003"]


def test_a_multicast_waits_until_its_groups_are_joined() -> None:
    description = "c=IN IP4 239.1.1.1/16\r\na=source-filter: incl IN IP4 * 10.1.0.5\r\n" + VIDEO.replace("video 0", "video 5000")
    camera = Camera(description + AAC, replies={"v": "RTP/AVP;multicast", "a": GIVEN})
    done = camera.play(client(multicast=True))
    assert done.state == "ready" and [method for method, _, _ in camera.asked][-1] == "SETUP"
    assert [transport for _, _, transport in camera.asked if transport] == ["RTP/AVP;multicast"] * 2
    video, audio = (stream.group for stream in done.streams)
    assert video == Group(address="239.1.1.1", ports=(5000, 5001), source="10.1.0.5")
    assert audio == Group(address="239.1.1.2", ports=(5010, 5011), ttl=16, source="10.1.0.5")
    assert done.streams[1].source == "10.1.0.7"
    assert done.play().startswith(b"PLAY rtsp://c/s RTSP/1.0")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("RTP/AVP;unicast;server_port=5000-5001", "does not multicast"),
        ("RTP/AVP;multicast;port=5000-5001", "to which group"),
        ("RTP/AVP;multicast;destination=10.1.0.5;port=5000-5001", "no IPv4 multicast group"),
        ("RTP/AVP;multicast;destination=ff15::1;port=5000-5001", "no IPv4 multicast group"),
        ("RTP/AVP;multicast;destination=239.1.1.1;port=22-23", "port 22"),
        ("RTP/AVP;multicast;destination=239.1.1.1", "port 0"),
    ],
)
def test_a_group_that_cannot_be_joined_is_refused(answer: str, reason: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        Camera(VIDEO, replies={"v": answer}).play(client(multicast=True))
    assert reason in str(caught.value)


def test_the_profile_is_the_descriptions() -> None:
    camera = Camera(VIDEO.replace("RTP/AVP", "RTP/AVPF") + "a=rtcp-fb:* nack  PLI\r\na=rtcp-fb:97 ccm fir\r\n")
    done = camera.play(Client("rtsp://c/s"))
    assert camera.asked[2][2] == "RTP/AVPF/TCP;unicast;interleaved=0-1"
    assert done.streams[0].media.feedback == ("nack pli",)


def test_without_the_wish_for_sound_it_is_not_asked_for() -> None:
    camera = Camera(VIDEO + AAC)
    done = camera.play(Client("rtsp://c/s"))
    assert camera.setups == ["v"] and done.silent == "off"


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        ("", "offers none"),
        ("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 G726-32/8000\r\na=control:a\r\n", "not spoken (G726-32)"),
        (AAC.replace("config=1408", "config="), "not spoken (AAC without its configuration"),
        (AAC.replace("a=control:a\r\n", "a=control:v\r\n"), "under which name"),
        (AAC + "a=sendonly\r\n", "offers none"),
    ],
)
def test_pictures_come_without_sound_that_cannot_be_had(sound: str, reason: str) -> None:
    camera = Camera(VIDEO + sound)
    done = camera.play(client())
    assert camera.setups == ["v"] and done.state == "playing" and reason in done.silent


def test_a_refused_setup_of_the_sound_costs_the_sound_alone() -> None:
    camera = Camera(VIDEO + AAC, {("SETUP", "/a"): 500})
    done = camera.play(client())
    assert done.state == "playing" and len(done.streams) == 1 and "500" in done.silent


def test_the_first_sound_that_is_understood_is_taken() -> None:
    other = "m=audio 0 RTP/AVP 8\r\na=control:g\r\n"
    camera = Camera(VIDEO + AAC.replace("1408", "ffff") + other)
    assert camera.play(client()).streams[1].media.encoding == "PCMA"


def test_pictures_without_a_control_are_the_whole_session() -> None:
    camera = Camera("m=video 0 RTP/AVP 26\r\n")
    done = camera.play(client())
    assert done.streams[0].media.encoding == "JPEG" and done.streams[0].target == "rtsp://c/s"


@pytest.mark.parametrize(
    ("video", "reason"),
    [
        ("m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n", "not H.264, H.265 or Motion JPEG (it is VP8)"),
        (VIDEO.replace("a=control", "a=fmtp:96 packetization-mode=2\r\na=control"), "packetization-mode 2"),
        ("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-max-don-diff=2\r\n", "interleaves H.265"),
        (AAC, "no video at all"),
    ],
)
def test_what_is_not_spoken_is_refused_with_what_to_do(video: str, reason: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        Camera(video).play(client())
    assert reason in str(caught.value)


def test_a_wrong_payload_type_in_the_description_is_seen_through() -> None:
    found: list[bytes] = []
    receiver = Receiver(96, lambda data, start, end, *_: found.append(data[start:end]))
    for number in range(20):
        packet = build(98, number, 0, 7, False, bytes((number,)))
        receiver.push(packet, 0, len(packet))
    assert found == [bytes((number,)) for number in range(7, 20)]


def test_packets_of_another_type_beside_ours_stay_out() -> None:
    found: list[bytes] = []
    receiver = Receiver(96, lambda data, start, end, *_: found.append(data[start:end]))
    for number in range(40):
        packet = build(96 if number % 2 == 0 else 107, number, 0, 7 + number % 2, False, bytes((number,)))
        receiver.push(packet, 0, len(packet))
    assert len(found) == 20 and all(one[0] % 2 == 0 for one in found)
