"""The rules that a node writes for itself, loaded where it runs: its site works through them, and nothing else passes."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lan_site import Node, node
from tests.e2e.site import ENVIRONMENT
from tests.lan import Computer, Lan, lan

pytestmark = pytest.mark.e2e

ECHO = "import socket,sys; s=socket.create_server((sys.argv[1],int(sys.argv[2]))); print('up',flush=True)\nwhile 1: s.accept()"


@pytest.fixture(scope="module")
def site() -> Iterator[Lan]:
    with lan(
        {"office": ["server", "client"], "cameras": ["server", "camera", "stranger"], "plant": ["server", "boiler"]}
    ) as made:
        yield made


@pytest.fixture(scope="module")
def server(site: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with node(site["server"], tmp_path_factory.mktemp("node")) as made:
        file = made.directory / "site.yaml"
        file.write_text(
            f"""\
sitewarden: 1
networks:
  desks: {{ name: Desks, role: office, cidrs: [10.91.1.0/24] }}
  cams: {{ name: Cameras, role: camera, cidrs: [10.91.2.0/24] }}
cameras:
  lobby: {{ name: Lobby, url: "rtsp://{site["camera"].address}/a", transport: udp, enabled: true }}
endpoints:
  boiler: {{ name: Boiler, driver: modbus, config: {{ host: {site["boiler"].address}, port: 1502 }} }}
devices:
  boiler: {{ name: Boiler, endpoint: boiler, config: {{ unit: 1 }} }}
"""
        )
        done = made.cli("apply", str(file))
        assert done.returncode == 0, done.stderr
        yield made


@pytest.fixture
def rules(site: Lan, server: Node) -> None:
    load(site, server)


def load(site: Lan, server: Node, *options: str) -> None:
    done = server.cli("ports", "--format", "nftables", *options)
    assert done.returncode == 0, done.stderr
    site["server"].do("nft -f -", input=done.stdout)


def reaches(source: Computer, address: str, number: int) -> bool:
    with source.inside(), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(0.5)
        try:
            sock.connect((address, number))
        except TimeoutError:
            return False
        except ConnectionRefusedError:
            pass
        return True


def arrives(source: Computer, target: Computer, address: str, number: int) -> bool:
    """Tell whether a datagram reaches a socket of ours behind the target's firewall."""
    with target.inside():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with receiver:
        receiver.bind((address, number))
        receiver.settimeout(0.5)
        with source.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"rtp", (address, number))
        try:
            return receiver.recv(10) == b"rtp"
        except TimeoutError:
            return False


def test_people_come_in_from_the_offices_alone(site: Lan, server: Node, rules: None) -> None:
    office, cameras = site["server"].addresses["office"], site["server"].addresses["cameras"]
    assert all(reaches(site["client"], office, number) for number in (8600, 8601, 80))
    assert not any(reaches(site["camera"], cameras, number) for number in (8600, 8601, 80))
    assert not any(reaches(site["client"], office, number) for number in (1480, 502, 5432, 23))


def test_video_comes_from_the_camera_that_is_configured(site: Lan, server: Node, rules: None) -> None:
    address = site["server"].addresses["cameras"]
    assert arrives(site["camera"], site["server"], address, 4444)
    assert not arrives(site["stranger"], site["server"], address, 4444)
    assert not arrives(site["camera"], site["server"], address, 5555)


@pytest.mark.soak
def test_what_goes_out_may_be_limited_too(site: Lan, server: Node) -> None:
    boiler = site["boiler"]
    for number in (1502, 1503):
        process = boiler.popen(
            [sys.executable, "-c", ECHO, boiler.address, str(number)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        assert process.stdout is not None and process.stdout.readline() == "up\n"
    load(site, server, "--deny-outgoing")
    assert reaches(site["server"], boiler.address, 1502)
    assert not reaches(site["server"], boiler.address, 1503)
    assert reaches(site["client"], site["server"].addresses["office"], 8600), "answers go out"
    assert server.cli("ports", "--diff", "--deny-outgoing").returncode == 0
    assert "policy drop, not accept" in server.cli("ports", "--diff").stdout
    load(site, server)


def test_the_difference_is_empty_and_then_names_what_was_removed(site: Lan, server: Node, rules: None) -> None:
    done = server.cli("ports", "--diff")
    assert (done.returncode, done.stdout) == (0, "nftables has exactly the rules of this node loaded.\n"), done.stdout
    computer = site["server"]
    listed = computer.do("nft -a list chain inet sitewarden input")
    handle = next(line.rsplit("handle ", 1)[1] for line in listed.splitlines() if "dport 3000-5000" in line)
    computer.do(f"nft delete rule inet sitewarden input handle {handle}")
    computer.do("nft add rule inet sitewarden input tcp dport 23 accept")
    done = server.cli("ports", "--diff")
    assert done.returncode == 1
    (missing,) = [line for line in done.stdout.splitlines() if line.startswith("missing")]
    (extra,) = [line for line in done.stdout.splitlines() if line.startswith("not ours")]
    assert site["camera"].address in missing and "udp dport 3000-5000" in missing and "media-input from camera:lobby" in missing
    assert "tcp dport 23 accept" in extra
    told = server.asked("ports", "--diff")
    assert [item["kind"] for item in told] == ["missing", "extra"]


def test_a_new_camera_makes_a_difference(site: Lan, server: Node, rules: None) -> None:
    file = Path(server.directory) / "more.yaml"
    before = server.cli("export").stdout
    file.write_text(before.replace("endpoints:", "  yard: {name: Yard, url: 'rtsp://10.91.2.77:8554/a'}\nendpoints:", 1))
    assert server.cli("apply", str(file)).returncode == 0
    try:
        found = server.asked("ports", "--diff")
        assert [(item["kind"], item["chain"]) for item in found] == [("missing", "output")]
        assert "ip daddr 10.91.2.77 tcp dport 8554" in found[0]["what"]
    finally:
        file.write_text(before)
        assert server.cli("apply", str(file)).returncode == 0


def test_an_unset_table_and_a_bad_ruleset(site: Lan, server: Node) -> None:
    site["server"].do("nft delete table inet sitewarden")
    assert [item["kind"] for item in server.asked("ports", "--diff")] == ["table"]
    file = server.directory / "ruleset.json"
    file.write_text("{")
    done = server.cli("ports", "--diff", "--ruleset", str(file))
    assert done.returncode == 1 and "no ruleset as nft writes it" in done.stderr


def test_the_same_rules_come_from_a_running_and_a_stopped_node(site: Lan, server: Node, tmp_path: Path) -> None:
    running = server.cli("ports", "--format", "nftables").stdout
    other = Node(site["client"], tmp_path)
    made = other.cli(
        "init", "--yes", "--data-dir", str(other.data), "--admin", "ada", "--admin-password", "correct horse battery"
    )
    assert made.returncode == 0, made.stderr
    assert other.cli("apply", str(server.directory / "site.yaml")).returncode == 0
    assert other.cli("ports", "--format", "nftables").stdout == running
    assert "cams" in other.cli("ports", "--matrix").stdout
