"""The door board and the commands for an area or the site, in a real browser on a made-up site."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, Served, chromium, overflow, sign_in
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


def lock_down(site: FakeSite) -> None:
    site.set_status("door:door-3", mode="locked-down", held_by="lockdown", priority="emergency", fault="active", faults=["lock"])
    site.set_status("door:door-4", pre_alarm=True, physical="open")


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, served.url)
    yield page
    context.close()


def test_what_is_not_normal_stands_first_with_what_holds_it(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/doors")
    rows = page.get_by_role("region", name="All doors").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Forced open")
    served.do(lock_down)
    locked_down = rows.filter(has_text="Stairwell north").first
    expect(locked_down).to_contain_text("Locked down")
    expect(locked_down).to_contain_text("Lockdown")
    expect(locked_down).to_contain_text("Fault")
    expect(rows.filter(has_text="Laboratory").first).to_contain_text("Open for long")
    expect(rows.filter(has_text="Loading dock").first).to_contain_text("Schedule")
    page.get_by_text("Not normal: 4").click()
    expect(rows).to_have_count(4)


def test_the_board_is_worked_with_the_keyboard(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/doors")
    rows = page.get_by_role("region", name="All doors").locator("tbody tr")
    expect(rows.first).to_contain_text("Forced open")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("r")
    expect(rows.nth(1)).to_contain_text("Released")
    served.do(lambda site: site.set_status("door:door-2", mode="unlocked"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/doors/door-2$"))


def test_a_door_refuses_what_its_mode_forbids_and_says_why(page: Page, served: Served) -> None:
    served.do(lock_down)
    page.goto(f"{served.url}/doors/door-3")
    commands = page.get_by_role("region", name="Commands")
    expect(commands.get_by_role("button", name="Unlock", exact=True)).to_be_disabled()
    expect(commands.get_by_role("button", name="Unlock", exact=True)).to_have_attribute("title", re.compile("locked down"))
    expect(commands).to_contain_text("The door is locked down. End the lockdown first.")
    expect(commands.get_by_role("button", name="Fire release")).to_be_enabled()
    commands.get_by_role("button", name="End lockdown").click()
    commands.get_by_label("Reason").fill("Drill is over")
    commands.locator("form").get_by_role("button", name="End lockdown").click()
    expect(commands).to_contain_text("has done it at")
    assert served.site.commands[-1] == {"door": "door-3", "command": "release-lockdown", "reason": "Drill is over"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_a_lockdown_of_the_site_names_who_did_not_do_it(browser: Browser, served: Served, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, served.url)
    served.do(lock_down)
    page.goto(f"{served.url}/doors")
    expect(page.get_by_role("region", name="All doors")).to_contain_text("Locked down")
    page.screenshot(path=SCREENSHOTS / f"doors-board-{width}-{scheme}.png")
    page.get_by_role("button", name="Lockdown, fire release…").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Lock down: the whole site")
    expect(send).to_be_disabled()
    dialog.get_by_label("Reason").fill("Drill")
    send.click()
    missed = dialog.get_by_role("table", name="Doors that did not do it")
    expect(missed).to_contain_text("Not reached")
    expect(missed).to_contain_text("Controller Yard is not connected.")
    expect(dialog).to_contain_text(re.compile(r"Lock down: \d+ of \d+ doors did it, in 0.04 s."))
    page.screenshot(path=SCREENSHOTS / f"doors-many-{width}-{scheme}.png")
    assert overflow(page) == 0
    page.keyboard.press("Escape")
    page.goto(f"{served.url}/doors/door-3")
    expect(page.get_by_role("region", name="Commands")).to_contain_text("End lockdown")
    page.screenshot(path=SCREENSHOTS / f"door-locked-down-{width}-{scheme}.png")
    context.close()
    assert served.site.commands[-1] == {"command": "lockdown", "reason": "Drill", "area": None}
