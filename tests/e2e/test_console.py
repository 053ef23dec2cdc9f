"""The console in a real browser, on a made-up site: what it shows, asks, refuses, and does when the server goes away."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, Served, chromium, complaints, overflow, sign_in
from tests.e2e.fake_documents import status
from tests.e2e.fake_site import STATIC, FakeSite
from tests.e2e.site import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]

PAGES = {
    "overview": "/", "wall": "/wall", "cameras": "/cameras", "camera": "/cameras/cam-0", "storage": "/storage",
    "timeline": "/timeline?camera=cam-0&camera=cam-1&camera=cam-2", "exports": "/exports",
    "doors": "/doors", "door": "/doors/door-0", "points": "/points", "point": "/points/point-1",
    "history": "/points/point-1?tab=history&with=point-2,point-3&compare=day&last=21600",
    "door-history": "/doors/door-0?tab=history", "camera-history": "/cameras/cam-0?tab=history",
    "dashboard": "/dashboards/boiler-room",
    "events": "/events", "network": "/network", "users": "/people", "tokens": "/people?tab=tokens",
    "user": "/users/admin", "settings": "/settings", "setup": "/setup", "shortcuts": "/shortcuts",
    "site": "/site", "controllers": "/controllers", "controller": "/controllers/ctl-2", "credential": "/credentials/new/edit",
    "new-camera": "/cameras/new/edit", "nowhere": "/no/such/page/here",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def served(host: str) -> Iterator[Served]:
    running = Served(FakeSite(), host)
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def test_a_wrong_password_is_refused_in_words_and_a_right_one_opens_the_overview(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/doors")
    page.get_by_label("User name").fill("admin")
    page.locator("input[type=password]").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "User name or password is wrong. Try again; mind capital letters.", use_inner_text=True
    )
    page.locator("input[type=password]").fill("secret")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Doors", exact=True)).to_be_visible()


def test_what_is_not_normal_comes_first_with_its_word(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    rows = page.get_by_role("region", name="Not normal now").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Alarm")
    expect(rows.nth(0)).to_contain_text("Forced open")
    expect(rows.nth(1)).to_contain_text("no answer from 10.0.0.3:554")
    served.do(lambda site: site.set_status("door:door-1", alarm="normal", physical="closed"))
    expect(rows).to_have_count(2)
    expect(page.get_by_role("link", name="0 alarms and 1 warning")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
def test_no_page_overflows_or_makes_the_browser_complain(browser: Browser, served: Served, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, served.url)
    found = complaints(page)
    wide = {}
    for name, path in PAGES.items():
        page.goto(served.url + path)
        expect(page.locator("main")).not_to_be_empty()
        for width in (1280, 1920, 390):
            page.set_viewport_size({"width": width, "height": 844 if width < 700 else width * 5 // 8})
            expect(page.get_by_role("status", name="Loading")).to_have_count(0)
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
            if overflow(page) > 0:
                wide[f"{name} at {width}"] = overflow(page)
    context.close()
    assert wide == {}
    # The camera that is off refuses its WebSocket, and the browser says so.
    assert [line for line in found if "cam-3/live" not in line] == []


def test_a_value_changes_on_the_screen_when_it_changes_in_the_field(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/points/point-4")
    expect(page.get_by_role("region", name="Now")).to_contain_text("24.0 °C")
    served.do(lambda site: site.set_value("point-4", 71.26))
    expect(page.get_by_role("region", name="Now")).to_contain_text("71.3 °C")
    served.do(lambda site: site.set_value("point-4", 71.26, 0x80050000))
    expect(page.get_by_role("region", name="Now")).to_contain_text("Communication error")


def test_a_lost_connection_is_said_and_events_go_on_where_they_ended(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/events")
    rows = page.get_by_role("log").get_by_role("button")
    expect(rows.first).to_contain_text("Grace Hopper was refused")
    served.do(lambda site: site.emit("door.opened", "door:door-2", "Loading dock opened"))
    expect(rows.first).to_contain_text("Loading dock opened")
    served.stop()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"Connection lost, showing values from \d\d:\d\d:\d\d"))
    for n in range(3):
        served.site.emit("door.closed", "door:door-2", f"Closed while away {n}")
    served.restart()
    expect(page.get_by_role("alert")).to_have_count(0, timeout=60_000)
    expect(rows.nth(0)).to_contain_text("Closed while away 2")
    expect(rows.nth(2)).to_contain_text("Closed while away 0")
    expect(rows.nth(3)).to_contain_text("Loading dock opened")


def test_a_dangerous_command_asks_for_a_reason_and_says_what_came_of_it(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/doors/door-0")
    commands = page.get_by_role("region", name="Commands")
    commands.get_by_role("button", name="Release", exact=True).click()
    expect(commands).to_contain_text("Release: Main entrance has done it at")
    commands.get_by_role("button", name="Block", exact=True).click()
    expect(commands).to_contain_text("nobody passes")
    run = commands.locator("form").get_by_role("button", name="Block")
    expect(run).to_be_disabled()
    page.get_by_label("Reason").fill("fire drill")
    page.keyboard.press("Enter")
    expect(commands).to_contain_text("Block: Main entrance has done it at")
    assert served.site.commands == [
        {"door": "door-0", "command": "release", "reason": ""},
        {"door": "door-0", "command": "block", "reason": "fire drill"},
    ]
    commands.get_by_role("button", name="Lock down", exact=True).click()
    page.get_by_label("Reason").fill("test")
    page.keyboard.press("Enter")
    expect(commands.get_by_role("alert")).to_contain_text("Check its cable, then try again.")


def test_everything_is_one_keystroke_away(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.keyboard.press("Control+k")
    page.keyboard.type("serv")
    expect(page.get_by_role("option", name="Server room")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/doors/door-1$"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Network")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("ggg")
    expect(page.get_by_label("Filter by name or number")).to_have_value("ggg")


def test_twenty_thousand_points_are_a_few_rows_of_the_page(browser: Browser, host: str) -> None:
    running = Served(FakeSite(points=20_000), host)
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        sign_in(page, running.url)
        page.goto(f"{running.url}/points")
        table = page.get_by_role("table")
        expect(table).to_have_attribute("aria-rowcount", "20000", timeout=60_000)
        table.hover()
        page.mouse.wheel(0, 10_000_000)
        last = page.get_by_role("row", name="Sensor 19999 temperature")
        expect(last).to_contain_text("°C")
        assert page.get_by_role("row").count() < 60
        page.get_by_label("Filter by name, device or tag").fill("sensor 777")
        expect(table).to_have_attribute("aria-rowcount", "11")
        page.close()
    finally:
        running.stop()


def test_a_refused_person_is_explained_with_links_to_what_decided(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/events?type=access.denied")
    page.get_by_role("log").get_by_role("button").first.click()
    drawer = page.get_by_role("dialog")
    why = drawer.get_by_role("region", name="Why")
    expect(why).to_contain_text("only during Office hours")
    expect(why).to_contain_text("Not at this time")
    expect(why.get_by_role("link", name="Office hours")).to_have_attribute("href", "/schedules/office")
    expect(drawer.get_by_role("link", name="Grace Hopper")).to_have_attribute("href", "/credential-holders/grace")
    expect(drawer.get_by_role("link", name="See the recording")).to_have_attribute("href", re.compile(r"/cameras/cam-0\?at=\d+"))
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_a_paused_list_stands_still_and_counts_what_waits(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/events")
    rows = page.get_by_role("log").get_by_role("button")
    expect(rows.first).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    for n in range(3):
        served.do(lambda site, n=n: site.emit("door.opened", "door:door-2", f"Opened {n}"))  # type: ignore[misc]
    expect(page.get_by_text("Paused, 3 waiting")).to_be_visible()
    expect(rows.first).to_contain_text("Grace Hopper was refused")
    page.get_by_role("button", name="Resume").click()
    expect(rows.first).to_contain_text("Opened 2")


def test_a_value_out_of_its_limits_cannot_be_sent(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/points")
    page.get_by_role("button", name="Write Sensor 0 temperature").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("0 to 90 °C")
    dialog.get_by_label("New value").fill("91")
    expect(dialog).to_contain_text("This must not be over 90.")
    expect(dialog.get_by_role("button", name="Write", exact=True)).to_be_disabled()
    dialog.get_by_label("New value").fill("42,5")
    dialog.get_by_role("button", name="Set to 42.5 °C").click()
    expect(dialog).to_contain_text("the device reads back 42.5")
    assert served.site.values["point-0"][1] == 42.5
    dialog.get_by_label("Priority").fill("8")
    dialog.get_by_role("button", name="Give priority 8 back").click()
    expect(dialog).to_contain_text("Given back; it was 42.5. The device reads back 42.5.")


def test_live_pictures_move_and_a_dead_camera_says_so(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/wall")
    first = page.get_by_label("Live picture of Gate")
    moving = "element => element && element.readyState >= 3 && element.videoWidth === 640 && element.currentTime"
    page.wait_for_function(f"() => ({moving})(document.querySelector('video')) > 1.5")
    behind = "e => e.buffered.end(e.buffered.length - 1) - e.currentTime"
    page.wait_for_function(f"() => ({behind})(document.querySelector('video')) < 1")
    expect(first).to_be_visible()
    expect(page.get_by_role("article", name="Corridor")).to_contain_text(
        "No picture. Trying again. · no answer from 10.0.0.3:554"
    )
    page.keyboard.press("1")
    expect(page.locator("video")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("article", name="Yard")).to_be_visible()


def test_a_computer_that_cannot_show_all_gets_key_frames_and_says_so(page: Page, served: Served) -> None:
    # What a browser tells that decodes half of what comes; key frames are few enough.
    page.add_init_script("""
      const honest = HTMLVideoElement.prototype.getVideoPlaybackQuality;
      HTMLVideoElement.prototype.getVideoPlaybackQuality = function () {
        const { totalVideoFrames } = honest.call(this);
        return { totalVideoFrames, droppedVideoFrames: Math.ceil(totalVideoFrames / 2) };
      };
    """)
    sign_in(page, served.url)
    page.goto(f"{served.url}/wall")
    gate = page.get_by_role("article", name="Gate")
    expect(gate).to_contain_text("Key frames only: this computer cannot show more", timeout=60_000)
    video = gate.locator("video")
    seen = set()

    def others() -> bool:
        page.wait_for_timeout(200)
        if video.evaluate("video => video.readyState >= 2 && video.paused"):
            seen.add(round(video.evaluate("video => video.currentTime")))
        return len(seen) >= 3

    until(others, 60)
    times = sorted(seen)
    assert times[0] < times[-1], "one picture after the other"
    expect(gate.get_by_text("Stale")).to_have_count(0)
    page.screenshot(path=SCREENSHOTS / "wall-keys-1280.png")


def test_the_wizard_ends_the_demo_only_when_it_is_meant(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.get_by_role("link", name="Set up the real site").click()
    page.get_by_label("Name of the site").fill("Harbour")
    page.get_by_role("button", name="Next", exact=True).click()
    finish = page.get_by_role("button", name="Start the real site")
    expect(finish).to_be_disabled()
    page.get_by_label("Stop the simulated site").check()
    finish.click()
    expect(page.get_by_role("link", name="Add the first camera")).to_be_visible()
    assert served.site.demo is False
    expect(page.get_by_text("This is the demo site")).to_have_count(0)


def test_a_camera_is_added_by_its_form_and_what_is_missing_is_said_at_its_field(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/cameras/new/edit")
    page.get_by_label("Name", exact=False).first.fill("Pier")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is needed.")).to_have_count(1)
    page.get_by_label("Stream address").fill("rtsp://10.0.0.9/1")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/cameras/pier$"))
    assert served.site.documents["cameras"][-1]["url"] == "rtsp://10.0.0.9/1"


def test_signing_out_forgets_what_was_shown(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.get_by_role("button", name="User Ada Lovelace").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert served.site.signed_in is False
    expect(page.get_by_text("Server room")).to_have_count(0)


def test_j_and_k_walk_through_the_events_with_the_detail_open(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/events")
    expect(page.get_by_role("log").get_by_role("button").first).to_be_visible()
    page.keyboard.press("j")
    heading = page.get_by_role("dialog").get_by_role("heading", level=2).last
    expect(heading).to_contain_text("Grace Hopper was refused")
    page.keyboard.press("j")
    expect(heading).to_contain_text("Server room was forced open")
    page.keyboard.press("k")
    expect(heading).to_contain_text("Grace Hopper was refused")


def test_a_gap_says_why_it_is_one_and_how_far_it_is_filled(page: Page, served: Served) -> None:
    edge = {"recordings": 1, "start": 0}
    served.site.statuses["camera-control:cam-0"] = status("camera-control:cam-0", edge=edge)
    served.site.documents["cameras"][0]["edge_fill"] = "auto"
    sign_in(page, served.url)
    minute = int(time.time()) // 60 * 60_000
    page.goto(f"{served.url}/cameras/cam-0?at={minute - 8 * 60_000}")
    row = page.get_by_role("status").filter(has_text="Gap ")
    expect(row).to_contain_text("The camera sent nothing")
    row.get_by_role("button", name="Fetch it from the camera").click()
    expect(row).to_contain_text("Waits to be fetched from the camera")
    expect(row.get_by_role("button")).to_have_count(0)
    span = {"start": (minute - 10 * 60_000) * 1000, "end": (minute - 7 * 60_000) * 1000}
    assert {name: served.site.fills[0][name] for name in span} == span
    for state, detail, told in (
        ("running", "", "Is being fetched from the camera"),
        ("failed", "the camera has nothing of this time", "Not filled from the camera (the camera has nothing of this time)"),
    ):
        served.do(lambda site, state=state, detail=detail: site.fills[0].update(state=state, detail=detail))
        expect(row).to_contain_text(told)
    expect(row.get_by_role("button", name="Fetch it from the camera")).to_be_visible()
    for width, scheme in ((390, "dark"), (1280, "light"), (1920, "dark")):
        page.set_viewport_size({"width": width, "height": 844 if width < 700 else width * 5 // 8})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        row.scroll_into_view_if_needed()
        page.screenshot(path=SCREENSHOTS / f"gap-fill-{width}-{scheme}.png")
        assert overflow(page) <= 0
    # What was left out on purpose is not asked for.
    page.goto(f"{served.url}/cameras/cam-0?at={minute - 25.5 * 60_000:.0f}")
    expect(row).to_contain_text("Privacy")
    expect(row.get_by_role("button")).to_have_count(0)


def test_history_goes_from_a_year_to_a_second_and_the_old_picture_stays_until_the_new_one_comes(
    page: Page, served: Served
) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/points/point-0?tab=history&last=31536000&with=point-1")
    chart = page.get_by_role("application")
    plot = chart.locator(".u-over")
    expect(plot).to_be_visible()
    widths = []

    def asked() -> int:
        query = served.do(lambda site: site.asked[-1])
        return int(query["end"][0]) - int(query["start"][0])

    plot.hover(position={"x": 300, "y": 100})
    for _ in range(40):
        widths.append(asked())
        if widths[-1] <= 1_000_000:
            break
        before = page.url
        for _ in range(8):
            page.mouse.wheel(0, -100)
        expect(page).not_to_have_url(before)
        expect(plot).to_be_visible()
        deadline = time.monotonic() + 60
        while asked() >= widths[-1] and time.monotonic() < deadline:
            page.wait_for_timeout(20)
    assert widths[-1] == 1_000_000, widths
    points = served.do(lambda site: site.asked[-1])["point"]
    assert points == ["point-0", "point-1"]
    chart.focus()
    before = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(before)
    page.get_by_text("1 h", exact=True).click()
    expect(page).to_have_url(re.compile("last=3600"))
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))


def test_history_is_a_table_and_a_file_too(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/points/point-0?tab=history&last=3600")
    page.get_by_text("Values as a table").click()
    table = page.get_by_role("region", name="Values as a table")
    expect(table.get_by_role("columnheader")).to_have_text(["Time", "Sensor 0 temperature, °C"])
    assert table.get_by_role("row").count() > 60
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV of what is shown").click()
    text = saved.value.path().read_text()
    assert text.startswith("point,name,unit,time,value,minimum,maximum,count,quality\n")
    assert "0x808A0000" in text, "a failed read is told"


def test_a_dashboard_is_arranged_by_keys_and_kept(page: Page, served: Served) -> None:
    sign_in(page, served.url)
    page.goto(f"{served.url}/dashboards/boiler-room")
    expect(page.locator("[data-tile=value]").first).to_contain_text("°C")
    expect(page.locator("[data-tile=chart] .u-over")).to_be_visible()
    page.get_by_role("button", name="Arrange").click()
    page.get_by_role("button", name="Move Server room", exact=True).press("ArrowRight")
    page.get_by_role("button", name="Move Server room", exact=True).press("Shift+ArrowRight")
    page.get_by_role("button", name="Remove Return").click()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("button", name="Arrange")).to_be_visible()
    tiles = served.do(lambda site: site.documents["dashboards"][0]["tiles"])
    assert [tile["kind"] for tile in tiles] == ["value", "chart", "picture", "state", "events"]
    assert [(tile["x"], tile["w"]) for tile in tiles if tile["kind"] == "state"] == [(7, 4)]
