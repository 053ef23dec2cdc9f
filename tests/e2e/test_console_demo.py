"""The console in a real browser, on the living demo site: the tracer paths as an operator sees them, and the wizard."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sim.demo_access import card_of
from sitewarden.wire.mpegts_read import Demuxer
from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import Site, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]

PAGES = ("/", "/wall", "/timeline", "/exports", "/cameras/yard",
         "/doors", "/doors/main-entrance", "/points", "/points/ahu-supply", "/events", "/network",
         "/people", "/site", "/settings", "/controllers", "/credential-holders", "/zones", "/muster")  # fmt: skip


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    # Started after the site, so that it is in the site's network namespace.
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


def test_the_least_delay_is_a_choice_that_falls_back_where_udp_does_not_get_through(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cameras/lobby")
    video = page.locator("video").first
    moved = "video => video.currentTime > 0.3 && video.videoWidth"
    choice = page.get_by_label("Least delay (WebRTC)")
    choice.check(force=True)
    # The browser sends nothing by UDP from a computer that has loopback alone.
    expect(page.get_by_text("UDP does not get through from here")).to_be_visible(timeout=60_000)
    until(lambda: video.evaluate(moved) == 640)
    page.screenshot(path=SCREENSHOTS / "camera-webrtc-fallback-1280.png")
    subprocess.run(["ip", "link", "add", "desk0", "type", "veth", "peer", "name", "desk1"], check=True)
    try:
        for command in ("link set desk1 up", "link set desk0 up", "address add 10.99.0.1/24 dev desk0"):
            subprocess.run(["ip", *command.split()], check=True)
        page.reload()
        expect(choice).to_be_checked()
        expect(page.get_by_text(re.compile(r"about \d+ ms from the server"))).to_be_visible(timeout=60_000)
        until(lambda: video.evaluate("video => video.srcObject !== null && video.videoWidth") == 640)
        until(lambda: video.evaluate(moved) == 640)
        page.screenshot(path=SCREENSHOTS / "camera-webrtc-1280.png")
    finally:
        subprocess.run(["ip", "link", "delete", "desk0"], check=True)


def test_whoever_presses_talks_through_the_camera(page: Page, site: Site) -> None:
    heard: list[int] = []
    page.on("response", lambda answer: heard.append(answer.status) if answer.url.endswith("/lobby/talk") else None)
    page.goto(f"{site.url}/cameras/lobby")
    button = page.get_by_role("button", name="Press to talk")
    button.hover()
    page.mouse.down()
    expect(page.get_by_role("button", name="Speaking")).to_be_visible()
    until(lambda: page.wait_for_timeout(100) is None and len(heard) >= 5)
    page.screenshot(path=SCREENSHOTS / "camera-talk-1280.png")
    page.mouse.up()
    expect(button).to_be_visible()
    assert set(heard) == {200}
    with site.client() as client:
        entries = client.get("/audit", params={"limit": 20}).json()["items"]
    assert [(one["actor"], one["outcome"]) for one in entries if one["action"] == "camera.talk"] == [("user:admin", "done")]


def test_a_camera_without_a_loudspeaker_refuses_in_words(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cameras/yard")
    panel = page.get_by_role("region", name="Loudspeaker")
    panel.get_by_role("button", name="Press to talk").hover()
    page.mouse.down()
    expect(panel.get_by_role("alert")).to_contain_text("loudspeaker")
    expect(panel.get_by_role("button", name="Press to talk")).to_have_attribute("aria-pressed", "false")
    page.mouse.up()
    panel.scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "camera-talk-refused-1280.png")


def test_a_written_set_point_is_read_back_and_stands_in_the_log(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/points/ahu-setpoint")
    now = page.get_by_role("region", name="Now")
    expect(now).to_contain_text("Good")
    now.get_by_role("button", name="Write").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("New value")
    wanted = "19.5" if "19.5" not in field.input_value() else "20.5"
    field.fill(wanted)
    dialog.get_by_label("Reason").fill("Too warm")
    dialog.get_by_role("button", name=re.compile(f"Set to {wanted}")).click()
    expect(dialog).to_contain_text(f"reads back {wanted}")
    page.keyboard.press("Escape")
    expect(now).to_contain_text(wanted)
    expect(page.get_by_role("region", name="Events of this point")).to_contain_text(re.compile("set from .* by"))


def test_a_machines_values_are_drawn_from_the_store_and_leave_it_as_files(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/points/ahu-supply?tab=history&last=300")
    expect(page.get_by_role("application").locator(".u-over")).to_be_visible(timeout=60_000)
    page.get_by_text("Values as a table").click()
    table = page.get_by_role("region", name="Values as a table")
    expect(table.get_by_role("columnheader").nth(1)).to_contain_text("°C", timeout=60_000)
    with page.expect_download(timeout=60_000) as saved:
        page.get_by_role("link", name="All samples as CSV").click()
    rows = saved.value.path().read_text().splitlines()
    assert rows[0] == "point,time,value,quality,server_time"
    assert all(row.startswith("ahu-supply,") for row in rows[1:])
    assert len(rows) > 1


def test_a_camera_is_seen_live_then_recorded_from_the_timeline(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cameras/yard")
    playing = "() => [...document.querySelectorAll('video')].some(v => v.readyState >= 3 && v.videoWidth && v.currentTime > 1)"
    page.wait_for_function(playing)
    expect(page.get_by_role("region", name="Live", exact=True)).to_be_visible()
    with site.client() as client:

        def recorded() -> bool:
            end = time.time_ns() // 1000
            found = client.get("/cameras/yard/recordings", params={"start": end - 3_600_000_000, "end": end})
            return found.status_code == 200 and any(end - item["start"] > 8_000_000 for item in found.json()["items"])

        until(recorded, 60)
    page.reload()
    page.get_by_role("button", name="Previous recording").click()
    expect(page.get_by_role("region", name="Recorded")).to_be_visible()
    plays = "v => v.ariaLabel.startsWith('Recording of') && v.readyState >= 2 && !v.paused && v.currentTime > 0.5"
    page.wait_for_function(f"() => [...document.querySelectorAll('video')].some({plays})")
    page.screenshot(path=SCREENSHOTS / "demo-playback.png")
    page.get_by_role("button", name="Back to live").click()
    page.wait_for_function(playing)


def test_a_camera_is_sent_to_the_group_and_stopped(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cameras/yard")
    panel = page.get_by_role("region", name="Multicast")
    panel.get_by_role("button", name="Send to the group").click()
    address = panel.locator("code")
    expect(address).to_have_text(re.compile(r"^udp://@225\.5\.10\.1:\d+$"))
    port = int(address.inner_text().rpartition(":")[2])
    demuxer, frames = Demuxer(), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        viewer.bind(("225.5.10.1", port))
        joined = socket.inet_aton("225.5.10.1") + socket.inet_aton(site.host)
        viewer.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        viewer.settimeout(60)
        while frames < 30:
            frames += len(demuxer.feed(viewer.recv(2048)))
    page.screenshot(path=SCREENSHOTS / "camera-multicast-1280-light.png", full_page=True)
    page.goto(f"{site.url}/network")
    streams = page.get_by_role("region", name="Multicast streams")
    expect(streams).to_contain_text(f"udp://@225.5.10.1:{port}")
    streams.screenshot(path=SCREENSHOTS / "network-multicast-1280-light.png")
    streams.get_by_role("link").click()
    panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("button", name="Send to the group")).to_be_visible()


def test_recordings_are_exported_and_proved_elsewhere(page: Page, site: Site, tmp_path: Path) -> None:
    with site.client() as client:
        since = int(time.time() * 1_000_000) - 3_600_000_000
        span = {"start": since, "end": since + 4_000_000_000}
        until(lambda: len(client.get("/cameras/yard/recordings", params=span).json()["items"]) > 0, 90)
    page.goto(f"{site.url}/cameras/yard")
    page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cameras").click()
    page.get_by_role("option", name="Lobby camera").click()
    dialog.get_by_label("Reason").fill("Theft at the gate")
    dialog.get_by_label("Reason").click()
    page.screenshot(path=SCREENSHOTS / "export-1280-light.png")
    with page.expect_download(timeout=60_000) as started:
        dialog.get_by_role("button", name="Export", exact=True).click()
    saved = tmp_path / started.value.suggested_filename
    started.value.save_as(saved)
    assert started.value.suggested_filename.startswith("export-")
    # On another machine: no settings, no node, no connection.
    command = [sys.executable, "-m", "sitewarden.cli", "verify", str(saved), "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60).stdout)
    assert told["ok"] and {one["camera"] for one in told["files"]} == {"yard", "lobby"}
    assert (told["manifest"]["by"], told["manifest"]["reason"]) == ("user:admin", "Theft at the gate")
    with site.client() as client:
        entries = [one for one in client.get("/audit").json()["items"] if one["action"] == "camera.export"]
    assert {one["entity"] for one in entries} == {"camera:yard", "camera:lobby"}
    assert sum("manifest_sha256" in one["detail"] for one in entries) == 2


def test_a_workstations_viewer_feeds_its_browser_from_the_group(browser: Browser, site: Site) -> None:
    command = [sys.executable, "-m", "sitewarden.cli", "viewer", site.url, "--interface", site.host, "--port", "8690"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as viewer:
        try:
            assert viewer.stdout is not None
            assert "Open http://127.0.0.1:8690" in viewer.stdout.readline()
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.set_default_timeout(60_000)
            page = context.new_page()
            sign_in(page, "http://127.0.0.1:8690", password=site.password)
            with site.client() as client:
                changed = client.patch("/cameras/yard", json={"sub_url": f"rtsp://{site.host}:8555/yard-sub"})
                assert changed.status_code == 200, changed.text
            page.goto("http://127.0.0.1:8690/wall")
            playing = "() => [...document.querySelectorAll('video')].filter(one => one.currentTime > 0.5).length >= 2"
            page.wait_for_function(playing, timeout=60_000)
            page.screenshot(path=SCREENSHOTS / "viewer-wall-1280-light.png")
            second = context.new_page()
            second.goto("http://127.0.0.1:8690/cameras/lobby")
            second.wait_for_function(playing.replace(">= 2", ">= 1"), timeout=60_000)
            with site.client() as client:

                def sent() -> dict[tuple[str, str], int]:
                    items = client.get("/multicast").json()["items"]
                    return {(one["camera"], one["stream"]): one["holders"] for one in items}

                # The lobby is watched in two windows, and is sent once; of the yard the wall takes the second stream.
                until(lambda: sent() == {("lobby", "main"): 2, ("yard", "sub"): 1}, 60, lambda: str(sent()))
                context.close()
                until(lambda: sent() == {}, 60, lambda: str(sent()))
                assert client.patch("/cameras/yard", json={"sub_url": ""}).status_code == 200
        finally:
            viewer.terminate()


def test_a_swipe_is_explained_on_the_doors_page_as_it_happens(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/events?type=access.*")
    rows = page.get_by_role("log").get_by_role("button")
    decision = rows.filter(has_text=re.compile("may pass|was refused")).first
    expect(decision).to_be_visible(timeout=60_000)
    decision.click()
    why = page.get_by_role("dialog").get_by_role("region", name="Why")
    expect(why).to_contain_text(re.compile("Rule|Reason|Decided by"))
    page.screenshot(path=SCREENSHOTS / "demo-explanation.png")


def test_a_released_door_says_that_it_was_and_shows_it(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/doors/main-entrance")
    page.get_by_role("region", name="Commands").get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_role("region", name="Commands")).to_contain_text("Release: Main entrance has done it at")
    expect(page.get_by_role("region", name="Events of this door")).to_contain_text(re.compile("door.command|by "))


def test_the_site_is_locked_down_and_released_from_the_board(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/doors")
    rows = page.get_by_role("region", name="All doors").locator("tbody tr")
    expect(rows).to_have_count(4)
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Drill")
    dialog.get_by_role("button", name="Lock down: the whole site").click()
    expect(dialog).to_contain_text("4 of 4 doors did it")
    page.keyboard.press("Escape")
    expect(rows.filter(has_text="Lockdown")).to_have_count(4)
    page.screenshot(path=SCREENSHOTS / "demo-lockdown.png")
    expect(rows.first.get_by_role("button", name="Release")).to_be_disabled()
    page.keyboard.press("l")
    # The dialog takes the focus to the reason once it stands, which would close a list that was opened before.
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_label("Command", exact=True).first.click()
    page.get_by_role("option", name="End lockdown").click()
    dialog.get_by_label("Reason").fill("Drill is over")
    dialog.get_by_role("button", name="End lockdown: the whole site").click()
    expect(dialog).to_contain_text("4 of 4 doors did it")
    page.keyboard.press("Escape")
    expect(rows.filter(has_text="Lockdown")).to_have_count(0)


def test_the_network_page_shows_who_holds_a_port_and_what_a_firewall_must_pass(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/network")
    expect(page.get_by_role("region", name="Port manifest")).to_contain_text(f"{site.host}:8600")
    ports = page.get_by_role("region", name="Map of the ports")
    expect(ports.get_by_role("region", name=re.compile("^node "))).to_contain_text("listens on 80, 8600, 8601")
    expect(ports.get_by_role("region", name="Cameras").get_by_role("button").filter(has_text="rtsp").first).to_contain_text(
        re.compile("Open.*2 peers")
    )
    expect(ports.get_by_role("region", name="Controllers")).to_contain_text("1480/tcpdevice-serverOpen")
    doctor = page.get_by_role("region", name="Doctor")
    expect(doctor.get_by_role("listitem").first).to_be_attached()
    expect(doctor).to_contain_text("Looked at")
    doctor.get_by_role("button", name="Examine again").click()
    expect(doctor.get_by_role("button", name="Examine again")).to_be_enabled()
    expect(doctor).to_contain_text("the node runs and holds its ports")
    expect(page.get_by_label("nftables", exact=True).last).to_contain_text("table inet sitewarden")
    page.get_by_text("Between networks", exact=True).click()
    page.get_by_label("Format", exact=True).first.click()
    page.get_by_role("option", name="Router, IOS style").click()
    expect(page.get_by_label("Router, IOS style").last).to_contain_text("No network of the site has a name yet")


def _at_the_door(site: Site, controller: str, reader: int, card: str) -> str:
    """Show a card at a simulated controller; return what the reader signals."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(str(site.data / "controllers" / f"{controller}.sock"))
        line.sendall(json.dumps({"op": "swipe", "reader": reader, "card": card}).encode() + b"\n")
        said: dict[str, Any] = json.loads(line.makefile().readline())
    return str(said["signal"])


def test_the_day_of_an_operator(browser: Browser, site: Site, tmp_path: Path) -> None:
    """Somebody is refused, and it is found out why; they are looked up; a door is released; the house is counted; a report."""
    with site.client() as admin:
        made = admin.post(
            "/users", json={"id": "olga", "name": "Olga", "password": "olga's long password", "roles": ["operator"]}
        )
        assert made.status_code == 201, made.text
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    try:
        sign_in(page, site.url, "olga", "olga's long password")
        page.goto(f"{site.url}/events?type=access.denied")
        assert _at_the_door(site, "front", 0, card_of("kim")) == "denied"
        refused = page.get_by_role("log").get_by_role("button").filter(has_text="Kim Park was refused at Main entrance, in").first
        refused.click()
        expect(page.get_by_role("dialog").get_by_role("region", name="Why")).to_contain_text("the credential was valid until")
        page.keyboard.press("Escape")
        page.goto(f"{site.url}/credential-holders/kim")
        expect(page.get_by_role("region", name="May open")).to_contain_text("Main entrance")
        expect(page.get_by_role("main")).to_contain_text("Kim Park was refused at Main entrance, in")
        expect(page.get_by_role("button", name=re.compile("^(Enable|Disable)"))).to_have_count(0)
        page.screenshot(path=SCREENSHOTS / "demo-operator-holder.png")
        page.goto(f"{site.url}/doors/main-entrance")
        expect(page.get_by_role("region", name="Who can open this door")).to_contain_text("Ada Marlow")
        page.get_by_role("region", name="Commands").get_by_role("button", name="Release", exact=True).click()
        expect(page.get_by_role("region", name="Events of this door")).to_contain_text(re.compile("release by user:olga"))
        with site.client() as admin:
            # People come and go by themselves; somebody is in the offices before long.
            inside = until(lambda: [one["name"] for one in admin.get("/muster").json()["people"]], 60)
        page.goto(f"{site.url}/muster")
        expect(page.get_by_role("main")).to_contain_text(re.compile("|".join(inside)), timeout=60_000)
        page.screenshot(path=SCREENSHOTS / "demo-operator-muster.png")
        page.goto(f"{site.url}/events?entity=door:main-entrance")
        page.get_by_role("button", name="Export", exact=True).click()
        with page.expect_download() as coming:
            page.get_by_role("button", name="Report of these events as CSV").click()
        report = tmp_path / "day.csv"
        coming.value.save_as(report)
        assert "release by user:olga" in report.read_text("utf-8-sig")
        refusal = page.request.post(f"{site.url}/api/v1/users", data={"id": "eve", "name": "Eve"}, headers={"X-Sitewarden": "1"})
        assert refusal.status == 403
    finally:
        context.close()
    with site.client() as admin:
        audit = admin.get("/audit", params={"limit": 200}).json()["items"]
    assert {"door.release", "user.create"} <= {line["action"] for line in audit if line["actor"] == "user:olga"}


def test_no_page_of_the_living_site_overflows_or_makes_the_browser_complain(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 844}, color_scheme="dark")
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    found = complaints(page)
    wide = {}
    for path in PAGES:
        page.goto(site.url + path)
        expect(page.locator("main")).not_to_be_empty()
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            expect(page.get_by_role("status", name="Loading")).to_have_count(0)
            page.screenshot(path=SCREENSHOTS / f"demo-{path.strip('/').replace('/', '-') or 'overview'}-{width}.png")
            if overflow(page) > 0:
                wide[f"{path} at {width}"] = overflow(page)
    context.close()
    assert wide == {}
    assert found == []


def test_the_wizard_ends_the_demo_and_leaves_an_empty_site(page: Page, site: Site) -> None:
    """Stands last: it ends what the tests above look at."""
    page.goto(f"{site.url}/setup")
    page.get_by_label("Name of the site").fill("Harbour")
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Stop the simulated site").check()
    page.get_by_role("button", name="Start the real site").click()
    expect(page.get_by_role("link", name="Add the first camera")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("This is the demo site")).to_have_count(0)
    page.goto(f"{site.url}/doors")
    expect(page.get_by_text("No doors yet.")).to_be_visible()
    page.goto(f"{site.url}/people")
    expect(page.get_by_role("region", name="Users", exact=True)).to_contain_text("admin")
