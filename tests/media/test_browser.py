"""What we record and send live, in a real browser: Media Source Extensions and a plain video element."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Frame, Hub, Run, Track
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from tests.media.support import BEGIN, FPS, camera, feed, pictures
from tests.media.test_recorder import EVER, SECOND, Rig
from tests.media.test_sound import FORMATS, play

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not shutil.which("chromium"), reason="Debian's Chromium is not installed"),
]

LIVE = """async ([codec, parts]) => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise(done => source.addEventListener('sourceopen', done, {once: true}));
  const buffer = source.addSourceBuffer(codec);
  for (const part of parts) {
    buffer.appendBuffer(bytes(part));
    await new Promise(done => buffer.addEventListener('updateend', done, {once: true}));
  }
  if (video.error) return {error: video.error.message};
  const ranges = Array.from({length: buffer.buffered.length}, (_, i) => [buffer.buffered.start(i), buffer.buffered.end(i)]);
  video.currentTime = ranges[0][0];
  source.endOfStream();
  await video.play();
  await new Promise(done => video.addEventListener('ended', done, {once: true}));
  return {ranges, width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames};
}"""

HEARD = """async text => {
  const context = new OfflineAudioContext(1, 48000, 48000);
  const data = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const found = await context.decodeAudioData(data.buffer);
  const samples = found.getChannelData(0);
  return {seconds: found.duration, loudest: samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0)};
}"""

PLAY = """async text => {
  const video = document.createElement('video');
  video.muted = true;
  video.playbackRate = 4;
  document.body.append(video);
  const data = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  video.src = URL.createObjectURL(new Blob([data], {type: 'video/mp4'}));
  await new Promise((done, fail) => { video.onloadedmetadata = done; video.onerror = () => fail(video.error.message); });
  const duration = video.duration;
  await video.play();
  await new Promise((done, fail) => { video.onended = done; video.onerror = () => fail(video.error.message); });
  return {duration, width: video.videoWidth, end: video.currentTime};
}"""


async def evaluate(script: str, argument: Any) -> dict[str, Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page: Page = await browser.new_page()
        found: dict[str, Any] = await page.evaluate(script, argument)
        await browser.close()
        return found


class Parts:
    """A subscriber that keeps what a viewer would get."""

    def __init__(self) -> None:
        self.codec = ""
        self.parts: list[bytes] = []
        self.sounds: list[bytes] = []

    def on_track(self, track: Track) -> None:
        self.codec = track.video.codec
        self.parts.append(track.init)
        self.sounds.append(track.sound_init)

    def on_frame(self, frame: Frame) -> None:
        self.parts.append(frame.fragment)

    def on_sound(self, run: Run) -> None:
        self.sounds.append(run.fragment)

    def on_lost(self, reason: str) -> None:
        return


async def test_live_fragments_play_without_a_hole() -> None:
    hub, viewer = Hub(SystemClock()), Parts()
    feed(hub, "lobby", pictures(), range(15))
    hub.subscribe("lobby", viewer)
    feed(hub, "lobby", pictures(), range(15, 60))
    found = await evaluate(
        LIVE, [f'video/mp4; codecs="{viewer.codec}"', [base64.b64encode(part).decode() for part in viewer.parts]]
    )
    assert found.get("error") is None
    (span,) = found["ranges"]
    assert abs(span[1] - span[0] - 50 / FPS) < 0.1
    assert found["width"] == 320


async def test_a_recording_with_a_gap_and_a_changed_picture_plays_to_its_end(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    recorder = await rig.start(segment_seconds=2.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(60))
    rig.hub.lost("lobby", "cable")
    feed(rig.hub, "lobby", pictures(), range(100, 130))
    feed(rig.hub, "lobby", pictures(480, 270), range(130, 180))
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    await rig.index.close()
    plan = Plan(roots={"main": str(rig.root)}, start=BEGIN, end=BEGIN + 60 * SECOND, segments=tuple(segments))
    found = await evaluate(PLAY, base64.b64encode(b"".join(stream(plan))).decode())
    assert abs(found["duration"] - 180 / FPS) < 0.2
    assert abs(found["end"] - 180 / FPS) < 0.2
    assert found["width"] == 480


@pytest.mark.parametrize(("codec", "type_"), [("aac", "mp4a.40.2"), ("opus", "opus"), ("pcmu", "flac")])
async def test_live_and_recorded_sound_play(tmp_path: Path, codec: str, type_: str) -> None:
    rig, viewer = Rig(tmp_path), Parts()
    recorder = await rig.start(segment_seconds=2.0)
    recorder.configure([camera()])
    rig.hub.audio_track("lobby", FORMATS[codec])
    rig.hub.subscribe("lobby", viewer)
    play(rig.hub, codec, (0, 4))
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    await rig.index.close()
    parts = [base64.b64encode(part).decode() for part in viewer.sounds]
    live = await evaluate(LIVE, [f'audio/mp4; codecs="{type_}"', parts])
    assert live.get("error") is None
    assert live["ranges"][-1][1] - live["ranges"][0][0] > 3.5 and len(live["ranges"]) == 1
    whole = b"".join(stream(Plan(roots={"main": str(rig.root)}, start=BEGIN, end=BEGIN + 60 * SECOND, segments=tuple(segments))))
    found = await evaluate(PLAY, base64.b64encode(whole).decode())
    assert abs(found["end"] - 4.0) < 0.3 and found["width"] == 320
    heard = await evaluate(HEARD, base64.b64encode(b"".join(viewer.sounds)).decode())
    assert heard["seconds"] > 3.5 and heard["loudest"] > 0.1
