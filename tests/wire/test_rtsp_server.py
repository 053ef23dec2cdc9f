"""The server's side of RTSP without a socket: each request of the table has its answer, in each state."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import rtsp_range, rtsp_target
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.rtsp import Reader, Request, Response
from sitewarden.wire.rtsp_auth import authorization, challenges
from sitewarden.wire.rtsp_client import Client
from sitewarden.wire.rtsp_login import Login, agrees, first_hash, read
from sitewarden.wire.rtsp_range import Range, RangeError
from sitewarden.wire.rtsp_server import GREETING, TIMEOUT, End, Medium, Open, Pause, Play, Server
from sitewarden.wire.rtsp_target import Target, TargetError
from sitewarden.wire.rtsp_transport import Way, choose
from sitewarden.wire.sdp import parse as parse_sdp

SETS = (bytes.fromhex("6764000cacd941416fe5bc054050505fcf800000000168ebe3cb22c0"), bytes.fromhex("68ebe3cb22c0"))
VIDEO = VideoFormat(encoding="H264", codec="avc1.64000c", width=320, height=180, parameter_sets=SETS)
SOUND = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)
LIVE = "rtsp://h:554/cameras/lobby/live"
BEGIN = 1_763_700_000_000_000
RECORDED = f"rtsp://h:554/cameras/lobby/recorded?start={BEGIN}&end={BEGIN + 60_000_000}"
TCP = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")


class Talk:
    """A client that signs in where it is asked to."""

    def __init__(self, url: str = LIVE, **settings: Any) -> None:
        self.url = url
        self.server = Server("192.0.2.1", 0.0, **settings)
        self.medium = Medium(name="Lobby", video=VIDEO, audio=SOUND)
        if "recorded" in url:
            self.medium = Medium(name="Lobby", video=VIDEO, audio=SOUND, start=BEGIN, end=BEGIN + 60_000_000)
        self.cseq = 0
        self.act: Any = None
        self.session = ""

    def ask(self, method: str, url: str = "", *headers: tuple[str, str], body: bytes = b"", now: float = 0.0) -> Response:
        self.cseq += 1
        fields = [("CSeq", str(self.cseq)), *headers]
        if self.session:
            fields.append(("Session", self.session))
        sent = Request(method=method, url=url or self.url, headers=tuple(fields), body=body)
        (request,) = Reader(lambda *a: None).feed(sent.encode())
        assert isinstance(request, Request)
        answer, self.act = self.server.receive(request, now)
        if isinstance(self.act, Open):
            answer = self.server.opened(self.medium)
        (response,) = Reader(lambda *a: None).feed(answer)
        assert isinstance(response, Response) and response.cseq == self.cseq
        return response

    def signed(self, method: str, url: str, *headers: tuple[str, str]) -> Response:
        asked = self.ask(method, url, *headers)
        assert asked.status == 401 and self.act is None
        best = challenges(asked.every("WWW-Authenticate"))[0]
        shown = authorization(best, method, url, "ada", "swt_secret", 1, "c0ffee")
        return self.ask(method, url, *headers, ("Authorization", shown))

    def play(self) -> None:
        assert self.signed("DESCRIBE", self.url).status == 200
        answer = self.ask("SETUP", rtsp_target.control(self.url, 0), TCP)
        self.session = answer.get("Session").partition(";")[0]
        assert self.ask("PLAY").status == 200


def test_a_client_describes_sets_up_and_plays() -> None:
    talk = Talk()
    assert "PLAY" in talk.ask("OPTIONS").get("Public")
    described = talk.signed("DESCRIBE", LIVE)
    assert talk.act == Open(Target(camera="lobby", kind="live"), talk.server.login)  # type: ignore[arg-type]
    media = parse_sdp(described.body).media
    assert [one.control for one in media] == [f"{LIVE}/trackID=0", f"{LIVE}/trackID=1"]
    first = talk.ask("SETUP", media[0].control, TCP)
    assert re.fullmatch(r"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=[0-9A-F]{8}", first.get("Transport"))
    session, _, rest = first.get("Session").partition(";")
    assert rest == f"timeout={TIMEOUT}"
    talk.session = session
    second = talk.ask("SETUP", media[1].control, ("Transport", "RTP/AVP/TCP;unicast"))
    assert "interleaved=2-3" in second.get("Transport")
    played = talk.ask("PLAY", LIVE, ("Range", "npt=0.000-"))
    assert talk.act == Play(None, None, 1) and played.get("Range") == "npt=now-"
    about = re.findall(r"url=([^;]+);seq=(\d+);rtptime=(\d+)", played.get("RTP-Info"))
    senders = [lane.sender for lane in talk.server.lanes]
    assert [(int(seq), int(time)) for _, seq, time in about] == [(one.sequence, one.stamp(0)) for one in senders]
    assert talk.ask("PAUSE").status == 200 and talk.act == Pause()
    assert talk.ask("TEARDOWN").status == 200 and talk.act == End()
    assert talk.ask("PLAY").status == 454


@pytest.mark.parametrize("audio", [False, True])
def test_our_own_client_is_served(audio: bool) -> None:
    talk = Talk(udp=(6970, 6971))
    client = Client(LIVE, "ada", "swt_secret", udp_ports=((3000, 3001), (3002, 3003)), audio=audio)
    sent = client.start()
    while client.state != "playing":
        (request,) = Reader(lambda *a: None).feed(sent)
        answer, act = talk.server.receive(request, 0.0)  # type: ignore[arg-type]
        if isinstance(act, Open):
            answer = talk.server.opened(talk.medium)
        (message,) = Reader(lambda *a: None).feed(answer)
        sent = client.receive(message)
    assert [stream.server_ports for stream in client.streams] == [(6970, 6971)] * (2 if audio else 1)
    assert [lane.way.ports for lane in talk.server.lanes] == [(3000, 3001), (3002, 3003)][: 2 if audio else 1]


def test_a_recording_plays_from_where_it_is_asked_to() -> None:
    talk = Talk(RECORDED)
    talk.play()
    assert talk.act == Play(BEGIN, BEGIN + 60_000_000, 1)
    cases = [
        ("npt=10-", Play(BEGIN + 10_000_000, BEGIN + 60_000_000, 1), "npt=10.000-60.000"),
        ("npt=10-20.5", Play(BEGIN + 10_000_000, BEGIN + 20_500_000, 1), "npt=10.000-20.500"),
        ("clock=20251121T044010Z-", Play(BEGIN + 10_000_000, BEGIN + 60_000_000, 1), "clock=20251121T044010Z-20251121T044100Z"),
    ]
    for asked, act, told in cases:
        answer = talk.ask("PLAY", "", ("Range", asked))
        assert (answer.status, talk.act, answer.get("Range")) == (200, act, told)
    for scale, taken in (("2.0", 2), ("4", 4), ("16", 4), ("-1", 1), ("x", 1), ("1e9", 1)):
        answer = talk.ask("PLAY", "", ("Range", "npt=0-"), ("Scale", scale))
        assert talk.act.scale == taken and answer.get("Scale") == f"{taken}.0"
    talk.ask("PAUSE")
    talk.server.position = (BEGIN + 7_000_000, BEGIN + 60_000_000)
    talk.ask("PLAY")
    assert talk.act == Play(BEGIN + 7_000_000, BEGIN + 60_000_000, 1)


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "status"),
    [
        ("DESCRIBE", "rtsp://h/other", (), b"", 404),
        ("DESCRIBE", "rtsp://h/cameras/Lobby/live", (), b"", 404),
        ("DESCRIBE", "rtsp://h/cameras/lobby/recorded?start=yesterday", (), b"", 451),
        ("DESCRIBE", "rtsp://h/cameras/lobby/recorded?start=9&end=5", (), b"", 451),
        ("DESCRIBE", LIVE, (("Accept", "text/html"),), b"", 406),
        ("DESCRIBE", LIVE, (("Require", "x"),), b"", 551),
        ("SETUP", f"{LIVE}/trackID=0", (("Transport", "RTP/AVP;multicast"),), b"", 461),
        ("SETUP", f"{LIVE}/trackID=0", (("Transport", "RTP/SAVP;unicast;client_port=5000-5001"),), b"", 461),
        ("SETUP", f"{LIVE}/trackID=0", (("Transport", "RTP/AVP;unicast;client_port=5000-5001"),), b"", 461),
        ("SETUP", f"{LIVE}/trackID=0", (TCP, ("Session", "other")), b"", 454),
        ("SETUP", LIVE, (TCP,), b"", 459),
        ("PLAY", LIVE, (), b"", 454),
        ("ANNOUNCE", LIVE, (), b"v=0", 405),
        ("NONSENSE", LIVE, (), b"", 501),
        ("GET_PARAMETER", LIVE, (), b"", 200),
        ("GET_PARAMETER", LIVE, (), b"packets\r\n", 451),
        ("SET_PARAMETER", LIVE, (), b"x: y\r\n", 451),
    ],
)
def test_what_cannot_be_is_refused(method: str, url: str, headers: Any, body: bytes, status: int) -> None:
    assert Talk().ask(method, url, *headers, body=body).status == status


def test_what_cannot_be_in_a_session_is_refused() -> None:
    talk = Talk(RECORDED)
    talk.play()
    for asked in ("npt=61-", "clock=20251121T044100Z-", "smpte=0:10:00-", "npt=x-", "npt=-5", "npt=9-3"):
        assert talk.ask("PLAY", "", ("Range", asked)).status == 457
    assert talk.ask("SETUP", rtsp_target.control(RECORDED, 1), TCP).status == 455
    talk.ask("PAUSE")
    assert talk.ask("SETUP", f"{LIVE}/trackID=0", TCP).status == 459
    assert talk.ask("DESCRIBE", LIVE).status == 459
    live = Talk()
    live.play()
    live.ask("PAUSE")
    assert live.ask("PLAY", "", ("Range", "clock=20251121T044100Z-")).status == 457
    live.medium = Medium(name="Lobby", video=VIDEO)
    other = Talk()
    other.medium = live.medium
    assert other.signed("DESCRIBE", LIVE).status == 200
    assert other.ask("SETUP", f"{LIVE}/trackID=1", TCP).status == 404
    assert other.ask("PLAY").status == 454


def test_who_is_refused_is_asked_again_and_nothing_stays_open() -> None:
    talk = Talk()
    request = Request(method="DESCRIBE", url=LIVE, headers=(("CSeq", "1"),))
    asked, _ = talk.server.receive(request, 0.0)
    (response,) = Reader(lambda *a: None).feed(asked)
    best = challenges(response.every("WWW-Authenticate"))[0]  # type: ignore[union-attr]
    shown = ("Authorization", authorization(best, "DESCRIBE", LIVE, "ada", "wrong", 1, "c"))
    for status, told in ((401, 401), (403, 403), (503, 503)):
        answer, act = talk.server.receive(Request(method="DESCRIBE", url=LIVE, headers=(("CSeq", "2"), shown)), 0.0)
        assert isinstance(act, Open) and answer == b""
        assert f"RTSP/1.0 {told} ".encode() in talk.server.refused(status, "no")
    assert talk.ask("SETUP", f"{LIVE}/trackID=0", TCP).status == 401


def test_a_proof_counts_for_its_connection_and_its_address_alone() -> None:
    one, two = Talk(), Talk()
    asked = one.ask("DESCRIBE", LIVE)
    best = challenges(asked.every("WWW-Authenticate"))[0]
    assert best.algorithm == "SHA-256"
    shown = authorization(best, "DESCRIBE", LIVE, "ada", "swt_secret", 1, "c")
    assert two.ask("DESCRIBE", LIVE, ("Authorization", shown)).status == 401 and two.act is None
    other = "rtsp://h:554/cameras/vault/live"
    assert one.ask("DESCRIBE", other, ("Authorization", shown)).status == 401 and one.act is None
    assert one.ask("DESCRIBE", LIVE, ("Authorization", shown)).status == 200
    login = read(shown, "DESCRIBE", secure=False)
    assert login is not None and login.proof is not None and "secret" not in repr(login)
    assert agrees(login.proof, first_hash("SHA-256", "ada", "swt_secret"))
    assert not agrees(login.proof, first_hash("SHA-256", "ada", "swt_secreT"))
    assert not agrees(login.proof, "")


def test_basic_is_for_tls_alone() -> None:
    basic = "Basic YWRhOnBhc3M6d29yZA=="
    assert read(basic, "DESCRIBE", secure=False) is None
    assert read(basic, "DESCRIBE", secure=True) == Login(username="ada", password="pass:word")
    assert [one.scheme for one in challenges(Talk().ask("DESCRIBE").every("WWW-Authenticate"))] == ["digest", "digest"]
    secure = Talk(secure=True, udp=(6970, 6971))
    assert [one.scheme for one in challenges(secure.ask("DESCRIBE").every("WWW-Authenticate"))] == ["basic"]
    offered = ("Transport", "RTP/AVP;unicast;client_port=5000-5001")
    assert secure.ask("SETUP", f"{LIVE}/trackID=0", offered).status == 461


def test_a_silent_client_is_gone_unless_it_takes_its_stream() -> None:
    talk = Talk()
    assert not talk.server.expired(GREETING)
    talk.ask("OPTIONS", now=GREETING)
    assert talk.server.expired(GREETING + 1)
    talk.play()
    assert not talk.server.expired(10 * TIMEOUT)
    over = Talk(udp=(6970, 6971))
    assert over.signed("DESCRIBE", LIVE).status == 200
    answer = over.ask("SETUP", f"{LIVE}/trackID=0", ("Transport", "RTP/AVP;unicast;client_port=5000-5001"))
    over.session = answer.get("Session").partition(";")[0]
    assert over.ask("PLAY", now=5.0).status == 200
    assert over.server.expired(6 + TIMEOUT)
    over.server.alive(6 + TIMEOUT)
    assert not over.server.expired(7 + TIMEOUT)


@pytest.mark.parametrize(
    ("header", "udp", "way"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=4-5", True, Way(channels=(4, 5))),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", True, Way(channels=(2, 3))),
        ("RTP/AVP/TCP;unicast;interleaved=300-301", True, Way(channels=(2, 3))),
        ("RTP/AVP;unicast;client_port=5000-5001", True, Way(ports=(5000, 5001))),
        ("RTP/AVP/UDP;client_port=5000", True, Way(ports=(5000, 5001))),
        ("RTP/AVP;unicast;client_port=0-1,RTP/AVP/TCP;interleaved=6-7", True, Way(channels=(6, 7))),
        ("RTP/AVP;unicast;client_port=5000-99999", True, None),
        ("RTP/AVP;unicast;client_port=5000-5001;mode=record", True, None),
        ("RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.9", False, None),
        ("", True, None),
    ],
)
def test_transports(header: str, udp: bool, way: Way | None) -> None:
    assert choose(header, udp=udp, taken=(0, 1)) == way


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 40))
def test_ranges_are_read_as_they_are_written(start: int, length: int) -> None:
    end = start + length
    assert rtsp_range.parse(rtsp_range.clock(BEGIN + start, BEGIN + end)) == Range(
        form="clock", start=BEGIN + start, end=BEGIN + end
    )
    thousand = 1000
    if end // thousand > start // thousand:
        found = rtsp_range.parse(rtsp_range.npt(start // thousand * thousand, end // thousand * thousand))
        assert found == Range(form="npt", start=start // thousand * thousand, end=end // thousand * thousand)


@given(st.text(max_size=40))
def test_no_range_and_no_address_is_an_unforeseen_error(text: str) -> None:
    for read_ in (rtsp_range.parse, lambda one: rtsp_target.parse(f"rtsp://h/cameras/a/recorded?start={one}")):
        try:
            read_(text)
        except (RangeError, TargetError):
            pass


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2025-11-21T04:40:00Z", BEGIN),
        ("2025-11-21T05:40:00.25%2B01:00", BEGIN + 250_000),
        ("2025-11-21T05:40:00 01:00", BEGIN),
        (str(BEGIN), BEGIN),
    ],
)
def test_times_of_addresses(text: str, wall: int) -> None:
    assert rtsp_target.parse(f"rtsp://h/cameras/a/recorded?start={text}")[0].start == wall
    appended, track = rtsp_target.parse(f"rtsp://h/cameras/a/recorded?start={text}/trackID=1")
    assert (appended.start, track) == (wall, 1)
