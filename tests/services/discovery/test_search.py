"""Searches across bridges: devices found on several networks, hostile descriptions refused, ports open only meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from sim.upnp import BASIC, Responder, SimDevice
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid
from sitewarden.kit.clock import SystemClock
from sitewarden.net.exports import render
from sitewarden.net.interfaces_table import Interface, interfaces
from sitewarden.net.links import networks
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.discovery.search import DATAGRAMS_PER_ADDRESS, FETCHES_PER_ADDRESS, Search, places
from sitewarden.services.discovery.sightings import PER_ADDRESS, Sightings
from sitewarden.services.surface.devices import FoundDevice, SearchState
from sitewarden.wire import ssdp
from sitewarden.wire.xmltree import MAX_BYTES
from tests.lan import Computer, lan


@contextmanager
def answering(computer: Computer, devices: list[SimDevice], network: str) -> Iterator[Responder]:
    """Run a responder on a computer, in a thread of its own."""
    responder = Responder(computer.addresses[network], devices)
    ready, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await responder.start()
        ready.set()
        await ended.wait()
        await responder.stop()

    def run() -> None:
        with computer.inside():
            asyncio.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield responder
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join(10)


def search(
    computer: Computer, directory: Path, role: str = "core", seconds: float = 1.0, during: Callable[[], None] = lambda: None
) -> tuple[list[FoundDevice], SearchState]:
    """Search from a computer on all its networks; `during` is called in the middle."""

    async def run() -> tuple[list[FoundDevice], SearchState]:
        settings = Settings(data_dir=str(directory))
        network = LocalNetwork(settings, role, directory / "run")
        chosen, problems = places((), interfaces(), settings)
        sightings = Sightings()
        one = Search(network, SystemClock(), sightings, chosen, seconds, problems, networks())
        task = asyncio.create_task(one.run())
        await asyncio.sleep(seconds / 2)
        assert one.state.running
        during()
        await task
        assert network.ledger() == []
        await network.close()
        return sightings.rows({}), one.state

    with computer.inside(), asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run())


def test_the_firewall_rules_of_the_node_let_a_search_through(tmp_path: Path) -> None:
    nft = shutil.which("nft") or "/usr/sbin/nft"
    if not Path(nft).exists():
        pytest.skip("nft is not installed")
    with lan({"cameras": ["server", "camera"]}) as site, answering(site["camera"], [SimDevice("Yard")], "cameras"):
        rules = tmp_path / "rules.nft"
        without_media = [line for line in render("nftables", Settings()).splitlines() if "3000-5000" not in line]
        rules.write_text("\n".join(without_media) + "\n")
        done = site["server"].run([nft, "-f", rules])
        assert done.returncode == 0, done.stderr
        rows, state = search(site["server"], tmp_path)
        assert (rows[0].found, rows[0].problems, state.problems) == (("onvif", "upnp"), (), ())
        site["server"].do(f"{nft} flush chain inet sitewarden input")
        assert search(site["server"], tmp_path)[0] == []


def listening() -> set[tuple[str, int]]:
    return {(each.laddr.ip, each.laddr.port) for each in psutil.Process().net_connections("udp") if each.laddr}


@pytest.mark.parametrize("role", ["core", "cli"])
def test_devices_on_several_networks_are_found(tmp_path: Path, role: str) -> None:
    yard, printer = SimDevice("Yard"), SimDevice("Printer", device_type=BASIC, onvif=False)
    only = SimDevice("Only ONVIF", upnp=False)
    opened: set[tuple[str, int]] = set()
    with (
        lan({"office": ["server", "printer"], "cameras": ["server", "camera", "second"]}) as site,
        answering(site["camera"], [yard], "cameras"),
        answering(site["second"], [only], "cameras"),
        answering(site["printer"], [printer], "office"),
    ):
        server = site["server"]
        rows, state = search(server, tmp_path, role, during=lambda: opened.update(listening()))
        assert state.problems == ()
        assert state.interfaces == tuple(f"{name} ({address})" for name, address in sorted(server.addresses.items()))
        assert [(row.kind, row.address, row.name, row.found) for row in rows] == [
            ("camera", site["camera"].address, "Yard", ("onvif", "upnp")),
            ("camera", site["second"].address, "Only ONVIF", ("onvif",)),
            ("other", site["printer"].address, "Printer", ("upnp",)),
        ]
        assert (rows[0].maker, rows[0].model, rows[0].location) == ("Sim Optics", "SO-100", "demo")
        assert rows[0].page.startswith(f"http://{site['camera'].address}:")
        own = {(address, number) for address in server.addresses.values() for number in (8660, 3702)}
        assert own <= opened
        assert {place[1] for place in opened} == {8660, 3702, 1900}
    assert yard.asked == printer.asked == 1


HOSTILE = {
    "huge": (SimDevice("Huge", body=b"<root>" + b" " * (MAX_BYTES + 1) + b"</root>"), "256 KiB"),
    "bomb": (
        SimDevice("Bomb", body=b'<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><root><device>&b;</device></root>'),
        "document type",
    ),
    "no-description": (SimDevice("Page", body=b"<html></html>"), "no description"),
    "missing": (SimDevice("Missing", status="404 Not Found"), "status 404"),
    "slow": (SimDevice("Slow", body=b"<root>" + b" " * 4096, pause=0.2), "within 5 s"),
    "redirect": (SimDevice("Redirect", status="302 Found", headers=("Location: http://10.91.1.3:80/d.xml",)), "another host"),
    "loop": (SimDevice("Loop", status="302 Found", headers=("Location: {own}",)), "more than 3 times"),
    "tls": (SimDevice("Tls", location="https://{host}/d.xml"), "TLS"),
    "wrong-address": (SimDevice("Wrong", location="http://10.91.1.3:80/d.xml"), "another host"),
    "name": (SimDevice("Name", location="http://localhost:8600/d.xml"), "another host"),
    "nowhere": (SimDevice("Nowhere", location="file:///etc/passwd"), "not http://host/path"),
    "closed": (SimDevice("Closed", location="http://{host}:9/d.xml"), "cannot be reached"),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FoundDevice]:
    """What a search finds where every device but one lies; nothing of the bystander (10.91.1.3) is ever asked."""
    with lan({"cameras": ["server", "camera", "other", "honest"]}) as site:
        asked = threading.Event()
        bystander = threading.Thread(target=_bystander, args=(site["other"], asked))
        bystander.start()
        devices = [device for device, _ in HOSTILE.values()]
        camera = site["camera"]
        # One address has as many descriptions fetched as the limit allows, so the liars live on several.
        addresses = [camera.address]
        for number in range(200, 202):
            addresses.append(f"10.91.1.{number}")
            camera.do(f"ip address add {addresses[-1]}/24 dev cameras")
        share = [devices[start::3] for start in range(3)]
        with (
            _at(camera, addresses[0], share[0]),
            _at(camera, addresses[1], share[1]),
            _at(camera, addresses[2], share[2]),
            answering(site["honest"], [SimDevice("Honest")], "cameras"),
        ):
            rows, _ = search(site["server"], tmp_path_factory.mktemp("hostile"))
        asked.set()
        bystander.join(10)
    assert not _touched
    return {row.name: row for row in rows}


_touched: list[Any] = []


def _bystander(computer: Computer, ended: threading.Event) -> None:
    with computer.inside(), socket.create_server(("0.0.0.0", 80)) as server:
        server.settimeout(0.2)
        while not ended.is_set():
            try:
                _touched.append(server.accept())
            except TimeoutError:
                continue


@contextmanager
def _at(computer: Computer, address: str, devices: list[SimDevice]) -> Iterator[Responder]:
    alias = Computer(computer.name, computer.namespace)
    alias.addresses = {"cameras": address}
    with answering(alias, devices, "cameras") as responder:
        for device in devices:
            own = f"http://{address}:{responder.port}{device.path}"
            device.location = device.location.format(host=address)
            device.headers = tuple(each.format(own=own) for each in device.headers)
        yield responder


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_description_is_refused_and_the_device_still_listed(hostile: dict[str, FoundDevice], name: str) -> None:
    device, why = HOSTILE[name]
    row = hostile[device.name]
    assert row.kind == "camera"
    assert len(row.problems) == 1
    assert row.problems[0].startswith("Its description was not fetched: ")
    assert why in row.problems[0]
    assert (row.maker, row.serial) == ("", "")


def test_an_honest_device_beside_them_is_described(hostile: dict[str, FoundDevice]) -> None:
    assert (hostile["Honest"].maker, hostile["Honest"].problems) == ("Sim Optics", ())


def test_nothing_beyond_this_computer_s_networks_is_asked(tmp_path: Path) -> None:
    """The source of a datagram is easily forged: a far address is listed, and its description left alone."""
    device = SimDevice("Far", onvif=False)
    with lan({"cameras": ["server", "camera"]}) as site:
        site["camera"].do("ip address add 192.168.77.5/24 dev cameras")
        site["server"].do("ip route add 192.168.77.0/24 dev cameras")
        with _at(site["camera"], "192.168.77.5", [device]):
            rows, _ = search(site["server"], tmp_path)
    assert [(row.address, row.problems) for row in rows] == [
        ("192.168.77.5", ("Its description was not fetched: its address is on no network of this computer.",))
    ]
    assert device.asked == 0


def test_an_address_that_floods_gets_few_fetches(tmp_path: Path) -> None:
    devices = [SimDevice(f"Flood {number}", onvif=False) for number in range(40)]
    with lan({"cameras": ["server", "camera"]}) as site, answering(site["camera"], devices, "cameras"):
        rows, state = search(site["server"], tmp_path)
    assert sum(device.asked for device in devices) == FETCHES_PER_ADDRESS
    assert len(rows) == PER_ADDRESS
    assert state.refused > 0
    assert "search once more" in state.problems[0]


def test_a_taken_port_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    with (
        lan({"cameras": ["server", "camera"]}) as site,
        answering(site["camera"], [SimDevice("Yard")], "cameras"),
        site["server"].inside(),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken,
    ):
        taken.bind(("0.0.0.0", 8660))
        rows, state = search(site["server"], tmp_path)
    assert [row.found for row in rows] == [("onvif",)]
    [problem] = state.problems
    assert problem.startswith("No UPnP search on cameras: ports.upnp: 8660/udp")


def test_a_flood_of_datagrams_is_counted_and_not_read(tmp_path: Path) -> None:
    with lan({"cameras": ["server", "liar"]}) as site:

        def flood() -> None:
            with site["liar"].inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                for number in range(DATAGRAMS_PER_ADDRESS + 100):
                    said = ssdp.Message(kind="answer", target=ssdp.ROOT, usn=f"uuid:{number}")
                    sock.sendto(said.encode(), (site["server"].address, 8660))

        rows, state = search(site["server"], tmp_path, during=flood)
    assert state.answers == DATAGRAMS_PER_ADDRESS
    assert len(rows) == PER_ADDRESS
    # The kernel drops some of the rest before they are counted.
    assert state.refused > DATAGRAMS_PER_ADDRESS - PER_ADDRESS


def test_goodbyes_and_strangers_answers(tmp_path: Path) -> None:
    """A device that leaves goes from the list; another address cannot make it go, and noise is only counted."""
    device = SimDevice("Yard", onvif=False)
    with (
        lan({"cameras": ["server", "camera", "other"]}) as site,
        answering(site["camera"], [device], "cameras"),
        answering(site["other"], [SimDevice("Other", onvif=False)], "cameras"),
    ):

        def goodbye(computer: Computer, uuid: str) -> None:
            data = ssdp.Message(kind="byebye", target=ssdp.ROOT, usn=f"uuid:{uuid}").encode()
            with computer.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(data, (ssdp.GROUP, ssdp.PORT))
                sock.sendto(b"noise", (site["server"].address, 8660))

        rows, state = search(site["server"], tmp_path, during=lambda: goodbye(site["other"], device.uuid), seconds=0.9)
        assert [row.name for row in rows] == ["Yard", "Other"]
        assert state.refused == 1
        rows, _ = search(site["server"], tmp_path, during=lambda: goodbye(site["camera"], device.uuid), seconds=0.9)
        assert [row.name for row in rows] == ["Other"]


ETH = Interface("eth0", ("192.0.2.5", "198.51.100.5"), (), loopback=False, multicast=True)
SIX = Interface("eth1", (), ("fd00::1",), loopback=False, multicast=True)
LO = Interface("lo", ("127.0.0.1",), (), loopback=True, multicast=False)


@pytest.mark.parametrize(
    ("asked", "bind", "expected"),
    [
        ((), "0.0.0.0", [("eth0", "192.0.2.5")]),
        ((), "198.51.100.5", [("eth0", "198.51.100.5")]),
        ((), "127.0.0.1", [("lo", "127.0.0.1")]),
        (("eth0",), "127.0.0.1", [("eth0", "192.0.2.5")]),
        (("198.51.100.5", "eth0", "eth0"), "0.0.0.0", [("eth0", "198.51.100.5"), ("eth0", "192.0.2.5")]),
    ],
)
def test_places_to_search(asked: tuple[str, ...], bind: str, expected: list[tuple[str, str]]) -> None:
    chosen, problems = places(asked, (ETH, SIX, LO), Settings(bind=bind))
    assert chosen == expected
    assert bool(problems) is (bind == "127.0.0.1" and not asked)


@pytest.mark.parametrize("asked", ["eth9", "eth1", "203.0.113.1"])
def test_an_interface_that_is_not_there_is_refused(asked: str) -> None:
    with pytest.raises(Invalid, match=r"no interface .*") as refused:
        places((asked,), (ETH, SIX, LO), Settings())
    assert refused.value.remedy == "There are: eth0, lo."
