"""A port changed on a living node: tried beside the old one, kept by who came in on it, given up by whatever else happens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e
WHY = {"reason": "8600 is taken by the new proxy"}


def answers(site: Site, number: int) -> bool:
    try:
        return httpx.get(f"http://{site.host}:{number}/api/v1/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def settings(site: Site) -> dict[str, Any]:
    return tomllib.loads((site.data / "sitewarden.toml").read_text())


def proof(site: Site, number: int) -> str:
    """Come in on the new number, as a browser does."""
    moved = httpx.get(f"http://{site.host}:{number}/port-trial", timeout=60)
    assert moved.status_code == 307
    return parse_qs(urlsplit(moved.headers["location"]).query)["proof"][0]


def told(client: httpx.Client, type_: str) -> list[dict[str, Any]]:
    return [item["event"]["data"] for item in items(client, "/events", type=type_)]


def ports_set(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sitewarden.cli", "ports", "set", *arguments, "--settings", site.data / "sitewarden.toml"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, check=False)


@contextmanager
def taken(host: str, number: int) -> Iterator[None]:
    with socket.socket() as sock:
        sock.bind((host, number))
        sock.listen()
        yield


def local_ports(client: httpx.Client, row: str) -> set[int]:
    (shown,) = [item for item in items(client, "/network/ports") if item["row"] == row]
    return {int(entry["local"].rpartition(":")[2]) for entry in shown["ledger"] if entry["direction"] == "in"}


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    if not CHROMIUM.exists() or not (STATIC / "index.html").exists():
        pytest.skip("Debian's chromium is not installed, or the console is not built (make console)")
    # Started after the site, so that it is in the site's network namespace.
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    yield page
    context.close()


def try_number(page: Page, row: str, number: int) -> None:
    page.get_by_role("button", name=f"Change the number of {row}").click()
    form = page.get_by_role("dialog")
    form.get_by_label("New number").fill(str(number))
    form.get_by_label("Reason").fill(WHY["reason"])
    form.get_by_role("button", name=f"Try {number}").click()


def look(page: Page, name: str) -> None:
    for width, scheme in ((390, "light"), (1920, "dark"), (1280, "light")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) == 0, f"{name} is {overflow(page)} px too wide at {width}"
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")


def test_the_console_goes_to_the_new_number(page: Page, site: Site) -> None:
    said = complaints(page)
    other = page.context.new_page()
    other.goto(f"{site.url}/events")
    page.goto(f"{site.url}/network")
    page.get_by_role("button", name="Change the number of server").click()
    expect(page.get_by_role("dialog")).to_contain_text("The trial interrupts nothing. Once kept")
    look(page, "port-change-dialog")
    page.keyboard.press("Escape")
    try_number(page, "server", 8601)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("both use 8601/tcp")
    said.clear()
    page.keyboard.press("Escape")
    try_number(page, "server", 8710)
    page.wait_for_url(f"http://{site.host}:8710/network?port=server&proof=*")
    trial = page.get_by_role("region", name="server is tried on 8710")
    expect(trial).to_contain_text("You came in on 8710")
    look(page, "port-trial")
    trial.get_by_role("button", name="Keep 8710").click()
    expect(page.get_by_role("region", name="server is on 8710 now.")).to_be_visible()
    other.wait_for_url(f"http://{site.host}:8710/events")
    assert said == []
    site.url = f"http://{site.host}:8710"


def test_the_console_goes_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/network")
    try_number(page, "server", 8600)
    page.wait_for_url(f"http://{site.host}:8600/network?port=server&proof=*")
    page.get_by_role("button", name="Go back now").click()
    page.wait_for_url(f"{site.url}/network?port=server")
    expect(page.get_by_role("region", name="server is back on 8710.")).to_contain_text("8710 never closed")
    look(page, "port-undone")
    try_number(page, "server", 8600)
    page.wait_for_url(f"http://{site.host}:8600/network?port=server&proof=*")
    page.get_by_role("button", name="Keep 8600").click()
    expect(page.get_by_role("region", name="server is on 8600 now.")).to_be_visible()
    site.url = f"http://{site.host}:8600"


def test_what_cannot_be_is_refused_with_what_to_do(site: Site, client: httpx.Client) -> None:
    def refused(row: str, number: int, **body: Any) -> str:
        answer = client.post(f"/network/ports/{row}", json={"number": number, **WHY, **body})
        assert answer.status_code >= 400, answer.text
        return f"{answer.json()['detail']} {answer.json()['remedy']}"

    assert "third-party systems and mobile apps expect it there" in refused("http-api", 8700)
    assert "so that peers find it with no configuration" in refused("announcement", 8651)
    assert "no browser opens port 6000" in refused("server", 6000)
    assert "server is on 8600 already" in refused("server", 8600)
    assert "both use 8601/tcp" in refused("server", 8601)
    assert "Say why" in refused("server", 8700, reason=" ")
    assert "Did you mean server?" in refused("servr", 8700)
    with taken(site.host, 8702):
        said = refused("server", 8702)
        assert "held by" in said and f"process {os.getpid()}" in said
    assert client.get("/network/ports/server").json()["trial"] is None
    assert client.post("/network/ports/server/keep", json={}).status_code == 409


def test_a_lost_process_ends_the_trial(site: Site) -> None:
    with site.client() as client:
        assert client.post("/network/ports/web", json={"number": 8780, **WHY}).status_code == 202
        assert answers(site, 8780)
        site.kill("web-0")

        def gone() -> bool:
            return any("web-0 ended" in event["why"] for event in told(client, "network.port-undone"))

        until(lambda: answers(site, 8600))
        until(gone)
        until(lambda: not answers(site, 8780))


def test_a_lost_core_ends_the_trial_and_says_so(site: Site) -> None:
    with site.client() as client:
        assert client.post("/network/ports/web", json={"number": 8781, **WHY}).status_code == 202
        assert answers(site, 8781)
        site.kill("core")
        until(lambda: not answers(site, 8781))
        until(lambda: client.get("/network/ports/web").status_code == 200)
        until(lambda: any("core process ended" in event["why"] for event in told(client, "network.port-undone")))
        assert client.get("/network/ports/web").json()["number"] == 80


def test_the_command_line_keeps_what_it_reaches_itself(site: Site) -> None:
    done = ports_set(site, "web", "8783", "--keep", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["last"]["outcome"] == "kept"
    assert settings(site)["ports"]["web"] == 8783
    assert answers(site, 8783)


def test_controllers_may_come_in_on_another_number(site: Site) -> None:
    with site.client() as client:
        assert client.post("/network/ports/device-server", json={"number": 1490, **WHY}).json()["trial"]["reach"] == "anywhere"
        until(lambda: local_ports(client, "device-server") == {1480, 1490})
        assert client.post("/network/ports/web", json={"number": 8790, **WHY}).status_code == 409
        assert client.post("/network/ports/device-server/undo", json={}).status_code == 200
        until(lambda: local_ports(client, "device-server") == {1480})
        assert client.post("/network/ports/device-server", json={"number": 1490, **WHY}).status_code == 202
        kept = client.post("/network/ports/device-server/keep", json={})
        assert kept.json()["number"] == 1490
        until(lambda: local_ports(client, "device-server") == {1490})


def test_a_new_number_is_kept_by_who_came_in_on_it(site: Site, client: httpx.Client) -> None:
    file = site.data / "sitewarden.toml"
    file.write_text(f"# ours: keep this line\n{file.read_text()}")
    before = site.process("web-0").pid, site.process("core").pid
    begun = client.post("/network/ports/server", json={"number": 8700, **WHY})
    assert begun.status_code == 202, begun.text
    assert begun.json()["trial"]["reach"] == "console"
    assert answers(site, 8700) and answers(site, 8600)
    assert settings(site)["ports"].get("server", 8600) == 8600, (
        "the settings change when it is kept, so that a crash goes back by itself"
    )
    until(lambda: local_ports(client, "server") == {8600, 8700})
    page = client.get(f"{site.url}/network")
    assert f"connect-src 'self' http://{site.host}:8700;" in page.headers["content-security-policy"]
    reached = httpx.get(f"http://{site.host}:8700/port-trial/reached", timeout=60)
    assert (reached.status_code, reached.headers["access-control-allow-origin"]) == (204, "*")
    unproven = client.post("/network/ports/server/keep", json={"proof": "guess"})
    assert unproven.status_code == 403 and "/port-trial on port 8700" in unproven.json()["remedy"]
    found = proof(site, 8700)
    kept = client.post(f"http://{site.host}:8700/api/v1/network/ports/server/keep", json={"proof": found})
    assert kept.status_code == 200, kept.text
    assert (kept.json()["number"], kept.json()["last"]["outcome"]) == (8700, "kept")
    assert settings(site)["ports"]["server"] == 8700
    assert "# ours: keep this line" in file.read_text()
    until(lambda: not answers(site, 8600))
    site.url = f"http://{site.host}:8700"
    with site.client() as moved:
        until(lambda: local_ports(moved, "server") == {8700})
        assert 8700 in [event["new"] for event in told(moved, "network.port-kept")]
        audit = items(moved, "/audit", limit=50)
        entry = next(line for line in audit if line["action"] == "network.change" and line["outcome"] == "done")
        assert entry["detail"] == {"row": "server", "old": 8600, "new": 8700} and entry["reason"] == WHY["reason"]
        assert (site.process("web-0").pid, site.process("core").pid) == before, "nothing was restarted"
        assert moved.get(f"{site.url}/port-trial").status_code != 307, "the proof is over with the trial"


def test_a_stopped_node_is_changed_at_once_after_the_same_checks(site: Site) -> None:
    site.stop()
    refused = ports_set(site, "http-api", "8700")
    assert refused.returncode == 1 and "mobile apps expect it there" in refused.stderr
    with taken(site.host, 8784):
        held = ports_set(site, "web", "8784")
        assert held.returncode == 1 and "held by" in held.stderr
    done = ports_set(site, "web", "8784")
    assert done.returncode == 0, done.stderr
    assert "web is on 8784 from the next start on" in done.stdout
    assert settings(site)["ports"] == {"web": 8784, "device-server": 1490, "server": 8700}
    file = site.data / "sitewarden.toml"
    file.write_text(f"{file.read_text()}\n[limits]\nport_trial_seconds = 5\n")
    site.start()
    assert answers(site, 8784)
    assert answers(site, 8700) and not answers(site, 8600), "what was kept holds over a restart"


def test_nobody_comes_and_it_goes_back(site: Site) -> None:
    done = ports_set(site, "web", "8782")
    assert done.returncode == 1, done.stdout
    assert f"open http://{site.host}:8782/port-trial in a browser" in done.stderr
    assert "web is back on 8784: nobody kept it within 5 s." in done.stderr
    until(lambda: not answers(site, 8782))
    assert answers(site, 8784)
    assert settings(site)["ports"]["web"] == 8784
