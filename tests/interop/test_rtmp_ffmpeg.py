"""ffmpeg publishes by RTMP and by RTMPS: what arrives are the access units and the sound of the file that it sends, in order."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sitewarden.config import Settings, TlsSettings
from sitewarden.domain.status import Status
from sitewarden.drivers.rtmp.driver import RtmpDriver
from sitewarden.kit.driver import EndpointSpec
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import server_context
from sitewarden.wire.nal import split_annex_b
from tests.drivers.rtsp.support import Sink, context

pytestmark = [pytest.mark.interop, pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")]

LIMIT = 120.0
KEY = "interop-stream-key"
PICTURES = 50
SOURCE = (
    f"-f lavfi -i testsrc2=size=320x240:rate=25 -f lavfi -i sine=frequency=440:sample_rate=44100 -frames:v {PICTURES} -shortest"
)
CODED = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -x264-params aud=0:sliced-threads=0:slices=1 -pix_fmt yuv420p -c:a aac -ac 1"


def ffmpeg(*options: str) -> list[str]:
    return ["ffmpeg", "-v", "error", "-y", *itertools.chain.from_iterable(option.split() for option in options)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with B-frames and AAC; beside it its pictures as a byte stream and its sound as ADTS."""
    made = tmp_path_factory.mktemp("film") / "film.mp4"
    subprocess.run(ffmpeg(SOURCE, CODED, str(made)), check=True, timeout=LIMIT)
    subprocess.run(ffmpeg(f"-i {made} -map 0:v -c copy -bsf:v h264_mp4toannexb -f h264 {made.with_suffix('.h264')}"), check=True)
    subprocess.run(ffmpeg(f"-i {made} -map 0:a -c copy -f adts {made.with_suffix('.aac')}"), check=True)
    return made


def adts(data: bytes) -> list[bytes]:
    """Return the frames of a file with ADTS headers (ISO/IEC 14496-3, 1.A.2.2)."""
    frames, position = [], 0
    while position < len(data):
        size = (data[position + 3] & 3) << 11 | data[position + 4] << 3 | data[position + 5] >> 5
        frames.append(data[position + (7 if data[position + 1] & 1 else 9) : position + size])
        position += size
    return frames


@pytest.mark.parametrize("scheme", ["rtmp", "rtmps"])
async def test_ffmpeg_publishes(host: str, tmp_path: Path, film: Path, scheme: str) -> None:
    secure = scheme == "rtmps"
    settings = Settings.for_test(host, tmp_path / "data", tls=TlsSettings(mode="always" if secure else "auto"))
    net, sink, statuses = LocalNetwork(settings, "media-0", tmp_path / "run"), Sink(), list[Status]()
    spec = EndpointSpec(id="lobby", name="Lobby", config={"key": KEY, "audio": True}, ref="camera:lobby")
    ctx = replace(context(net, sink, statuses), face_tls=lambda: server_context(settings) if secure else None)
    running = asyncio.create_task(RtmpDriver().endpoint(spec).run(ctx))
    try:
        async with asyncio.timeout(LIMIT):
            while not net.ledger():
                await asyncio.sleep(0.02)
            command = ffmpeg(f"-re -i {film} -c copy -f flv {scheme}://{host}:1935/live/lobby/{KEY}")
            encoder = await asyncio.create_subprocess_exec(*command)
            assert await encoder.wait() == 0
            while not sink.losses:
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await net.close()
    nals = [nal for nal in split_annex_b(film.with_suffix(".h264").read_bytes()) if nal[0] & 0x1F in (1, 5, 6)]
    assert [nal for unit, *_ in sink.units for nal in unit] == nals
    assert len(sink.units) == PICTURES and [unit[3] for unit in sink.units] == [number % 25 == 0 for number in range(PICTURES)]
    shown = sorted(unit[1] for unit in sink.units)
    assert {later - earlier for earlier, later in itertools.pairwise(shown)} == {3600}
    assert sink.units != sorted(sink.units, key=lambda unit: unit[1]), "B-frames come in decoding order"
    sent = adts(film.with_suffix(".aac").read_bytes())
    heard = [frame for frame, *_ in sink.sounds]
    assert len(heard) > 50 and heard == sent[len(sent) - len(heard) :]
    online = next(status for status in statuses if status.state == "online")
    assert online.data["transport"] == scheme and online.data["audio"] == "mp4a.40.2"
    assert sink.losses == ["the encoder ended the stream"]
