"""The pages Zones and Muster in a real browser on a made-up site: the board, an order with its reason, the printed list."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, TimeoutError, expect

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


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, served.url)
    yield page
    context.close()


def test_an_operator_forgives_somebody_and_says_why(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/zones")
    rows = page.get_by_role("region", name="Zones").locator("tbody tr")
    expect(rows.filter(has_text="Vault")).to_contain_text("1 of 1 inside")
    expect(rows.filter(has_text="Archive")).to_contain_text("Armed")
    page.get_by_role("link", name="Campus").click()
    people = page.get_by_role("region", name="People inside").locator("tbody tr")
    expect(people).to_have_count(3)
    expect(people.first).to_contain_text("Main entrance")
    page.get_by_role("button", name="Forgive…").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Forgive")
    expect(send).to_be_disabled()
    dialog.get_by_role("combobox", name="Person").click()
    page.get_by_role("option", name="Hugo").click()
    dialog.get_by_label("Reason").fill("tailgated out")
    with page.expect_request(lambda request: request.url.endswith("/zones/antipassback-zone/campus/forgive")) as sent:
        send.click()
    assert sent.value.post_data_json == {"holder": "hugo", "reason": "tailgated out"}
    expect(dialog).to_be_hidden()


def asks(path: str) -> Callable[[Request], bool]:
    return lambda request: request.method == "GET" and request.url.endswith(f"/api/v1/{path}")


def state_of(page: Page, zone: str) -> Locator:
    return page.get_by_role("row").filter(has_text=zone).locator("td").nth(2)


@pytest.mark.parametrize("path", ["zones", "muster"])
def test_the_boards_follow_the_log_and_do_not_ask_while_nothing_is_told(page: Page, served: Served, path: str) -> None:
    page.goto(f"{served.url}/{path}")
    expect(page.locator("tbody tr").first).to_be_visible()
    if path == "zones":
        expect(state_of(page, "East wing")).not_to_contain_text("Fire")
    until_quiet(page, path)
    with page.expect_request(asks(path)):
        served.do(lambda site: site.burn())
    if path == "zones":
        expect(state_of(page, "East wing")).to_contain_text("Fire")


def until_quiet(page: Page, path: str) -> None:
    """Return once the page asked nothing for longer than it polls by; fail where it never stops."""
    for _ in range(5):
        try:
            with page.expect_request(asks(path), timeout=5_000):
                pass
        except TimeoutError:
            return
    raise AssertionError("the page goes on asking though it is told")


def test_without_the_live_channel_the_board_asks_by_itself(page: Page, served: Served) -> None:
    page.route_web_socket("**/api/v1/live", lambda socket: socket.close())
    page.goto(f"{served.url}/zones")
    state = state_of(page, "East wing")
    expect(state).not_to_contain_text("Fire")
    served.do(lambda site: site.burn())
    expect(state).to_contain_text("Fire", timeout=60_000)


def test_the_roll_call_prints_without_what_paper_does_not_need(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/muster")
    rows = page.locator("tbody tr")
    expect(rows.nth(1)).to_contain_text("Visitor of Grace Hopper")
    expect(rows.nth(2)).to_contain_text("Safe Yard")
    expect(page.get_by_role("link", name="CSV")).to_have_attribute("href", "/api/v1/muster/export")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation").first).to_be_hidden()
    expect(page.get_by_role("button", name="Mark Hugo Silva safe")).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Seen")).to_be_visible()
    expect(rows.nth(0)).to_contain_text("Missing")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "muster-print.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_the_pages_fit(browser: Browser, served: Served, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light")
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, served.url)
    SCREENSHOTS.mkdir(exist_ok=True)
    for name, path in (("zones", "/zones"), ("zone", "/zones/antipassback-zone/campus"), ("muster", "/muster")):
        page.goto(f"{served.url}{path}")
        expect(page.locator("tbody tr").first).to_be_visible()
        assert overflow(page) <= 0
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    context.close()
