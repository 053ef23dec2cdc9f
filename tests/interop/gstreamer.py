"""GStreamer's RTSP server as a peer of tests, and recording from it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.video.model import Segment
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import EndpointSpec
from sitewarden.media.hub import Channel, Hub
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.net.network import LocalNetwork
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.drivers.rtsp.support import context
from tests.lan import Computer
from tests.media.support import Log, camera, volume_at

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("gst_rtsp_server.py")
SOURCE = "videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=25/1 ! "


def need_gstreamer() -> None:
    """Skip the test where the server is not installed."""
    check = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, check=False).returncode:
        pytest.skip("GStreamer's RTSP server is not installed (scripts/system-packages.sh installs it)")


@asynccontextmanager
async def gstreamer(
    pipeline: str,
    user: str = "",
    password: str = "",
    folder: Path = Path(),
    options: Sequence[str] = (),
    on: Computer | None = None,
) -> AsyncIterator[int]:
    """Serve a pipeline with these options of the server, on this computer or another; give the port.

    What passes its elements "sent0" and "sent1" is kept in `folder`.
    """
    where = ["nsenter", f"--net={on.path}"] if on else []
    address = on.address if on else "127.0.0.1"
    arguments = [*where, SYSTEM_PYTHON, str(SERVER), f"( {pipeline} )", user, password, str(folder), address, *options]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE, stderr=sys.stderr)
    assert process.stdout is not None
    try:
        yield int(await asyncio.wait_for(process.stdout.readline(), 60))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def spec(port: int, host: str = "127.0.0.1", **config: Any) -> EndpointSpec:
    """Return the endpoint of that server's stream."""
    return EndpointSpec(id="lobby", name="Lobby", config={"url": f"rtsp://{host}:{port}/test", **config}, ref="camera:lobby")


async def record(net: LocalNetwork, folder: Path, port: int, frames: int, **config: Any) -> tuple[list[Segment], Channel]:
    """Record until `frames` pictures came; return the segments (files under folder/"media") and the channel."""
    index = SqliteSegmentIndex.open(folder / "segments.db")
    hub, log = Hub(SystemClock()), Log()
    recorder = Recorder(hub, index, volume_at(folder / "media"), SystemClock(), log.emit, RecorderSettings(min_free_bytes=0))
    await recorder.start()
    recorder.configure([camera()])
    running = asyncio.create_task(DRIVER.endpoint(spec(port, **config)).run(context(net, hub, [])))
    async with asyncio.timeout(60):
        while hub.channel("lobby").frames < frames:
            assert not running.done(), running.exception()
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await recorder.stop()
    found = await index.find("lobby", 0, 2**62)
    await index.close()
    return list(found), hub.channel("lobby")
