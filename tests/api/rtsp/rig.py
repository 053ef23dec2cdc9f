"""RTSP out on real sockets: core's services in memory, a hub that a loop feeds at its pace, a recording, and the face."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

from sim.encode import Loop, loop
from sitewarden.api.core import Core
from sitewarden.api.rtsp.face import RtspFace
from sitewarden.bus.interfaces import Bus
from sitewarden.config import RtspOutSettings, Settings
from sitewarden.domain.errors import NotFound
from sitewarden.domain.video.model import Camera, Segment
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.live_server import LiveServer
from sitewarden.media.plan import Plan
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import server_context
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.video import CameraRef, PlaybackRange, VideoTicket
from sitewarden.store.sqlite import SqliteSegmentIndex
from sitewarden.wire import h265
from sitewarden.wire.formats import JPEG_CODEC, AudioFormat, VideoFormat
from tests.media.support import FPS, Log, camera, feed, pictures, volume_at
from tests.services.house import House

RTSP, RTSPS = 18554, 18322
PCMA = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)
RECORDED = 20
"""Seconds of the recording, which begins at `began`."""


class Rig:
    """`token` is an API token of the user ada."""

    def __init__(self, house: House, tmp_path: Path, bind: str, *, codec: str = "h264", **chosen: Any) -> None:
        self.house = house
        self.codec = codec
        self.bind = bind
        self.root = tmp_path / "media"
        self.settings = Settings.for_test(
            bind,
            tmp_path / "data",
            ports={"rtsp": RTSP, "rtsps": RTSPS},
            rtsp_out=RtspOutSettings(**{"enabled": True, **chosen}),
        )
        self.hub = Hub(SystemClock())
        self.media = LocalNetwork(self.settings, "media-0", tmp_path / "run")
        self.web = LocalNetwork(self.settings, "web", tmp_path / "run")
        self.server = LiveServer(self.hub, lambda name: name == "lobby")
        self.socket = str(tmp_path / "run" / "live.sock")
        self.face = RtspFace(Core(cast("Bus", house.bus)), house.clock, self.web, self.settings.rtsp_out)
        self.segments: list[Segment] = []
        self.began = 0
        self.fed = 0
        self.token = ""
        height = 184 if codec == "mjpeg" else 180
        self.made: Loop = (
            pictures()
            if codec == "h264"
            else loop("rtsp out", width=320, height=height, fps=FPS, gop_seconds=0.4, seconds=4.0, codec=codec)
        )
        self._feeding: asyncio.Task[None] | None = None

    def address(self, what: str, *, user: str = "ada", password: str | None = None, secure: bool = False) -> str:
        """Return the address with the name and the password that a player is given."""
        secret = self.token if password is None else password
        number = RTSPS if secure else RTSP
        return f"{'rtsps' if secure else 'rtsp'}://{user}:{secret}@{self.bind}:{number}/cameras/lobby/{what}"

    async def start(self) -> None:
        async def live(caller: Caller, params: CameraRef) -> VideoTicket:
            return VideoTicket(camera=params.id, socket=self.socket)

        async def playback(caller: Caller, params: PlaybackRange) -> Plan:
            found = [one for one in self.segments if one.end > params.start and one.start < params.end]
            if not found:
                raise NotFound("nothing is recorded in this span", where="start")
            return Plan(roots={"main": str(self.root)}, start=params.start, end=params.end, segments=tuple(found))

        def entity(asked: Any) -> str:
            return f"camera:{asked.id}"

        self.house.operations.add(
            [
                Operation("video.live", "camera.live", CameraRef, VideoTicket, live, entity=entity),
                Operation("video.playback", "camera.playback", PlaybackRange, Plan, playback, entity=entity),
            ]
        )
        await self.house.memory.put("camera", Camera(id="lobby", name="Lobby", url="rtsp://192.0.2.1/", area="lab"))
        body = MESSAGES["token"].input(name="Recorder", user="ada")
        self.token = (await self.house.ask("token.create", body=body)).value.token
        await self.server.start(self.media, self.socket)
        await self.face.start(server_context(self.settings))
        self.show(30)
        self._feeding = asyncio.create_task(self._feed())

    async def stop(self) -> None:
        if self._feeding is not None:
            self._feeding.cancel()
        await self.face.close()
        await self.server.close()
        await self.web.close()
        await self.media.close()

    def show(self, count: int) -> None:
        """Have the camera send so many further frames, the last one now."""
        wall = time.time_ns() // 1000 - (self.fed + count) * 1_000_000 // FPS
        if self.fed == 0:
            self.hub.audio_track("lobby", PCMA)
        for number in range(self.fed, self.fed + count):
            self._picture(number, wall)
            samples = PCMA.rate // FPS
            frame = bytes([number % 256]) * samples
            self.hub.sound("lobby", [frame], samples, number * samples, wall + number * 1_000_000 // FPS)
        self.fed += count

    def _picture(self, number: int, wall: int) -> None:
        if self.codec == "h264":
            feed(self.hub, "lobby", self.made, [number], wall=wall)
            return
        unit, sets = self.made.units[number % len(self.made.units)], self.made.parameter_sets
        if self.codec == "h265":
            self.hub.video_track("lobby", h265.video_format(sets))
        else:
            self.hub.video_track("lobby", VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=320, height=184))
        parts = [nal for nal in unit.nals if nal not in sets]
        self.hub.access_unit("lobby", parts, number * 90_000 // FPS, wall + number * 1_000_000 // FPS, unit.key)

    async def _feed(self) -> None:
        while True:
            self.show(1)
            await asyncio.sleep(1 / FPS)

    async def record(self, tmp_path: Path) -> None:
        """Have recorded RECORDED seconds, ended a minute ago, with 4 s missing after the half."""
        self.began = time.time_ns() // 1000 // 1_000_000 * 1_000_000 - 60_000_000 - RECORDED * 1_000_000
        hub, index = Hub(SystemClock()), SqliteSegmentIndex.open(tmp_path / "segments.db")
        recorder = Recorder(
            hub,
            index,
            volume_at(self.root),
            SystemClock(),
            Log().emit,
            RecorderSettings(segment_seconds=4.0),
            free=lambda root: 10**12,
        )
        await recorder.start()
        running = asyncio.create_task(recorder.run())
        recorder.configure([camera()])
        half = RECORDED * FPS // 2
        feed(hub, "lobby", self.made, range(half), wall=self.began)
        feed(hub, "lobby", self.made, range(half + 4 * FPS, RECORDED * FPS), wall=self.began)
        hub.lost("lobby", "end")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await recorder.stop()
        self.segments = list(await index.find("lobby", 0, 1 << 62))
        await index.close()


@contextlib.asynccontextmanager
async def rigged(tmp_path: Path, bind: str, **chosen: Any) -> AsyncIterator[Rig]:
    """Serve for the time of a test."""
    house = House()
    await house.begin()
    made = Rig(house, tmp_path, bind, **chosen)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        house.close()
