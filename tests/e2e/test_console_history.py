"""The event page as a search: over time, by a saved search, from a moment both ways; and the backups' panel."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, Served, chromium, overflow, sign_in
from tests.e2e.fake_documents import now
from tests.e2e.fake_site import STATIC, FakeSite

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]
DAY = 86_400.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def served(host: str) -> Iterator[Served]:
    site = FakeSite()
    site.events.clear()
    for n in range(900):
        site.emit(
            "door.opened" if n % 3 else "door.forced", "door:door-0", f"Passage {n}", (0, 1, 3)[n % 3], age=(900 - n) * DAY / 30
        )
    running = Served(site, host)
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    made = context.new_page()
    sign_in(made, served.url)
    yield made
    context.close()


def test_a_span_is_dragged_over_saved_searches_and_a_moment_are_jumped_to(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/events")
    strip = page.get_by_role("img", name=re.compile("Events over time: 900 in all"))
    box = strip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("start=[0-9]+&end=[0-9]+"))
    expect(page.get_by_role("log")).to_contain_text("Passage 5")
    expect(page.get_by_role("log")).not_to_contain_text("Passage 899")
    expect(page.get_by_text("Not live under this filter")).to_be_visible()
    page.get_by_role("button", name="Whole log").click()
    expect(page.get_by_role("log")).to_contain_text("Passage 899")
    page.get_by_role("button", name="Saved searches").click()
    page.get_by_role("menuitem", name="Doors by night").click()
    expect(page).to_have_url(re.compile(r"type=door\.\*.*severity=1"))
    page.goto(f"{served.url}/events?at={now() - int(15 * DAY * 1e6)}")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Passage 450")
    deadline = time.monotonic() + 60
    seen = 0
    # What is put in above is drawn for a moment before the place that one reads is kept: it is there once it was seen twice.
    while seen < 2 and time.monotonic() < deadline:
        log.evaluate("box => { box.scrollTop = 0 }")
        page.wait_for_timeout(300)
        seen = seen + 1 if "Passage 899" in log.inner_text() else 0
    expect(log).to_contain_text("Passage 899")
    page.goto(f"{served.url}/events?saved=nights")
    expect(page).to_have_url(re.compile(r"type=door\.\*.*severity=1"))


def test_it_fits_every_screen(page: Page, served: Served) -> None:
    for width in (390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        for name, path in (("history", "/events"), ("backups", "/storage")):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.goto(f"{served.url}{path}")
                expect(page.get_by_role("region", name="Event log" if name == "history" else "Backups")).to_be_visible()
                SCREENSHOTS.mkdir(exist_ok=True)
                page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=name == "backups")
        assert not overflow(page), width


def test_the_last_backup_is_shown_with_what_went_wrong(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/storage")
    panel = page.get_by_role("region", name="Backups")
    expect(panel).to_contain_text("The last backup is late.")
    expect(panel).to_contain_text("Host is down")
    expect(panel.get_by_role("button", name="Back up now")).to_be_visible()


def test_a_person_is_picked_by_name_and_a_doors_events_are_counted_by_the_server(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/events")
    person = page.get_by_role("combobox", name="Person")
    person.fill("grace")
    page.get_by_role("option", name="Grace Hopper").click()
    expect(page).to_have_url(re.compile("holder=grace"))
    expect(person).to_have_value("Grace Hopper")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "history-person.png")
    page.goto(f"{served.url}/doors/door-0?tab=history&last=2592000")
    expect(page.get_by_role("img", name=re.compile(r"^Opened: (59[0-9]|600)$"))).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "history-door.png")
