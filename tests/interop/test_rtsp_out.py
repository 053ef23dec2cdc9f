"""Other systems pull live and recorded video from us: ffmpeg's tools, GStreamer's rtspsrc, VLC, and ourselves."""

from __future__ import annotations

import asyncio
import ctypes.util
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.rtsp.rig import Rig, rigged

pytestmark = pytest.mark.interop


@pytest.fixture
async def rig(netns: bool, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, "127.0.0.1") as made:
        yield made


async def ran(*command: str, seconds: float = 60) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(seconds):
            out, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, out.decode(), complaints.decode()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="Debian's ffmpeg is not installed")
@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_ffprobe_pulls_live_video(rig: Rig, transport: str) -> None:
    code, out, complaints = await ran(
        *("ffprobe", "-v", "warning", "-rtsp_transport", transport, "-show_streams", "-show_frames"),
        *("-read_intervals", "%+#30", "-of", "json", rig.address("live")),
    )
    assert (code, complaints) == (0, ""), complaints
    found = json.loads(out)
    assert (found["streams"][0]["codec_name"], found["streams"][0]["width"]) == ("h264", 320)
    assert len(found["frames"]) >= 30


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="Debian's ffmpeg is not installed")
@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_ffmpeg_copies_a_recording_at_its_pace_until_its_end(rig: Rig, tmp_path: Path, transport: str) -> None:
    await rig.record(tmp_path)
    begin = asyncio.get_running_loop().time()
    code, out, complaints = await ran(
        *("ffmpeg", "-v", "warning", "-rtsp_transport", transport, "-i"),
        rig.address(f"recorded?start={rig.began}&end={rig.began + 5_000_000}"),
        *("-c", "copy", "-y", str(tmp_path / "copy.mp4")),
    )
    passed = asyncio.get_running_loop().time() - begin
    assert code == 0, complaints
    code, out, _ = await ran(
        "ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(tmp_path / "copy.mp4")
    )
    (video,) = json.loads(out)["streams"]
    assert (video["codec_name"], int(video["nb_read_frames"])) == ("h264", 125)
    assert 4 < passed < 30


@pytest.mark.skipif(ctypes.util.find_library("vlc") is None, reason="Debian's libvlc5 is not installed")
@pytest.mark.parametrize("what", ["live", "recorded"])
async def test_vlc_plays_it(rig: Rig, tmp_path: Path, what: str) -> None:
    await rig.record(tmp_path)
    address = rig.address("live" if what == "live" else f"recorded?start={rig.began}&end={rig.began + 10_000_000}")
    code, out, complaints = await ran(sys.executable, "-m", "tests.interop.vlc_player", address, "40", "30")
    assert code == 0, complaints
    found = json.loads(out)
    assert found["displayed_pictures"] >= 30 and found["demux_corrupted"] == 0, found
