"""Other systems pull live and recorded video from us: ffmpeg's tools, GStreamer's rtspsrc, and ourselves."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.kit.driver import EndpointSpec
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.fmp4 import sample
from tests.api.rtsp.rig import PCMA, Rig, rigged
from tests.drivers.rtsp.support import Sink, context
from tests.interop.gstreamer import SYSTEM_PYTHON, need_gstreamer
from tests.services.house import PASSWORD

pytestmark = pytest.mark.interop
PLAYER = Path(__file__).with_name("gst_player.py")


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
        *("ffprobe", "-v", "warning", "-rtsp_transport", transport, "-show_streams", "-select_streams", "v", "-show_frames"),
        *("-read_intervals", "%+#30", "-of", "json", rig.address("live")),
    )
    assert (code, complaints) == (0, ""), complaints
    found = json.loads(out)
    assert (found["streams"][0]["codec_name"], found["streams"][0]["width"]) == ("h264", 320)
    assert len(found["frames"]) >= 20


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="Debian's ffmpeg is not installed")
@pytest.mark.parametrize(("codec", "name"), [("h265", "hevc"), ("mjpeg", "mjpeg")])
async def test_ffprobe_decodes_other_codecs_and_sound(netns: bool, tmp_path: Path, codec: str, name: str) -> None:
    async with rigged(tmp_path, "127.0.0.1", codec=codec) as rig:
        code, out, complaints = await ran(
            *("ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-show_frames"),
            *("-read_intervals", "%+#60", "-of", "json", rig.address("live")),
        )
    assert (code, complaints) == (0, ""), complaints
    found = json.loads(out)
    assert [one["codec_name"] for one in found["streams"]] == [name, "pcm_alaw"]
    kinds = [one["media_type"] for one in found["frames"]]
    assert kinds.count("video") >= 15 and kinds.count("audio") >= 3


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


async def gstreamer(rig: Rig, what: str, protocols: str, pictures: int, *seek: str, password: str = "") -> Any:
    need_gstreamer()
    secure = protocols.startswith("tls")
    address = rig.address(what, secure=secure).replace(f"ada:{rig.token}@", "")
    player = (SYSTEM_PYTHON, str(PLAYER), address, "ada", password or rig.token, protocols, str(pictures), "40", *seek)
    code, out, complaints = await ran(*player, seconds=90)
    assert code == 0, complaints
    return json.loads(out)


@pytest.mark.parametrize("protocols", ["tcp", "udp", "tls+tcp"])
async def test_gstreamer_decodes_live_video(rig: Rig, protocols: str) -> None:
    found = await gstreamer(rig, "live", protocols, 30)
    assert (found["end"], found["width"]) == ("enough", 320), found


async def test_gstreamer_over_tls_signs_in_with_the_users_own_password(rig: Rig) -> None:
    found = await gstreamer(rig, "live", "tls+tcp", 10, password=PASSWORD)
    assert found["end"] == "enough", found


async def test_gstreamer_plays_a_recording_to_its_end_and_seeks_in_it(rig: Rig, tmp_path: Path) -> None:
    await rig.record(tmp_path)
    whole = await gstreamer(rig, f"recorded?start={rig.began}&end={rig.began + 4_000_000}", "tcp", 10_000)
    assert (whole["end"], whole["pictures"]) == ("eos", 100), whole
    sought = await gstreamer(rig, f"recorded?start={rig.began}&end={rig.began + 9_000_000}", "tcp", 10_000, "6")
    assert sought["end"] == "eos" and 75 <= sought["pictures"] < 150, sought


async def test_we_are_the_camera_of_another_sitewarden(rig: Rig, tmp_path: Path) -> None:
    net = LocalNetwork(Settings.for_test("127.0.0.1", tmp_path / "other"), "media-0", tmp_path / "other-run")
    for transport in ("tcp", "udp"):
        sink = Sink()
        config = {"username": "ada", "password": rig.token, "transport": transport, "audio": True}
        address = rig.address("live").replace(f"ada:{rig.token}@", "")
        spec = EndpointSpec(id="far", name="Far", config={"url": address, **config}, ref="camera:far")
        running = asyncio.create_task(DRIVER.endpoint(spec).run(context(net, sink, [])))
        waiting = asyncio.create_task(sink.count(30))
        await asyncio.wait([running, waiting], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert len(sink.units) >= 30, running
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        assert sink.audio == PCMA and {frame[0] for frame, *_ in sink.sounds} <= set(range(256)) and len(sink.sounds) > 3
        sent = {sample([nal for nal in unit.nals if nal[0] & 31 not in (7, 8)]) for unit in rig.made.units}
        assert {sample(unit[0]) for unit in sink.units} <= sent
    await net.close()
