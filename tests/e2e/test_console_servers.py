"""Found servers in the console: what is heard, the collision of media groups, and registering one with the keyboard alone."""

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


def test_servers_are_listed_as_they_are_heard(page: Page, served: Served) -> None:
    panel = page.get_by_role("region", name="Found servers")
    expect(panel).to_contain_text("No other server announces itself.")
    expect(page.get_by_role("region", name="Multicast groups that collide")).to_have_count(0)
    served.do(lambda site: site.announce())
    page.reload()
    rows = panel.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Harbour northServer10.0.0.7now")
    expect(rows.nth(2)).to_contain_text("Analytics 1Analytics node10.0.0.8")
    expect(rows.nth(2)).to_contain_text("No")
    expect(rows.nth(3)).to_contain_text("Its clock differs by 3 h")
    expect(rows.nth(4)).to_contain_text("was stopped")
    expect(rows.nth(4).get_by_role("button", name="Register")).to_have_count(0)
    panel.get_by_role("button", name="What Analytics 1 announces").click()
    expect(panel).to_contain_text("port 8610 does not answer within 4 s")
    served.site.servers = {**served.site.servers, "enabled": False, "items": [], "collisions": []}
    expect(panel).to_contain_text("Announcements are turned off.", timeout=60_000)
    expect(panel).to_contain_text("announcement.enabled")


def test_a_collision_is_an_alarm_that_names_the_other_and_offers_a_group(page: Page, served: Served) -> None:
    served.do(lambda site: site.announce())
    page.reload()
    panel = page.get_by_role("region", name="Multicast groups that collide")
    expect(panel.get_by_role("row").nth(1)).to_contain_text("Harbour north10.0.0.7225.5.10.1225.5.10.2")
    expect(panel).to_contain_text("Set multicast_group to a free group")
    page.goto(f"{served.url}/")
    abnormal = page.get_by_role("region", name="Not normal now")
    line = abnormal.get_by_role("listitem").filter(has_text="Harbour north")
    expect(line).to_contain_text("Alarm")
    line.get_by_role("link", name="server").click()
    expect(panel).to_be_visible()


def test_a_server_is_registered_with_the_keyboard_alone(page: Page, served: Served) -> None:
    served.do(lambda site: site.announce())
    page.reload()
    panel = page.get_by_role("region", name="Found servers")
    panel.get_by_role("button", name="Register Analytics 1").focus()
    page.keyboard.press("Enter")
    form = panel.get_by_role("form", name="Register Analytics 1")
    expect(form).to_contain_text("Its certificate is by this site’s own CA.")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("port 8610 does not answer within 4 s")
    expect(form.get_by_role("alert")).to_contain_text("Open TCP 8610 from here.")
    form.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name="Register Analytics 1")).to_be_focused()

    panel.get_by_role("button", name="Register Harbour north").focus()
    page.keyboard.press("Enter")
    form = panel.get_by_role("form", name="Register Harbour north")
    expect(form.get_by_label("Name")).to_be_focused()
    expect(form).to_contain_text("Compare this fingerprint")
    page.keyboard.press("Control+a")
    page.keyboard.type("North")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("It was registered. It is watched from now on.")
    expect(panel.get_by_role("link", name="North", exact=True)).to_have_attribute("href", "/nodes/north")
    expect(panel.get_by_role("button", name="Register Harbour north")).to_have_count(0)
    fingerprint = served.site.servers["items"][0]["fingerprint"]
    assert served.site.registered == [{"name": "North", "role": "server", "fingerprint": fingerprint}]


def test_the_panels_fit_their_window(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 1000})
    page = context.new_page()
    found = complaints(page)
    sign_in(page, served.url)
    served.do(lambda site: site.announce())
    page.goto(f"{served.url}/network")
    panel = page.get_by_role("region", name="Found servers")
    for what, shown in (("Register Harbour north", "Compare this fingerprint"), ("What Analytics 1 announces", "port 8610 does")):
        panel.get_by_role("button", name=what).click()
        panel.get_by_text(shown).wait_for()
        box = panel.get_by_text(shown).bounding_box()
        assert box is not None and 0 <= box["x"] <= 390 - box["width"], "what was opened lies beside the window"
        for width in (390, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 1000})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=SCREENSHOTS / f"servers-{what.split()[0].lower()}-{width}-{scheme}.png", full_page=True)
            assert overflow(page) <= 0
        page.set_viewport_size({"width": 390, "height": 1000})
    context.close()
    # The page asks who is signed in before anybody is.
    assert [line for line in found if "401" not in line] == []
