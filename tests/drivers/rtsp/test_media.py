"""Pictures and sound of simulated cameras through the driver: every codec of ours, and cameras as they are."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.encode import loop
from sim.rtsp_server import CameraServer, Connection
from sim.rtsp_source import LoopSource
from sim.sound import Sound
from sitewarden.config import Settings
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.drivers.rtsp.lanes import MediaPort
from sitewarden.kit.driver import EndpointSpec
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.rtsp import Request
from tests.drivers.rtsp.support import Sink, context


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


def source(codec: str = "h264", audio: str | None = None) -> LoopSource:
    made = loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0, codec=codec)
    return LoopSource(made, sound=Sound(audio) if audio else None)


@asynccontextmanager
async def watching(
    net: LocalNetwork, made: LoopSource, sink: Sink, clock_error: float = 0.0, **config: Any
) -> AsyncIterator[list[Any]]:
    server = CameraServer({"a": made})
    server.clock_error = clock_error
    port = await server.start("127.0.0.1", 0)
    statuses: list[Any] = []
    settings = {"url": f"rtsp://127.0.0.1:{port}/a", **config}
    endpoint = DRIVER.endpoint(EndpointSpec(id="lobby", name="Lobby", config=settings, ref="camera:lobby"))
    running = asyncio.create_task(endpoint.run(context(net, sink, statuses)))
    try:
        async with asyncio.timeout(60):
            yield statuses
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await server.stop()


@pytest.mark.parametrize(("codec", "name"), [("h265", "hvc1."), ("mjpeg", "mp4v.6C")])
async def test_pictures_arrive_whole(net: LocalNetwork, codec: str, name: str) -> None:
    sink, made = Sink(), source(codec)
    async with watching(net, made, sink):
        await sink.count(30)
    assert (sink.tracks[0].width, sink.tracks[0].height) == (320, 176) and sink.tracks[0].codec.startswith(name)
    assert sink.tracks[0].parameter_sets == made.parameter_sets
    sent = [[nal for nal in unit.nals if nal not in made.parameter_sets] for unit in made.loop.units]
    received = [unit[0] for unit in sink.units]
    if codec == "mjpeg":
        sent = [[_scan(unit[0])] for unit in sent]
        received = [[_scan(b"".join(parts))] for parts in received]
    first = sent.index(received[0])
    assert received == [sent[(first + number) % len(sent)] for number in range(len(received))]


def _scan(file: bytes) -> bytes:
    return file[file.index(b"\xff\xda") + 14 :].removesuffix(b"\xff\xd9")


@pytest.mark.parametrize(
    ("audio", "transport", "name"),
    [("aac", "tcp", "mp4a.40.2"), ("opus", "udp", "opus"), ("pcmu", "udp", "ulaw"), ("l16", "tcp", "twos")],
)
async def test_sound_arrives_whole(net: LocalNetwork, audio: str, transport: str, name: str) -> None:
    sink, made = Sink(), source(audio=audio)
    async with watching(net, made, sink, transport=transport, audio=True) as statuses:
        await sink.hear(20)
        await sink.count(10)
        while not statuses:
            await asyncio.sleep(0.05)
        ports = len([line for line in net.ledger() if line.port == "media-input"])
    assert made.sound is not None and sink.audio is not None and sink.audio.codec == name
    assert statuses[0].data["audio"] == name and ports == (4 if transport == "udp" else 0)
    frames, sent = [one[0] for one in sink.sounds], list(made.sound.coded.frames)
    length = len(sent)
    assert any(frames == [sent[(first + number) % length] for number in range(len(frames))] for first in range(length))
    assert {one[1] for one in sink.sounds} == {made.sound.coded.frame}
    assert {later[2] - earlier[2] for earlier, later in itertools.pairwise(sink.sounds)} == {made.sound.coded.frame}


async def test_sound_is_taken_only_on_purpose(net: LocalNetwork) -> None:
    sink, made = Sink(), source(audio="pcmu")
    async with watching(net, made, sink) as statuses:
        await sink.count(30)
        while not statuses:
            await asyncio.sleep(0.05)
    assert sink.audio is None and not sink.sounds and statuses[0].data["audio"] == "off"


async def test_a_camera_without_sound_says_so_and_keeps_no_ports(net: LocalNetwork) -> None:
    sink = Sink()
    async with watching(net, source(), sink, transport="udp", audio=True) as statuses:
        await sink.count(10)
        while not statuses:
            await asyncio.sleep(0.05)
        assert len([line for line in net.ledger() if line.port == "media-input"]) == 2
    assert statuses[0].data["audio"] == "the camera offers none"


async def test_sound_stands_where_the_camera_s_reports_say_whatever_year_it_believes_in(net: LocalNetwork) -> None:
    sink, made = Sink(), source(audio="pcmu")
    async with watching(net, made, sink, clock_error=-3e8, audio=True):
        await sink.count(60)
    assert made.sound is not None
    picture, heard = sink.units[-1], sink.sounds[-1]
    # Both sources tell the true moment of a timestamp: what they say must agree with what was made of it.
    shown = made._origin + ((picture[1] - made._base) & 0xFFFFFFFF) / 90000
    said = made.sound._origin + ((heard[2] - made.sound._base) & 0xFFFFFFFF) / 8000
    assert abs((heard[3] - picture[2]) / 1e6 - (said - shown)) < 0.005


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_what_the_status_says_of_a_stream(net: LocalNetwork, monkeypatch: pytest.MonkeyPatch, transport: str) -> None:
    """Ten packets in a hundred are lost on the way, two change places; the camera's clock is a minute slow."""
    if transport == "udp":
        number, held = itertools.count(), []
        arrived = MediaPort.datagrams_received

        def datagrams_received(self: MediaPort, batch: list[bytes], addr: tuple[str, int]) -> None:
            kept: list[bytes] = []
            for data in batch:
                count = next(number) % 100 if not self._control else 50
                if 20 <= count < 30:
                    continue
                if count == 40:
                    held.append(data)
                    continue
                kept.append(data)
                if held:
                    kept.append(held.pop())
            arrived(self, kept, addr)

        monkeypatch.setattr(MediaPort, "datagrams_received", datagrams_received)
    sink = Sink()
    async with watching(net, source(), sink, clock_error=-60.0, transport=transport) as statuses:
        while (
            not statuses
            or statuses[-1].data["clock_offset"] is None
            or not (statuses[-1].data["lost"] if transport == "udp" else statuses[-1].data["gop_frames"])
        ):
            await asyncio.sleep(0.05)
    data = statuses[-1].data
    assert abs(data["clock_offset"] + 60.0) < 0.5 and 0 <= data["jitter"] < 500
    if transport == "udp":
        assert data["lost"] % 10 == 0 and data["reordered"] >= 1 and data["losses"] >= 1
    else:
        # The simulated camera's timestamps are those of a computer that is busy.
        assert data["gop_frames"] == 10 and abs(data["gop_seconds"] - 0.4) < 0.2 and (data["lost"], data["loss"]) == (0, 0.0)


async def test_a_stream_on_demand_is_open_only_while_somebody_looks(net: LocalNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.drivers.rtsp.driver.LINGER", 0.5)
    sink = Sink()
    async with watching(net, source(), sink, on_demand=True) as statuses:
        while not statuses:
            await asyncio.sleep(0.02)
        assert statuses[0].state == "disabled" and not net.ledger()
        for seen in (10, 40):
            sink.watched.set()
            await sink.count(seen)
            assert [line.port for line in net.ledger()] == ["rtsp"]
            sink.watched.clear()
            while net.ledger():
                await asyncio.sleep(0.02)
            assert sink.losses
            count = len(sink.units)
        await asyncio.sleep(0.1)
        assert len(sink.units) == count
    states = [status.state for status in statuses]
    assert states.count("disabled") == 3 and "offline" not in states


async def test_a_microphone_that_fails_holds_up_no_picture(net: LocalNetwork) -> None:
    sink, made = Sink(), source(audio="opus")
    assert made.sound is not None
    async with watching(net, made, sink, audio=True, stall_seconds=3.0):
        await sink.hear(5)
        made.sound.frozen = True
        before = len(sink.units)
        await sink.count(before + 60)
    assert sink.losses == ["the session was closed"]


async def test_a_camera_that_does_not_answer_teardown_is_left_at_once(net: LocalNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def silent(self: Connection, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        asked.append(request.method)
        if request.method == "TEARDOWN":
            await asyncio.Event().wait()
        return await answer(self, request)

    answer = Connection._handle
    monkeypatch.setattr(Connection, "_handle", silent)
    sink = Sink()
    async with watching(net, source(), sink):
        await sink.count(5)
    assert not net.ledger() and sink.losses
    while "TEARDOWN" not in asked:
        await asyncio.sleep(0.01)


async def test_a_picture_that_changes_its_size_and_a_clock_that_goes_back(net: LocalNetwork) -> None:
    """As when a camera is set to another resolution: the stream goes on with new parameter sets and a timeline of its own."""
    sink, made = Sink(), source()
    other = loop("test", width=480, height=272, fps=25, gop_seconds=0.4, seconds=2.0)
    async with watching(net, made, sink):
        await sink.count(15)
        made.loop = other
        made._base -= 90000 * 3600
        while len(sink.tracks) < 2:
            await asyncio.sleep(0.01)
        seen = len(sink.units)
        await sink.count(seen + 20)
    assert [(one.width, one.height) for one in sink.tracks] == [(320, 176), (480, 272)]
    times = [unit[1] for unit in sink.units]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) < -90000 * 3000
    assert all(later[2] > earlier[2] for earlier, later in itertools.pairwise(sink.units[-20:]))


async def test_parameter_sets_in_band_alone_are_enough(net: LocalNetwork) -> None:
    for codec in ("h264", "h265"):
        sink, made = Sink(), source(codec)
        sets, made.parameter_sets = made.parameter_sets, ()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sim.rtsp_server._pictures", lambda source: [f"a=rtpmap:96 {source.codec.upper()}/90000"])
            async with watching(net, made, sink):
                await sink.count(12)
        assert sink.tracks[0].parameter_sets == sets
