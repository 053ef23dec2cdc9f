"""Recordings of this server's disk as cameras: in their own time, unit for unit, again without a step back, from one folder."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitewarden.codec.demux_messages import PLAYED
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.status import Status
from sitewarden.drivers.libav.driver import DRIVER
from sitewarden.kit import footage
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import DriverError, Misconfigured, Unavailable
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.nal import split_annex_b
from tests.drivers.libav.test_driver import ffmpeg
from tests.drivers.rtsp.support import Sink, context

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
LIMIT = 60.0
PICTURES = 25
TICKS = 3600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of film with B-frames and sound in each container, and what is not to be played."""
    made = tmp_path_factory.mktemp("footage")
    if shutil.which("ffmpeg") is None:
        return made
    sources = f"-f lavfi -i testsrc2=size=160x120:rate=25 -f lavfi -i sine=sample_rate=16000 -frames:v {PICTURES} -t 1.5"
    # The sound goes on for half a second after the last picture.
    coded = "-c:v libx264 -preset ultrafast -bf 2 -g 13 -x264-params aud=0:slices=1 -pix_fmt yuv420p -c:a aac -ac 1"
    ffmpeg(f"{sources} {coded} {made}/film.mp4")
    ffmpeg(f"-i {made}/film.mp4 -map 0:v -c copy -bsf:v h264_mp4toannexb -f h264 {made}/film.h264")
    for name in ("film.mkv", "film.ts", "order.avi"):
        ffmpeg(f"-i {made}/film.mp4 -c copy {made}/{name}")
    plain = coded.replace("-bf 2", "-bf 0").replace("-c:a aac", "-c:a pcm_mulaw -ar 16000")
    ffmpeg(f"{sources} {plain} {made}/film.avi")
    (made / "inner").mkdir()
    shutil.copy(made / "film.mp4", made / "inner" / "night.mp4")
    ffmpeg(f"-f lavfi -i testsrc2=size=160x120:rate=25 -frames:v 5 -c:v mpeg4 {made}/old.avi")
    (made / "torn.mp4").write_bytes((made / "film.mp4").read_bytes()[:3000])
    (made / "list.ts").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{made}/film.ts\n#EXT-X-ENDLIST\n")
    return made


class Rig:
    def __init__(self, net: LocalNetwork, folder: str) -> None:
        self.net, self.folder = net, folder
        self.sink = Sink()
        self.statuses: list[Status] = []

    def start(self, name: str, **config: Any) -> asyncio.Task[None]:
        spec = EndpointSpec(id="lobby", name="Lobby", config={"url": f"file:{name}", "audio": True, **config}, ref="camera:lobby")
        given = replace(context(self.net, self.sink, self.statuses), files=self.folder)
        return asyncio.create_task(DRIVER.endpoint(spec).run(given))

    async def until(self, true: Callable[[], bool], task: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                while not true():
                    assert not task.done(), task.exception()
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def fails(self, name: str, **config: Any) -> DriverError:
        task = self.start(name, **config)
        with pytest.raises(DriverError) as ended:
            async with asyncio.timeout(LIMIT):
                await task
        return ended.value


@pytest.fixture
async def rig(tmp_path: Path, host: str, folder: Path) -> AsyncIterator[Rig]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    yield Rig(net, str(folder))
    assert not net.ledger()
    await net.close()


def slices(folder: Path) -> list[bytes]:
    return [nal for nal in split_annex_b((folder / "film.h264").read_bytes()) if nal[0] & 0x1F in (1, 5, 6)]


@needs_ffmpeg
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "inner/night.mp4"])
async def test_a_recording_is_played_once_unit_for_unit_in_its_own_time(rig: Rig, folder: Path, name: str) -> None:
    task = rig.start(name, repeat=False)
    await rig.until(lambda: bool(rig.statuses) and rig.statuses[-1].state == "offline", task)
    assert rig.statuses[-1].detail == PLAYED and rig.sink.losses == [PLAYED]
    assert [nal for unit, *_ in rig.sink.units for nal in unit] == slices(folder)
    times = sorted(unit[1] for unit in rig.sink.units)
    assert [unit[3] for unit in rig.sink.units].count(True) == 2 and len(times) == PICTURES
    assert all(abs(late - early - TICKS) <= 90 for early, late in itertools.pairwise(times))
    assert [unit[1] for unit in rig.sink.units] != times, "its pictures are out of order, and stay so"
    walls = [unit[2] for unit in rig.sink.units]
    assert walls[-1] - walls[0] > 700_000
    assert rig.sink.audio is not None and rig.sink.audio.rate == 16000
    # Sound beyond the last picture is let go.
    assert 12 <= len(rig.sink.sounds) <= 17


@needs_ffmpeg
async def test_an_avi_without_b_frames_is_played_with_its_sound(rig: Rig) -> None:
    task = rig.start("film.avi", repeat=False)
    await rig.until(lambda: bool(rig.statuses) and rig.statuses[-1].state == "offline", task)
    times = [unit[1] for unit in rig.sink.units]
    assert [late - early for early, late in itertools.pairwise(times)] == [TICKS] * (PICTURES - 1)
    assert rig.sink.audio is not None and (rig.sink.audio.encoding, rig.sink.audio.rate) == ("PCMU", 16000)
    assert sum(duration for _, duration, *_ in rig.sink.sounds) >= 12_000


@needs_ffmpeg
async def test_a_recording_goes_on_over_its_end(rig: Rig, folder: Path) -> None:
    rounds = 3
    task = rig.start("film.mp4")
    await rig.until(lambda: len(rig.sink.units) >= PICTURES * rounds, task)
    units = rig.sink.units[: PICTURES * rounds]
    assert [nal for unit, *_ in units for nal in unit] == slices(folder) * rounds
    times = sorted(unit[1] for unit in units)
    assert {late - early for early, late in itertools.pairwise(times)} == {TICKS}
    heard = [time for _, _, time, *_ in rig.sink.sounds]
    assert heard == sorted(heard) and heard[-1] / 16000 > 1.5
    assert rig.sink.losses == ["the stream was closed"]


@needs_ffmpeg
async def test_what_cannot_be_played_says_why(rig: Rig) -> None:
    refused = await rig.fails("old.avi")
    assert isinstance(refused, Misconfigured) and "mpeg4" in str(refused) and "H.264" in str(refused)
    refused = await rig.fails("order.avi")
    assert isinstance(refused, Misconfigured) and "order" in str(refused)
    assert isinstance(await rig.fails("torn.mp4"), Unavailable)
    # A playlist that calls itself a transport stream would have FFmpeg open what it names.
    assert isinstance(await rig.fails("list.ts"), Unavailable)
    assert isinstance(await rig.fails("gone.mp4"), Unavailable)
    assert not rig.sink.units


async def test_without_the_setting_nothing_is_played(rig: Rig) -> None:
    rig.folder = ""
    refused = await rig.fails("film.mp4")
    assert isinstance(refused, Misconfigured) and "video.files" in str(refused)


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../film.mp4", "a/../../b.mp4", "a//b.mp4", "./a.mp4", "a\n.mp4", "//host/a.mp4"]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(Misconfigured):
        DRIVER.endpoint(EndpointSpec(id="lobby", name="Lobby", config={"url": f"file:{name}"}))
    with pytest.raises(Invalid):
        footage.name_of(f"file:{name}")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "allowed"
    (made / "in").mkdir(parents=True)
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    for name in ("a.mp4", "in/B.MKV", "in/notes.txt", ".hidden.mp4"):
        (made / name).write_bytes(b"film")
    (made / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (made / "away").symlink_to(tmp_path)
    (made / "alias.mp4").symlink_to(made / "a.mp4")
    os.mkfifo(made / "pipe.mp4")
    yield made


def test_links_lead_nowhere_outside_and_pipes_hold_nobody(place: Path) -> None:
    for name in ("out.mp4", "away/secret.mp4"):
        with pytest.raises(Invalid, match="leads out"):
            footage.opened(str(place), name)
    for name in ("pipe.mp4", "in", "nothing.mp4", "x" * 300):
        with pytest.raises(NotFound):
            footage.opened(str(place), name)
    for name in ("a.mp4", "alias.mp4", "in/B.MKV"):
        descriptor = footage.opened(str(place), name)
        with contextlib.closing(os.fdopen(descriptor, "rb")) as file:
            assert file.read() == b"film"


def test_the_list_has_what_can_be_played(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, more = footage.recordings(str(place))
    assert [one.name for one in found] == ["a.mp4", "alias.mp4", "in/B.MKV"] and not more
    assert found[0].bytes == 4 and found[0].changed > 10**15
    monkeypatch.setattr(footage, "LISTED", 2)
    assert [one.name for one in footage.recordings(str(place))[0]] == ["a.mp4", "alias.mp4"]
    assert footage.recordings(str(place))[1]
    with pytest.raises(Invalid, match=r"video\.files|no folder"):
        footage.recordings("")
    with pytest.raises(NotFound, match="cannot be read"):
        footage.recordings(str(place / "gone"))
