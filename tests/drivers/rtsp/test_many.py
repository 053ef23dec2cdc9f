"""A switch fails, and 64 cameras go away at once; it comes back, and so do they."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.encode import loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.config import Settings
from sitewarden.domain.video.model import Camera
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.media.hub import Hub
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.net.network import LocalNetwork
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.drivers.rtsp.support import context
from tests.media.support import Log, volume_at

CAMERAS = 64
CAP = 2.0
"""Longest pause between two tries here, seconds; the product's is 15."""


class Counted(LocalNetwork):
    """Keeps when each camera was dialled."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.dialled: list[float] = []

    async def dial(self, *given: Any, **more: Any) -> Any:
        self.dialled.append(asyncio.get_running_loop().time())
        return await super().dial(*given, **more)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.05)


async def test_all_come_back_with_a_gap_that_says_why_and_one_event_for_each_change(tmp_path: Path) -> None:
    made = loop("many", width=160, height=96, fps=5, gop_seconds=0.4, seconds=2.0)
    names = [f"cam-{number}" for number in range(CAMERAS)]
    sources = {name: LoopSource(made, number / CAMERAS) for number, name in enumerate(names)}
    server = CameraServer(sources)
    port = await server.start("127.0.0.1", 0)
    net = Counted(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    clock, log, events = SystemClock(), Log(), list[Any]()
    hub, index = Hub(clock), SqliteSegmentIndex.open(tmp_path / "segments.db")
    recorder = Recorder(hub, index, volume_at(tmp_path / "media"), clock, log.emit, RecorderSettings(min_free_bytes=0))
    await recorder.start()
    recording = asyncio.create_task(recorder.run())
    urls = {name: f"rtsp://127.0.0.1:{port}/{name}" for name in names}
    recorder.configure([Camera(id=name, name=name, url=url) for name, url in urls.items()])
    supervisor = Supervisor(context(net, hub, [], events), lambda name: DRIVER, backoff=lambda: Backoff(0.1, CAP))
    await supervisor.reconcile(
        [("rtsp", EndpointSpec(id=name, name=name, ref=f"camera:{name}", config={"url": url})) for name, url in urls.items()]
    )
    try:
        async with asyncio.timeout(120):
            await until(lambda: len(events) >= CAMERAS and all(hub.channel(name).gop for name in names))
            begin = clock.now()
            await server.stop()
            await until(lambda: len(events) >= 2 * CAMERAS)
            away, tried = asyncio.get_running_loop().time(), len(net.dialled)
            # Long enough that every back-off has reached its cap.
            await until(lambda: asyncio.get_running_loop().time() - away > 3 * CAP)
            tries = len(net.dialled) - tried
            back = len(net.dialled)
            await server.start("127.0.0.1", port)
            await until(lambda: len(events) >= 3 * CAMERAS and all(hub.channel(name).gop for name in names))
        found = {
            name: await recorder.gaps(name, begin, clock.now(), await recorder.find(name, begin, clock.now())) for name in names
        }
    finally:
        await supervisor.close()
        await server.stop()
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        await recorder.stop()
        await index.close()
        await net.close()
    told = Counter((event.entity, event.type) for event in events)
    assert told == {
        (f"camera:{name}", type_): count for name in names for type_, count in (("camera.online", 2), ("camera.offline", 1))
    }
    # No herd: while they are away each is asked a few times, and the tries that bring them back are spread over the pause.
    assert tries <= CAMERAS * 10
    returned = sorted(net.dialled[back:])[:CAMERAS]
    quarters = Counter(min(3, int((time - returned[0]) / (CAP / 8))) for time in returned)
    assert max(quarters.values()) < CAMERAS * 3 / 4, quarters
    for name, gaps in found.items():
        (gap,) = [one for one in gaps if one.reason == "camera-lost"]
        assert gap.end - gap.start > 3 * CAP * 1_000_000 and "closed the connection" in gap.detail, (name, gap)
