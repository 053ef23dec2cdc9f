"""A whole node and a laptop search for devices: over the API, from the command line, into the site."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.site import ENVIRONMENT, READY_SECONDS, items, until
from tests.e2e.test_ports import listening
from tests.lan import Lan, lan

pytestmark = pytest.mark.e2e
COMMAND = [sys.executable, "-m", "sitewarden.cli"]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def site() -> Iterator[Lan]:
    """A server and a laptop in the office; two cameras beyond, one with a router's answer beside it."""
    with lan({"office": ["server", "laptop", "printer"], "cameras": ["server", "camera"]}) as made:
        for name, network, cameras in (("printer", "office", 0), ("camera", "cameras", 2)):
            host = made[name].addresses[network]
            command = [sys.executable, "-m", "sim.upnp", "--host", host, "--cameras", str(cameras)]
            process = made[name].popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            assert "answer searches" in process.stdout.readline()
        yield made


def found(output: str) -> list[tuple[str, str, str]]:
    return [(item["kind"], item["address"], item["name"]) for item in json.loads(output)["items"]]


def test_a_laptop_with_no_server_finds_what_is_on_its_network(site: Lan, tmp_path: Path) -> None:
    laptop, printer = site["laptop"], site["printer"].address
    done = laptop.run([*COMMAND, "discover", "devices", "--seconds", "1.5", "--json"], env=ENVIRONMENT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert found(done.stdout) == [("other", printer, "Router")]
    done = laptop.run([*COMMAND, "discover", "devices", "--seconds", "1.5"], env=ENVIRONMENT, cwd=tmp_path)
    assert "Sim Networks" in done.stdout
    done = laptop.run([*COMMAND, "discover", "devices", "-i", "eth9"], env=ENVIRONMENT, cwd=tmp_path)
    assert (done.returncode, "There are: lo, office." in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def node(site: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real node on the server, on all its addresses; gives its settings file."""
    directory = tmp_path_factory.mktemp("node")
    settings, output = directory / "sitewarden.toml", directory / "output.txt"
    server = site["server"]
    init = [*COMMAND, "init", "-s", settings, "--data-dir", directory / "data", "--bind", "0.0.0.0", "--yes"]
    done = server.run([*init, "--admin", "ada", "--admin-password", PASSWORD], env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    with output.open("wb") as stream:
        process = server.popen([*COMMAND, "run", "-s", settings], env=ENVIRONMENT, stdout=stream, stderr=stream)
    until(lambda: "Ready" in output.read_text(), READY_SECONDS, output.read_text)
    yield settings
    process.send_signal(signal.SIGINT)
    process.wait(30)


def test_a_node_searches_and_its_ports_are_open_only_meanwhile(site: Lan, node: Path) -> None:
    server, camera = site["server"], site["camera"].address
    data = node.parent / "data"
    with server.inside(), httpx.Client(base_url="https://127.0.0.1:8600/api/v1", verify=False, timeout=60) as client:
        client.headers["X-Sitewarden"] = "1"
        assert client.post("/session", json={"username": "ada", "password": PASSWORD}).status_code == 200
        started = client.post("/network/search", json={"seconds": 6})
        assert (started.status_code, started.json()["running"]) == (202, True)
        assert client.post("/network/search", json={}).status_code == 409

        def udp() -> set[str]:
            always = (":8650", ":8602")
            return {local for transport, local in listening(data) if transport == "udp" and not local.endswith(always)}

        expected = {f"{address}:{number}" for address in server.addresses.values() for number in (8660, 3702)}
        expected |= {"239.255.255.250:1900", "239.255.255.250:3702"}
        assert udp() == expected

        def told() -> set[str]:
            rows = items(client, "/network/ports")
            names = ("upnp", "ssdp", "ws-discovery", "ws-discovery-answers")
            return {entry["local"] for row in rows if row["row"] in names for entry in row["ledger"]}

        until(lambda: told() == expected, 5, lambda: f"told {told()}")
        until(lambda: not client.get("/network/devices").json()["search"]["running"])
        assert udp() == set()

        rows = client.get("/network/devices").json()["items"]
        assert [(row["name"], row["address"], row["found"]) for row in rows] == [
            ("Camera 1", camera, ["onvif", "upnp"]),
            ("Camera 2", camera, ["onvif", "upnp"]),
            ("Router", site["printer"].address, ["upnp"]),
            ("Router", camera, ["upnp"]),
        ]
        refused = client.post(f"/network/devices/{rows[0]['id']}/add", json={})
        assert refused.status_code != 201 and client.get("/cameras/camera-1").status_code == 404
        added = client.post(f"/network/devices/{rows[0]['id']}/add", json={"url": f"rtsp://{camera}:554/live"})
        assert (added.status_code, added.json()["entity"]) == (201, "camera:camera-1")
        made: dict[str, Any] = client.get("/cameras/camera-1").json()
        assert (made["url"], made["enabled"]) == (f"rtsp://{camera}:554/live", True)
        searched = items(client, "/events", type="network.searched")
        assert searched[0]["event"]["data"] == {"actor": "user:ada", "count": 4, "fresh": 4}


def test_the_command_line_asks_the_node_that_runs(site: Lan, node: Path) -> None:
    done = site["server"].run([*COMMAND, "discover", "devices", "-s", node, "--seconds", "1.5", "--json"], env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert [name for _, _, name in found(done.stdout)] == ["Camera 1", "Camera 2", "Router", "Router"]
    camera = json.loads(done.stdout)["items"][0]
    assert camera["site"] == ["camera:camera-1"]
    assert camera["first"] < json.loads(done.stdout)["search"]["started"]
