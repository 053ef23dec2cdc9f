"""Cameras that send more than H.264, and their sound, in a real browser on a living site."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import ENVIRONMENT, ROOT, Site, items, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]
EXTRA = {"gate": ("8561", "mjpeg", "pcmu"), "dock": ("8562", "h265", "opus")}


@pytest.fixture(scope="module")
def cameras(site: Site) -> Iterator[None]:
    """Two more cameras: one of Motion JPEG, one of H.265."""
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "sim.camera", "--host", site.host, "--name", name, "--port", port),
                *("--codec", codec, "--audio", audio, "--size", "320x176"),
            ],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
        )
        for name, (port, codec, audio) in EXTRA.items()
    ]
    with site.client() as client:
        for name, (port, _, _) in EXTRA.items():
            url = f"rtsp://{site.host}:{port}/{name}"
            answer = client.post("/cameras", json={"id": name, "name": name.title(), "url": url, "audio": True})
            assert answer.status_code == 201, answer.text
    yield
    for process in running:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser(site: Site, cameras: None) -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(20_000)
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    yield page
    context.close()


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"media-{name}.png")


def recorded(site: Site, camera: str, seconds: float) -> list[str]:
    """Return the codecs of a camera's recordings once one is so long."""
    with site.client() as client:

        def found() -> list[str]:
            now = time.time_ns() // 1000
            whole = items(client, f"/cameras/{camera}/recordings", start=now - 3_600_000_000, end=now)
            return [item["codec"] for item in whole if item["end"] - item["start"] > seconds * 1e6]

        return until(found, 60)


def test_a_camera_is_heard_once_it_is_asked_for(page: Page, site: Site) -> None:
    sockets: list[WebSocket] = []
    frames: list[int] = []

    def opened(socket: WebSocket) -> None:
        if "media=audio" in socket.url:
            sockets.append(socket)
            socket.on("framereceived", lambda payload: frames.append(len(payload)))

    page.on("websocket", opened)
    complained = complaints(page)
    page.goto(f"{site.url}/cameras/lobby")
    button = page.get_by_role("button", name="Turn sound on")
    expect(button).to_be_visible()
    assert sockets == []
    button.click()
    expect(page.get_by_role("button", name="Turn sound off")).to_be_visible()
    until(lambda: page.wait_for_timeout(100) or len(frames) > 15, 30)
    page.wait_for_function("() => [...document.querySelectorAll('video')].some(v => v.readyState >= 3 && v.currentTime > 1)")
    now = page.get_by_role("region", name="Now", exact=True)
    expect(now).to_contain_text("H.264, 640 × 360")
    expect(now).to_contain_text("AAC")
    shot(page, "sound")
    page.get_by_role("button", name="Turn sound off").click()
    until(lambda: page.wait_for_timeout(100) or sockets[0].is_closed(), 10)
    assert recorded(site, "lobby", 3)[0].endswith(",mp4a.40.2")
    assert complained == []


def test_motion_jpeg_is_drawn_live_and_its_recording_says_what_to_do(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cameras/gate")
    there = "c.width === 320 && c.getContext('2d').getImageData(160, 88, 1, 1).data[3]"
    drawn = f"() => [...document.querySelectorAll('canvas')].some(c => {there})"
    page.wait_for_function(drawn)
    expect(page.get_by_role("button", name="Turn sound on")).to_be_visible()
    shot(page, "jpeg")
    assert recorded(site, "gate", 4)[0] == "mp4v.6C,ulaw"
    page.get_by_role("button", name="Previous recording").click()
    expect(page.get_by_text("This browser cannot play Motion JPEG. Save the recording")).to_be_visible()
    shot(page, "jpeg-recorded")


def test_h265_plays_in_every_browser_and_the_picture_says_when_it_is_converted(page: Page, site: Site) -> None:
    assert recorded(site, "dock", 3)[0].startswith("hvc1.")
    page.goto(f"{site.url}/cameras/dock")
    if not page.evaluate("() => MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L60.90\"')"):
        expect(page.get_by_text("Converted on the server from H.265")).to_be_visible()
    page.wait_for_function("() => [...document.querySelectorAll('video')].some(v => v.readyState >= 3 && v.currentTime > 1)")
    shot(page, "h265")
