"""A probe of a running node from another computer, through the firewall that the node wrote, on networks of the test's own."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.lan_site import PASSWORD, Node, node
from tests.e2e.site import until
from tests.lan import Lan, lan

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site() -> Iterator[Lan]:
    with lan({"office": ["server", "client"], "cameras": ["server", "camera"]}) as made:
        yield made


@pytest.fixture(scope="module")
def server(site: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with node(site["server"], tmp_path_factory.mktemp("node")) as made:
        with calling(made, site) as api:
            camera = {"id": "gate", "name": "Gate", "url": f"rtsp://{site['camera'].address}/live", "transport": "udp"}
            api.post("/cameras", json=camera).raise_for_status()
        site["server"].do("nft -f -", input=made.cli("ports", "--format", "nftables").stdout)
        yield made


@contextmanager
def calling(server: Node, site: Lan) -> Iterator[httpx.Client]:
    """Give a client on the office's computer that is signed in."""
    context = ssl.create_default_context(cafile=str(server.ca))
    url = f"https://{site['server'].address}:8600/api/v1"
    with site["client"].inside(), httpx.Client(base_url=url, verify=context, headers={"X-Sitewarden": "1"}, timeout=60) as client:
        client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        yield client


def settled(server: Node, site: Lan) -> None:
    """Wait until the echoes of earlier tests have ended by themselves."""
    with calling(server, site) as api:
        until(lambda: all(report["ended"] for report in api.get("/network/probes").json()["items"]), 90)


def probed(server: Node, site: Lan, *more: str, computer: str = "client", network: str = "office") -> Any:
    if "--key" not in more:
        settled(server, site)
    address = site["server"].addresses[network]
    return server.asked("probe", address, "--timeout", "1", *more, on=site[computer])


def opened_for(server: Node, site: Lan, computer: str) -> Any:
    """Open an echo on the server, for as long as a loaded machine takes to start a command."""
    settled(server, site)
    return server.asked("probe", "--open", site[computer].address, "--seconds", "20")


def signed_in(server: Node) -> tuple[str, ...]:
    return ("--user", "admin", "--password", PASSWORD, "--ca", str(server.ca))


def by_port(found: Any) -> dict[str, Any]:
    return {f"{item['number']}/{item['transport']}": item for item in found["items"]}


def test_through_our_firewall_every_served_port_passes_and_nothing_else(server: Node, site: Lan) -> None:
    found = probed(server, site, *signed_in(server))
    assert found["inside"] is True
    ports = by_port(found)
    assert {ports[port]["judgement"] for port in ("8600/tcp", "8601/tcp", "80/tcp")} == {"passes"}
    for item in found["items"]:
        if item["inside"] == "open":
            assert (item["verdict"], item["judgement"]) == ("open", "passes"), item
        if item["inside"] == "closed":
            assert item["verdict"] == "filtered" and item["judgement"] == "unused", item
    assert ports["3000/udp"]["verdict"] == "filtered", "the camera's port is open to the office"
    opened = opened_for(server, site, "camera")
    assert {port["row"] for port in opened["ports"]} >= {"media-input"}
    seen = by_port(probed(server, site, "--key", opened["key"], computer="camera", network="cameras"))
    assert {seen[f"{port}/udp"]["verdict"] for port in (3000, 4000, 5000)} <= {"open"}
    for number, transport in ((8599, "tcp"), (9999, "tcp"), (1480, "tcp"), (2999, "udp"), (5001, "udp"), (51110, "udp")):
        assert not reaches(site, number, transport), f"{number}/{transport} is open beside what the site uses"


def reaches(site: Lan, number: int, transport: str) -> bool:
    """Tell whether the server's kernel answers on a port that nobody serves, by a reset or port unreachable."""
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with site["client"].inside(), socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(0.5)
        try:
            sock.connect((site["server"].address, number))
            if transport == "udp":
                sock.send(b"anyone?")
                sock.recv(10)
        except TimeoutError:
            return False
        except ConnectionRefusedError:
            return True
        return True


def test_a_port_blocked_by_hand_is_named_filtered(server: Node, site: Lan) -> None:
    settled(server, site)
    computer = site["server"]
    computer.do("nft insert rule inet sitewarden input udp dport 3000-5000 accept")
    computer.do("nft insert rule inet sitewarden input tcp dport 8601 drop")
    computer.do("nft insert rule inet sitewarden input udp dport 4000 drop")
    computer.do("nft insert rule inet sitewarden output udp sport 5000 drop")
    computer.do("nft insert rule inet sitewarden input tcp dport 80 reject with tcp reset")
    try:
        done = server.cli("probe", computer.address, "--timeout", "1", *signed_in(server), "--json", on=site["client"])
    finally:
        computer.do("nft -f -", input=server.cli("ports", "--format", "nftables").stdout)
    assert done.returncode == 1
    found = by_port(json.loads(done.stdout))
    assert (found["8601/tcp"]["verdict"], found["8601/tcp"]["judgement"]) == ("filtered", "blocked")
    assert found["8600/tcp"]["judgement"] == "passes"
    assert found["80/tcp"]["judgement"] == "blocked"
    assert found["4000/udp"]["verdict"] == "filtered" and "heard nothing" in found["4000/udp"]["detail"]
    assert found["5000/udp"]["verdict"] == "filtered" and "dropped on the way back" in found["5000/udp"]["detail"]
    assert found["3000/udp"]["verdict"] == "open"


def test_a_camera_network_proves_udp_with_a_key_from_the_server(server: Node, site: Lan) -> None:
    opened = opened_for(server, site, "camera")
    found = by_port(probed(server, site, "--key", opened["key"], computer="camera", network="cameras"))
    assert found["3000/udp"]["verdict"] == "open"
    stolen = by_port(probed(server, site, "--key", opened["key"]))
    assert stolen["3000/udp"]["verdict"] == "filtered", "the echo answers an address that it was not opened for"


def test_the_server_keeps_what_both_sides_saw(server: Node, site: Lan) -> None:
    probed(server, site, *signed_in(server))
    with calling(server, site) as client:
        report = client.get("/network/probes").json()["items"][0]
    assert report["address"] == site["client"].address and report["actor"] == "user:admin" and report["ended"]
    assert {port["row"] for port in report["ports"]} >= {"media-input"}
    seen = {(item["row"], item["number"]): item for item in report["verdicts"]}
    assert {seen["server", 8600][key] for key in ("verdict", "inside")} == {"open"}
    assert seen["server", 8600]["judgement"] == "passes"
    assert (seen["media-input", 4000]["inside"], seen["media-input", 4000]["judgement"]) == ("echo", "blocked")
    shown = server.cli("probe", "--last")
    assert shown.returncode == 1 and "BLOCKED" in shown.stdout and site["client"].address in shown.stdout


def test_the_ledger_and_the_kernel_agree_while_an_echo_stands(server: Node, site: Lan) -> None:
    opened_for(server, site, "client")
    row = re.compile(r"\S+:(\d+)\s")

    def kernel() -> set[str]:
        found = set()
        for transport, option in (("tcp", "-lnt"), ("udp", "-lnu")):
            for line in site["server"].do(f"ss -H {option}").splitlines():
                match = row.search(line)
                found |= {f"{transport}-{match[1]}"} if match else set()
        return found

    def leases() -> set[str]:
        folders = (server.data / "run" / "leases").iterdir()
        return {
            folder.name for folder in folders if folder.is_dir() and any(folder.iterdir()) and not folder.name.startswith("unix")
        }

    assert {"udp-3000", "tcp-8600"} <= kernel()
    until(lambda: kernel() == leases(), 60, lambda: f"kernel {sorted(kernel())}, leases {sorted(leases())}")


def test_a_host_that_drops_everything_is_no_verdict(site: Lan, tmp_path: Path, server: Node) -> None:
    silent = server.cli("probe", "10.91.1.77", "--timeout", "0.5", on=site["client"])
    assert silent.returncode == 1
    assert "gives no sign of life" in silent.stderr


def test_no_secret_goes_to_a_server_that_is_not_trusted(server: Node, site: Lan) -> None:
    done = server.cli("probe", site["server"].address, "--user", "admin", "--password", PASSWORD, on=site["client"])
    assert done.returncode == 1
    assert "is not trusted" in done.stderr and "/ca.crt" in done.stderr


def test_doctor_examines_the_running_node_over_its_api(server: Node, site: Lan) -> None:
    with calling(server, site) as client:
        found = client.get("/network/doctor").raise_for_status().json()["items"]
    by_check = {item["check"]: item for item in reversed(found)}
    assert {"ports", "multicast", "buffers", "clock", "disk", "certificates"} <= by_check.keys()
    assert any("the node runs and holds its ports" in item["what"] for item in found)
    assert all(item["level"] == "ok" or (item["why"] and item["remedy"]) for item in found)
    assert {item["what"] for item in server.asked("doctor")} >= {
        item["what"] for item in found if item["check"] == "certificates"
    }
