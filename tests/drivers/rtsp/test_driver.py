from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sim.encode import Loop, loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.config import Settings
from sitewarden.domain.status import Status
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.drivers.rtsp.session import Session
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.rtp import build, sender_report
from tests.drivers.rtsp.support import Sink, context


@pytest.fixture(scope="session")
def pictures() -> Loop:
    return loop("test", width=320, height=180, fps=25, gop_seconds=0.4, seconds=2.0)


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


class Rig:
    def __init__(self, net: LocalNetwork, source: LoopSource, **options: Any) -> None:
        self.source = source
        self.server = CameraServer({"a": source}, **options)
        self.net = net
        self.sink = Sink()
        self.statuses: list[Status] = []
        self.port = 0

    async def start(self) -> None:
        self.port = await self.server.start("127.0.0.1", self.port)

    def spec(self, **config: Any) -> EndpointSpec:
        settings = {"url": f"rtsp://127.0.0.1:{self.port}/a", **config}
        return EndpointSpec(id="lobby", name="Lobby", config=settings, ref="camera:lobby")

    async def run(self, **config: Any) -> None:
        await DRIVER.endpoint(self.spec(**config)).run(context(self.net, self.sink, self.statuses))


@pytest.fixture
async def rig(net: LocalNetwork, pictures: Loop) -> AsyncIterator[Rig]:
    made = Rig(net, LoopSource(pictures))
    await made.start()
    yield made
    await made.server.stop()


async def test_a_loss_on_a_stream_without_feedback_tells_the_media_room(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Session.datagrams

    def datagrams(self: Session, batch: Sequence[bytes], number: int) -> None:
        # Of the second picture on, one packet in nine is lost: no picture decodes for long.
        taken(self, [data for data in batch if self.units < 1 or data[3] % 9], number)

    monkeypatch.setattr(Session, "datagrams", datagrams)
    running = asyncio.create_task(rig.run(transport="udp"))
    async with asyncio.timeout(60):
        while not rig.sink.hungry:
            await asyncio.sleep(0.05)
    assert set(rig.sink.hungry) == {"lobby"}
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_stream_arrives_whole(rig: Rig, pictures: Loop, transport: str) -> None:
    running = asyncio.create_task(rig.run(transport=transport))
    await asyncio.wait_for(rig.sink.count(45), 60)
    while not rig.statuses:
        await asyncio.sleep(0.05)
    rows = {line.port for line in rig.net.ledger()}
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.sink.tracks[0].encoding == "H264" and rig.sink.audio is None
    assert (rig.sink.tracks[0].width, rig.sink.tracks[0].height) == (320, 180)
    assert len(rig.sink.tracks) == 1
    sent = [[nal for nal in unit.nals if nal[0] & 31 not in (7, 8)] for unit in pictures.units]
    first = sent.index(rig.sink.units[0][0])
    assert [unit[0] for unit in rig.sink.units] == [sent[(first + number) % len(sent)] for number in range(len(rig.sink.units))]
    assert rig.sink.units[0][3]
    walls = [unit[2] for unit in rig.sink.units]
    assert all(later > earlier for earlier, later in itertools.pairwise(walls))
    assert rig.statuses[0].ref == "camera:lobby" and rig.statuses[0].state == "online"
    assert rig.statuses[0].data["width"] == 320 and rig.statuses[0].data["bitrate"] > 0
    assert rig.sink.losses
    assert rows == ({"rtsp"} if transport == "tcp" else {"rtsp", "media-input"})
    assert not rig.net.ledger()
    while "TEARDOWN" not in rig.server.requests:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("scheme", "algorithm"), [("digest", "MD5"), ("digest", "SHA-256"), ("basic", "MD5")])
async def test_passwords(net: LocalNetwork, pictures: Loop, scheme: str, algorithm: str) -> None:
    rig = Rig(net, LoopSource(pictures), user="admin", password="right: one", scheme=scheme, algorithm=algorithm)
    await rig.start()
    try:
        running = asyncio.create_task(rig.run(username="admin", password="right: one"))
        await asyncio.wait_for(rig.sink.count(1), 60)
        running.cancel()
        with pytest.raises(Misconfigured, match="refuses the user or the password"):
            await rig.run(username="admin", password="wrong")
        with pytest.raises(Misconfigured, match="asks for a user"):
            await rig.run()
        await asyncio.gather(running, return_exceptions=True)
    finally:
        await rig.server.stop()


async def test_a_hung_camera_is_found_within_its_limit(rig: Rig) -> None:
    running = asyncio.create_task(rig.run(stall_seconds=2.0))
    await asyncio.wait_for(rig.sink.count(5), 60)
    rig.source.frozen = True
    with pytest.raises(Unavailable, match="sent no packet for 2 s"):
        await asyncio.wait_for(running, 3.5)
    assert rig.sink.losses == ["the camera sent no packet for 2 s"]


@pytest.mark.parametrize(("sends", "complaint"), [("reports", "sent no packet"), ("settings", "sent packets but no picture")])
async def test_what_is_no_picture_does_not_hide_a_stall(rig: Rig, sends: str, complaint: str) -> None:
    running = asyncio.create_task(rig.run(stall_seconds=1.5))
    await asyncio.wait_for(rig.sink.count(5), 60)
    rig.source.frozen = True
    number = 0
    while not running.done():
        for connection in rig.server.connections:
            lane = connection._lanes["track1"]
            if sends == "reports":
                connection._control(lane, sender_report(rig.source.ssrc, 10**15, 0, 1, 1))
            else:
                connection._put(lane, [build(96, number, 0, 7, False, rig.source.parameter_sets[0])])
        number += 1
        await asyncio.sleep(0.02)
    with pytest.raises(Unavailable, match=complaint):
        await running


async def test_a_camera_without_marker_bits(rig: Rig) -> None:
    rig.source.markers = False
    running = asyncio.create_task(rig.run())
    await asyncio.wait_for(rig.sink.count(20), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_goodbye_ends_the_session(rig: Rig) -> None:
    running = asyncio.create_task(rig.run())
    await asyncio.wait_for(rig.sink.count(3), 60)
    for connection in rig.server.connections:
        connection.say_goodbye()
    with pytest.raises(Unavailable, match="ended the stream"):
        await running


async def test_a_path_that_is_not_there(rig: Rig) -> None:
    with pytest.raises(Unavailable, match=r"no such stream.*check the path"):
        await rig.run(url=f"rtsp://127.0.0.1:{rig.port}/other")


async def test_nobody_there(net: LocalNetwork) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    endpoint = DRIVER.endpoint(EndpointSpec(id="x", name="X", config={"url": f"rtsp://127.0.0.1:{port}/a"}))
    with pytest.raises(Unavailable, match="cannot be reached"):
        await endpoint.run(context(net, Sink(), []))


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n", b"\x00" * 64]
)
async def test_what_is_no_camera_is_dropped(net: LocalNetwork, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        endpoint = DRIVER.endpoint(EndpointSpec(id="x", name="X", config={"url": f"rtsp://127.0.0.1:{port}/a"}))
        with pytest.raises(Exception, match="breaks RTSP"):
            await endpoint.run(context(net, Sink(), []))


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({}, "url"),
        ({"url": "http://h/a"}, "no stream address"),
        ({"url": "rtsp://u:p@h/a"}, "carries a user"),
        ({"url": "rtsp://h:99999/a"}, "no stream address"),
        ({"url": "rtsp://h/a\r\nX: y"}, "no stream address"),
        ({"url": "rtsp://h/a", "transport": "quic"}, "transport"),
        ({"url": "rtsp://h/a", "usrname": "x"}, "username"),
    ],
)
def test_settings_that_cannot_work(config: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Misconfigured, match=complaint) as caught:
        DRIVER.endpoint(EndpointSpec(id="x", name="X", config=config))
    assert "u:p" not in str(caught.value)


async def test_a_camera_that_goes_and_comes_gives_one_event_each(net: LocalNetwork, pictures: Loop) -> None:
    rig = Rig(net, LoopSource(pictures))
    await rig.start()
    events: list[Any] = []
    supervisor = Supervisor(
        context(rig.net, rig.sink, rig.statuses, events), lambda name: DRIVER, backoff=lambda: Backoff(0.05, 0.2)
    )
    await supervisor.reconcile([("rtsp", rig.spec())])
    try:
        await asyncio.wait_for(rig.sink.count(5), 60)
        while len(events) < 1:
            await asyncio.sleep(0.05)
        await rig.server.stop()
        while len(events) < 2:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        seen = len(rig.sink.units)
        await rig.start()
        await asyncio.wait_for(rig.sink.count(seen + 5), 60)
        while len(events) < 3:
            await asyncio.sleep(0.05)
    finally:
        await supervisor.close()
        await rig.server.stop()
    assert [event.type for event in events] == ["camera.online", "camera.offline", "camera.online"]


async def test_an_endpoint_that_does_not_run_opens_no_port(net: LocalNetwork, rig: Rig) -> None:
    DRIVER.endpoint(rig.spec(transport="udp"))
    supervisor = Supervisor(context(net, rig.sink, rig.statuses), lambda name: DRIVER)
    await supervisor.reconcile([])
    assert net.ledger() == []
    await supervisor.close()


async def test_a_refusal_by_a_camera_that_has_accepted_before_is_tried_again(net: LocalNetwork, pictures: Loop) -> None:
    rig = Rig(net, LoopSource(pictures), user="admin", password="right")
    await rig.start()
    endpoint = DRIVER.endpoint(rig.spec(username="admin", password="right"))
    running = asyncio.create_task(endpoint.run(context(net, rig.sink, rig.statuses)))
    await asyncio.wait_for(rig.sink.count(1), 60)
    await rig.server.stop()
    with pytest.raises(Unavailable):
        await running
    rig.server = CameraServer({"a": rig.source}, user="admin", password="not yet")
    await rig.start()
    with pytest.raises(Unavailable, match="refuses the user"):
        await endpoint.run(context(net, rig.sink, rig.statuses))
    await rig.server.stop()
