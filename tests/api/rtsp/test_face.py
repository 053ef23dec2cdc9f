"""RTSP out on real sockets: who may, how it is written down, and what a hostile or slow client costs."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sitewarden.api.rtsp import connection as connection_module
from sitewarden.api.rtsp import rights as rights_module
from sitewarden.api.rtsp import sending as sending_module
from sitewarden.domain.identity.model import Grant
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.wire.rtp import Goodbye, Receiver, parse_rtcp
from sitewarden.wire.rtsp import Message, Reader, Request, Response
from sitewarden.wire.rtsp_auth import authorization, challenges
from sitewarden.wire.rtsp_target import control
from tests.api.rtsp.rig import RTSP, Rig, rigged

TCP = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, host) as made:
        yield made


class Peer:
    """A client by hand; `receive` small makes it a slow one."""

    def __init__(self, rig: Rig, *, receive: int = 0) -> None:
        self.rig = rig
        self.sock = socket.socket()
        if receive:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.sock.setblocking(False)
        self.answers: list[Message] = []
        self.frames: list[tuple[int, bytes]] = []
        self.reader = Reader(lambda channel, data, start, end: self.frames.append((channel, data[start:end])))
        self.cseq = 0
        self.session = ""

    async def __aenter__(self) -> Peer:
        await asyncio.get_running_loop().sock_connect(self.sock, (self.rig.bind, RTSP))
        return self

    async def __aexit__(self, *reason: object) -> None:
        self.sock.close()

    async def read(self) -> bool:
        """Take what came; False at the end."""
        try:
            async with asyncio.timeout(60):
                data = await asyncio.get_running_loop().sock_recv(self.sock, 1 << 16)
        except ConnectionError:
            return False
        self.answers += self.reader.feed(data)
        return bool(data)

    async def ask(self, method: str, url: str, *headers: tuple[str, str]) -> Response:
        self.cseq += 1
        session = (("Session", self.session),) if self.session else ()
        sent = Request(method=method, url=url, headers=(("CSeq", str(self.cseq)), *headers, *session)).encode()
        await asyncio.get_running_loop().sock_sendall(self.sock, sent)
        while not self.answers:
            assert await self.read(), "the server closed the connection"
        answer = self.answers.pop(0)
        assert isinstance(answer, Response)
        return answer

    async def signed(self, method: str, url: str, *headers: tuple[str, str], user: str = "ada", secret: str = "") -> Response:
        asked = await self.ask(method, url, *headers)
        if asked.status != 401:
            return asked
        best = challenges(asked.every("WWW-Authenticate"))[0]
        shown = authorization(best, method, url, user, secret or self.rig.token, 1, "c0ffee")
        return await self.ask(method, url, *headers, ("Authorization", shown))

    async def play(self, url: str, *headers: tuple[str, str]) -> Response:
        set_up = await self.signed("SETUP", control(url, 0), TCP)
        assert set_up.status == 200
        self.session = set_up.get("Session").partition(";")[0]
        return await self.ask("PLAY", url, *headers)


def url(rig: Rig, what: str = "live", camera: str = "lobby") -> str:
    return f"rtsp://{rig.bind}:{RTSP}/cameras/{camera}/{what}"


async def token_of(rig: Rig, user: str, *actions: str) -> str:
    body = MESSAGES["token"].input(name=f"{user} {len(actions)}", user=user, actions=actions)
    found: str = (await rig.house.ask("token.create", body=body)).value.token
    return found


async def test_a_look_is_audited_with_its_user_and_address(rig: Rig) -> None:
    async with Peer(rig) as peer:
        described = await peer.signed("DESCRIBE", url(rig))
        assert described.status == 200 and b"H264/90000" in described.body and b"PCMA/8000" in described.body
        assert (await peer.play(url(rig))).status == 200
    (entry,) = [entry for entry in rig.house.memory.audited if entry.action == "camera.live"]
    assert (entry.actor, entry.entity, entry.outcome) == ("user:ada", "camera:lobby", "done")
    assert entry.remote.startswith("127.")


@pytest.mark.parametrize(
    ("selector", "actions", "status"),
    [("camera:lobby", (), 200), ("area:lab", ("camera.live",), 200), ("area:yard", (), 403), ("*", ("door.list",), 403)],
)
async def test_what_a_user_may_see_and_the_token_allows(rig: Rig, selector: str, actions: tuple[str, ...], status: int) -> None:
    await rig.house.person("vms", Grant(action="camera.live", selector=selector))
    secret = await token_of(rig, "vms", *actions)
    async with Peer(rig) as peer:
        assert (await peer.signed("DESCRIBE", url(rig), user="vms", secret=secret)).status == status
        assert rig.house.memory.audited[-1].outcome == ("done" if status == 200 else "refused: forbidden")
        assert (await peer.signed("DESCRIBE", url(rig, "recorded"), user="vms", secret=secret)).status in (403, 459)


async def test_an_unknown_camera_and_one_that_sends_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.api.rtsp.sources.FIRST", 0.3)
    async with Peer(rig) as peer:
        answer = await peer.signed("DESCRIBE", url(rig, camera="other"))
        assert answer.status == 503 and b"sends nothing" in answer.body
        assert (await peer.signed("DESCRIBE", url(rig, "recorded"))).status == 404
        assert (await peer.ask("DESCRIBE", f"rtsp://{rig.bind}/etc/passwd")).status == 404


async def test_wrong_passwords_lock_out_as_at_sign_in(rig: Rig) -> None:
    for _ in range(5):
        async with Peer(rig) as peer:
            assert (await peer.signed("DESCRIBE", url(rig), secret="swt_wrong")).status == 401
    async with Peer(rig) as peer:
        answer = await peer.signed("DESCRIBE", url(rig))
        assert answer.status == 429 and b"Try again in" in answer.body
    assert [event.type for event in rig.house.told].count("session.refused") == 4
    assert rig.house.told[-1].type == "session.locked-out"
    rig.house.clock.seconds += 1000
    async with Peer(rig) as peer:
        assert (await peer.signed("DESCRIBE", url(rig))).status == 200


async def test_a_client_whose_right_ends_is_cut_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights_module, "RECHECK", 0.1)
    await rig.house.person("vms", Grant(action="camera.live"))
    rig.token = await token_of(rig, "vms")
    async with Peer(rig) as peer:
        described = await peer.signed("DESCRIBE", url(rig), user="vms")
        assert described.status == 200
        assert (await peer.play(url(rig))).status == 200
        await rig.house.ask("user.update", id="vms", body=MESSAGES["user"].patch(enabled=False))
        while await peer.read():
            pass
    assert peer.frames


async def test_a_slow_client_loses_groups_and_others_none(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.media.live_client.VIEWER_BYTES", 20_000)
    async with Peer(rig, receive=4096) as slow, Peer(rig) as quick:
        for peer in (slow, quick):
            assert (await peer.play(url(rig))).status == 200
        lost: list[int] = []
        units: list[tuple[int, bool]] = []

        def payload(data: bytes, start: int, end: int, marker: bool, timestamp: int, gap: bool) -> None:
            lost.append(int(gap))
            units.append((timestamp, data[start] & 31 in (24, 7)))

        receiver = Receiver(96, payload)
        # Far more than the kernel's buffers hold, faster than anybody could read.
        for _ in range(60):
            rig.show(100)
            await asyncio.sleep(0)
        viewers = [viewer for stream, _ in rig.face.relay._streams.values() for viewer in stream.viewers]
        while not any(viewer.dropped for viewer in viewers):
            rig.show(100)
            await asyncio.sleep(0.01)
        reading = asyncio.create_task(_drain(quick))
        ends = asyncio.get_running_loop().time() + 2
        while asyncio.get_running_loop().time() < ends:
            await slow.read()
        for channel, packet in slow.frames:
            if channel == 0:
                receiver.push(packet, 0, len(packet))
        reading.cancel()
        assert sum(lost) == 0, "what is left out has no packets"
        jumps = [here for here, before in zip(units[1:], units, strict=False) if here[0] - before[0] > 3600 * 2]
        assert jumps and all(key for _, key in jumps), "it goes on at a key frame, with its parameter sets"


async def _drain(peer: Peer) -> None:
    while await peer.read():
        pass


async def test_one_who_takes_nothing_is_cut_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending_module, "STALLED", 0.2)
    async with Peer(rig, receive=4096) as peer:
        assert (await peer.play(url(rig))).status == 200
        while rig.face._connections:
            rig.show(50)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "hostile", [b"\x16\x03\x01\x02\x00" * 10, b"OPTIONS * RTSP/1.0\r\n" + b"A: b\r\n" * 5000, b"GET / HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_rtsp_is_cut_off(rig: Rig, hostile: bytes) -> None:
    async with Peer(rig) as peer:
        await asyncio.get_running_loop().sock_sendall(peer.sock, hostile)
        while await peer.read():
            pass
    async with Peer(rig) as peer:
        assert (await peer.ask("OPTIONS", "*")).status == 200


async def test_a_flood_of_requests_and_a_silent_client_are_cut_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "LOOK", 0.05)
    monkeypatch.setattr("sitewarden.wire.rtsp_server.GREETING", 0.3)
    async with Peer(rig) as peer:
        one = Request(method="OPTIONS", url="*", headers=(("CSeq", "1"),)).encode()
        await asyncio.get_running_loop().sock_sendall(peer.sock, one * 50)
        while await peer.read():
            pass
    async with Peer(rig) as peer:
        assert not await peer.read()


async def test_more_clients_than_the_settings_allow_are_turned_away(tmp_path: Path, host: str) -> None:
    async with rigged(tmp_path, host, clients=2) as rig, Peer(rig) as one, Peer(rig) as two:
        for peer in (one, two):
            assert (await peer.ask("OPTIONS", "*")).status == 200
        async with Peer(rig) as third:
            assert not await third.read()
    assert not rig.face._connections


async def test_key_frames_alone_at_speed_and_a_gap_is_short(rig: Rig, tmp_path: Path) -> None:
    await rig.record(tmp_path)
    what = url(rig, f"recorded?start={rig.began}&end={rig.began + 20_000_000}")
    async with Peer(rig) as peer:
        answer = await peer.play(what, ("Scale", "4"), ("Range", "npt=8-"))
        assert (answer.status, answer.get("Scale"), answer.get("Range")) == (200, "4.0", "npt=8.000-20.000")
        begin = int(answer.get("RTP-Info").rpartition("rtptime=")[2])
        times: list[int] = []
        receiver = Receiver(96, lambda data, start, end, marker, time, lost: times.append((time - begin) & 0xFFFFFFFF))
        begun = asyncio.get_running_loop().time()
        while not any(channel == 1 and isinstance(parse_rtcp(data)[-1], Goodbye) for channel, data in peer.frames):
            assert await peer.read()
        passed = asyncio.get_running_loop().time() - begun
        for channel, packet in peer.frames:
            if channel == 0:
                receiver.push(packet, 0, len(packet))
    shown = sorted(set(times))
    # A key frame each 0.4 s of 8 to 10 s and of 14 to 20 s, at a quarter of the time; the gap is half a second of it.
    assert shown[0] == 0 and abs(len(shown) - 20) <= 2
    assert max(later - earlier for earlier, later in itertools.pairwise(shown)) <= 90_000
    assert passed < 8.0


async def test_a_port_that_cannot_be_had_is_said_and_the_others_are_served(
    tmp_path: Path, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind((host, RTSP))
        taken.listen()
        async with rigged(tmp_path, host) as rig:
            assert {entry.port for entry in rig.web.ledger() if entry.direction == "in"} >= {"rtsps", "rtsp-out-rtp"}
    assert "goes on without rtsp" in caplog.text


def test_a_token_may_stand_in_the_passwords_place() -> None:
    shown = rights_module.credentials
    login = rights_module.Login
    assert shown(login(username="ada", password="swt_x")).token == "swt_x"
    assert (shown(login(username="ada", password="x")).username, shown(login(username="ada", password="x")).token) == ("ada", "")
