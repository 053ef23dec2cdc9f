"""People and machines in the console: a table is dropped, previewed, applied; rights and the holder's page say who may what."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import CHROMIUM, SCREENSHOTS, chromium, complaints, overflow, sign_in
from tests.e2e.fake_site import STATIC
from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not (STATIC / "index.html").exists(), reason="the console is not built (make console)"),
]
WIDTHS = (390, 1280, 1920)


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    # Started after the site, so that it is in the site's network namespace.
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, site.url, password=site.password)
    yield page
    context.close()


def shots(page: Page, name: str, at: Locator | None = None) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert overflow(page) <= 0, (name, width)
            if at is not None:
                at.evaluate("element => element.scrollIntoView({ block: 'center' })")
            page.screenshot(path=SCREENSHOTS / f"people-{name}-{width}-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_table_is_previewed_applied_and_answered_for(page: Page, site: Site, tmp_path: Path) -> None:
    found = complaints(page)
    with site.client() as client:
        profile = items(client, "/access-profiles")[0]["id"]
    table = tmp_path / "new-year.csv"
    text = f"holder;name;company;card;pin;profiles\nzoe;Zoë Łuk;Works;26:fffff1;83114711;{profile}\nmax;Max Power;;26:fffff2;;"
    table.write_text(f"{text}nosuch\n", encoding="utf-8-sig")

    page.goto(f"{site.url}/credential-holders")
    expect(page.get_by_role("button", name="Report of everybody's rights at all doors as PDF")).to_be_visible()
    shots(page, "list")
    page.get_by_role("link", name="Import", exact=True).click()
    shots(page, "choose")
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_text("1 error", exact=True)).to_be_visible(timeout=60_000)
    row = page.get_by_role("row").filter(has_text="nosuch")
    expect(row).to_contain_text("profiles")
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    shots(page, "errors")

    table.write_text(f"{text}{profile}\n", encoding="utf-8-sig")
    page.get_by_role("button", name="Another file").click()
    page.get_by_text("Keep", exact=True).click()
    transfer = page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'new-year.csv')); return data; }",
        table.read_text(encoding="utf-8-sig"),
    )
    page.get_by_role("button", name="Drop a CSV file here").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.get_by_role("row").filter(has_text="Max Power").first).to_be_visible(timeout=60_000)
    assert "83114711" not in page.content()
    shots(page, "preview")
    with site.client() as client:
        assert client.get("/credential-holders/zoe").status_code == 404
    page.get_by_role("textbox", name="Reason").fill("New year")
    page.get_by_role("button", name="Apply to 4 entries").click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)

    page.goto(f"{site.url}/credential-holders/zoe")
    rights = page.get_by_role("region", name="May open")
    expect(rights.get_by_role("row").nth(1)).to_be_visible()
    shots(page, "holder")
    door = items_of_rights(site)[0]
    page.get_by_role("button", name="Disable: Zoë Łuk").first.click()
    page.get_by_role("textbox", name="Reason").fill("Left the company")
    page.get_by_role("button", name="Disable", exact=True).click()
    expect(rights).to_contain_text("the holder is disabled")

    page.goto(f"{site.url}/doors/{door}")
    who = page.get_by_role("region", name="Who can open this door")
    who.get_by_role("textbox").fill("zoë")
    expect(who.get_by_role("row").filter(has_text="Zoë Łuk").first).to_contain_text("the holder is disabled")
    shots(page, "door", who)
    with page.expect_download() as download:
        who.get_by_role("button", name="Report of these rights as PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.goto(f"{site.url}/events")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("button", name="Report of these events as PDF")).to_be_visible()
    shots(page, "events")
    assert found == []


def test_a_change_is_tried_on_what_happened_before_it_is_made(page: Page, site: Site) -> None:
    found = complaints(page)
    with site.client() as client:
        until(lambda: items(client, "/events", type="access.granted"))
        holder = next(one["event"]["data"]["holder"] for one in items(client, "/events", type="access.granted"))
        before = client.get(f"/credential-holders/{holder}").json()
    page.goto(f"{site.url}/credential-holders/{holder}/edit")
    page.get_by_label("Enabled").uncheck()
    page.get_by_role("combobox", name="Days to try it on").select_option("1")
    page.get_by_role("button", name="Try on the last days").click()
    region = page.get_by_role("region", name="What would be different")
    expect(region).to_contain_text("kept out", timeout=120_000)
    expect(region.get_by_role("row").nth(1)).to_contain_text("the holder is disabled")
    shots(page, "what-if", region)
    page.goto(f"{site.url}/credential-holders/{holder}")
    without = page.get_by_role("region", name="What if this were removed?")
    without.get_by_role("combobox", name="What is removed").select_option(label="Everything: this person disabled")
    without.get_by_role("combobox", name="Days to try it on").select_option("1")
    without.get_by_role("button", name="Try without it").click()
    expect(without.get_by_role("region", name="What would be different")).to_contain_text("kept out", timeout=120_000)
    shots(page, "what-if-removed", without)
    profile = next(one for one in rows_of_rights(site, holder))["profile"]
    page.goto(f"{site.url}/access-profiles/{profile}")
    without = page.get_by_role("region", name="What if this were removed?")
    first = without.get_by_role("combobox", name="What is removed").locator("option").first
    expect(first).to_contain_text(", ")
    without.get_by_role("combobox", name="What is removed").select_option(label="Everything: this profile disabled")
    without.get_by_role("button", name="Try without it").click()
    expect(without.get_by_role("region", name="What would be different")).to_contain_text("kept out", timeout=120_000)
    shots(page, "what-if-profile", without)
    with site.client() as client:
        assert client.get(f"/credential-holders/{holder}").json()["revision"] == before["revision"]
        draft = [{"kind": "credential-holder", "id": holder, "body": {"no_such": 1}}]
        refused = client.post("/access/what-if", json={"days": 1, "draft": draft})
        assert refused.status_code == 422 and "no_such" in refused.json()["where"]
    assert found == []


def rows_of_rights(site: Site, holder: str) -> list[dict[str, str]]:
    with site.client() as client:
        page = client.get(f"/credential-holders/{holder}/rights").json()
        return [way for row in page["items"] for way in row["ways"]]


def items_of_rights(site: Site) -> list[str]:
    with site.client() as client:
        page = client.get("/credential-holders/zoe/rights").json()
        return [way["door"] for row in page["items"] for way in row["ways"]]


def test_files_are_fetched_and_audited(site: Site) -> None:
    with site.client() as client:
        exported = client.get("/people/export.csv")
        assert exported.headers["content-type"].startswith("text/csv") and exported.text.startswith("\ufeffholder,name")
        assert len(exported.content) == int(exported.headers["content-length"])
        report = client.get("/reports/events", params={"form": "csv", "type": "config.*"})
        assert report.status_code == 200 and "Time zone" in report.text
        refused = client.get("/reports/rights", params={"door": "nowhere"})
        assert refused.status_code == 404 and refused.json()["remedy"]
        assert refused_size(site, client.cookies["sitewarden_session"], 1 << 30) == 413
        actions = [entry["action"] for entry in items(client, "/audit", limit=100)]
        assert {"people.export", "event.read", "people.import"} <= set(actions)
    assert not list((site.data / "run" / "spool").glob("*.csv"))


def test_the_command_line_tries_changes_and_writes_reports(site: Site, tmp_path: Path) -> None:
    with site.client() as client:
        until(lambda: items(client, "/events", type="access.granted"))
        holder = next(one["event"]["data"]["holder"] for one in items(client, "/events", type="access.granted"))
        imported = next(one for one in items(client, "/audit", limit=100) if "report_sha256" in one["detail"])
    draft = tmp_path / "draft.yaml"
    draft.write_text(f"credential-holders:\n  {holder}: {{enabled: false}}\n")
    tried = command(site, "access", "what-if", "--days", "1", "--file", str(draft))
    assert tried.returncode == 0, tried.stderr
    assert "the holder is disabled" in tried.stdout and "kept out" in tried.stdout
    draft.write_text("remove: [credential:nobody]\n")
    refused = command(site, "access", "what-if", "--file", str(draft))
    assert refused.returncode != 0 and "nobody" in refused.stderr
    written = command(site, "report", "rights", "-f", "pdf", "-o", str(tmp_path / "rights.pdf"))
    assert written.returncode == 0 and (tmp_path / "rights.pdf").read_bytes().startswith(b"%PDF-"), written.stderr
    report = command(site, "people", "report", imported["detail"]["import"])
    assert report.returncode == 0 and report.stdout.startswith("line,action,kind,id,fields"), report.stderr


def command(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**ENVIRONMENT, "SITEWARDEN_DATA_DIR": str(site.data), "SITEWARDEN_BIND": site.host},
    )


def refused_size(site: Site, session: str, size: int) -> int:
    """Announce a body of `size` bytes and send none; return the status of the answer."""
    connection = http.client.HTTPConnection(site.host, 8600, timeout=60)
    connection.putrequest("POST", "/api/v1/people/imports")
    headers = {"content-type": "text/csv", "content-length": str(size), "x-sitewarden": "1"}
    for name, value in (headers | {"cookie": f"sitewarden_session={session}"}).items():
        connection.putheader(name, value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def test_machines_are_previewed_and_imported(page: Page, site: Site, tmp_path: Path) -> None:
    found = complaints(page)
    with site.client() as client:
        endpoint = next(one["id"] for one in items(client, "/endpoints") if one["driver"] == "modbus")
    table = tmp_path / "line-2.csv"
    head = "kind,id,name,endpoint,device,unit,config.unit,address.register,input\n"
    device = f"device,line-2,Line 2,{endpoint},,,9,,\n"
    table.write_text(f"{head}{device}point,speed-2,Speed of line 2,,line-2,rpm,,fast,\npoint,temp-2,Heat,,line-3,°C,,4,\n")

    page.goto(f"{site.url}/points")
    page.get_by_role("link", name="Import and export").click()
    shots(page, "machines-choose")
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_text("2 errors", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="address.register")).to_contain_text("3")
    expect(page.get_by_role("row").filter(has_text="There is no device 'line-3'.")).to_contain_text("4")
    shots(page, "machines-errors")

    level = '"{""above"": 80}"'
    table.write_text(f"{head}{device}point,speed-2,Speed of line 2,,line-2,rpm,,3,\npoint,temp-2,Heat,,line-2,°C,,4,{level}\n")
    page.get_by_role("button", name="Another file").click()
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_role("row").filter(has_text="Speed of line 2").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("0 endpoints, 1 device and 2 points are written.")).to_be_visible()
    shots(page, "machines-preview")
    page.get_by_role("button", name="Apply to 3 entries").click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=60_000)
    with site.client() as client:
        assert client.get("/points/temp-2").json()["input"]["above"] == 80.0
        held = client.get("/points/export", params={"form": "yaml", "device": "line-2"})
        assert "speed-2" in held.text
        assert held.headers["content-disposition"] == 'attachment; filename="machines.yaml"'
    assert found == []
