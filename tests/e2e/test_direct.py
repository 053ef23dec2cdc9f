"""A controller as an installer meets it: its verb, a laptop that holds and relays it, then the server; a scan, a revocation."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from sim.demo_access import card_of
from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e
ADDRESS = "127.0.0.61"


def sitewarden(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**ENVIRONMENT, **more},
    )


class Gate:
    """`sitewarden controller` as a process, in direct mode or as `mode` says."""

    def __init__(self, folder: Path, node: str = "gate", address: str = ADDRESS, mode: Sequence[str] = ("--direct",)) -> None:
        self.config = folder / f"{node}.toml"
        self.output = folder / f"{node}.txt"
        made = sitewarden(
            *("controller", "init", "--config", str(self.config), "--node", node, "--data", str(folder / node), *mode)
        )
        assert made.returncode == 0, made.stderr
        text = self.config.read_text().replace('# bind = "0.0.0.0"', f'bind = "{address}"')
        self.config.write_text(text + "[[locks]]\noutput = 0\n")
        self.start()
        until(lambda: "Commissioning code" in self.output.read_text(), 60, self.output.read_text)
        found = re.search(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", self.output.read_text())
        assert found is not None
        self.code = found[0]

    def start(self, *more: str) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sitewarden.cli", "controller", "--config", str(self.config), *more],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=ENVIRONMENT,
            )

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.stop()


def swiped(site: Site, controller: str, card: str) -> dict[str, Any]:
    """Show a card at reader 0 of a controller of the demo."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(60)
        control.connect(str(site.data / "controllers" / f"{controller}.sock"))
        control.sendall(json.dumps({"op": "swipe", "reader": 0, "card": card}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(control.makefile().readline())
    time.sleep(0.5)
    return answer


def test_a_laptop_holds_it_relays_and_the_server_takes_over(site: Site, client: httpx.Client, gate: Gate) -> None:
    assert "direct mode, which is temporary" in gate.output.read_text()
    body: dict[str, Any] = {"id": "gate", "name": "Gate", "mode": "server"}
    assert client.post("/controllers", json=body).status_code == 201
    found = client.post("/controllers/search", json={"seconds": 1, "address": ADDRESS}).json()["items"]
    assert [(one["id"], one["mode"], one["holder"]) for one in found] == [("gate", "direct", "")]

    held = sitewarden(
        *("direct", ADDRESS, "--name", "anna", "--json", "--seconds", "4", "--order", "lock nowhere"),
        *("--server", f"{site.host}:8600", "--user", "admin"),
        SITEWARDEN_COMMISSIONING_CODE=gate.code,
        SITEWARDEN_PASSWORD=site.password,
    )
    lines = [json.loads(line) for line in held.stdout.splitlines()]
    assert lines[0]["temporary"] is True and lines[0]["held"]["until"] > lines[0]["held"]["since"], held.stderr
    assert any("not wired here" in line.get("problem", "") for line in lines)
    assert held.returncode == 1, "an order was refused"
    assert {"controller.started", "controller.held"} <= {line["type"] for line in lines if "type" in line}
    relayed = until(lambda: items(client, "/events", type="controller.held", entity="controller:gate"))
    event = relayed[0]["event"]
    assert event["data"]["relayed_by"] == "user:admin" and "laptop anna" in event["text"]
    status = client.get("/controllers/gate").json()["status"]
    assert (status["state"], status["data"]["temporary"], status["data"]["relayed_by"]) == ("online", True, "user:admin")
    audited = [item for item in items(client, "/audit") if item["action"] == "controller.relay"]
    assert audited and audited[0]["entity"] == "controller:gate"

    wrong = sitewarden("direct", ADDRESS, "--seconds", "1", SITEWARDEN_COMMISSIONING_CODE="0" * 20)
    assert wrong.returncode == 1 and "code" in wrong.stderr

    change = {"mode": "direct", "address": ADDRESS, "commissioning": gate.code}
    assert client.patch("/controllers/gate", json=change).status_code == 200
    until(lambda: client.get("/controllers/gate").json()["status"]["data"].get("held_until"))
    assert len(client.get("/controllers/gate").json()["fingerprint"]) == 64
    other = sitewarden("direct", ADDRESS, "--name", "ben", "--seconds", "1", SITEWARDEN_COMMISSIONING_CODE=gate.code)
    assert other.returncode == 1 and "held by server" in other.stderr and "since 20" in other.stderr
    (again,) = client.post("/controllers/search", json={"seconds": 1, "address": ADDRESS}).json()["items"]
    assert again["holder"].startswith("server") and again["until"] > 0 and again["proven"]
    events = [item["event"] for item in items(client, "/events", entity="controller:gate", limit=200)]
    keys = [event["key"] for event in events if event["key"].startswith("gate/")]
    assert len(keys) == len(set(keys)), "what was relayed and then uploaded is there once"


def test_one_that_dials_in_waits_for_approval_and_once_revoked_for_a_code(
    site: Site, client: httpx.Client, tmp_path: Path
) -> None:
    where = {"SITEWARDEN_DATA_DIR": str(site.data), "SITEWARDEN_BIND": site.host}

    def state() -> Any:
        found = client.get("/controllers/yard")
        return found.status_code == 200 and (found.json()["status"] or {}).get("state")

    yard = Gate(tmp_path, "yard", "127.0.0.62", ("--server", site.host))
    try:
        assert "approve it on the server" in yard.output.read_text()
        (waiting,) = until(lambda: client.get("/controllers/pending").json()["items"])
        assert (waiting["id"], waiting["label"]) == ("yard", yard.code[:4])
        approved = sitewarden("controller", "approve", "yard", yard.code, **where)
        assert approved.returncode == 0, approved.stderr
        until(lambda: state() == "online")
        revoked = client.post("/controllers/yard/revoke", json={"reason": "It was replaced"})
        assert revoked.status_code == 200, revoked.text
        until(lambda: state() == "offline")
        yard.stop()
        made = client.post("/controllers/pairing-codes", json={"controller": "yard"}).json()
        yard.start("--code", made["code"])
        until(lambda: state() == "online")
    finally:
        yard.stop()


def test_a_card_is_scanned_and_a_controller_revoked_from_the_command_line(site: Site, client: httpx.Client) -> None:
    where = {"SITEWARDEN_DATA_DIR": str(site.data), "SITEWARDEN_BIND": site.host}
    until(lambda: client.get("/controllers/front").json()["status"]["state"] == "online")
    code = sitewarden("controller", "code", "front", "--json", **where)
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", json.loads(code.stdout)["code"]), code.stderr
    assert json.loads(sitewarden("controller", "pending", "--json", **where).stdout) == {"items": []}
    # People swipe at the demo's doors all the time, too; any of their cards will do.
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sitewarden, "controller", "scan", "front", "--reader", "0", "--seconds", "60", "--json", **where)
        until(lambda: waiting.done() or not swiped(site, "front", card_of("hugo")), 60)
        scanned = waiting.result()
    assert scanned.returncode == 0, scanned.stderr
    assert json.loads(scanned.stdout)["card"].startswith("26:")
    no_reason = sitewarden("controller", "revoke", "inner", **where)
    assert no_reason.returncode == 1 and "reason" in no_reason.stderr
    done = sitewarden("controller", "revoke", "inner", "--reason", "stolen", **where)
    assert done.returncode == 0, done.stderr
    until(lambda: client.get("/controllers/inner").json()["status"]["state"] == "offline")
    until(lambda: items(client, "/events", type="controller.refused", entity="controller:inner"))
    assert client.get("/controllers/inner").json()["revoked"] > 0
    lines = [item for item in items(client, "/audit") if item["action"] == "controller.revoke" and item["outcome"] == "done"]
    assert lines[0]["reason"] == "stolen"
