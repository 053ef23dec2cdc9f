"""ONVIF on the living demo site: a camera is moved, held, switched, added by address and password; by API and browser."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from sim.demo import CAMERA_PASSWORD, CAMERA_USER, ONVIF_PORTS
from sitewarden.drivers.onvif import mapping, wire
from sitewarden.wire.soap import envelope, read_answer, username_token
from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e
in_browser = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]
YARD = "/cameras/yard"


def status(client: httpx.Client, reference: str) -> dict[str, Any]:
    found = {one["ref"]: one for one in items(client, "/status")}
    return found.get(reference, {})


def online(client: httpx.Client) -> dict[str, Any]:
    def now() -> dict[str, Any] | None:
        found = status(client, "camera-control:yard")
        return found if found.get("state") == "online" and found["data"]["inputs"] else None

    return until(now, 40)  # type: ignore[return-value]


def position(client: httpx.Client, site: Site) -> dict[str, float]:
    """Where the camera itself says that it looks."""
    proof = username_token(CAMERA_USER, CAMERA_PASSWORD, bytes(16), _utc())
    body = envelope(wire.ptz_status("main").body, proof, wire.PREFIXES)
    answer = httpx.post(f"http://{site.host}:{ONVIF_PORTS['yard']}/onvif/ptz_service", content=body, timeout=60)
    return mapping.read_position(read_answer(answer.content, "GetStatusResponse"))


def _utc() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def test_a_camera_is_moved_and_stops_by_itself(client: httpx.Client, site: Site) -> None:
    data = online(client)["data"]
    assert (data["manufacturer"], data["ptz"]["presets"]) == ("Sitewarden", 16)
    before = position(client, site)
    moved = client.post(f"{YARD}/ptz/move", json={"pan": -0.5, "seconds": 0.5})
    assert moved.status_code == 200, moved.text
    assert moved.json()["hold"]["name"] == "admin"
    until(lambda: status(client, "camera-hold:yard").get("data", {}).get("actor") == "user:admin")
    until(lambda: position(client, site)["pan"] < before["pan"])
    until(lambda: _stands(client, site))
    assert [preset["name"] for preset in items(client, f"{YARD}/ptz/presets")] == ["Gate", "Car park"]
    assert client.post(f"{YARD}/ptz/presets/go", json={"preset": "2"}).status_code == 200
    assert position(client, site)["pan"] == 0.6
    refused = client.post("/cameras/lobby/ptz/move", json={"pan": 1})
    assert (refused.status_code, refused.json()["remedy"]) == (409, "Set the address of its ONVIF services, where it has them.")


def _stands(client: httpx.Client, site: Site) -> bool:
    first = position(client, site)
    return first == position(client, site)


def test_a_relay_is_switched_and_the_log_tells_it(client: httpx.Client) -> None:
    online(client)
    assert client.post(f"{YARD}/relays", json={"relay": "relay-1", "active": True}).status_code == 204
    until(lambda: items(client, "/events", entity="camera:yard", type="camera.relay"))
    until(lambda: status(client, "camera-control:yard")["data"]["relays"][0]["active"] is True)
    assert client.post(f"{YARD}/relays", json={"relay": "relay-1", "active": False}).status_code == 204


def test_a_camera_is_added_from_the_command_line(client: httpx.Client, site: Site) -> None:
    port = ONVIF_PORTS["yard"]
    verb = ["camera", "add", f"{site.host}:{port}", "--user", CAMERA_USER, "--name", "Second", "--profile", "sub"]
    done = subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", *verb, "--settings", str(site.data / "sitewarden.toml")],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "SITEWARDEN_CAMERA_PASSWORD": CAMERA_PASSWORD},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Second is added as second" in done.stdout
    assert CAMERA_PASSWORD not in done.stdout + done.stderr
    until(lambda: status(client, "camera:second").get("state") == "online")
    camera = client.get("/cameras/second").json()
    assert camera["url"].endswith("/yard-sub") and camera["password_set"] is True
    assert CAMERA_PASSWORD not in (site.data / "state.db").read_bytes().decode("latin-1")
    assert client.delete("/cameras/second").status_code == 204
    until(lambda: not status(client, "camera-control:second"))


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    # Started after the site, so that it is in the site's network namespace.
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    yield page
    context.close()


@pytest.mark.usefixtures("client")
@in_browser[0]
@in_browser[1]
def test_the_pad_moves_the_camera_while_it_is_held(page: Page, client: httpx.Client, site: Site) -> None:
    online(client)
    page.goto(f"{site.url}/cameras/yard")
    panel = page.get_by_role("region", name="Move")
    panel.get_by_role("button", name="Gate", exact=True).click()
    until(lambda: position(client, site)["pan"] == -0.5)
    button = panel.get_by_role("button", name="Right", exact=True)
    button.hover()
    page.mouse.down()
    until(lambda: position(client, site)["pan"] > 0)
    page.mouse.up()
    expect(panel).to_contain_text(re.compile("Moved by you until"))
    until(lambda: _stands(client, site))
    button.focus()
    tilt = position(client, site)["tilt"]
    page.keyboard.down("ArrowUp")
    until(lambda: position(client, site)["tilt"] > tilt)
    page.keyboard.up("ArrowUp")
    until(lambda: _stands(client, site))
    page.keyboard.down("ArrowDown")
    page.goto("about:blank")
    until(lambda: _stands(client, site))
    page.goto(f"{site.url}/cameras/yard")
    panel.get_by_role("button", name="Keep for 5 min").click()
    expect(panel).to_contain_text("Kept by you until")
    panel.get_by_role("button", name="Start Rounds").click()
    expect(panel).to_contain_text("Rounds Running")
    panel.get_by_role("button", name="Stop Rounds").click()
    expect(panel).to_contain_text("Rounds Stands")
    panel.get_by_role("button", name="New tour").click()
    form = page.get_by_role("dialog", name="New tour")
    form.get_by_role("textbox", name="Name", exact=True).fill("Night")
    form.get_by_role("combobox", name="Stop 1", exact=True).click()
    page.get_by_role("option", name="Car park").click()
    form.get_by_role("button", name="Add a stop").click()
    for width, height, scheme in ((390, 844, "dark"), (1280, 900, "light"), (1920, 1080, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=SCREENSHOTS / f"camera-tour-{width}-{scheme}.png")
    form.get_by_role("button", name="Keep at the camera").click()
    expect(panel).to_contain_text("Night Stands")
    night = next(tour for tour in items(client, f"{YARD}/ptz/tours") if tour["name"] == "Night")
    assert [(stop["preset"], stop["home"]) for stop in night["stops"]] == [("2", False), ("", True)]
    panel.get_by_role("button", name="Remove Night").click()
    expect(panel).not_to_contain_text("Night")
    picture = page.get_by_role("region", name="Picture", exact=True)
    picture.get_by_role("button", name="Set").click()
    picture.get_by_role("slider", name="Brightness").focus()
    page.keyboard.press("ArrowRight")
    until(lambda: client.get(f"{YARD}/imaging").json()["settings"]["brightness"] == 51)
    expect(picture.get_by_role("button", name="Near")).to_be_disabled()
    picture.get_by_role("combobox", name="Focus").click()
    page.get_by_role("option", name="Manual").click()
    expect(picture.get_by_role("button", name="Near")).to_be_enabled()
    for width, height, scheme in ((390, 844, "light"), (1280, 900, "dark"), (1920, 1080, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.get_by_role("region", name="ONVIF")).to_contain_text("Simulated camera T")
        assert overflow(page) <= 0
        page.screenshot(path=SCREENSHOTS / f"camera-ptz-{width}-{scheme}.png", full_page=True)
    panel.get_by_role("button", name="Give back").click()
    expect(panel).to_contain_text("Nobody moves this camera")


@in_browser[0]
@in_browser[1]
def test_a_camera_that_a_search_found_is_added_in_the_browser(page: Page, client: httpx.Client, site: Site) -> None:
    places = ["--host", site.host, "--name", "third", "--port", "8002", "--rtsp-port", "8559"]
    who = ["--user", CAMERA_USER, "--password", CAMERA_PASSWORD]
    camera = subprocess.Popen([sys.executable, "-m", "sim.onvif", *places, *who], env=ENVIRONMENT, stdout=subprocess.PIPE)
    try:
        assert camera.stdout is not None and b"device_service" in camera.stdout.readline()
        page.goto(f"{site.url}/network")
        panel = page.get_by_role("region", name="Found devices")
        panel.get_by_role("button", name="Search").click()
        panel.get_by_role("button", name="Add Third to the site").click(timeout=60_000)
        expect(panel.get_by_role("row", name=re.compile("Yard.*Yard camera"))).to_be_visible()
        expect(panel.get_by_role("button", name="Add Yard to the site")).to_have_count(0)
        form = panel.get_by_role("form", name="Add camera")
        expect(form.get_by_role("textbox", name="User")).to_be_focused()
        page.keyboard.type(CAMERA_USER)
        form.locator("input[type=password]").fill("wrong")
        form.get_by_role("button", name="Ask the camera").click()
        expect(form.get_by_role("alert")).to_contain_text("refuses the user")
        form.locator("input[type=password]").fill(CAMERA_PASSWORD)
        form.get_by_role("button", name="Ask the camera").click()
        expect(form).to_contain_text("Serial number SIM-third")
        form.get_by_role("textbox", name=re.compile("^Name")).fill("Third")
        for width, height, scheme in ((390, 844, "dark"), (1280, 900, "light"), (1920, 1080, "dark")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            form.scroll_into_view_if_needed()
            page.screenshot(path=SCREENSHOTS / f"camera-add-{width}-{scheme}.png")
        form.get_by_role("button", name="Add camera").click()
        expect(panel).to_contain_text("It is enabled, with its events and controls.")
        made = client.get("/cameras/third").json()
        assert made["onvif"] == f"http://{site.host}:8002/onvif/device_service"
        assert (made["url"], made["sub_url"]) == tuple(f"rtsp://{site.host}:8559/{name}" for name in ("third", "third-sub"))
        until(lambda: status(client, "camera:third").get("state") == "online")
        assert client.delete("/cameras/third").status_code == 204
    finally:
        camera.terminate()
        camera.communicate(timeout=60)
