"""Encoders that publish, over real sockets: what arrives, who is let in, and what becomes of it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sim.encode import Loop, loop
from sim.rtmp_publisher import Publisher, Refused, play, tags
from sitewarden.config import Settings
from sitewarden.domain.events import Event
from sitewarden.domain.status import Status
from sitewarden.drivers.rtmp import door as doors
from sitewarden.drivers.rtmp.driver import RtmpDriver
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.rtmp_chunks import VIDEO
from tests.drivers.rtsp.support import Sink, context

KEY = "stream-key-of-the-lobby"
LIMIT = 60.0


def clip(codec: str) -> Loop:
    return loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0, codec=codec)


class Rig:
    """Cameras that are published to, each with a sink of its own."""

    def __init__(self, net: LocalNetwork, host: str) -> None:
        self.net, self.host = net, host
        self.driver = RtmpDriver()
        self.statuses: list[Status] = []
        self.events: list[Event] = []
        self.running: dict[str, asyncio.Task[None]] = {}

    def start(self, camera: str = "lobby", **config: Any) -> Sink:
        sink = Sink()
        settings = {"key": KEY, "stall_seconds": 2.0, **config}
        spec = EndpointSpec(id=camera, name=camera.title(), config=settings, ref=f"camera:{camera}")
        ctx = context(self.net, sink, self.statuses, self.events)
        self.running[camera] = asyncio.create_task(self.driver.endpoint(spec).run(ctx))
        return sink

    async def stop(self, camera: str) -> None:
        task = self.running.pop(camera)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def listening(self) -> None:
        await until(lambda: bool(self.net.ledger()))

    def encoder(self, camera: str = "lobby", key: str = KEY) -> Publisher:
        return Publisher(self.host, 1935, f"live/{camera}", key)


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not met():
            await asyncio.sleep(0.02)


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made = Rig(net, host)
    yield made
    for camera in list(made.running):
        await made.stop(camera)
    assert not net.ledger(), "the port is closed with the last camera"
    await net.close()


@pytest.mark.parametrize(("codec", "sound"), [("h264", "aac"), ("h264", "pcmu"), ("h265", "")])
async def test_what_is_published_arrives_as_it_was_sent(rig: Rig, codec: str, sound: str) -> None:
    made = clip(codec)
    sink = rig.start(audio=True)
    await rig.listening()
    async with rig.encoder() as encoder:
        await encoder.begin()
        encoder.metadata({"width": 320.0, "encoder": "Sim 1.0"})
        playing = asyncio.create_task(play(encoder, made, sound, first=0xFFFFFFFF - 400))
        await asyncio.wait_for(sink.count(60), LIMIT)
        await until(lambda: any(status.state == "online" for status in rig.statuses))
        assert {line.port for line in rig.net.ledger()} == {"rtmp"}
        playing.cancel()
    await until(lambda: bool(sink.losses))
    sent = [tuple(nal for nal in unit.nals if nal not in made.parameter_sets) for unit in made.units]
    slices = [unit for unit, *_ in sink.units]
    assert [tuple(unit) for unit in slices] == [
        tuple(nal for nal in sent[number % len(sent)] if nal in slices[number]) for number in range(len(slices))
    ]
    assert all(slices) and all(unit[3] == made.units[number % len(sent)].key for number, unit in enumerate(sink.units))
    # The clock of 32 bits wraps within, and goes on; pictures are 40 ms apart.
    assert {later[1] - earlier[1] for earlier, later in itertools.pairwise(sink.units)} == {3600}
    assert all(later[2] > earlier[2] for earlier, later in itertools.pairwise(sink.units))
    assert [(one.width, one.height, one.encoding) for one in sink.tracks] == [(320, 176, codec.upper())]
    if sound:
        assert sink.audio is not None and sink.audio.encoding == {"aac": "AAC", "pcmu": "PCMU"}[sound]
        assert all(later[2] - earlier[2] == earlier[1] for earlier, later in itertools.pairwise(sink.sounds))
        # Sound of a moment has the wall time of pictures of that moment.
        first = sink.sounds[0]
        base = sink.units[0][2] - sink.units[0][1] * 1_000_000 // 90_000
        assert abs(first[3] - base - first[2] * 1_000_000 // sink.audio.rate) < 60_000
    online = next(status for status in rig.statuses if status.state == "online")
    assert online.data["transport"] == "rtmp" and online.data["codec"] and "Sim 1.0" in online.detail
    assert online.data["audio"] == {"aac": "mp4a.40.2", "pcmu": "ulaw", "": "off"}[sound]


async def test_sound_is_taken_only_where_it_is_wanted(rig: Rig) -> None:
    sink = rig.start()
    await rig.listening()
    async with rig.encoder() as encoder:
        await encoder.begin()
        playing = asyncio.create_task(play(encoder, clip("h264"), "aac"))
        await asyncio.wait_for(sink.count(30), LIMIT)
        playing.cancel()
    assert sink.audio is None and not sink.sounds


async def test_who_has_no_key_is_refused_and_it_is_told_once(rig: Rig) -> None:
    rig.start()
    await rig.listening()
    for camera, key in (("lobby", "another"), ("lobby", ""), ("nowhere", KEY), ("lobby", KEY[:-1])):
        async with rig.encoder(camera, key) as encoder:
            with pytest.raises(Refused, match="no enabled camera has this path and this stream key"):
                await encoder.begin()
    await until(lambda: bool(rig.events))
    assert [(event.type, event.entity) for event in rig.events] == [("camera.publish-refused", "camera:lobby")]
    assert KEY not in repr(rig.events) + repr(rig.statuses)


async def test_an_address_with_many_wrong_keys_waits_even_with_the_right_one(rig: Rig) -> None:
    rig.start()
    await rig.listening()
    for _ in range(doors.WRONG):
        async with rig.encoder(key="guess") as encoder:
            with pytest.raises(Refused, match="no enabled camera"):
                await encoder.begin()
    async with rig.encoder() as encoder:
        with pytest.raises(Refused, match="wrong stream keys came from this address"):
            await encoder.begin()


async def test_one_publishes_at_a_time_until_it_is_silent(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = rig.start(stall_seconds=60.0)
    await rig.listening()
    monkeypatch.setattr(doors, "TAKEOVER", 1000.0)
    async with rig.encoder() as first, rig.encoder() as second:
        await first.begin()
        for tag in itertools.islice(tags(clip("h264")), 20):
            first.tag(*tag)
        await asyncio.wait_for(sink.count(19), LIMIT)
        with pytest.raises(Refused, match="publishes to this camera already"):
            await second.begin()
        monkeypatch.setattr(doors, "TAKEOVER", 0.0)
        async with rig.encoder() as third:
            await third.begin()
            await until(lambda: bool(sink.losses))
            assert "took over from one that was silent" in sink.losses[0]
            for tag in itertools.islice(tags(clip("h264")), 20):
                third.tag(*tag)
            await asyncio.wait_for(sink.count(38), LIMIT)


async def test_a_publisher_without_pictures_is_let_go_and_may_come_back(rig: Rig) -> None:
    sink = rig.start(stall_seconds=1.0)
    await rig.listening()
    for expected in (1, 2):
        async with rig.encoder() as encoder:
            await encoder.begin()
            for tag in itertools.islice(tags(clip("h264")), 12):
                encoder.tag(*tag)
            await until(lambda expected=expected: len(sink.losses) == expected)  # type: ignore[misc]
    assert all("no picture for 1 s" in reason for reason in sink.losses)
    states = [status.state for status in rig.statuses]
    assert states[0] == "pending" and "offline" in states


async def test_cameras_share_the_port_and_the_last_closes_it(rig: Rig) -> None:
    sinks = {camera: rig.start(camera, key=f"key-of-{camera}") for camera in ("lobby", "yard")}
    await rig.listening()
    async with rig.encoder("lobby", "key-of-lobby") as lobby, rig.encoder("yard", "key-of-yard") as yard:
        for encoder, camera in ((lobby, "lobby"), (yard, "yard")):
            await encoder.begin()
            for tag in itertools.islice(tags(clip("h264")), 12):
                encoder.tag(*tag)
            await asyncio.wait_for(sinks[camera].count(11), LIMIT)
        await rig.stop("lobby")
        assert await asyncio.wait_for(lobby.reader.read(), LIMIT) is not None
        for tag in itertools.islice(tags(clip("h264"), first=5000), 12):
            yard.tag(*tag)
        await asyncio.wait_for(sinks["yard"].count(22), LIMIT)
    assert sinks["lobby"].losses == ["the camera is not enabled any more"] and rig.net.ledger()


async def test_what_is_not_spoken_is_named(rig: Rig) -> None:
    rig.start()
    await rig.listening()
    async with rig.encoder() as encoder:
        await encoder.begin()
        encoder.tag(VIDEO, 0, b"\x14\x00" + bytes(50))
        await until(lambda: any("the encoder sends VP6" in status.detail for status in rig.statuses))


def test_a_camera_without_a_key_cannot_work(tmp_path: Path) -> None:
    for key, said in (("", "no stream key"), ("short", "fewer than 8 characters")):
        with pytest.raises(Misconfigured, match=said):
            RtmpDriver().endpoint(EndpointSpec(id="lobby", name="Lobby", config={"key": key}))
