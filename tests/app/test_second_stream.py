"""A camera that refuses its second stream: driver, hub and fallback as in a media process."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sim.encode import loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.app.endpoints import camera_endpoints
from sitewarden.config import Settings
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from sitewarden.drivers import registry
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.supervise import Supervisor
from sitewarden.media.hub import Hub
from sitewarden.media.second import Seconds
from sitewarden.net.network import LocalNetwork
from tests.media.test_second import Eye


async def test_who_asks_for_a_second_stream_that_is_refused_gets_the_first(tmp_path: Path, host: str) -> None:
    net, clock = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run"), SystemClock()
    server = CameraServer({"a": LoopSource(loop("test", width=320, height=180, fps=25, gop_seconds=0.4, seconds=2.0))})
    port = await server.start(host, 0)
    camera = Camera(id="lobby", name="Lobby", url=f"rtsp://{host}:{port}/a", sub_url=f"rtsp://{host}:{port}/none")
    hub = Hub(clock)
    seconds = Seconds(hub, clock)
    seconds.configure([camera])
    statuses: dict[str, Status] = {}

    def status(told: Status) -> None:
        statuses[told.ref] = told
        seconds.hear(told)

    async def emit(events: object, confirm: object = None) -> None:
        return

    context = Context(net=net, clock=clock, emit=emit, samples=lambda batch: None, status=status, media=hub)
    supervisor = Supervisor(context, registry.load, backoff=lambda: Backoff(0.05, 0.2))
    try:
        await supervisor.reconcile([(one.driver, one.spec) for one in camera_endpoints(camera, lambda sealed, where: "")])
        eye = Eye()
        leave = seconds.subscribe("lobby/sub", eye)
        async with asyncio.timeout(60):
            while len(eye.frames) < 10:
                await asyncio.sleep(0.02)
        instead = seconds.instead("lobby")
        assert instead is not None and "404" in instead.reason
        assert eye.frames[0].key and statuses["camera:lobby"].state == "online"
        assert not hub.wanted("lobby/sub")
        leave()
    finally:
        await supervisor.close()
        await server.stop()
        await net.close()
