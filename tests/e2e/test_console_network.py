"""The network page in a real browser, on a made-up site: the map and its live state, doctor's mends, probes, the exports."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, Served, chromium, complaints, overflow, sign_in
from tests.e2e.fake_network import RESERVE
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
    # The page is served without TLS, where a browser gives no clipboard.
    page.add_init_script(
        "window.copied = []; Object.defineProperty(navigator, 'clipboard',"
        " { value: { writeText: async (text) => void window.copied.push(text) } })"
    )
    sign_in(page, served.url)
    page.goto(f"{served.url}/network")
    yield page
    context.close()


def test_the_map_groups_the_ports_by_who_is_on_the_other_side(page: Page) -> None:
    ports = page.get_by_role("region", name="Map of the ports")
    node = ports.get_by_role("region", name="node server")
    expect(node).to_contain_text("web-0listens on 8600, 8601")
    expect(node).to_contain_text("media-0listens on 3000dials 3")
    expect(node).to_contain_text("3 processes are on the bus")
    office = ports.get_by_role("region", name="Clients and offices")
    rows = office.get_by_role("button")
    expect(rows.nth(0)).to_have_text("80/tcpwebMissinginshould be open, and is not; doctor says whyShow it in the manifest")
    expect(rows.nth(1)).to_contain_text("8600/tcpserverOpenin2 peers · 123 kB in, 9.9 MB out")
    expect(rows.nth(2)).to_contain_text("10.9.3.3 spoke no TLS")
    cameras = ports.get_by_role("region", name="Cameras")
    expect(cameras).to_contain_text("10.1.0.0/16, 2001:db8:1::/64 2 dialled")
    expect(cameras).to_contain_text("1 peer outside of the named networks")
    expect(cameras.get_by_role("link", name="Cameras")).to_have_attribute("href", "/networks/cameras")
    expect(cameras.get_by_role("button").filter(has_text="554/tcp")).to_contain_text("Open")
    expect(cameras.get_by_role("button").filter(has_text="322/tcp")).to_contain_text("Closed")
    machines = ports.get_by_role("region", name="Machines")
    expect(machines).to_contain_text("10.3.0.9 does not answer (timed out)")
    expect(machines).to_contain_text("No network is named.")
    expect(machines.get_by_text("mdns")).to_be_hidden()
    machines.get_by_text(re.compile(r"^\d+ planned$")).click()
    expect(machines.get_by_text("mdns")).to_be_visible()


def test_the_map_follows_the_ledger(page: Page, served: Served) -> None:
    office = page.get_by_role("region", name="Clients and offices")
    web = office.get_by_role("button").filter(has_text="80/tcpweb")
    expect(web).to_contain_text("Missing")
    entry = next(entry for entry in served.site.ledger if entry["port"] == "server")
    served.site.ledger = [entry | {"peers": 7}, entry | {"port": "web", "local": "0.0.0.0:80", "peers": 0}]
    expect(web).to_contain_text("Openinnobody is connected")
    expect(office.get_by_role("button").filter(has_text="8600/tcp")).to_contain_text("7 peers")
    expect(office.get_by_role("button").filter(has_text="8601/tcp")).to_contain_text("Closed")
    expect(page.get_by_role("region", name="Machines").get_by_role("button").filter(has_text="502/tcp")).to_contain_text("Closed")


def test_a_port_of_the_map_is_shown_in_the_manifest_with_the_keyboard_alone(page: Page) -> None:
    manifest = page.get_by_role("region", name="Port manifest")
    expect(manifest).not_to_contain_text("path-mtu")
    button = page.get_by_role("region", name="Machines").get_by_role("button").filter(has_text="path-mtu")
    button.focus()
    page.keyboard.press("Enter")
    row = manifest.get_by_role("row").filter(has_text="path-mtu")
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    modbus = manifest.get_by_role("row").filter(has_text="Used by").filter(has_text="Plant gateway")
    expect(modbus.get_by_role("link", name="Plant gateway")).to_have_attribute("href", "/endpoints/plant")
    expect(manifest.get_by_role("row").filter(has_text="and 8 more")).to_have_count(1)


def test_doctor_says_what_is_wrong_why_and_gives_the_command(page: Page, served: Served) -> None:
    doctor = page.get_by_role("region", name="Doctor")
    expect(doctor).to_contain_text("1 must be mended, 2 should be mended")
    items = doctor.get_by_role("listitem")
    expect(items.nth(0)).to_contain_text("Must be mended")
    expect(items.nth(0)).to_contain_text("held by nginx (process 812")
    expect(items.nth(1)).to_contain_text("Why it matters: another program's outgoing connection")
    items.nth(1).get_by_role("button", name="Copy").click()
    expect(items.nth(1).get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("window.copied") == [RESERVE]
    expect(items.nth(2).get_by_role("button")).to_have_count(0)
    expect(doctor.get_by_text("multicast loops on eth0")).to_be_hidden()
    doctor.get_by_text("2 checks found nothing to mend").click()
    expect(doctor.get_by_text("multicast loops on eth0")).to_be_visible()
    doctor.get_by_role("button", name="Examine again").click()
    expect(doctor).to_contain_text("Everything is as the node needs it.")
    expect(doctor).not_to_contain_text("nginx")


def test_a_doctor_that_cannot_look_says_so(page: Page, served: Served) -> None:
    refused = {
        "type": "urn:sitewarden:error:unreachable", "title": "unreachable", "status": 503, "where": "",
        "detail": "core does not answer.", "remedy": "See its log, then try again.",
    }  # fmt: skip
    served.site.doctor = (503, refused)
    page.reload()
    doctor = page.get_by_role("region", name="Doctor")
    expect(doctor.get_by_role("alert")).to_contain_text("core does not answer.")
    expect(doctor.get_by_role("alert")).to_contain_text("See its log")
    served.site.doctor = (200, {"time": 1_700_000_000_000_000, "took": 0.1, "items": []})
    doctor.get_by_role("button", name="Try again").click()
    expect(doctor).to_contain_text("Nothing was looked at.")


def test_the_last_probes_stand_beside_what_was_open_inside(page: Page, served: Served) -> None:
    probes = page.get_by_role("region", name="Probes")
    newest = probes.get_by_role("group").filter(has_text="From 10.9.0.7")
    expect(newest).to_contain_text("2 Blocked1 Not ours1 Unproven3 Passes", use_inner_text=False)
    rows = newest.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("http-api8601/tcp BlockedFilteredOpen")
    expect(rows.nth(2)).to_contain_text("media-input4000/udp BlockedFilteredEcho0 heard, 0 answered")
    expect(rows.nth(3)).to_contain_text("Not oursAnother serviceClosed")
    running = probes.get_by_role("group").filter(has_text="From 10.9.0.9")
    expect(running).to_contain_text("its echo is open")
    expect(running.get_by_role("table")).to_be_hidden()
    running.get_by_text("From 10.9.0.9").click()
    expect(running).to_contain_text("The other side left no verdicts")
    host = served.url.removeprefix("http://").partition(":")[0]
    how = probes.get_by_role("region", name="How to run one")
    how.get_by_role("button", name="Copy: From a client").click()
    assert page.evaluate("window.copied") == [f"sitewarden probe {host} --user admin"]
    expect(how).to_contain_text("sitewarden probe --open ADDRESS")
    expect(how).to_contain_text("sitewarden probe --multicast")
    served.site.probes = []
    page.reload()
    expect(probes).to_contain_text("No probe since the node was started.")
    expect(how).to_be_visible()


def test_an_export_says_what_it_is(page: Page) -> None:
    export = page.get_by_role("region", name="Firewall rules and lists")
    expect(export).to_contain_text("load them with “nft -f”")
    export.get_by_label("Drop other outgoing traffic").check()
    expect(export.get_by_role("link", name="Download")).to_have_attribute(
        "href", "/api/v1/network/ports/export?format=nftables&profile=strict&deny_outgoing=true"
    )
    export.get_by_label("Format", exact=True).first.click()
    page.get_by_role("option", name="Inventory", exact=True).click()
    expect(export).to_contain_text("For auditors: each computer with inbound, outbound, port usage")
    expect(export.get_by_label("Drop other outgoing traffic")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_the_page_fits_its_window(browser: Browser, served: Served, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found = complaints(page)
    sign_in(page, served.url)
    page.goto(f"{served.url}/network")
    expect(page.get_by_role("region", name="Doctor")).to_contain_text("Must be mended")
    ports = page.get_by_role("region", name="Map of the ports")
    node = ports.get_by_role("region", name="node server").bounding_box()
    cameras = ports.get_by_role("region", name="Cameras").bounding_box()
    assert node and cameras
    beside = cameras["x"] >= node["x"] + node["width"]
    assert beside == (width > 900), "a map where there is room, a list where there is none"
    page.screenshot(path=SCREENSHOTS / f"network-map-{width}-{scheme}.png")
    assert overflow(page) <= 0
    context.close()
    # The page asks who is signed in before anybody is.
    assert [line for line in found if "401" not in line] == []
