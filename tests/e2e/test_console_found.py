"""Found devices in the console: search, what came, what was refused, and adding one with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, Served, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC, FakeSite

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]

ALL = ("Pier north", "Pier south", "Router")


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
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, served.url)
    page.goto(f"{served.url}/network")
    yield page
    context.close()


def test_a_search_says_where_it_is_and_what_it_found(page: Page, served: Served) -> None:
    panel = page.get_by_role("region", name="Found devices")
    expect(panel).to_contain_text("No search yet.")
    panel.get_by_role("button", name="Search").click()
    expect(panel.get_by_role("status").first).to_have_text("Searching on eth0 (10.0.0.2), cameras (10.0.1.2)")
    expect(panel.get_by_role("button", name="Search")).to_be_disabled()
    served.do(lambda site: site.find(*ALL, problems=("No UPnP search on eth0: 8660/udp is held by another process.",)))
    rows = panel.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Pier northCameraAXIS P3265-LVE10.0.1.21ONVIF, UPnP")
    expect(rows.nth(2)).to_contain_text("Unknown")
    expect(panel).to_contain_text("it lies on another host (203.0.113.9)")
    expect(panel).to_contain_text("8660/udp is held by another process")
    expect(panel.get_by_role("link", name="10.0.1.21")).to_have_attribute("rel", "noreferrer")
    panel.get_by_role("button", name="Search").click()
    served.do(lambda site: site.find())
    expect(panel).to_contain_text("No device answered.")
    expect(panel).to_contain_text("pass multicast")


def test_a_camera_is_added_with_the_keyboard_alone(page: Page, served: Served) -> None:
    served.do(lambda site: site.find(*ALL))
    page.reload()
    panel = page.get_by_role("region", name="Found devices")
    panel.get_by_role("button", name="Add Pier south to the site").focus()
    page.keyboard.press("Enter")
    form = panel.get_by_role("form", name="Add Pier south to the site")
    expect(form.get_by_label("Name")).to_be_focused()
    expect(form).to_contain_text("It did not answer over ONVIF.")
    page.keyboard.press("Control+a")
    page.keyboard.type("My password")
    page.keyboard.press("Tab")
    page.keyboard.type("rtsp://10.0.1.22/live")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("Take another name.")
    form.get_by_label("Name").fill("Pier end")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("The camera was made. Watch whether it delivers video.")
    expect(panel.get_by_role("link", name="Open its settings")).to_have_attribute("href", "/cameras/pier-end/edit")
    expect(panel.get_by_role("link", name="Pier end")).to_be_visible()
    expect(panel.get_by_role("button", name="Add Pier south to the site")).to_have_count(0)
    assert served.site.documents["cameras"][-1]["url"] == "rtsp://10.0.1.22/live"

    panel.get_by_role("button", name="Add Pier north to the site").click()
    form = panel.get_by_role("form")
    form.get_by_label("Stream address").fill("rtsp://10.0.1.21/live")
    form.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name="Add Pier north to the site")).to_be_focused()
    page.keyboard.press("Enter")
    form.get_by_label("Stream address").fill("rtsp://10.0.1.21/live")
    form.get_by_role("button", name="Add to the site").click()
    expect(panel.get_by_role("link", name="Pier north")).to_be_visible()


def test_a_refused_search_and_a_lost_server_are_said(page: Page, served: Served) -> None:
    panel = page.get_by_role("region", name="Found devices")
    expect(panel).to_contain_text("No search yet.")
    served.site.found = {**served.site.found, "search": {**served.site.found["search"], "running": True}}
    panel.get_by_role("button", name="Search").click()
    expect(panel.get_by_role("alert")).to_contain_text("its results are for everyone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_panel_fits_its_window(browser: Browser, served: Served, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found = complaints(page)
    sign_in(page, served.url)
    served.do(lambda site: site.find(*ALL))
    page.goto(f"{served.url}/network")
    panel = page.get_by_role("region", name="Found devices")
    panel.get_by_role("button", name="Add Pier north to the site").click()
    panel.scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / f"found-{width}-{scheme}.png", full_page=True)
    assert overflow(page) <= 0
    context.close()
    # The page asks who is signed in before anybody is.
    assert [line for line in found if "401" not in line] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_what_an_endpoint_has_is_looked_at_and_becomes_points(browser: Browser, served: Served, width: int) -> None:
    items = [
        {"label": f"hall/{n} /temperature", "address": {"topic": f"hall/{n}"}, "value": 20.5 + n, "detail": "1 × 20 bytes, QoS 0"}
        for n in range(300)
    ]
    served.site.browsed = {"items": items, "more": True}
    context = browser.new_context(viewport={"width": width, "height": 1000})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, served.url)
    page.goto(f"{served.url}/endpoints/plant")
    page.get_by_role("button", name="Browse").click()
    dialog = page.get_by_role("dialog", name="What is there now")
    dialog.get_by_role("button", name="Look", exact=True).click()
    expect(dialog).to_contain_text("200 of 300 are shown")
    expect(dialog).to_contain_text("There is more")
    page.screenshot(path=SCREENSHOTS / f"browse-{width}.png")
    assert overflow(page) <= 0
    dialog.get_by_label("Search in what was found").fill("hall/7 temp")
    dialog.get_by_label("hall/7 /temperature", exact=True).check()
    dialog.get_by_role("button", name="Add 1 point").click()
    expect(dialog.get_by_role("status")).to_contain_text("1 point was added.")
    made = served.site.documents["points"][-1]
    assert (made["id"], made["device"], made["type"], made["address"]) == (
        "boiler-hall-7-temperature",
        "boiler",
        "number",
        {"topic": "hall/7"},
    )
    context.close()
