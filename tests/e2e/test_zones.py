"""Zones across controllers: who came in at one is known at the other, and an operator puts right what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from sitewarden.domain.access.cards import encode_h10301, format_card
from tests.e2e.browser import CHROMIUM, chromium, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import Site, items, until
from tests.e2e.test_doors import ask, connected, decisions, head
from tests.e2e.test_processes import cli

pytestmark = pytest.mark.e2e

ZONE = "antipassback-zone:campus"
CARD = format_card(26, encode_h10301(99, 4711))
"""Of somebody whom none of the demo's people at the doors plays."""


@pytest.fixture
def zone(site: Site, client: httpx.Client) -> Iterator[None]:
    until(lambda: connected(site, "front") and connected(site, "inner"))
    client.post("/credential-holders", json={"id": "zoe", "name": "Zoe"}).raise_for_status()
    body = {"id": "zoe-card", "name": "Card", "holder": "zoe", "card": CARD, "profiles": [{"profile": "guard"}]}
    client.post("/credentials", json=body).raise_for_status()
    body = {"id": "campus", "name": "Campus", "areas": ["lobby", "offices"], "offline": "deny"}
    client.post("/antipassback-zones", json=body).raise_for_status()
    # Rules are told in the order of the changes: who has the zone has the card.
    until(lambda: all(ZONE in known(site, one) for one in ("front", "inner")))
    yield
    for path in ("antipassback-zones/campus", "credentials/zoe-card", "credential-holders/zoe"):
        client.delete(f"/{path}").raise_for_status()
    until(lambda: not any(ZONE in known(site, one) for one in ("front", "inner")))


def known(site: Site, controller: str) -> list[str]:
    """Return the zones of the rules that a controller decides by."""
    zones: list[str] = ask(site, controller, op="state")["zones"]
    return zones


def swipe(site: Site, controller: str, reader: int) -> bool:
    return bool(ask(site, controller, op="swipe", reader=reader, card=CARD)["signal"] == "granted")


def through(site: Site, controller: str, reader: int) -> bool:
    """Show a card, and where it is granted open the door and close it."""
    if not swipe(site, controller, reader):
        return False
    for active in (True, False):
        ask(site, controller, op="input", line=0, active=active)
    return True


def inside(client: httpx.Client) -> list[tuple[str, str, str]]:
    found = client.get("/zones/antipassback-zone/campus").json()
    return [(one["holder"], one["area"], one["door"]) for one in found["occupants"] if one["holder"] == "zoe"]


def why(client: httpx.Client, person: str, after: int) -> dict[str, Any]:
    data: dict[str, Any] = until(lambda: decisions(client, person, after))[-1]["event"]["data"]
    return data


@pytest.mark.usefixtures("zone")
def test_two_controllers_share_a_zone(site: Site, client: httpx.Client) -> None:
    assert client.get("/zones").json()["items"][0]["held_by"] == "", "the server holds what lies across controllers"
    assert through(site, "front", 0)
    until(lambda: inside(client) == [("zoe", "lobby", "main-entrance")])
    before = head(client)
    assert not swipe(site, "inner", 1), "nobody leaves the offices who is in the lobby"
    refused = why(client, "zoe", before)
    assert refused["reason"] == "antipassback-violation"
    assert refused["explanation"]["decided_by"] == "server"
    assert refused["explanation"]["zones"][0]["zone"] == ZONE

    assert through(site, "inner", 0)
    until(lambda: inside(client) == [("zoe", "offices", "office-wing")])
    assert not swipe(site, "front", 1), "nobody leaves by the front who is in the offices"

    assert "reason" in client.post("/zones/antipassback-zone/campus/forgive", json={"holder": "zoe"}).json()["where"]
    asked = {"holder": "zoe", "reason": "tailgated"}
    client.post("/zones/antipassback-zone/campus/forgive", json=asked).raise_for_status()
    assert through(site, "front", 1)
    until(lambda: not swipe(site, "front", 1), 20, lambda: "once: she is outside now")
    line = next(item for item in items(client, "/audit") if item["action"] == "zone.forgive")
    assert (line["entity"], line["reason"], line["detail"]["holder"]) == (ZONE, "tailgated", "zoe")

    assert "Campus" in cli(site, "zone", "list")
    assert json.loads(cli(site, "zone", "reset", ZONE, "--reason", "drill", "--json"))["inside"] == 0
    assert swipe(site, "front", 1)


@pytest.mark.usefixtures("zone")
def test_without_the_server_the_zone_answers_as_it_is_set_to(site: Site, client: httpx.Client) -> None:
    before = head(client)
    with site.stopped("core"):
        assert not swipe(site, "inner", 0), "the zone denies while only the server knows"
    assert until(lambda: decisions(client, "zoe", before))[-1]["event"]["data"]["reason"] == "server-unreachable"


@pytest.mark.usefixtures("zone")
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)")
def test_the_board_in_the_browser_follows_a_swipe(site: Site) -> None:
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, site.url, password=site.password)
        page.goto(f"{site.url}/zones/antipassback-zone/campus")
        people = page.get_by_role("region", name="People inside")
        zoe = people.get_by_role("row").filter(has=page.get_by_role("link", name="Zoe", exact=True))
        expect(people).to_be_visible(timeout=60_000)
        expect(zoe).to_have_count(0)
        assert through(site, "front", 0)
        expect(zoe).to_contain_text("Main entrance", timeout=60_000)
        assert through(site, "front", 1)
        expect(zoe).to_have_count(0, timeout=60_000)
