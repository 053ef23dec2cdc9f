"""A camera whose network is cut, and what it recorded meanwhile: drivers, recorder and backfill as in a media process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.encode import Unit
from sim.onvif.camera import OnvifCamera
from sim.onvif.edge import Card
from sim.onvif.replay import ReplayServer
from sim.onvif.server import OnvifServer
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LiveSource
from sim.scene import Scene
from sitewarden.app.edge import CameraEdge
from sitewarden.app.endpoints import Assignment, camera_endpoints
from sitewarden.config import Settings
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera, Segment
from sitewarden.drivers import registry
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.supervise import Supervisor
from sitewarden.media import backfill as module
from sitewarden.media.backfill import Backfill
from sitewarden.media.playback import Plan
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import FillAsk, Find, MediaWorker
from sitewarden.net.network import LocalNetwork
from sitewarden.store.sqlite import SqliteFills, SqliteSegmentIndex
from sitewarden.wire.h264 import PPS, SPS
from tests.media.support import nals, samples, volume_at

SECOND = 1_000_000
PATIENCE = 60.0


class Told(LiveSource):
    """A source that remembers what it sent."""

    def __init__(self) -> None:
        super().__init__(Scene("gate", 160, 90), 12, gop_seconds=0.5)
        self.sent: list[list[bytes]] = []

    def _send(self, unit: Unit, wall: float) -> None:
        self.sent.append([nal for nal in unit.nals if nal[0] & 31 not in (SPS, PPS)])
        super()._send(unit, wall)


class Site:
    """A camera with a card, and a media process's parts that record it."""

    def __init__(self, net: LocalNetwork, host: str, path: Path, clock_offset: float) -> None:
        self.net, self.host, self.path = net, host, path
        self.source = Told()
        self.streams = CameraServer({"gate": self.source}, user="ada", password="pw")
        self.streams.clock_error = clock_offset
        self.card = Card(self.source, replay="", clock_offset=clock_offset)
        self.replay = ReplayServer(self.card, user="ada", password="pw")
        self.clock_offset = clock_offset
        self.events: list[Event] = []
        self.clock = SystemClock()

    async def start(self, **more: Any) -> None:
        rtsp = await self.streams.start(self.host, 0)
        self.card.replay = f"rtsp://{self.host}:{await self.replay.start(self.host)}/recordings/1"
        self.onvif = OnvifServer(OnvifCamera("gate", user="ada", password="pw", clock_offset=self.clock_offset, card=self.card))
        port = await self.onvif.start(self.host)
        self.camera = Camera(
            id="gate",
            name="Gate",
            url=f"rtsp://{self.host}:{rtsp}/gate",
            username="ada",
            password=Secret(b"pw"),
            onvif=f"http://{self.host}:{port}/onvif/device_service",
            **more,
        )
        await self.boot()

    async def boot(self) -> None:
        """Start the process."""
        self.index = SqliteSegmentIndex.open(self.path / "segments.db")
        self.fills = SqliteFills.open(self.path / "fills.db")
        self.media = MediaWorker(
            self.net,
            self.clock,
            self.index,
            volume_at(self.path / "media"),
            self._emit,
            socket=self.path / "m.sock",
            settings=RecorderSettings(segment_seconds=2.0, min_free_bytes=0),
        )
        context = Context(
            net=self.net,
            clock=self.clock,
            emit=self._emit,
            samples=lambda batch: None,
            status=lambda status: self.edge.hear(status),
            media=self.media.hub,
        )
        self.supervisor = Supervisor(context, registry.load, backoff=lambda: Backoff(0.1, 0.5))
        self.edge = CameraEdge(self.net, self.clock, self.supervisor.execute)
        self.media.backfill = self.backfill = Backfill(self.media.recorder, self.fills, self.edge)
        self.task = asyncio.create_task(self.media.run())
        await self.media.started.wait()
        made = tuple(camera_endpoints(self.camera, lambda secret, place: "pw"))
        assigned = Assignment(version=1, endpoints=made, cameras=(self.camera,))
        self.media.configure(assigned.cameras)
        self.edge.configure(assigned)
        await self.supervisor.reconcile([(one.driver, one.spec) for one in made])

    async def halt(self) -> None:
        """End the process."""
        await self.supervisor.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.index.close()
        await self.fills.close()

    async def close(self) -> None:
        await self.halt()
        await self.streams.stop()
        await self.replay.stop()
        await self.onvif.stop()

    async def _emit(self, events: Sequence[Event], confirm: Any = None) -> None:
        self.events += events

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.05)

    def told(self, type_: str) -> list[Event]:
        return [event for event in self.events if event.type == type_]

    async def plan(self) -> Plan:
        now = self.clock.now()
        body = msgspec.msgpack.encode(Find(camera="gate", start=now - 600 * SECOND, end=now, gaps=True))
        return msgspec.msgpack.decode(await self.media.find(body), type=Plan)

    async def recorded(self, seconds: float) -> None:
        """Wait until so much was recorded from now on."""
        count = len(self.source.sent)
        await self.until(lambda: self.media.recorder.recording("gate") and len(self.source.sent) > count + 12 * seconds)

    async def lose(self, seconds: float) -> None:
        """Cut the network for so long."""
        self.streams.unplug()
        count = len(self.source.sent)
        await self.until(lambda: len(self.source.sent) > count + 12 * seconds)
        await self.streams.plug()

    def positions(self, segments: Sequence[Segment]) -> list[int]:
        """Return which of the source's access units these recordings hold, in order; each has to be one, bit by bit."""
        number = {b"".join(unit): place for place, unit in enumerate(self.source.sent)}
        pictures = [picture for one in segments for picture in samples(self.path / "media" / one.path)[0]]
        return [number[b"".join(nals(picture))] for picture in pictures]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.3)
    monkeypatch.setattr(module, "SETTLE", SECOND)


@pytest.fixture
async def make(tmp_path: Path, host: str) -> AsyncIterator[Callable[..., Site]]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made: list[Site] = []

    def site(clock_offset: float = 0.0) -> Site:
        made.append(Site(net, host, tmp_path, clock_offset))
        return made[-1]

    yield site
    for one in made:
        await one.close()
    await net.close()


async def test_what_was_lost_with_the_network_is_filled_bit_by_bit(make: Callable[..., Site], soon: None) -> None:
    site = make(clock_offset=-7200.4)
    await site.start()
    await site.recorded(2)
    await site.lose(3)
    await site.until(lambda: any(one.data["seconds"] >= 2 for one in site.told("video.gap.filled")))
    await site.recorded(1)
    await site.supervisor.close()
    plan = await site.plan()
    segments = await site.index.find("gate", 0, 2**60)
    positions = site.positions(segments)
    assert positions == sorted(set(positions)), "nothing comes twice, and all is in order"
    missing = [b - a - 1 for a, b in itertools.pairwise(positions)]
    assert max(missing) < 6, "at most what came before the first key frame of the gap is missing"
    assert sum(missing) < 12
    # The camera may have filled the second in which the session was set up, too.
    gap = max(plan.filled, key=lambda one: one[1] - one[0])
    assert 2 * SECOND < gap[1] - gap[0] < 8 * SECOND
    for one, after in itertools.pairwise(segments):
        assert one.end <= after.start + 1000
    assert [one.reason for one in plan.gaps if one.start > segments[0].start and one.end < segments[-1].end] == []
    fill = max(plan.fills, key=lambda one: one.end - one.start)
    assert (fill.state, fill.by, fill.tries) == ("done", "", 1)


async def test_a_replay_that_breaks_goes_on_where_it_was(
    make: Callable[..., Site], soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sitewarden.domain.video.fill.BACKOFF", (0, 0, 0))
    site = make()
    await site.start(edge_fill="manual")
    await site.recorded(1)
    await site.lose(4)
    await site.recorded(2)
    assert not (await site.plan()).fills, "nobody asked"
    (gap,) = [one for one in (await site.plan()).gaps if one.reason == "camera-lost" and one.detail != "no picture has come yet"]
    # Sent so far before it breaks: what leads up to the gap, and some seconds of it.
    before = len(site.card.span(gap.start - 10 * SECOND, gap.start))
    site.replay.cut_after = before + 24
    body = FillAsk(camera="gate", start=gap.start - SECOND, end=gap.end + SECOND, reason="inquiry", by="user:ada")
    await site.media.fill(msgspec.msgpack.encode(body))
    await site.until(lambda: site.told("video.gap.filled"))
    assert len(site.replay.played) == 2
    asked = [site.replay.played[0], site.replay.played[1]]
    assert asked[0] < asked[1], "the second one begins later"
    positions = site.positions(await site.index.find("gate", 0, 2**60))
    assert positions == sorted(set(positions))
    assert max(b - a - 1 for a, b in itertools.pairwise(positions)) < 6
    assert site.told("video.gap.asked")[0].data["actor"] == "user:ada"


async def test_what_the_camera_has_not_is_not_asked_for_again(make: Callable[..., Site], soon: None) -> None:
    site = make()
    await site.start()
    await site.recorded(1)
    site.card.recording = False
    await site.lose(3)
    await site.until(lambda: site.told("video.gap.not-filled"))
    fill = max((await site.plan()).fills, key=lambda one: one.end - one.start)
    assert (fill.state, fill.tries) == ("failed", 1)
    assert fill.detail == "the camera has no recording of this time"
    assert not await site.fills.open_ones()


async def test_a_gap_that_waits_outlives_the_process(make: Callable[..., Site], soon: None) -> None:
    site = make()
    await site.start()
    await site.recorded(1)
    await site.replay.stop()
    await site.lose(3)
    await site.until(lambda: any(one.detail for one in site.backfill._waiting.values()))
    await site.halt()
    (fill,) = await _open(site)
    assert fill.state == "waiting" and fill.tries == 1 and fill.due > site.clock.now()
    site.card.replay = f"rtsp://{site.host}:{await site.replay.start(site.host)}/recordings/1"
    await _put(site, msgspec.structs.replace(fill, due=0))
    await site.boot()
    await site.until(lambda: site.told("video.gap.filled"))


async def test_what_is_off_or_private_is_never_asked_for(make: Callable[..., Site], soon: None) -> None:
    site = make()
    await site.start(edge_fill="off")
    await site.recorded(1)
    body = msgspec.msgpack.encode(FillAsk(camera="gate", start=0, end=2**50))
    with pytest.raises(Refusal, match="not asked for its own"):
        await site.media.fill(body)
    site.media.configure([msgspec.structs.replace(site.camera, edge_fill="manual", privacy=True, privacy_reason="visit")])
    with pytest.raises(Refusal, match="visit"):
        await site.media.fill(body)


async def _open(site: Site) -> list[Any]:
    store = SqliteFills.open(site.path / "fills.db")
    try:
        return await store.open_ones()
    finally:
        await store.close()


async def _put(site: Site, fill: Any) -> None:
    store = SqliteFills.open(site.path / "fills.db")
    try:
        await store.put(fill)
    finally:
        await store.close()


def test_statuses_of_other_kinds_are_passed_over(host: str) -> None:
    edge = CameraEdge(None, SystemClock(), None)  # type: ignore[arg-type]
    edge.hear(Status(ref="camera:gate", state="online", since=0, data={"edge": {}}))
    assert not edge.able("gate")
