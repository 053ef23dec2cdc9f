"""Cameras that send more than H.264, and their sound, in a real browser on a living site."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from sitewarden.app.verify import examine
from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
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
    context.set_default_timeout(60_000)
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
    until(lambda: page.wait_for_timeout(100) or len(frames) > 15)
    page.wait_for_function("() => [...document.querySelectorAll('video')].some(v => v.readyState >= 3 && v.currentTime > 1)")
    now = page.get_by_role("region", name="Now", exact=True)
    expect(now).to_contain_text("H.264, 640 × 360")
    expect(now).to_contain_text("AAC")
    shot(page, "sound")
    page.get_by_role("button", name="Turn sound off").click()
    until(lambda: page.wait_for_timeout(100) or sockets[0].is_closed())
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
    return until(lambda: (gone := page.evaluate(MOMENT) - before) * way > by * way and gone)


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
    until(lambda: page.evaluate(MOMENT) > at and page.evaluate(PICTURE) != shown)
    page.wait_for_timeout(300)
    assert page.evaluate(MOMENT) - at < 150, "one frame of fifteen a second or more"
    page.keyboard.press(",")
    until(lambda: page.evaluate(PICTURE) == shown)
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
    until(lambda: page.evaluate(IN_STEP)[0] > before + 1500)
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


def looks(page: Page, name: str) -> None:
    """Take screenshots in each size, and hold the page to its window."""
    for width, scheme in ((390, "light"), (1280, "dark"), (1920, "light")):
        page.set_viewport_size({"width": width, "height": 844 if width < 700 else width * 5 // 8})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert overflow(page) <= 0, f"{name} at {width}"
        shot(page, f"{name}-{width}-{scheme}")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")


def test_a_layout_and_a_tour_are_kept_and_shown_again(page: Page, browser: Browser, site: Site) -> None:
    page.goto(f"{site.url}/wall")
    shown = page.get_by_role("article")
    page.get_by_text("1+5", exact=True).click()
    page.get_by_role("button", name="Arrange", exact=True).click()
    expect(shown).to_have_count(6)
    for cell, name in enumerate(("Yard camera", "Gate", "Lobby camera")):
        chooser = shown.nth(cell).get_by_role("combobox", name="Camera of this cell")
        chooser.fill(name)
        page.get_by_role("option", name=name).click()
    # The fourth of them stood there already.
    shown.nth(3).locator("button").first.click()
    looks(page, "wall-arranged")
    page.get_by_role("button", name="Keep layout").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Night")
    dialog.get_by_label("For all, not for me alone").check()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    view = page.get_by_role("combobox", name="What the wall shows")
    expect(view).to_have_value("Night")
    page.get_by_role("button", name="New tour").click()
    dialog.get_by_label("Name").fill("Rounds")
    dialog.get_by_label("Layouts and cameras, in order").click()
    page.get_by_role("option", name="Night").click()
    page.get_by_role("option", name="Gate").click()
    page.keyboard.press("Tab")
    dialog.get_by_label("Seconds each is shown").fill("2")
    looks(page, "wall-tour")
    dialog.get_by_role("button", name="Keep it").click()
    expect(view).to_have_value("Rounds")
    # It goes from the layout to the camera alone, and back.
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("aria-label", "Gate")
    expect(shown).to_have_count(6)
    with site.client() as client:
        (layout,), (tour,) = items(client, "/layouts"), items(client, "/tours")
    assert (layout["name"], layout["form"], layout["owner"]) == ("Night", "1+5", None)
    assert layout["cameras"] == ["yard", "gate", "lobby", None, None, None]
    assert (tour["name"], tour["owner"]) == ("Rounds", "admin")
    assert [(step["layout"], step["camera"], step["seconds"]) for step in tour["steps"]] == [
        (layout["id"], None, 2.0),
        (None, "gate", 2.0),
    ]
    # Another browser has kept nothing itself: it takes the layout from the server.
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    other = context.new_page()
    sign_in(other, site.url, password=site.password)
    other.goto(f"{site.url}/wall")
    other.get_by_role("combobox", name="What the wall shows").click()
    other.get_by_role("option", name="Night").click()
    expect(other.get_by_role("article").first).to_have_attribute("aria-label", "Yard camera")
    other.wait_for_function("() => [...document.querySelectorAll('video')].filter(v => v.currentTime > 0.5).length >= 2")
    looks(other, "wall-night")
    context.close()


def test_masks_are_drawn_on_the_picture_and_stand_in_the_export(page: Page, site: Site, tmp_path: Path) -> None:
    recorded(site, "lobby", 10)
    with site.client() as client:
        now = time.time_ns() // 1000
        first = items(client, "/cameras/lobby/recordings", start=now - 3_600_000_000, end=now)[-1]["start"] // 1000
    page.goto(f"{site.url}/cameras/lobby?at={first + 2000}")
    page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Privacy masks").check()
    expect(dialog.get_by_text("Draw a mask, or leave masks out.")).to_be_visible()
    dialog.get_by_label("Reason").fill("Theft")
    export = dialog.get_by_role("button", name="Export", exact=True)
    expect(export).to_be_disabled()
    picture = dialog.get_by_role("img", name="Picture to draw masks on")
    # The recorded picture of the beginning lies under it: begin where something was recorded.
    start = dialog.get_by_label(re.compile("^From"))
    start.fill(page.evaluate("ms => new Date(ms).toISOString().slice(0, 19)", first + 1000))
    picture.locator("img").wait_for()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.75, steps=4)
    page.mouse.up()
    expect(dialog.get_by_label("Mask 1, width")).to_have_value(re.compile(r"^(39|40)"))
    dialog.get_by_role("button", name="Add a mask").click()
    dialog.get_by_label("Mask 2, from the left").fill("0")
    dialog.get_by_label("Mask 2, from the top").fill("0")
    dialog.get_by_label("Mask 2, from the top").blur()
    expect(dialog.get_by_label("Mask 2, from the left")).to_have_value("0 %")
    dialog.get_by_label("Watermark").check()
    looks(page, "masks")
    with page.expect_download(timeout=90_000) as started:
        export.click()
    saved = tmp_path / "export.zip"
    started.value.save_as(saved)
    with zipfile.ZipFile(saved) as archive:
        told = examine(archive, None)
    assert told["ok"], told["wrong"]
    drawn, typed = told["files"][0]["converted"]["masks"]
    assert typed == (0, 0, 20, 20)
    assert all(abs(one - other) < 1 for one, other in zip(drawn, (50, 25, 40, 50), strict=True))


def asking(site: Site, cameras: list[str], reason: str) -> socket.socket:
    """Ask for an export as a browser on a line that stands still does: what was sent is not taken."""
    with site.client() as client:
        now = time.time_ns() // 1000
        span = {"start": now - 3_600_000_000, "end": now + 3_600_000_000}

        def much() -> bool:
            """More than what the kernel takes in place of the browser: 4 MiB."""
            return sum(one["bytes"] for camera in cameras for one in items(client, f"/cameras/{camera}/recordings", **span)) > 6e6

        until(much, 120)
        query = urlencode([*(("camera", camera) for camera in cameras), *span.items(), ("reason", reason)])
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((site.host, 8600))
    head = f"GET /api/v1/exports/video.zip?{query} HTTP/1.1\r\nHost: {site.host}:8600\r\nCookie: {cookie}\r\n\r\n"
    line.sendall(head.encode())
    return line


def test_the_queue_tells_how_far_an_export_is_and_ends_it(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.url}/exports")
    with asking(site, ["yard", "lobby", "gate"], "Slow-line"):
        row = page.get_by_role("row").filter(has_text="Slow-line")
        expect(row).to_contain_text(re.compile(r"Being written: \d+ %"))
        expect(row).to_contain_text("Yard camera, Lobby camera, Gate")
        looks(page, "exports-writing")
        row.get_by_role("button", name="Cancel").click()
        expect(row).to_contain_text("Cancelled")
    with page.expect_download(timeout=60_000) as started:
        row.get_by_role("link", name="Export again").click()
    saved = tmp_path / "again.zip"
    started.value.save_as(saved)
    with zipfile.ZipFile(saved) as archive:
        told = examine(archive, None)
        reason = json.loads(archive.read("manifest.json"))["reason"]
    assert told["ok"] and reason == "Slow-line"
    whole = page.get_by_role("row").filter(has_text="Whole, signed").filter(has_text="Slow-line")
    expect(whole).to_contain_text(re.compile(r"[1-9][\d.]* [kM]B"))
    looks(page, "exports-done")
