"""Two servers, an analytics node and a laptop on networks of the test's own: announced, found, registered, collided, attacked."""

from __future__ import annotations

import itertools
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from sitewarden.net.tls import Authority, Signer, certificate_fingerprint
from sitewarden.wire.announcement import Announcement, Port, Stamp, encode
from tests.e2e.lan_site import PASSWORD, Node, node
from tests.e2e.site import ENVIRONMENT, items, until
from tests.lan import Computer, Lan, lan

pytestmark = pytest.mark.e2e
GROUP = ("225.0.0.100", 8650)
FREE = "225.5.10.2"


@pytest.fixture(scope="module")
def site() -> Iterator[Lan]:
    """An office with all, and a yard that the server "one" is not connected to yet."""
    with lan({"office": ["one", "two", "laptop", "stranger"], "yard": ["one", "vision"]}) as made:
        made["one"].do("ip link set yard down")
        yield made


@pytest.fixture(scope="module")
def one(site: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with node(site["one"], tmp_path_factory.mktemp("one"), site_name="Harbour") as made:
        yield made


@pytest.fixture(scope="module")
def two(site: Lan, one: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with node(site["two"], tmp_path_factory.mktemp("two"), site_name="Pier") as made:
        yield made


@contextmanager
def calling(server: Node) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=str(server.ca))
    url = f"https://{server.computer.address}:8600/api/v1"
    with server.computer.inside(), httpx.Client(base_url=url, verify=context, headers={"X-Sitewarden": "1"}, timeout=60) as api:
        api.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        yield api


def servers(api: httpx.Client) -> Any:
    return api.get("/network/servers").json()


def by_name(found: Any) -> dict[str, Any]:
    return {item["name"]: item for item in found["items"]}


@contextmanager
def announcing(computer: Computer, directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run a node that announces itself; it says farewell at the end."""
    process = computer.popen(
        [sys.executable, "-m", "sim.announcer", "--data", directory, *options],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and "announces itself" in process.stdout.readline()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def test_two_servers_and_a_laptop_find_each_other(site: Lan, one: Node, two: Node, tmp_path: Path) -> None:
    with calling(one) as api:
        found = until(lambda: by_name(servers(api)).get("Pier"))
        assert (found["roles"], found["address"], found["group"]) == (["server"], site["two"].address, "225.5.10.1")
        assert found["trust"] == "unknown" and found["present"] and abs(found["skew"]) < 60
        until(lambda: by_name(servers(api))["Pier"]["reach"] == "reachable")
        own = servers(api)
    with calling(two) as api:
        seen = until(lambda: by_name(servers(api)).get("Harbour"))
        assert (seen["fingerprint"], seen["key"]) == (own["fingerprint"], own["key"]), "what one shows is what two sees"
    with site["laptop"].inside():
        presented = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((site["one"].address, 8600)))
    assert certificate_fingerprint(presented) == own["fingerprint"]
    done = site["laptop"].run(
        [sys.executable, "-m", "sitewarden.cli", "discover", "servers", "--json"], env=ENVIRONMENT, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    heard = by_name(json.loads(done.stdout))
    assert {name: item["reach"] for name, item in heard.items()} == {"Harbour": "reachable", "Pier": "reachable"}
    assert list(tmp_path.iterdir()) == []
    assert {item["name"] for item in one.asked("discover", "servers")["items"]} == {"Pier"}


def test_the_same_media_group_is_an_alarm_on_both(site: Lan, one: Node, two: Node) -> None:
    offers = set()
    for server, other in ((one, "Pier"), (two, "Harbour")):
        with calling(server) as api:
            [collision] = until(lambda api=api: servers(api)["collisions"])  # type: ignore[misc]
            assert (collision["name"], collision["group"]) == (other, "225.5.10.1")
            offers.add(collision["offer"])
            raised = until(lambda api=api: items(api, "/events", type="network.media-group-collision"))[0]["event"]  # type: ignore[misc]
            assert raised["severity"] == 3 and other in raised["text"] and collision["offer"] in raised["text"]
            statuses = {status["ref"]: status for status in items(api, "/status")}
            assert statuses["node:server"]["state"] == "degraded" and other in statuses["node:server"]["detail"]
        done = server.cli("doctor")
        assert (done.returncode == 1 and "media group" in done.stdout.replace("\n", " ")) or other in done.stdout
    assert offers == {FREE, "225.5.10.3"}, "each is offered a group of its own"


@pytest.mark.parametrize("version", [4, 6])
def test_the_nodes_own_rules_let_announcements_through(site: Lan, one: Node, two: Node, tmp_path: Path, version: int) -> None:
    laptop = site["laptop"]
    address, name = laptop.address if version == 4 else laptop.address6, f"Vision {version}"
    rules = one.cli("ports", "--format", "nftables", "--deny-outgoing").stdout
    assert "ip daddr 225.0.0.100 udp dport 8650" in rules and "ip6 daddr ff15::e100:64 udp dport 8650" in rules
    site["one"].do("nft -f -", input=rules)
    try:
        with announcing(laptop, tmp_path, "--bind", address, "--name", name), calling(one) as api:
            found = until(lambda: by_name(servers(api)).get(name))
            assert (found["address"], found["addresses"]) == (address, [address])
            until(lambda: by_name(servers(api))[name]["reach"] == "reachable", why=lambda: json.dumps(servers(api)))
    finally:
        site["one"].do("nft delete table inet sitewarden")
    with calling(one) as api:
        until(lambda: by_name(servers(api))[name]["farewell"])


def test_an_interface_that_comes_later_is_followed(site: Lan, one: Node, tmp_path: Path) -> None:
    with announcing(site["vision"], tmp_path, "--node", "vision-1", "--name", "Vision 1"), calling(one) as api:
        assert "Vision 1" not in by_name(servers(api))
        site["one"].do("ip link set yard up")
        found = until(lambda: by_name(servers(api)).get("Vision 1"))
        assert (found["interface"], found["address"], found["roles"]) == ("yard", site["vision"].address, ["analytics"])
        assert any(place.startswith("yard") for place in servers(api)["places"])
        site["one"].do("ip link set yard down")
        until(lambda: not any(place.startswith("yard") for place in servers(api)["places"]))
        site["one"].do("ip link set yard up")
        until(lambda: by_name(servers(api))["Vision 1"]["present"])


def test_a_node_is_registered_watched_and_lost(site: Lan, one: Node, tmp_path: Path) -> None:
    site["one"].do("ip link set yard up")
    with calling(one) as api:
        with announcing(site["vision"], tmp_path, "--node", "vision-2", "--name", "Vision 2"):
            found = until(lambda: by_name(servers(api)).get("Vision 2"))
            wrong = {"fingerprint": "00" + found["fingerprint"][2:]}
            refused = api.post(f"/network/servers/{found['id']}/register", json=wrong)
            assert (refused.status_code, refused.json()["where"]) == (409, "fingerprint")
            assert api.post(f"/network/servers/{found['id']}/register", json={"role": "lpr"}).status_code == 409
            made = api.post(f"/network/servers/{found['id']}/register", json={"fingerprint": found["fingerprint"]})
            assert (made.status_code, made.json()["entity"]) == (201, "node:vision-2"), made.text
            held = api.get("/nodes/vision-2").json()
            assert {name: held[name] for name in ("role", "address", "port", "fingerprint", "key")} == {
                "role": "analytics",
                "address": site["vision"].address,
                "port": 8610,
                "fingerprint": found["fingerprint"],
                "key": found["key"],
            }
            assert by_name(servers(api))["Vision 2"]["trust"] == "registered"
            again = api.post(f"/network/servers/{found['id']}/register", json={})
            assert again.status_code == 409 and "Vision 2" in again.text
            audit = [line for line in items(api, "/audit") if line["entity"] == "node:vision-2"]
            assert audit[0]["actor"] == "user:admin" and audit[0]["action"] == "node.create"
            until(lambda: api.get("/nodes/vision-2").json()["status"] and state(api) == "online")
            assert "vision-2:" in one.cli("export").stdout
        until(lambda: state(api) == "offline", 60)
        lost = items(api, "/events", type="node.offline")[0]["event"]
        assert (lost["entity"], lost["severity"]) == ("node:vision-2", 2)
        with announcing(site["vision"], tmp_path / "other", "--node", "vision-2", "--name", "Vision 2"):
            until(lambda: state(api) == "degraded", 60, lambda: api.get("/nodes/vision-2").text)
            assert "another certificate" in api.get("/nodes/vision-2").json()["status"]["detail"]
            impostor = until(lambda: next((s for s in servers(api)["items"] if s["trust"] == "changed"), None))
            assert "signs with another key" in impostor["problems"][0]
        taken = api.post("/nodes", json={"id": "server", "name": "Me", "role": "server", "address": "10.0.0.1", "port": 8600})
        assert taken.status_code == 409 and "this node itself" in taken.text


def state(api: httpx.Client) -> str:
    status = api.get("/nodes/vision-2").json()["status"]
    return status["state"] if status else ""


def forged(signer: Signer, *addresses: str, node: str = "server", name: str = "Forged", number: int = 1) -> bytes:
    now = time.time_ns() // 1000
    return encode(
        Announcement(
            node=node,
            name=name,
            version="1",
            roles=("core", "web", "media"),
            addresses=tuple(socket.inet_aton(address) for address in addresses),
            ports=(Port("server", 8600),),
            group=bytes((225, 5, 10, 1)),
            tls=b"t" * 32,
            site=b"s" * 32,
            stamp=Stamp(b"B" * 8, number, now),
            period=5,
        ),
        signer.certificate,
        signer.sign,
    )


def test_hostile_datagrams_are_refused(site: Lan, one: Node, two: Node) -> None:
    stranger = site["stranger"]
    with tempfile.TemporaryDirectory() as directory:
        signer = Signer(Authority.open(directory).node("server"))
    good = forged(signer, stranger.address)
    with stranger.inside():
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with listening, sender, calling(one) as api:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(GROUP)
        membership = struct.pack("4s4s", socket.inet_aton(GROUP[0]), socket.inet_aton(stranger.address))
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        listening.settimeout(60)
        while True:
            recorded, source = listening.recvfrom(2048)
            if source[0] == site["two"].address:
                break
        before = servers(api)
        names = set(by_name(before))
        hostile = [
            recorded,
            good[:-1] + bytes((good[-1] ^ 1,)),
            forged(signer, "10.91.1.250"),
            forged(signer, stranger.address, node="other"),
            os.urandom(600),
            b"SWA" + os.urandom(900),
            b"",
        ]
        for datagram in hostile:
            sender.sendto(datagram, GROUP)
        told = until(lambda: (now := servers(api))["refused"] >= before["refused"] + len(hostile) and now)
        assert set(by_name(told)) == names
        problem = next(line for line in told["problems"] if stranger.address in line)
        assert problem.startswith(f"What {stranger.address} announces is not taken: ")
        for _ in range(3000):
            sender.sendto(b"SWA" + os.urandom(900), GROUP)
        sender.sendto(good, GROUP)
        assert by_name(servers(api))["Pier"]["present"], "a flood from one address silences nobody else"
        numbers = itertools.count(10)

        def heard() -> bool:
            sender.sendto(forged(signer, stranger.address, number=next(numbers)), GROUP)
            return "Forged" in by_name(servers(api))

        until(heard)
        assert by_name(servers(api))["Forged"]["trust"] == "unknown"
        made = api.post(f"/network/servers/{by_name(servers(api))['Forged']['id']}/register", json={})
        assert made.status_code == 503 and "8600" in made.text, "what does not answer is not registered"


def test_the_ledger_and_the_kernel_agree_on_the_groups(site: Lan, one: Node, two: Node) -> None:
    def kernel() -> set[str]:
        with site["one"].inside():
            return {each.laddr.ip for each in psutil.net_connections("udp") if each.laddr and each.laddr.port == 8650}

    with calling(one) as api:
        rows = {row["row"]: row for row in items(api, "/network/ports")}
    entries = [entry for name in ("announcement", "announcement-ipv6") for entry in rows[name]["ledger"]]
    told = {entry["local"].rpartition(":")[0].strip("[]") for entry in entries}
    assert told == {"225.0.0.100", "ff15::e100:64"}
    assert kernel() == told


def test_a_collision_that_is_over_is_told_and_the_offer_stays_free(site: Lan, one: Node, two: Node, tmp_path: Path) -> None:
    site["one"].do("ip link set yard up")

    def offers(api: httpx.Client) -> dict[str, str]:
        return {each["name"]: each["offer"] for each in servers(api)["collisions"]}

    def told(api: httpx.Client, type_: str) -> bool:
        return any("Third" in each["event"]["text"] for each in items(api, "/events", type=type_))

    with calling(one) as api:
        with announcing(site["laptop"], tmp_path, "--role", "server", "--name", "Third"):
            offer = until(lambda: offers(api).get("Third"), 60, lambda: json.dumps(servers(api)))
            with announcing(site["vision"], tmp_path / "fourth", "--role", "server", "--name", "Fourth", "--group", offer):
                until(lambda: offers(api)["Third"] != offer, 60, lambda: json.dumps(servers(api)))
            # What is over before the next look, a second later, was no alarm.
            until(lambda: told(api, "network.media-group-collision"), 60, lambda: json.dumps(offers(api)))
        until(lambda: told(api, "network.media-group-collision-cleared"), 60, lambda: json.dumps(offers(api)))
        assert "Third" not in offers(api) and "Pier" in offers(api)
