"""Controllers beside the server: found, moved and restarted over the API and the command line, with audit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e


def search(client: httpx.Client, **how: Any) -> dict[str, dict[str, Any]]:
    answer = client.post("/controllers/search", json={"seconds": 1, **how})
    assert answer.status_code == 200, answer.text
    return {item["id"]: item for item in answer.json()["items"]}


def known(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """Return what answers once both controllers have told their codes over the link."""

    def told() -> dict[str, dict[str, Any]]:
        found = search(client)
        return found if len(found) == 2 and all(item["proven"] for item in found.values()) else {}

    return until(told)


def command(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", "device", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**ENVIRONMENT, "SITEWARDEN_DATA_DIR": str(site.data), "SITEWARDEN_BIND": site.host},
    )


def test_the_demo_s_controllers_are_found_and_prove_themselves(site: Site, client: httpx.Client) -> None:
    found = known(client)
    assert sorted(found) == ["front", "inner"]
    front = found["front"]
    assert (front["address"], front["prefix"], front["mode"], front["paired"]) == ("127.0.0.21", 8, "server", True)
    assert front["server"] == f"{site.host}:1480"
    assert front["in_site"]
    assert client.get("/controllers/front").json()["commissioning_set"] is True


def test_new_settings_are_kept_and_a_reset_brings_it_back_with_them(site: Site, client: httpx.Client) -> None:
    known(client)
    refused = client.post("/controllers/inner/network", json={"address": "127.0.0.32", "prefix": 8})
    assert refused.status_code == 422 and refused.json()["where"] == "reason"
    foreign = client.post("/controllers/inner/network", json={"address": "10.0.0.9", "prefix": 24, "reason": "move"})
    assert foreign.status_code == 422 and "loopback" in foreign.json()["detail"]
    done = client.post("/controllers/inner/network", json={"address": "127.0.0.32", "prefix": 8, "reason": "New plan"})
    assert done.status_code == 200, done.text
    assert done.json() == {"id": "inner", "address": "127.0.0.32", "confirmed": True, "back_after": 0.0}
    back = client.post("/controllers/inner/reset", json={"reason": "Try it"})
    assert back.status_code == 200 and back.json() == {"id": "inner", "back": True}, back.text
    until(lambda: search(client, id="inner").get("inner", {}).get("address") == "127.0.0.32")
    lines = {item["action"]: item for item in items(client, "/audit") if item["outcome"] == "done"}
    assert lines["controller.set-network"]["detail"] == {"network": "127.0.0.32/8", "gateway": ""}
    assert (lines["controller.reset"]["entity"], lines["controller.reset"]["reason"]) == ("controller:inner", "Try it")
    until(lambda: items(client, "/events", type="controller.network", entity="controller:inner"))
    until(lambda: items(client, "/events", type="controller.reset", entity="controller:inner"))


def test_a_wrong_code_and_an_absent_controller_are_refused(site: Site, client: httpx.Client) -> None:
    wrong = client.post("/controllers/front/reset", json={"reason": "x", "code": "0000-0000-0000-0000-0000"})
    assert wrong.status_code == 403, wrong.text
    mistyped = client.post("/controllers/front/reset", json={"reason": "x", "code": "nonsense"})
    assert mistyped.status_code == 422 and mistyped.json()["where"] == "code"
    unknown = client.post("/controllers/nobody/reset", json={"reason": "x"})
    assert unknown.status_code in (404, 422), unknown.text
    assert "0000-0000" not in client.get("/audit").text


def test_the_command_line_asks_through_the_node_and_without_it(site: Site, client: httpx.Client) -> None:
    known(client)
    through = command(site, "search", "--json")
    assert through.returncode == 0, through.stderr
    assert {item["id"]: item["in_site"] for item in json.loads(through.stdout)["items"]} == {"front": True, "inner": True}
    alone = command(site, "search", "--alone", "--seconds", "1")
    assert alone.returncode == 0 and "front" in alone.stdout and "127.0.0.21/8" in alone.stdout, alone.stderr
    back = command(site, "reset", "front", "--reason", "from the laptop")
    assert back.returncode == 0 and "has restarted" in back.stdout, back.stderr
    lacking = command(site, "reset", "front", "--alone")
    assert lacking.returncode == 1 and "commissioning code" in lacking.stderr
