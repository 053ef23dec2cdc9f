"""The processes of a node: each may die, none takes more than its share, nothing acknowledged is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.site import ENVIRONMENT, Site, items, until

pytestmark = pytest.mark.e2e
FRAME = 1 / 12
"""Seconds between two frames of the simulated cameras."""


def cli(site: Site, *arguments: str) -> str:
    verb, *rest = arguments
    done = subprocess.run(
        [sys.executable, "-m", "sitewarden.cli", verb, *rest, "--settings", str(site.data / "sitewarden.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def statuses(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {status["ref"]: status for status in items(client, "/status")}


def online(client: httpx.Client, reference: str) -> bool:
    return statuses(client).get(reference, {}).get("state") == "online"


@pytest.mark.parametrize(("process", "reference"), [("media-0", "camera:lobby"), ("iot", "endpoint:plant")])
def test_a_killed_worker_is_back_with_its_share(site: Site, client: httpx.Client, process: str, reference: str) -> None:
    until(lambda: online(client, reference))
    after = site.kill(process)
    assert after.restarts >= 1
    until(
        lambda: any(
            event["event"]["data"].get("process") == process for event in items(client, "/events", type="system.worker.back")
        )
    )
    until(lambda: online(client, reference))


def test_a_killed_web_worker_is_back_and_the_session_still_holds(site: Site, client: httpx.Client) -> None:
    site.kill("web-0")

    def answered() -> bool:
        try:
            return client.get("/session").status_code == 200
        except httpx.TransportError:
            return False

    until(answered)


def test_core_may_die_while_cameras_record(site: Site, client: httpx.Client, tmp_path: Path) -> None:
    until(lambda: online(client, "camera:lobby"))
    media = site.process("media-0")
    begun = time.time_ns() // 1000
    before = {path: path.stat().st_size for path in (site.data / "media").rglob("*.part")}
    assert before
    site.kill("core")

    def back() -> bool:
        try:
            return client.get("/system").status_code == 200
        except httpx.TransportError:
            return False

    until(back)
    assert site.process("media-0").pid == media.pid, "the media worker was restarted with core"
    for path, size in before.items():
        until(lambda path=path, size=size: not path.exists() or path.stat().st_size > size)  # type: ignore[misc]
    until(lambda: online(client, "camera:lobby"))
    until(lambda: time.time_ns() // 1000 > begun + 6_000_000)
    assert longest_pause(client, "lobby", begun, begun + 5_000_000, tmp_path) < 3 * FRAME, "frames were lost while core was down"


def longest_pause(client: httpx.Client, camera: str, start: int, end: int, directory: Path) -> float:
    """Return the longest time between two recorded frames, in seconds."""
    clip = directory / "clip.mp4"
    clip.write_bytes(
        client.get(f"/cameras/{camera}/playback.mp4", params={"start": start, "end": end}).raise_for_status().content
    )
    probe = ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(clip)]
    times = [float(line.strip(",")) for line in subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split()]
    assert times[-1] - times[0] > 4.0
    return max(after - before for before, after in pairwise(times))


def test_what_is_open_stands_in_the_ledger_and_the_other_way_round(site: Site, client: httpx.Client) -> None:
    def ledger() -> set[tuple[str, int]]:
        found = set()
        for row in items(client, "/network/ports"):
            for entry in row["ledger"]:
                if entry["direction"] != "out" and entry["transport"] in ("tcp", "udp"):
                    found.add((entry["transport"], int(entry["local"].rpartition(":")[2])))
        return found

    def kernel() -> set[tuple[str, int]]:
        own = ("core", "web-0", "media-0", "iot")
        found = set()
        for name in own:
            for connection in psutil.Process(site.process(name).pid).net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add(("tcp", connection.laddr.port))
                elif connection.type == 2:
                    found.add(("udp", connection.laddr.port))
        return found

    until(lambda: kernel() and kernel() == ledger(), why=lambda: f"kernel {kernel()} ledger {ledger()}")
    assert ("tcp", 8600) in kernel()


def test_the_command_line_speaks_to_the_running_node(site: Site, tmp_path: Path) -> None:
    assert "admin" in cli(site, "user", "list")
    assert "operator" in cli(site, "role", "list")
    granted = json.loads(cli(site, "role", "grant", "viewer", "door.release", "--on", "tag:night", "--json"))["grants"]
    assert granted[-1] == {"action": "door.release", "selector": "tag:night"}
    events = [json.loads(line) for line in cli(site, "events", "--json", "-n", "5").splitlines()]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert len(events) == 5
    ports = json.loads(cli(site, "ports", "--json"))
    assert ports
    file = tmp_path / "site.yaml"
    cli(site, "export", "--output", str(file))
    text = file.read_text()
    assert "lobby" in text
    assert "demo-camera" not in text, "a password was exported"
    assert json.loads(cli(site, "apply", "--plan", "--json", str(file)))["changes"] == []


def test_a_second_start_keeps_the_data(site: Site) -> None:
    with site.client() as client:
        client.post("/areas", json={"id": "attic", "name": "Attic"}).raise_for_status()
        head = client.get("/system").json()["event_head"]
    assert site.stop() == 0
    site.start()
    with site.client() as client:
        assert client.get("/areas/attic").json()["name"] == "Attic"
        assert client.get("/system").json()["event_head"] > head
