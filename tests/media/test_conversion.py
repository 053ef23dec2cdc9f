"""Live video that is converted for browsers: it plays, it is made once for all viewers, and it ends with the last one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from sim.encode import Loop, loop, parameter_sets
from sitewarden.codec import children
from sitewarden.config import Settings
from sitewarden.domain.errors import TooMany, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.live_client import LiveRelay, Viewer
from sitewarden.media.live_server import LiveServer
from sitewarden.net.network import LocalNetwork
from sitewarden.wire import h265
from sitewarden.wire.fmp4_read import parse_moof
from sitewarden.wire.formats import JPEG_CODEC, VideoFormat
from tests.media.support import probe

FPS = 10


class Rig:
    def __init__(self, net: LocalNetwork, path: Path) -> None:
        self.path = str(path)
        self.hub = Hub(SystemClock())
        self.server = LiveServer(self.hub, lambda camera: camera != "none")
        self.relay = LiveRelay(net, 1)
        self.loops = {
            codec: loop("conv", width=320, height=180, fps=FPS, gop_seconds=1.0, seconds=2.0, codec=codec)
            for codec in ("h265", "mjpeg")
        }

    def feed(self, camera: str, codec: str, first: int, count: int) -> None:
        """Push so many frames, the last one as of now."""
        made = self.loops[codec]
        self.hub.video_track(camera, form(made))
        now = time.time_ns() // 1000
        for number in range(first, first + count):
            unit = made.units[number % len(made.units)]
            sets = parameter_sets(unit, codec)
            wall = now - (first + count - 1 - number) * 1_000_000 // FPS
            self.hub.access_unit(camera, [nal for nal in unit.nals if nal not in sets], number * 90000 // FPS, wall, unit.key)


def form(made: Loop) -> VideoFormat:
    if made.codec == "mjpeg":
        return VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=320, height=180)
    return h265.video_format(made.parameter_sets)


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made = Rig(net, tmp_path / "run" / "live.sock")
    await made.server.start(net, made.path)
    yield made
    await made.relay.close()
    await made.server.close()
    await net.close()


async def take(viewer: Viewer, count: int) -> list[str | bytes]:
    async with asyncio.timeout(60):
        return [await anext(viewer) for _ in range(count)]


@pytest.mark.parametrize("codec", ["h265", "mjpeg"])
async def test_what_browsers_cannot_show_becomes_h264(rig: Rig, codec: str, tmp_path: Path) -> None:
    rig.feed("yard", codec, 0, 1)
    viewer = rig.relay.view(rig.path, "yard", "converted")
    head, init, first = await take(viewer, 3)
    assert isinstance(head, str) and isinstance(init, bytes) and isinstance(first, bytes)
    told = json.loads(head)
    assert told["codec"].startswith("avc1.42") and (told["width"], told["height"]) == (320, 180)
    assert told["converted"] == {"h265": "H.265", "mjpeg": "Motion JPEG"}[codec]
    assert tuple(parse_moof(first).keys) == (True,)
    rig.feed("yard", codec, 1, 11)
    rest = [one for one in await take(viewer, 11) if isinstance(one, bytes)]
    out = tmp_path / "converted.mp4"
    out.write_bytes(b"".join((init, first, *rest)))
    found = probe(out)
    assert (found["streams"][0]["codec_name"], len(found["frames"])) == ("h264", 12)
    times = [frame["pts"] for frame in found["frames"]]
    assert [b - a for a, b in pairwise(times)] == [9000] * 11
    # The picture is the source's: the last frame of both, side by side.
    with av.open(str(out)) as shown:
        pictures = [frame.to_ndarray(format="gray") for frame in shown.decode(video=0)]
    decoder = av.CodecContext.create({"h265": "hevc", "mjpeg": "mjpeg"}[codec], "r")
    data = [
        b"".join(b"\0\0\0\1" + nal for nal in unit.nals) if codec == "h265" else unit.nals[0] for unit in rig.loops[codec].units
    ]
    source = [frame for unit in data[:12] for frame in decoder.decode(av.Packet(unit))] + list(decoder.decode(None))
    expected = source[11].to_ndarray(format="gray")
    assert abs(pictures[-1].astype(int) - expected.astype(int)).mean() < 6
    viewer.close()


async def test_viewers_share_one_conversion_and_the_last_one_ends_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[children.Child] = []

    class Counted(children.Child):
        def __init__(self, nice: int = 10) -> None:
            super().__init__(nice)
            started.append(self)

    monkeypatch.setattr("sitewarden.media.conversion.Child", Counted)
    rig.feed("yard", "h265", 0, 3)
    one = rig.relay.view(rig.path, "yard", "converted")
    head, init, *_ = await take(one, 5)
    two = rig.relay.view(rig.path, "yard", "converted")
    assert (await take(two, 2)) == [head, init]
    rig.feed("other", "h265", 0, 3)
    with pytest.raises(TooMany, match="converts 1 cameras") as refused:
        rig.relay.view(rig.path, "other", "converted")
    assert "H.264" in refused.value.remedy
    assert len(started) == 1 and started[0].alive
    one.close()
    assert started[0].alive
    two.close()
    async with asyncio.timeout(60):
        while started[0].alive or rig.hub.channel("yard").subscribers:
            await asyncio.sleep(0.01)
    third = rig.relay.view(rig.path, "other", "converted")
    assert json.loads((await take(third, 1))[0])["converted"] == "H.265"
    third.close()


async def test_a_child_that_dies_is_told_of_and_the_picture_comes_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.media.conversion.RETRY", 0.05)
    started: list[children.Child] = []
    make = children.Child

    def counted(nice: int) -> children.Child:
        started.append(make(nice))
        return started[-1]

    monkeypatch.setattr("sitewarden.media.conversion.Child", counted)
    rig.feed("yard", "h265", 0, 2)
    viewer = rig.relay.view(rig.path, "yard", "converted")
    await take(viewer, 4)
    started[0].kill()
    rig.feed("yard", "h265", 2, 1)
    assert "lost" in json.loads((await take(viewer, 1))[0])
    rig.feed("yard", "h265", 10, 2)
    async with asyncio.timeout(60):
        async for item in viewer:
            if isinstance(item, bytes) and item[4:8] == b"moof":
                break
    assert len(started) == 2
    viewer.close()


async def test_without_the_extra_or_with_none_allowed_it_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.relay, "_conversions", 0)
    with pytest.raises(TooMany):
        rig.relay.view(rig.path, "yard", "converted")
    monkeypatch.setattr(children, "installed", lambda: False)
    with pytest.raises(Unreachable, match="extra"):
        rig.relay.view(rig.path, "yard", "converted")
    assert rig.relay._streams == {}
