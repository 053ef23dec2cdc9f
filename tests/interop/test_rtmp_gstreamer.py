"""GStreamer publishes by RTMP: by librtmp (`rtmpsink`) and by an implementation of its own (`rtmp2sink`, with TLS too)."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sitewarden.config import Settings, TlsSettings
from sitewarden.domain.status import Status
from sitewarden.drivers.rtmp import connection, driver
from sitewarden.drivers.rtmp.driver import RtmpDriver
from sitewarden.kit.driver import EndpointSpec
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import server_context
from sitewarden.wire.nal import split_annex_b
from tests.drivers.rtmp.encoders import SYSTEM_PYTHON, gstreamer
from tests.drivers.rtsp.support import Sink, context

pytestmark = pytest.mark.interop

LIMIT = 120.0
KEY = "interop-stream-key"
PICTURES = 25
ELEMENTS = ("x264enc", "flvmux", "voaacenc", "rtmpsink", "rtmp2sink")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Skip where GStreamer or one of its elements is not installed."""
    check = (
        "import sys, gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst; Gst.init(None); "
        f"sys.exit(not all(map(Gst.ElementFactory.find, {ELEMENTS!r})))"
    )
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, check=False, timeout=LIMIT)
    except FileNotFoundError:
        pytest.skip("Debian's Python is not installed")
    if done.returncode:
        pytest.skip("GStreamer's plugins are not installed (scripts/system-packages.sh installs them)")


@pytest.mark.parametrize(
    ("sink", "scheme"), [("rtmpsink", "rtmp"), ("rtmp2sink", "rtmp"), ("rtmp2sink tls-validation-flags=0", "rtmps")]
)
async def test_gstreamer_publishes(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sink: str, scheme: str) -> None:
    secure = scheme == "rtmps"
    # On a busy machine the encoder is starved for longer than a site's may be.
    monkeypatch.setattr(connection, "PUBLISH_SECONDS", 60.0)
    monkeypatch.setattr(driver, "FIRST_PICTURE", 60.0)
    settings = Settings.for_test(host, tmp_path / "data", tls=TlsSettings(mode="always" if secure else "auto"))
    net, taken, statuses = LocalNetwork(settings, "media-0", tmp_path / "run"), Sink(), list[Status]()
    spec = EndpointSpec(id="lobby", name="Lobby", config={"key": KEY, "audio": True, "stall_seconds": 60}, ref="camera:lobby")
    ctx = replace(context(net, taken, statuses), face_tls=lambda: server_context(settings) if secure else None)
    running = asyncio.create_task(RtmpDriver().endpoint(spec).run(ctx))
    copy = tmp_path / "sent.h264"
    try:
        async with asyncio.timeout(LIMIT):
            while not net.ledger():
                await asyncio.sleep(0.02)
            place = f"{scheme}://{host}:1935/live/lobby/{KEY}"
            encoder = await asyncio.create_subprocess_exec(*gstreamer(sink, place, PICTURES, copy=str(copy)))
            assert await encoder.wait() == 0, statuses
            while not taken.losses:
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await net.close()
    sent = [nal for nal in split_annex_b(copy.read_bytes()) if nal[0] & 0x1F in (1, 5)]
    # Both copies of the SEI lie beside the slices; these are what decodes.
    got = [nal for unit, *_ in taken.units for nal in unit if nal[0] & 0x1F in (1, 5)]
    assert got == sent and len(taken.units) == PICTURES
    assert [unit[3] for unit in taken.units] == [number % 5 == 0 for number in range(PICTURES)]
    times = [unit[1] for unit in taken.units]
    assert all(3510 <= later - earlier <= 3690 for earlier, later in itertools.pairwise(times))
    assert taken.audio is not None and (taken.audio.encoding, taken.audio.rate) == ("AAC", 16000) and len(taken.sounds) >= 10
    # On a busy machine all of it may come between two looks at the stream.
    assert {status.data["transport"] for status in statuses if status.state == "online"} <= {scheme}
