"""Controllers in the console: the search-and-add pop-up, network settings and reset, on the living demo site."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import Site, until
from tests.e2e.test_direct import swiped

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    # Started after the site, so that it is in the site's network namespace.
    with chromium() as started:
        yield started


@pytest.fixture(params=[1280, 390])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    with site.client() as client:
        until(lambda: all(client.get(f"/controllers/{name}").json()["commissioning_set"] for name in ("front", "inner")))
    context = browser.new_context(viewport={"width": request.param, "height": 844}, color_scheme="dark")
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    yield page
    context.close()


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"controllers-{name}-{page.viewport_size['width'] if page.viewport_size else 0}.png")


def test_a_search_shows_who_answers_and_adds_what_is_new(page: Page, site: Site) -> None:
    with site.client() as client:
        doors = [door["id"] for door in client.get("/doors", params={"controller": "inner"}).json()["items"]]
    found = complaints(page)
    page.goto(f"{site.url}/controllers")
    page.get_by_role("button", name="Search controllers").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="front")).to_contain_text("127.0.0.21/8")
    expect(dialog.get_by_role("row").filter(has_text="inner")).to_contain_text("in the site")
    expect(dialog).to_contain_text("Searched: 127.0.0.0/8")
    assert doors
    shot(page, "search")
    assert overflow(page) <= 0
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert found == []


def test_network_settings_are_changed_with_a_reason_and_what_came_of_it_is_said(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/controllers/front")
    page.get_by_role("button", name="Network settings", exact=True).click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("textbox", name="Address")
    expect(field).to_have_value("127.0.0.21")
    change = dialog.get_by_role("button", name="Change")
    expect(change).to_be_disabled()
    field.fill("10.0.0.255")
    dialog.get_by_label("Bits of the network").fill("24")
    dialog.get_by_label("Reason").fill("New address plan")
    change.click()
    expect(dialog.get_by_role("alert")).to_contain_text("no address of a computer")
    shot(page, "network-refused")
    field.fill("127.0.0.21")
    dialog.get_by_label("Bits of the network").fill("8")
    change.click()
    expect(dialog).to_contain_text("Front controller answers at 127.0.0.21 and keeps it.")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    shot(page, "network")


def test_a_reset_asks_for_a_reason_and_says_when_it_is_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/controllers/inner")
    page.get_by_role("button", name="Reset", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Restart it")).to_be_disabled()
    dialog.get_by_label("Reason").fill("Card reader hangs")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Inner controller has restarted.")
    shot(page, "reset")


def test_an_unknown_controller_is_added_from_the_search(page: Page, site: Site) -> None:
    """Stands last: it takes a controller out of the site to find it again."""
    with site.client() as client:
        for door in client.get("/doors", params={"controller": "inner"}).json()["items"]:
            for point in client.get("/access-points", params={"door": door["id"]}).json()["items"]:
                for profile in client.get("/access-profiles").json()["items"]:
                    kept = [policy for policy in profile["policies"] if policy["access_point"] != point["id"]]
                    client.patch(f"/access-profiles/{profile['id']}", json={"policies": kept}).raise_for_status()
                client.delete(f"/access-points/{point['id']}").raise_for_status()
            client.delete(f"/doors/{door['id']}").raise_for_status()
        client.delete("/controllers/inner").raise_for_status()
    page.goto(f"{site.url}/controllers")
    page.get_by_role("button", name="Search controllers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Add inner").click()
    dialog.get_by_label("Name").fill("Found controller")
    shot(page, "add")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Found controller is in the site.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Found controller")).to_be_visible()


def test_a_card_is_read_at_a_reader_instead_of_typed(page: Page, site: Site) -> None:
    found = complaints(page)
    page.goto(f"{site.url}/credentials/new/edit")
    page.get_by_role("button", name="Read a card at a reader").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reader at").click()
    page.get_by_role("option", name="Main entrance, in").click()
    dialog.get_by_role("button", name="Wait for a card").click()
    expect(dialog).to_contain_text("Show the card now")
    shot(page, "scan")
    assert overflow(page) <= 0
    until(lambda: not dialog.count() or not swiped(site, "front", "26:abc123"), 60)
    expect(page.get_by_label("Card", exact=True)).to_have_value(re.compile("^26:"))
    expect(page).to_have_url(re.compile("/credentials/new/edit$"))
    assert found == []


def test_direct_mode_is_marked_as_temporary_and_a_pairing_is_revoked(page: Page, site: Site) -> None:
    found = complaints(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    with site.client() as client:
        body = {"id": f"gate-{width}", "name": f"Gate {width}", "mode": "direct", "address": "127.0.0.99"}
        assert client.post("/controllers", json=body).status_code == 201
        page.goto(f"{site.url}/controllers/gate-{width}")
        expect(page.get_by_role("button", name="Reset")).to_be_visible()
        expect(page.get_by_role("button", name="Revoke pairing")).to_have_count(0)  # There is none to revoke.
    page.goto(f"{site.url}/controllers")
    listed = page.get_by_role("row").filter(has=page.get_by_role("link", name=f"Gate {width}", exact=True))
    expect(listed).to_contain_text("direct mode, temporary")
    expect(page.get_by_role("row").filter(has_text="Front controller")).not_to_contain_text("temporary")
    shot(page, "list")
    assert overflow(page) <= 0
    page.goto(f"{site.url}/controllers/gate-{width}")
    expect(page.get_by_role("note")).to_contain_text("Direct mode, which is temporary")
    shot(page, "direct")

    def paired(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"fingerprint": "ab" * 32})

    page.route(f"**/api/v1/controllers/gate-{width}", paired)
    page.reload()
    page.get_by_role("button", name="Revoke pairing").click()
    page.unroute(f"**/api/v1/controllers/gate-{width}")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Revoke the pairing")).to_be_disabled()
    dialog.get_by_label("Reason").fill("It was stolen")
    shot(page, "revoke")
    assert overflow(page) <= 0
    dialog.get_by_role("button", name="Revoke the pairing").click()
    expect(dialog).to_contain_text(f"The pairing of Gate {width} is revoked.")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Pairing revoked")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke pairing")).to_have_count(0)
    assert found == []
