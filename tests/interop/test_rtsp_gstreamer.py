"""Our ingest and recorder against GStreamer's RTSP server; the files are checked with ffmpeg's tools."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.kit.errors import Misconfigured
from sitewarden.net.network import LocalNetwork
from tests.drivers.rtsp.support import Sink, context
from tests.interop.gstreamer import SOURCE, gstreamer, need_gstreamer, record, spec
from tests.media.support import probe

pytestmark = pytest.mark.interop

X264 = SOURCE + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay name=pay0 pt=96"
B_FRAMES = (
    SOURCE + "x264enc speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=25 rc-lookahead=5 ! rtph264pay name=pay0 pt=96"
)
IN_BAND = X264 + " config-interval=-1 aggregate-mode=max-stap"


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    need_gstreamer()


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("pipeline", "transport"),
    [(X264, "tcp"), (X264, "udp"), (B_FRAMES, "tcp"), (IN_BAND, "tcp")],
    ids=["tcp", "udp", "b", "stap"],
)
async def test_a_stream_is_recorded_whole(net: LocalNetwork, tmp_path: Path, pipeline: str, transport: str) -> None:
    async with gstreamer(pipeline) as port:
        (segment,), channel = await record(net, tmp_path, port, 75, transport=transport)
    received = channel.frames
    path = tmp_path / "media" / segment.path
    frames = probe(path)["frames"]
    assert len(frames) == received
    times = [frame["pts"] for frame in frames]
    assert all(1800 < later - earlier < 9000 for earlier, later in itertools.pairwise(times))
    decoded = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(path), "-f", "null", "-"], capture_output=True, check=True)
    assert decoded.stderr == b""
    assert (segment.width, segment.height) == (640, 360)
    assert abs((segment.end - segment.start) / 1e6 - received / 25) < 0.5


async def test_digest(net: LocalNetwork) -> None:
    async with gstreamer(X264, "ada", "s3cret") as port:
        sink = Sink()
        running = asyncio.create_task(DRIVER.endpoint(spec(port, username="ada", password="s3cret")).run(context(net, sink, [])))
        waiting = asyncio.create_task(sink.count(5))
        await asyncio.wait([running, waiting], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert len(sink.units) >= 5, running
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with pytest.raises(Misconfigured):
            await DRIVER.endpoint(spec(port, username="ada", password="wrong")).run(context(net, sink, []))
        with pytest.raises(Misconfigured):
            await DRIVER.endpoint(spec(port)).run(context(net, sink, []))


async def test_a_stream_that_is_not_h264(net: LocalNetwork) -> None:
    async with gstreamer(SOURCE + "vp8enc deadline=1 ! rtpvp8pay name=pay0 pt=96") as port:
        with pytest.raises(Misconfigured, match=r"not H\.264, H\.265 or Motion JPEG \(it is VP8\)"):
            await DRIVER.endpoint(spec(port)).run(context(net, Sink(), []))
