"""What a whole node has open, by the kernel's own tables: what the manifest says, what the ledger says, and nothing else."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest

from sitewarden import ports
from sitewarden.app.supervisor import read_processes
from sitewarden.config.model import SERVER_ROLES
from tests.e2e.site import ENVIRONMENT, READY_SECONDS, Site, items, until
from tests.netns import namespace

pytestmark = pytest.mark.e2e
PASSWORD = "correct horse battery"


def listening(data: Path) -> set[tuple[str, str]]:
    """Return (transport, "address:port") of every socket that a process of the node listens or receives on."""
    processes = read_processes(data / "run" / "processes.json")
    mine = {process.pid for process in processes if process.role in SERVER_ROLES}
    found = set()
    for each in psutil.net_connections():
        if each.pid not in mine or not each.laddr or (each.type == socket.SOCK_DGRAM and each.raddr):
            continue
        if each.type == socket.SOCK_DGRAM or each.status == "LISTEN":
            found.add(("udp" if each.type == socket.SOCK_DGRAM else "tcp", f"{each.laddr.ip}:{each.laddr.port}"))
    return found


def test_the_ledger_and_the_kernel_agree(site: Site, client: httpx.Client) -> None:
    def told() -> set[tuple[str, str]]:
        return {
            (entry["transport"], entry["local"])
            for row in items(client, "/network/ports")
            for entry in row["ledger"]
            if entry["direction"] != "out" and entry["transport"] != "unix"
        }

    until(lambda: told() and told() == listening(site.data), why=lambda: f"told {told()}, open {listening(site.data)}")


def _follow_the_web_port(directory: Path) -> None:
    """Go the way of a new browser: plain on 80, the CA from there, then TLS that the CA vouches for."""
    moved = httpx.get("http://127.0.0.1/doors", timeout=60)
    assert (moved.status_code, moved.headers["location"]) == (307, "https://127.0.0.1:8600/")
    authority = directory / "ca.crt"
    authority.write_bytes(httpx.get("http://127.0.0.1/ca.crt", timeout=60).content)
    trusting = ssl.create_default_context(cafile=str(authority))
    assert httpx.get("https://127.0.0.1:8600/api/v1/health", verify=trusting, timeout=60).json() == {"status": "ok"}
    assert httpx.get("https://127.0.0.1:8601/Interface/Server/GetVersion", verify=trusting, timeout=60).status_code in (200, 401)
    with pytest.raises(httpx.ConnectError):
        httpx.get("https://127.0.0.1:8600/api/v1/health", timeout=60)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get("http://127.0.0.1:8600/api/v1/health", timeout=60)


def _move_the_ports(directory: Path) -> None:
    """Change both ways in, off loopback: each is kept by who follows it from the new number."""
    trusting = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    why = {"reason": "a proxy takes them"}

    def kept(client: httpx.Client, row: str, entrance: str) -> str:
        arrived = httpx.get(f"{entrance}/port-trial", verify=trusting, timeout=60).headers["location"]
        proof = parse_qs(urlsplit(arrived).query)["proof"][0]
        answer = client.post(f"/network/ports/{row}/keep", json={"proof": proof})
        assert answer.status_code == 200, answer.text
        return arrived

    api: dict[str, Any] = {"headers": {"X-Sitewarden": "1"}, "verify": trusting, "timeout": 60}
    with httpx.Client(base_url="https://127.0.0.1:8600/api/v1", **api) as client:
        client.post("/session", json={"username": "ada", "password": PASSWORD}).raise_for_status()
        begun = client.post("/network/ports/web", json={"number": 8080, **why})
        assert begun.json()["trial"]["reach"] == "redirect", begun.text
        assert client.post("/network/ports/web/keep", json={}).status_code == 403
        assert kept(client, "web", "http://127.0.0.1:8080").startswith("https://127.0.0.1:8600/network?port=web&proof=")
        client.post("/network/ports/server", json={"number": 8443, **why}).raise_for_status()
        assert kept(client, "server", "https://127.0.0.1:8443").startswith("/network?port=server&proof=")
    assert httpx.get("http://127.0.0.1:8080/", timeout=60).headers["location"] == "https://127.0.0.1:8443/"
    assert httpx.get("https://127.0.0.1:8443/api/v1/health", verify=trusting, timeout=60).json() == {"status": "ok"}
    until(lambda: {"0.0.0.0:80", "0.0.0.0:8600"}.isdisjoint(local for _, local in listening(directory / "data")))


def test_a_site_without_devices_opens_no_port_for_them(tmp_path: Path) -> None:
    with namespace() as isolated:
        if not isolated:
            pytest.skip("network namespaces are not permitted here")
        settings = tmp_path / "sitewarden.toml"
        command = [sys.executable, "-m", "sitewarden.cli"]
        subprocess.run(
            [
                *command,
                "init",
                "--settings",
                settings,
                "--data-dir",
                tmp_path / "data",
                "--bind",
                "0.0.0.0",
                "--yes",
                "--admin",
                "ada",
                "--admin-password",
                PASSWORD,
            ],
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
        )
        output = tmp_path / "output.txt"
        with output.open("wb") as stream:
            node = subprocess.Popen([*command, "run", "--settings", settings], stdout=stream, stderr=stream, env=ENVIRONMENT)
        try:
            until(lambda: "Ready" in output.read_text(), READY_SECONDS, output.read_text)
            opened = listening(tmp_path / "data")
            _follow_the_web_port(tmp_path)
            _move_the_ports(tmp_path)
        finally:
            node.send_signal(signal.SIGINT)
            node.wait(30)
    without_devices = {row.default for row in ports.MANIFEST if not row.driver and not row.planned}
    assert ("tcp", f"0.0.0.0:{ports.row('server').default}") in opened
    assert {int(local.rpartition(":")[2]) for _, local in opened} <= without_devices
    assert {local for transport, local in opened if transport == "udp"} == {f"0.0.0.0:{ports.row('whep').default}"}
