"""Debian's Chromium, whose WebRTC is the one of most viewers, plays what we send."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.api.whep.rig import Rig, playing
from tests.lan import Lan, lan
from tests.services.house import House

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not shutil.which("chromium"), reason="Debian's Chromium is not installed"),
]

WATCH = """async ([url, sound]) => {
  const pc = globalThis.pc = new RTCPeerConnection();
  const video = globalThis.video = document.createElement('video');
  video.muted = true; video.autoplay = true;
  document.body.append(video);
  const stream = video.srcObject = new MediaStream();
  pc.ontrack = event => stream.addTrack(event.track);
  pc.addTransceiver('video', {direction: 'recvonly'});
  if (sound) pc.addTransceiver('audio', {direction: 'recvonly'});
  await pc.setLocalDescription();
  const asked = performance.now();
  const answer = await fetch(url, {method: 'POST', body: pc.localDescription.sdp,
    headers: {'Content-Type': 'application/sdp', 'X-Sitewarden': '1'}});
  const text = await answer.text();
  if (answer.status !== 201) return {status: answer.status, text};
  await pc.setRemoteDescription({type: 'answer', sdp: text});
  await new Promise((done, fail) => {
    video.requestVideoFrameCallback(done);
    setTimeout(() => fail(new Error(`no picture: ${pc.iceConnectionState} ${pc.connectionState}`)), 20000);
  });
  return {status: 201, first: performance.now() - asked, location: answer.headers.get('location'), text};
}"""

STATS = """async count => {
  const start = video.currentTime;
  const find = async () => {
    const found = {};
    for (const one of (await pc.getStats()).values()) {
      if (one.type === 'inbound-rtp') found[one.kind] = one;
      if (one.type === 'transport') found.transport = one;
    }
    return found;
  };
  const until = performance.now() + 20000;
  for (;;) {
    const found = await find();
    if (found.video.framesDecoded >= count) return {...found, moved: video.currentTime - start, width: video.videoWidth};
    if (performance.now() > until) throw new Error(JSON.stringify(found));
    await new Promise(done => setTimeout(done, 100));
  }
}"""


@pytest.fixture
def site() -> Iterator[Lan]:
    # Chromium gathers no candidate of loopback, so it stands on another computer, as in life.
    with lan({"office": ["server", "desk"]}) as made:
        yield made


@pytest.fixture
async def rig(site: Lan, house: House, tmp_path: Path, console: Path) -> AsyncIterator[Rig]:
    with site["server"].inside():
        async with playing(house, tmp_path, site["server"].address, console) as made:
            yield made


@pytest.fixture
async def page(rig: Rig, site: Lan) -> AsyncIterator[Page]:
    with site["desk"].inside():
        running = await async_playwright().start()
    browser = await running.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    )
    context = await browser.new_context()
    await context.add_cookies([{"name": "sitewarden_session", "value": rig.house.ada.session, "url": rig.url}])
    made = await context.new_page()
    await made.goto(rig.url)
    yield made
    await browser.close()
    await running.stop()


async def test_a_browser_plays_pictures_and_sound(rig: Rig, page: Page) -> None:
    began: dict[str, Any] = await page.evaluate(WATCH, [rig.offers, True])
    assert began["status"] == 201, began
    found = await page.evaluate(STATS, 50)
    video, transport = found["video"], found["transport"]
    assert (found["width"], video["frameHeight"]) == (320, 180)
    assert (video["packetsLost"], video["pliCount"]) == (0, 0)
    assert found["moved"] > 0.5
    assert (transport["srtpCipher"], transport["dtlsState"]) == ("SRTP_AEAD_AES_128_GCM", "connected")
    # The group that waited was hurried through: the player keeps a few pictures, not the group.
    assert video["jitterBufferDelay"] / video["jitterBufferEmittedCount"] < 0.2
    await page.evaluate("until => new Promise(done => setTimeout(done, until))", 300)
    heard = (await page.evaluate(STATS, 60))["audio"]
    assert heard["packetsReceived"] > 5 and heard["packetsDiscarded"] == 0


async def test_a_browser_that_loses_packets_asks_and_goes_on(rig: Rig, page: Page) -> None:
    send, count = rig.face.send, itertools.count(1)

    def lossy(data: bytes, address: Any) -> None:
        if not (data[0] >= 128 and next(count) % 12 == 0):
            send(data, address)

    rig.face.send = lossy  # type: ignore[method-assign]
    assert (await page.evaluate(WATCH, [rig.offers, False]))["status"] == 201
    found = await page.evaluate(STATS, 100)
    assert found["video"]["nackCount"] > 3
    # What is sent again is lost as often: only a group that stays broken is asked for anew.
    assert found["video"]["framesDecoded"] >= 100
