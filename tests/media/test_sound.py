"""Sound beside pictures: gathered, recorded, played again, heard live."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.sound import coded
from sitewarden.config import Settings
from sitewarden.kit.clock import SystemClock
from sitewarden.media import recovery
from sitewarden.media.channel import Run, Track
from sitewarden.media.film import Film, Look
from sitewarden.media.hub import Frame, Hub
from sitewarden.media.live_client import LiveRelay
from sitewarden.media.live_server import LiveServer
from sitewarden.media.plan import Plan
from sitewarden.media.playback import spans, stream
from sitewarden.media.scan import scan
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.formats import JPEG_CODEC, AudioFormat, VideoFormat
from sitewarden.wire.rtp_audio import aac_format
from tests.media.support import BEGIN, FPS, camera, feed, pictures, samples
from tests.media.test_recorder import EVER, SECOND, Rig

FORMATS = {
    "pcmu": AudioFormat(encoding="PCMU", codec="ulaw", rate=8000, channels=1),
    "opus": AudioFormat(encoding="OPUS", codec="opus", rate=48000, channels=1),
    "aac": aac_format(bytes.fromhex("1408"), 16000)[0],
}


def play(
    hub: Hub, codec: str, seconds: tuple[float, float], *, late: float = 0.0, channel: str = "lobby", begin: int = BEGIN
) -> None:
    """Push pictures and sound of a span; the sound is heard `late` seconds after the pictures of its moment have come."""
    made = coded(codec)
    length = made.frame / made.rate
    due = int(seconds[0] / length)
    for number in range(round(seconds[0] * FPS), round(seconds[1] * FPS)):
        feed(hub, "lobby", pictures(), [number])
        while (due + 1) * length <= (number + 1) / FPS - late:
            wall = BEGIN + round(due * length * SECOND)
            hub.sound("lobby", [made.frames[due % len(made.frames)]], made.frame, 77_000 + due * made.frame, wall)
            due += 1


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    if made.index is not None:
        await made.index.close()


def probe(path: Path) -> list[dict[str, Any]]:
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["streams"]
    return found


@pytest.mark.parametrize("codec", FORMATS)
async def test_sound_is_recorded_beside_its_pictures(rig: Rig, tmp_path: Path, codec: str) -> None:
    recorder = await rig.start(segment_seconds=2.0)
    recorder.configure([camera()])
    rig.hub.audio_track("lobby", FORMATS[codec])
    play(rig.hub, codec, (0, 6), late=0.3)
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    assert len(segments) == 3 and {one.codec.split(",")[1] for one in segments} == {FORMATS[codec].codec}
    heard: list[bytes] = []
    for one in segments:
        path = rig.root / one.path
        streams = probe(path)
        assert [stream["codec_type"] for stream in streams] == ["video", "audio"]
        content = scan(path)
        assert content.audio == FORMATS[codec]
        heard += samples(path)[1]
    made = coded(codec).frames
    assert heard == [made[number % len(made)] for number in range(len(heard))]
    assert len(heard) * coded(codec).frame / FORMATS[codec].rate > 5.3
    plan = Plan(roots={"main": str(rig.root)}, start=BEGIN, end=BEGIN + 10 * SECOND, segments=tuple(segments))
    masked = Film(plan, Look(masks=((0.0, 0.0, 10.0, 10.0),)))
    for name, chunks in (("played", stream(plan)), ("masked", masked.chunks())):
        out = tmp_path / f"{name}.mp4"
        out.write_bytes(b"".join(chunks))
        video, audio = probe(out)
        assert int(video["nb_read_frames"]) == 150
        assert int(audio["nb_read_frames"]) >= len(heard) - 2
        in_step(out, codec)


def in_step(out: Path, codec: str) -> None:
    """A tone begins each second: where it is heard in the file tells how far sound and pictures part."""
    resample = ["-ar", "8000", "-ac", "1", "-af", "aresample=async=1:first_pts=0"]
    command = ["ffmpeg", "-v", "error", "-i", str(out), "-map", "0:a", *resample, "-f", "s16le", "-"]
    values = memoryview(subprocess.run(command, capture_output=True, check=True).stdout).cast("h")
    loud = [place for place in range(2400, len(values)) if abs(values[place]) > 2000]
    starts = [place / 8000 for number, place in enumerate(loud) if number == 0 or place - loud[number - 1] > 4000]
    # AAC's encoder holds a frame back.
    starts = [start - (1024 / 16000 if codec == "aac" else 0.0) for start in starts]
    assert [round(start) for start in starts] == list(range(round(starts[0]), round(starts[0]) + len(starts)))
    assert len(starts) >= 4 and all(abs(start - round(start)) < 0.05 for start in starts), starts


async def test_a_crash_keeps_sound_and_pictures_of_whole_fragments(rig: Rig) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    rig.hub.audio_track("lobby", FORMATS["opus"])
    play(rig.hub, "opus", (0, 3))
    await rig.recorder.volumes.first.writer.stop()
    rig._task.cancel()
    (left,) = recovery.unsealed(rig.root)
    whole = left.read_bytes()
    left.write_bytes(whole[: len(whole) * 2 // 3])
    found = recovery.recover(rig.root, left)
    assert found is not None and found.codec.endswith(",opus")
    assert [one["codec_name"] for one in probe(rig.root / found.path)] == ["h264", "opus"]


async def test_sound_that_comes_and_goes_begins_new_segments(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50))
    rig.hub.audio_track("lobby", FORMATS["pcmu"])
    play(rig.hub, "pcmu", (2, 4))
    rig.hub.audio_track("lobby", None)
    feed(rig.hub, "lobby", pictures(), range(100, 150))
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    assert ["," in one.codec for one in segments] == [False, True, False]
    assert len(spans(segments)) == 1
    out = tmp_path / "out.mp4"
    plan = Plan(roots={"main": str(rig.root)}, start=BEGIN, end=BEGIN + 10 * SECOND, segments=tuple(segments))
    out.write_bytes(b"".join(stream(plan)))
    video, audio = probe(out)
    assert int(video["nb_read_frames"]) >= 140 and audio["codec_name"] == "flac"
    assert 1.8 < float(audio["start_time"]) - float(video["start_time"]) < 2.6


async def test_a_changed_codec_ends_the_film_and_is_listed(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50))
    rig.hub.video_track("lobby", VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=64, height=48))
    for number in range(50, 75):
        rig.hub.access_unit("lobby", [b"\xff\xd8", b"a picture"], number * 3600, BEGIN + number * 40_000, True)
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    found = spans(segments)
    assert [one.codec for one in found] == [segments[0].codec, "mp4v.6C"]
    out = tmp_path / "out.mp4"
    plan = Plan(roots={"main": str(rig.root)}, start=BEGIN, end=BEGIN + 10 * SECOND, segments=tuple(segments))
    out.write_bytes(b"".join(stream(plan)))
    assert [(one["codec_name"], one["nb_read_frames"]) for one in probe(out)] == [("h264", "50")]
    assert samples(rig.root / segments[1].path)[0] == [b"\xff\xd8a picture"] * 25


class Ears:
    def __init__(self) -> None:
        self.runs: list[Run] = []

    def on_track(self, track: Track) -> None:
        return

    def on_frame(self, frame: Frame) -> None:
        return

    def on_sound(self, run: Run) -> None:
        self.runs.append(run)

    def on_lost(self, reason: str) -> None:
        return


def test_sound_that_parts_from_its_pictures_is_put_right_once() -> None:
    hub, ears = Hub(SystemClock()), Ears()
    hub.audio_track("lobby", FORMATS["pcmu"])
    hub.subscribe("lobby", ears)
    for number in range(300):
        if number % 2 == 0:
            feed(hub, "lobby", pictures(), [number // 2])
        # From the second second on the camera's reports say that the sound is 0.2 s later.
        late = 200_000 if number >= 50 else 0
        hub.sound("lobby", [bytes(160)], 160, number * 160, BEGIN + number * 20_000 + late)
    ends = [run.time + sum(run.durations) for run in ears.runs]
    gaps = [run.time - end for run, end in zip(ears.runs[1:], ends, strict=False)]
    assert [gap for gap in gaps if gap] == [1600]
    assert all(gap >= 0 for gap in gaps) and len(ears.runs) == 60


def test_nothing_is_heard_before_the_first_picture() -> None:
    hub, ears = Hub(SystemClock()), Ears()
    hub.audio_track("lobby", FORMATS["pcmu"])
    hub.subscribe("lobby", ears)
    hub.sound("lobby", [bytes(8000)], 8000, 0, BEGIN)
    feed(hub, "lobby", pictures(), range(5))
    hub.sound("lobby", [bytes(800)], 800, 8000, BEGIN - SECOND)
    assert ears.runs == []
    hub.sound("lobby", [bytes(800)], 800, 8800, BEGIN + SECOND)
    assert [run.time for run in ears.runs] == [8000]


async def test_sound_is_heard_live_on_a_connection_of_its_own(tmp_path: Path, host: str) -> None:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    hub, relay = Hub(SystemClock()), LiveRelay(net)
    server = LiveServer(hub, lambda camera: camera == "lobby")
    path = str(tmp_path / "run" / "live.sock")
    await server.start(net, path)
    hub.audio_track("lobby", FORMATS["pcmu"])
    play(hub, "pcmu", (0, 1))
    seen, heard = relay.view(path, "lobby"), relay.view(path, "lobby", "audio")
    head = await anext(seen)
    assert isinstance(head, str) and json.loads(head)["audio"] == "ulaw"
    head, init = await anext(heard), await anext(heard)
    assert isinstance(head, str) and json.loads(head) == {"codec": "flac", "rate": 8000}
    play(hub, "pcmu", (1, 3))
    parts = [init, *[await anext(heard) for _ in range(15)]]
    out = tmp_path / "heard.mp4"
    out.write_bytes(b"".join(part for part in parts if isinstance(part, bytes)))
    (stream_,) = probe(out)
    assert (stream_["codec_name"], stream_["sample_rate"]) == ("flac", "8000")
    seen.close()
    heard.close()
    await relay.close()
    await server.close()
    await net.close()


async def test_motion_jpeg_is_sent_live_as_files(tmp_path: Path, host: str) -> None:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    hub, relay = Hub(SystemClock()), LiveRelay(net)
    server = LiveServer(hub, lambda camera: True)
    path = str(tmp_path / "run" / "live.sock")
    await server.start(net, path)
    hub.video_track("lobby", VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=64, height=48))
    hub.access_unit("lobby", [b"\xff\xd8", b"one"], 0, BEGIN, True)
    viewer = relay.view(path, "lobby")
    head, first = await anext(viewer), await anext(viewer)
    hub.access_unit("lobby", [b"\xff\xd8", b"two"], 3600, BEGIN + 40_000, True)
    assert isinstance(head, str) and json.loads(head)["codec"] == JPEG_CODEC
    assert [first, await anext(viewer)] == [b"\xff\xd8one", b"\xff\xd8two"]
    viewer.close()
    await relay.close()
    await server.close()
    await net.close()
