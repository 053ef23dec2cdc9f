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


SHOWN = "[aria-label^='Recording of']"
MOMENT = f"""() => {{
  const video = document.querySelector("{SHOWN}");
  return Number(video.dataset.origin) + Number(video.dataset.way) * video.currentTime * 1000;
}}"""
PICTURE = f"""() => {{
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [160, 90];
  const pen = canvas.getContext('2d');
  pen.drawImage(document.querySelector("{SHOWN}"), 0, 0, 160, 90);
  return pen.getImageData(0, 0, 160, 90).data.reduce((sum, one) => (sum * 31 + one) | 0, 7);
}}"""


def moved(page: Page, by: float) -> float:
    """Wait until the moment of the picture went so far (ms, backward where it is negative); return how far it went."""
    before = page.evaluate(MOMENT)
    way = 1 if by > 0 else -1
    return until(lambda: (gone := page.evaluate(MOMENT) - before) * way > by * way and gone, 30)


def test_recordings_play_at_any_speed_either_way_and_frame_by_frame(page: Page, site: Site) -> None:
    recorded(site, "lobby", 16)
    with site.client() as client:
        now = time.time_ns() // 1000
        first = items(client, "/cameras/lobby/recordings", start=now - 3_600_000_000, end=now)[0]["start"] // 1000
    page.goto(f"{site.url}/cameras/lobby?at={first + 1000}")
    frame = page.locator("[data-phase]")
    expect(frame).to_have_attribute("data-phase", "ready")
    assert abs(page.evaluate(MOMENT) - first - 1000) < 3000
    moved(page, 1000)
    expect(page.get_by_text("Key frames")).to_have_count(0)
    page.keyboard.press(">")
    moved(page, 1500)
    page.keyboard.press(" ")
    page.keyboard.press(".")
    page.wait_for_timeout(300)
    at, shown = page.evaluate(MOMENT), page.evaluate(PICTURE)
    page.keyboard.press(".")
    until(lambda: page.evaluate(MOMENT) > at and page.evaluate(PICTURE) != shown, 20)
    page.wait_for_timeout(300)
    assert page.evaluate(MOMENT) - at < 150, "one frame of fifteen a second or more"
    page.keyboard.press(",")
    until(lambda: page.evaluate(PICTURE) == shown, 20)
    # Backward, key frames: pictures go by, they do not stand still.
    page.get_by_role("combobox", name="Speed").click()
    page.get_by_role("option", name="−2 ×").click()
    expect(page.get_by_text("Key frames")).to_be_visible()
    moved(page, -300)
    shown = page.evaluate(PICTURE)
    moved(page, -1500)
    assert page.evaluate(PICTURE) != shown
    shot(page, "backward")
    page.get_by_role("combobox", name="Speed").click()
    page.get_by_role("option", name="16 ×", exact=True).click()
    moved(page, 3000)
    # What lies before the first picture is told with its reason, and the end is the live picture.
    expect(page.get_by_role("region", name="Live", exact=True)).to_be_visible(timeout=60_000)


IN_STEP = """() => [...document.querySelectorAll("[data-phase='ready'] video")]
  .map(v => Number(v.dataset.origin) + Number(v.dataset.way) * v.currentTime * 1000)"""


def test_cameras_play_in_step_and_a_gap_says_why(page: Page, site: Site) -> None:
    for camera in ("lobby", "yard", "gate"):
        recorded(site, camera, 12)
    now = time.time_ns() // 1_000_000
    page.goto(f"{site.url}/timeline?camera=lobby&camera=yard&at={now - 9000}")
    page.wait_for_function(f"() => ({IN_STEP})().length === 2", timeout=60_000)
    before = page.evaluate(IN_STEP)[0]
    until(lambda: page.evaluate(IN_STEP)[0] > before + 1500, 40)
    # The middle of many looks: a machine that is busy with other things may stop the world for a moment.
    apart = sorted(
        abs(one - other) for one, other in (page.evaluate(IN_STEP) for _ in range(40)) if page.wait_for_timeout(50) is None
    )
    assert apart[20] < 100 and apart[0] < 50, f"ms between the cameras: {apart}"
    shot(page, "timeline")
    # Nothing was recorded of a camera before it was added: its lane says so, the others go on.
    with site.client() as client:
        span = {"start": (now - 3_600_000) * 1000, "end": now * 1000}
        begun = [items(client, f"/cameras/{one}/recordings", **span)[0]["start"] // 1000 for one in ("lobby", "gate")]
    assert begun[0] < begun[1]
    page.goto(f"{site.url}/timeline?camera=lobby&camera=gate&at={begun[0] + 200}")
    gate = page.get_by_role("article", name="Gate")
    expect(gate).to_contain_text("Not recorded: Nothing is known of this time")
    page.wait_for_function(f"() => ({IN_STEP})().length === 1")
    shot(page, "timeline-gap")
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("A white van")
    dialog.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("region", name="Events and bookmarks")).to_contain_text("A white van")


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
