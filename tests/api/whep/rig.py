"""WebRTC out on real sockets: core's services in memory, a hub that a loop feeds at its pace, the web application."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

from sitewarden.api.application import WebSettings, create_app
from sitewarden.api.core import Core
from sitewarden.api.whep.face import WhepFace
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings, WhepSettings
from sitewarden.domain.video.model import Camera
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.live_server import LiveServer
from sitewarden.net.network import LocalNetwork
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.video import CameraRef, VideoTicket
from sitewarden.wire.formats import AudioFormat
from tests.api.serving import serving
from tests.media.support import FPS, feed, pictures
from tests.services.house import House

PORT = 18602
PCMA = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)


class Rig:
    """The camera `lobby`, 25 pictures a second, a key frame each 0.4 s; `token` is an API token of the user ada."""

    def __init__(self, house: House, tmp_path: Path, bind: str, console: Path, **chosen: Any) -> None:
        self.house, self.bind = house, bind
        self.settings = Settings.for_test(
            bind, tmp_path / "data", ports={"whep": PORT}, whep=WhepSettings(**{"addresses": [], **chosen})
        )
        self.hub = Hub(SystemClock())
        self.media = LocalNetwork(self.settings, "media-0", tmp_path / "run")
        self.web = LocalNetwork(self.settings, "web", tmp_path / "run")
        self.server = LiveServer(self.hub, lambda name: name == "lobby")
        self.socket = str(tmp_path / "run" / "live.sock")
        bus = cast("Bus", house.bus)
        self.face = WhepFace(Core(bus), self.web, self.settings.whep, bind)
        self.app = create_app(bus, WebSettings(console=console), self.web, self.face)
        self.url = f"http://{bind}:8600"
        self.offers = f"{self.url}/api/v1/cameras/lobby/whep"
        self.token = ""
        self.fed = 0
        self.held = False
        self.made = pictures()
        self._feeding: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async def live(caller: Caller, params: CameraRef) -> VideoTicket:
            return VideoTicket(camera=params.id, socket=self.socket)

        operation = Operation(
            "video.live", "camera.live", CameraRef, VideoTicket, live, entity=lambda asked: f"camera:{asked.id}"
        )
        self.house.operations.add([operation])
        await self.house.memory.put("camera", Camera(id="lobby", name="Lobby", url="rtsp://192.0.2.1/", area="lab"))
        body = MESSAGES["token"].input(name="Player", user="ada")
        self.token = (await self.house.ask("token.create", body=body)).value.token
        await self.server.start(self.media, self.socket)
        await self.face.start()
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
            feed(self.hub, "lobby", self.made, [number], wall=wall)
            samples = PCMA.rate // FPS
            self.hub.sound(
                "lobby", [bytes([number % 256]) * samples], samples, number * samples, wall + number * 1_000_000 // FPS
            )
        self.fed += count

    async def _feed(self) -> None:
        while True:
            if not self.held:
                self.show(1)
            await asyncio.sleep(1 / FPS)


@contextlib.asynccontextmanager
async def playing(house: House, tmp_path: Path, bind: str, console: Path, **chosen: Any) -> AsyncIterator[Rig]:
    """Give a rig that serves."""
    rig = Rig(house, tmp_path, bind, console, **chosen)
    await rig.start()
    try:
        async with serving(rig.app, bind):
            yield rig
    finally:
        await rig.stop()
