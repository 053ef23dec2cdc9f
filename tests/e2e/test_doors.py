"""Tracer path (c): a card at a reader, a decision, a lock, an event with its explanation, the same event after a restart."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

from sim.demo_access import card_of
from tests.e2e.site import Site, items, until
from tests.e2e.test_processes import cli

pytestmark = pytest.mark.e2e


def ask(site: Site, controller: str, **order: Any) -> dict[str, Any]:
    """Tell a simulated board what happens at it; the answer says when the lock was driven."""
    with socket.socket(socket.AF_UNIX) as board:
        board.settimeout(60)
        board.connect(str(site.data / "controllers" / f"{controller}.sock"))
        board.sendall(json.dumps(order).encode() + b"\n")
        with board.makefile() as lines:
            said: dict[str, Any] = json.loads(lines.readline())
    return said


def connected(site: Site, controller: str) -> bool:
    return bool(ask(site, controller, op="state")["connected"])


def swipe(site: Site, controller: str, reader: int, person: str) -> bool:
    """Show a card; tell whether the reader showed green (the lock may stand released already)."""
    return bool(ask(site, controller, op="swipe", reader=reader, card=card_of(person))["signal"] == "granted")


def decisions(client: httpx.Client, person: str, after: int) -> list[dict[str, Any]]:
    found = items(client, "/events", after=after, type="access.*", entity=f"credential-holder:{person}", limit=1000)
    return [stored for stored in found if stored["event"]["type"] in ("access.granted", "access.denied")]


def head(client: httpx.Client) -> int:
    return int(client.get("/system").json()["event_head"])


def test_a_swipe_drives_the_lock_and_says_why_even_after_a_restart(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "front"))
    before = head(client)
    assert swipe(site, "front", 0, "hugo")
    event = until(lambda: decisions(client, "hugo", before))[0]["event"]
    assert event["type"] == "access.granted"
    explanation = event["data"]["explanation"]
    assert explanation["decided_by"] == "server"
    assert explanation["profile"] == "guard"
    assert explanation["schedule"] == "always"
    site.kill("core")
    again = until(lambda: _quietly(lambda: decisions(client, "hugo", before)))[0]["event"]
    assert again == event


def test_an_unknown_and_a_lost_card_are_refused_with_the_reason(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "front"))
    before = head(client)
    assert not swipe(site, "front", 0, "lena")
    event = until(lambda: decisions(client, "lena", before))[0]["event"]
    assert event["data"]["reason"] == "credential-not-enabled"
    assert "lost" in event["text"]


def test_a_changed_policy_changes_the_next_decision(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "front") and connected(site, "inner"))
    profile = client.get("/access-profiles/guard").json()
    assert swipe(site, "front", 0, "ines")
    assert swipe(site, "inner", 0, "ines")
    without = [policy for policy in profile["policies"] if policy["access_point"] not in ("main-in", "office-in")]
    client.patch("/access-profiles/guard", json={"policies": without}).raise_for_status()
    assert not swipe(site, "front", 0, "ines"), "the server decided by the old policy"
    until(lambda: not swipe(site, "inner", 0, "ines"))
    client.patch("/access-profiles/guard", json={"policies": profile["policies"]}).raise_for_status()
    assert swipe(site, "front", 0, "ines")


def test_no_swipe_fails_while_workers_and_core_die(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "front"))
    before = head(client)
    for process in ("media-0", "iot", "core"):
        site.kill(process)
        assert swipe(site, "front", 0, "hugo"), f"a swipe failed after {process} was killed"
        assert swipe(site, "inner", 0, "hugo"), f"a swipe failed after {process} was killed"
    until(lambda: len(_quietly(lambda: decisions(client, "hugo", before)) or []) >= 6)


def test_a_door_is_released_from_the_console_with_audit(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "inner"))
    before = head(client)
    answer = client.post("/doors/office-wing/commands", json={"command": "release", "reason": "parcel"})
    assert answer.status_code in (200, 204), answer.text
    until(lambda: items(client, "/events", after=before, entity="door:office-wing", limit=1000))
    line = next(item for item in items(client, "/audit") if item["action"] == "door.release")
    assert (line["entity"], line["reason"], line["outcome"]) == ("door:office-wing", "parcel", "done")


def test_the_site_is_locked_down_within_a_second_and_opened_again_by_the_command_line(site: Site, client: httpx.Client) -> None:
    until(lambda: connected(site, "front") and connected(site, "inner"))
    before = head(client)
    done = client.post("/doors/commands", json={"command": "lockdown", "reason": "drill"}).json()
    assert (done["done"], done["total"]) == (4, 4), done
    assert {door["mode"] for door in done["doors"]} == {"locked-down"}
    for controller in ("front", "inner"):
        assert not swipe(site, controller, 0, "hugo"), "a card opened a door that is locked down"
        assert not any(ask(site, controller, op="state")["outputs"].values())
    said = until(lambda: items(client, "/events", after=before, type="site.command", limit=10))[0]["event"]
    assert (said["entity"], said["data"]["done"], said["data"]["reason"]) == ("site:site", 4, "drill")
    refused = client.post("/doors/main-entrance/commands", json={"command": "unlock", "reason": "no"})
    assert refused.status_code == 409
    assert refused.json()["remedy"] == "Release the lockdown first."
    fire = client.post("/doors/commands", json={"command": "fire-release", "reason": "alarm", "area": "offices"}).json()
    assert {door["door"] for door in fire["doors"]} == {"office-wing", "server-room"}
    assert all(ask(site, "inner", op="state")["outputs"].values()), "life safety wins over the lockdown"
    client.post("/doors/commands", json={"command": "end-fire-release", "reason": "over", "area": "offices"}).raise_for_status()
    listed = json.loads(cli(site, "door", "list", "--json"))
    assert {door["held_by"] for door in listed} == {"lockdown"}
    assert "4 of 4 doors did it" in cli(site, "door", "all", "release-lockdown", "--reason", "drill is over")
    assert swipe(site, "front", 0, "hugo")
    lines = [line for line in items(client, "/audit") if line["action"] in ("door.lockdown", "door.release-lockdown")]
    assert [(line["outcome"], line["reason"]) for line in lines[:2]] == [("done", "drill is over"), ("done", "drill")]


def _quietly(ask_again: Any) -> Any:
    try:
        return ask_again()
    except (httpx.TransportError, httpx.HTTPStatusError):
        return None
