"""Key frames become JPEG in a child; what is hostile, slow or too much is refused, and the process goes on."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import PIL.Image
import pytest

from sim.encode import Unit, loop, parameter_sets
from sitewarden.codec import children, stills
from sitewarden.codec.children import Child
from sitewarden.codec.messages import Failed, MessageError, Still, encode, length
from sitewarden.codec.stills import WAITING, Stills
from sitewarden.domain.errors import Invalid, TimedOut, TooMany, Unreachable
from sitewarden.wire import fmp4, h264, h265
from sitewarden.wire.formats import JPEG_CODEC, VideoFormat


def key(codec: str, *, fps: int = 5) -> tuple[VideoFormat, bytes]:
    """Return a format and its key frame, as the hub has them."""
    made = loop("still", width=320, height=180, fps=fps, gop_seconds=1.0, seconds=1.0, codec=codec)
    unit = made.units[0]
    return form(codec, unit), data(codec, unit)


def form(codec: str, unit: Unit) -> VideoFormat:
    if codec == "mjpeg":
        return VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=320, height=180)
    return (h265 if codec == "h265" else h264).video_format(parameter_sets(unit, codec))


def data(codec: str, unit: Unit) -> bytes:
    sets = parameter_sets(unit, codec)
    return unit.nals[0] if codec == "mjpeg" else fmp4.sample([nal for nal in unit.nals if nal not in sets])


@pytest.fixture
async def pool() -> AsyncIterator[Stills]:
    made = Stills(1)
    yield made
    made.close()


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
async def test_a_key_frame_becomes_a_picture_of_the_wanted_width(pool: Stills, codec: str) -> None:
    video, unit = key(codec)
    small = await pool.jpeg(video, unit, 160)
    whole = await pool.jpeg(video, unit, 4000)
    assert (small.width, small.height, whole.width, whole.height) == (160, 90, 320, 180)
    image = PIL.Image.open(io.BytesIO(small.data))
    assert (image.format, image.size) == ("JPEG", (160, 90))
    # The scene's own picture: far from one grey, and the same whichever codec carried it.
    reference = PIL.Image.open(io.BytesIO((await pool.jpeg(*key("mjpeg"), 160)).data)).convert("L")
    pairs = zip(reference.tobytes(), image.convert("L").tobytes(), strict=True)
    assert sum(abs(a - b) for a, b in pairs) / (160 * 90) < 8
    assert max(reference.tobytes()) - min(reference.tobytes()) > 60
    assert len(pool.pids) == 1


async def test_motion_jpeg_that_is_small_enough_needs_no_decoder(pool: Stills, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "installed", lambda: False)
    video, unit = key("mjpeg")
    assert (await pool.jpeg(video, unit)).data == unit
    assert pool.pids == []
    with pytest.raises(Unreachable, match="pictures"):
        await pool.jpeg(*key("h264"))


@pytest.mark.parametrize("junk", [b"", b"\x00\x00\x00\x05junk", bytes(100_000), b"\xff" * 4096])
async def test_what_is_no_picture_is_refused_and_the_child_goes_on(pool: Stills, junk: bytes) -> None:
    video, unit = key("h264")
    with pytest.raises(Invalid, match="no picture"):
        await pool.jpeg(video, junk)
    held = pool.pids
    assert (await pool.jpeg(video, unit, 64)).width == 64
    assert pool.pids == held


async def test_a_picture_beyond_all_measure_is_refused(pool: Stills) -> None:
    video = VideoFormat(encoding="H264", codec="avc1.640034", width=16384, height=16384)
    with pytest.raises(Invalid, match="16384"):
        await pool.jpeg(video, b"\x00\x00\x00\x01\x65")


async def test_a_child_that_does_not_answer_is_killed_and_replaced(pool: Stills, monkeypatch: pytest.MonkeyPatch) -> None:
    video, unit = key("h264")
    await pool.jpeg(video, unit, 64)
    (stuck,) = pool.pids
    os.kill(stuck, signal.SIGSTOP)
    monkeypatch.setattr(stills, "SECONDS", 0.2)
    with pytest.raises(TimedOut):
        await pool.jpeg(video, unit, 64)
    monkeypatch.setattr(stills, "SECONDS", 20.0)
    assert (await pool.jpeg(video, unit, 64)).width == 64
    assert stuck not in pool.pids
    with pytest.raises(ProcessLookupError):
        os.kill(stuck, 0)


async def test_a_child_that_died_is_told_of_and_replaced(pool: Stills) -> None:
    video, unit = key("h264")
    await pool.jpeg(video, unit, 64)
    os.kill(pool.pids[0], signal.SIGKILL)
    with pytest.raises(Unreachable, match="ended"):
        while True:
            await pool.jpeg(video, unit, 64)
    assert (await pool.jpeg(video, unit, 64)).width == 64


async def test_more_than_may_wait_are_refused(pool: Stills) -> None:
    video, unit = key("h264")
    asked = [asyncio.create_task(pool.jpeg(video, unit, 64)) for _ in range(WAITING + 3)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in done[WAITING + 1 :]] == [TooMany] * 2
    assert all(not isinstance(one, BaseException) for one in done[: WAITING + 1])


def test_a_child_has_limits_and_sees_nothing_of_the_server() -> None:
    child = Child()
    try:
        assert isinstance(child.ask(Still(video=key("h264")[0], data=b""), 20), Failed)
        limits = Path(f"/proc/{child.pid}/limits").read_text()
        assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max address space")] == [["2147483648"] * 2]
        assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max file size")] == [["0", "0"]]
        assert "NoNewPrivs:\t1" in Path(f"/proc/{child.pid}/status").read_text()
        environment = Path(f"/proc/{child.pid}/environ").read_text()
        assert {one.partition("=")[0] for one in environment.split("\0") if one} <= set(children.PASSED)
        assert [fd for fd in Path(f"/proc/{child.pid}/fd").iterdir() if int(fd.name) > 3] == []
    finally:
        child.kill()


def test_a_message_too_long_is_refused() -> None:
    with pytest.raises(MessageError):
        length(b"\x7f\xff\xff\xff")
    assert length(encode(Failed(why="x"))[:4]) == len(encode(Failed(why="x"))) - 4


def test_the_parents_side_loads_no_codec() -> None:
    code = "import sys, sitewarden.codec.stills, sitewarden.app.web; print({'av', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
