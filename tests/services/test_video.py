from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, TooLarge, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.status import Status
from sitewarden.domain.video.health import CameraHealth
from sitewarden.kit.clock import SystemClock
from sitewarden.media.live_client import LiveRelay
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import MediaWorker
from sitewarden.net.network import LocalNetwork
from sitewarden.services.surface.video import CameraHealthAsk, CameraRef, PlaybackRange, Recordings, VideoRange, VideoTicket
from sitewarden.services.video import Video
from sitewarden.services.viewings import Viewings
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.media.support import BEGIN, camera, feed, pictures, probe, volume_at
from tests.services.busses import MemoryBus
from tests.services.house import ADDRESS, House

SECOND = 1_000_000


class Rig:
    def __init__(self, house: House, tmp_path: Path, host: str) -> None:
        self.house = house
        self.bus: Any = MemoryBus()
        house.operations.add(Video(house.state, self.bus, Viewings(house.state, house.clock)).operations())
        self.net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
        self.index = SqliteSegmentIndex.open(tmp_path / "segments.db")
        self.worker = MediaWorker(
            self.net,
            SystemClock(),
            self.index,
            volume_at(tmp_path / "media"),
            self.bus.emit,
            socket=tmp_path / "run" / "live.sock",
            settings=RecorderSettings(segment_seconds=2.0, min_free_bytes=0),
        )

    async def ask(self, name: str, params: Any, who: Any = None) -> Any:
        reply = await self.house.dispatcher.invoke(name, params, who or self.house.ada, ADDRESS)
        return reply.value


@pytest.fixture
async def rig(house: House, tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    made = Rig(house, tmp_path, host)
    task = asyncio.create_task(made.worker.run())
    await made.worker.started.wait()
    for name in ("lobby", "dark"):
        made.bus.serve(f"video.find/{name}", made.worker.find)
        made.bus.serve(f"video.live/{name}", made.worker.live)
        made.bus.serve(f"video.health/{name}", made.worker.health)
    lobby, dark = camera("lobby", area="lab"), camera("dark", enabled=False)
    await house.memory.put("camera", lobby, dark)
    made.worker.configure([lobby, dark])
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.index.close()
    await made.net.close()


async def test_recordings_playback_and_live(rig: Rig, tmp_path: Path) -> None:
    feed(rig.worker.hub, "lobby", pictures(), range(110))
    rig.worker.hub.lost("lobby", "cable")
    feed(rig.worker.hub, "lobby", pictures(), range(200, 310))
    while len(rig.bus.stored) < 5:
        await asyncio.sleep(0.02)
    listed = await rig.ask("video.recordings", VideoRange(id="lobby", start=BEGIN, end=BEGIN + 60 * SECOND))
    assert isinstance(listed, Recordings)
    assert [(one.start - BEGIN) / SECOND for one in listed.items] == [0.0, 8.0]
    plan = await rig.ask("video.playback", PlaybackRange(id="lobby", start=BEGIN + SECOND, end=BEGIN + 3 * SECOND))
    assert isinstance(plan, Plan)
    out = tmp_path / "out.mp4"
    out.write_bytes(b"".join(stream(plan)))
    assert 50 <= len(probe(out)["frames"]) <= 75
    ticket = await rig.ask("video.live", CameraRef(id="lobby"))
    assert isinstance(ticket, VideoTicket) and Path(ticket.socket).is_socket()
    told = [(entry.action, entry.entity) for entry in rig.house.memory.audited if entry.entity == "camera:lobby"]
    assert told == [("camera.playback", "camera:lobby"), ("camera.live", "camera:lobby")]


async def test_the_second_stream_is_the_first_where_there_is_none(rig: Rig) -> None:
    yard = camera("yard", area="lab", sub_url="rtsp://10.1.0.5/small")
    rig.bus.serve("video.live/yard", rig.worker.live)
    await rig.house.memory.put("camera", yard)
    rig.worker.configure([yard, camera("lobby")])
    channels = [
        (await rig.ask("video.live", CameraRef(id=id_, stream=stream))).channel
        for id_, stream in (("yard", "sub"), ("yard", "main"), ("lobby", "sub"))
    ]
    assert channels == ["yard/sub", "yard", "lobby"]
    assert not rig.worker.hub.wanted("yard/sub")
    waiting = asyncio.create_task(rig.worker.hub.demand("yard/sub"))
    viewer = LiveRelay(rig.net).view(str(rig.worker._socket), "yard/sub", "video")
    await asyncio.wait_for(waiting, 60)
    viewer.close()
    while rig.worker.hub.wanted("yard/sub"):
        await asyncio.sleep(0.02)


async def test_how_well_a_stream_arrives(rig: Rig) -> None:
    data = {"bitrate": 4_000_000, "fps": 25.0, "transport": "udp", "losses": 1, "lost": 3, "jitter": None, "clock_offset": -1.5}
    rig.worker.decorate(Status(ref="camera:lobby", state="online", since=BEGIN, data=data))
    told = await rig.ask("video.health", CameraHealthAsk(id="lobby"))
    assert isinstance(told, CameraHealth)
    (stream,) = told.streams
    assert (stream.bitrate, stream.transport, stream.lost, stream.clock_offset) == (4_000_000, "udp", 3, -1.5)
    assert stream.history.bitrate == [4_000_000]
    assert (await rig.ask("video.health", CameraHealthAsk(id="dark"))).streams == []
    with pytest.raises(NotFound):
        await rig.ask("video.health", CameraHealthAsk(id="nowhere"))
    guest = await rig.house.person("guest", Grant(action="camera.get", selector="area:yard"))
    with pytest.raises((Forbidden, NotFound)):
        await rig.ask("video.health", CameraHealthAsk(id="lobby"), guest)


async def test_rights_and_spans(rig: Rig) -> None:
    guest = await rig.house.person("guest", Grant(action="camera.live", selector="area:yard"))
    with pytest.raises((Forbidden, NotFound)):
        await rig.ask("video.live", CameraRef(id="lobby"), guest)
    with pytest.raises(NotFound):
        await rig.ask("video.live", CameraRef(id="nowhere"))
    with pytest.raises(Unreachable, match="switched off"):
        await rig.ask("video.live", CameraRef(id="dark"))
    with pytest.raises(Invalid):
        await rig.ask("video.recordings", VideoRange(id="lobby", start=5, end=5))
    with pytest.raises(TooLarge):
        await rig.ask("video.playback", PlaybackRange(id="lobby", start=0, end=3 * 86400 * SECOND))
    with pytest.raises(Invalid, match="only key frames"):
        await rig.ask("video.playback", PlaybackRange(id="lobby", start=0, end=SECOND, direction="backward"))
    with pytest.raises(NotFound, match="nothing is recorded"):
        await rig.ask("video.playback", PlaybackRange(id="lobby", start=0, end=SECOND))
