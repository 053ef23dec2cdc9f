"""A board that was bought, on a whole node: found, added and wired, its limits said, its door opened."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e
SERIAL = 405419896


@pytest.fixture(scope="module")
def board(site: Site) -> Iterator[None]:
    # Started after the site, so that it is in the site's network namespace; a wildcard hears broadcasts.
    arguments = [sys.executable, "-m", "sim.uhppote", "--host", "0.0.0.0", "--serial", str(SERIAL)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=ENVIRONMENT)
    assert process.stdout is not None and b"listening" in process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def command(site: Site, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        input=text,
        env={**ENVIRONMENT, "SITEWARDEN_DATA_DIR": str(site.data), "SITEWARDEN_BIND": site.host},
    )


def made(client: httpx.Client, kind: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_board_is_found_added_and_opens_its_door(site: Site, client: httpx.Client, board: None) -> None:
    def found() -> dict[str, Any] | None:
        answer = client.post("/controllers/search", json={"seconds": 1})
        assert answer.status_code == 200, answer.text
        return next((item for item in answer.json()["items"] if item["driver"] == "uhppote"), None)

    seen = until(found)
    assert seen is not None
    assert (seen["id"], seen["serial"], seen["model"], seen["in_site"]) == (
        f"uhppote-{SERIAL}",
        SERIAL,
        "UHPPOTE, 4 doors",
        False,
    )
    refused = client.post(
        "/controllers", json={"name": "Gate", "driver": "uhppote", "config": {"serial": SERIAL, "interlok": "1-2"}}
    )
    assert refused.status_code == 422 and refused.json()["remedy"] == 'Did you mean "interlock"?'
    made(
        client,
        "controllers",
        id="gate",
        name="Gate",
        driver="uhppote",
        address=seen["sender"],
        config={"serial": SERIAL, "poll": 0.3},
    )
    double = client.post("/controllers", json={"name": "Again", "driver": "uhppote", "config": {"serial": SERIAL}})
    assert double.status_code == 409, double.text
    made(client, "doors", id="yard", name="Yard", controller="gate", output=1)
    made(client, "access-points", id="yard-in", name="Yard, in", door="yard", reader=1)
    policy = {"schedule": "always", "access_point": "yard-in"}
    made(client, "access-profiles", id="yard", name="Yard", policies=[policy])
    made(client, "credential-holders", id="zoe", name="Zoe Ardent")
    made(client, "credentials", id="zoe-card", name="Zoe's card", holder="zoe", card="26:c9c841", profiles=[{"profile": "yard"}])

    def online() -> bool:
        status = client.get("/controllers/gate").json()["status"]
        return bool(status) and status["state"] == "online" and status["data"]["cards"] == 1

    until(online, why=lambda: client.get("/controllers/gate").text)
    answer = client.post("/doors/yard/commands", json={"command": "release"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["value"]["door"]["lock"] == "unlocked"
    until(lambda: items(client, "/events", type="door.command", entity="door:yard"))

    def states() -> dict[str, str]:
        return {entry["row"]: entry["state"] for entry in client.get("/network/ports").json()["items"]}

    until(lambda: states()["uhppote-event"] == "open")


def test_what_the_board_cannot_keep_is_said_at_once(site: Site, client: httpx.Client, board: None) -> None:
    (item,) = client.get("/controllers/limits", params={"id": "gate"}).json()["items"]
    assert [(limit["rule"], limit["severity"]) for limit in item["limits"]] == [("priority", "notice")]
    text = client.get("/site/export").text
    content = yaml.safe_load(text)
    content["access-points"]["yard-in"]["authentication"] = "card-and-pin"
    path = site.data.parent / "draft.yaml"
    path.write_text(yaml.safe_dump(content))
    planned = command(site, "apply", "--plan", str(path))
    assert planned.returncode == 0 and "lets nobody in where more than a card is asked for" in planned.stderr, (
        planned.stdout + planned.stderr
    )
    changed = client.patch("/access-points/yard-in", json={"authentication": "card-and-pin"})
    assert changed.status_code == 200, changed.text
    (item,) = client.get("/controllers/limits").json()["items"]
    assert [(limit["rule"], limit["severity"], limit["entities"]) for limit in item["limits"]] == [
        ("authentication", "warning", ["access-point:yard-in"]),
        ("priority", "notice", ["controller:gate"]),
    ]
    (event,) = until(lambda: items(client, "/events", type="controller.limits", entity="controller:gate"))
    assert "cannot keep 1 of the site's rules" in event["event"]["text"]
    said = command(site, "device", "limits", "--json")
    assert said.returncode == 1 and json.loads(said.stdout)["items"][0]["controller"] == "gate"
    until(lambda: client.get("/controllers/gate").json()["status"]["data"]["cards"] == 0)


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed")
@pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)")
def test_the_controller_s_page_shows_it(site: Site, client: httpx.Client, board: None) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 844}, color_scheme="dark")
        page.context.set_default_timeout(60_000)
        sign_in(page, site.url, password=site.password)
        found = complaints(page)
        page.goto(f"{site.url}/controllers/gate")
        panel = page.get_by_role("region", name="What it cannot keep of the rules")
        expect(panel).to_contain_text("it lets nobody in where more than a card is asked for")
        expect(panel.get_by_role("link", name="Yard, in")).to_be_visible()
        expect(page.get_by_role("button", name="Reset")).to_have_count(0)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=SCREENSHOTS / f"board-page-{width}.png")
            assert overflow(page) <= 0
        page.goto(f"{site.url}/controllers")
        page.get_by_role("button", name="Search controllers").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("row").filter(has_text="UHPPOTE, 4 doors")).to_contain_text("in the site")
        page.screenshot(path=SCREENSHOTS / "board-search.png")
        assert found == []
