"""Motion JPEG over HTTP from ffmpeg's own server, in chunks as it sends it: every picture is one that ffmpeg made, in order."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.drivers.mjpeg.driver import DRIVER
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Unavailable
from sitewarden.net.network import LocalNetwork
from tests.drivers.rtsp.support import Sink, context

pytestmark = [pytest.mark.interop, pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")]

SOURCE = "-f lavfi -i testsrc=size=320x240:rate=15 -frames:v 45 -c:v mjpeg -q:v 5"


async def test_ffmpegs_stream(host: str, tmp_path: Path) -> None:
    """ffmpeg waits for one client and plays to it; what it made is written to a file beside."""
    kept = tmp_path / "made.mjpeg"
    subprocess.run(["ffmpeg", "-v", "error", *SOURCE.split(), "-f", "mjpeg", str(kept)], check=True, timeout=60)
    made = [b"\xff\xd8" + piece for piece in kept.read_bytes().split(b"\xff\xd8")[1:]]
    command = ["ffmpeg", "-v", "error", "-re", *SOURCE.split(), "-f", "mpjpeg", "-listen", "1"]
    command += ["-content_type", "multipart/x-mixed-replace; boundary=ffmpeg", f"http://{host}:8085/"]
    server = await asyncio.create_subprocess_exec(*command)
    net, sink = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run"), Sink()
    endpoint = DRIVER.endpoint(EndpointSpec(id="lobby", name="Lobby", config={"url": f"http://{host}:8085/"}))
    try:
        async with asyncio.timeout(60):
            while not sink.units:
                with pytest.raises((Unavailable, Exception), match=r"cannot be reached|closed|ended the stream"):
                    await endpoint.run(context(net, sink, []))
                await asyncio.sleep(0.1)
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()
        await net.close()
    assert [unit[0][0] for unit in sink.units] == made
