"""What a site needs of the ports: what is enabled, with its peers, and nothing that is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from sitewarden.app.endpoints import host_and_port
from sitewarden.app.platform import Platform
from sitewarden.app.uses import controllers, kept, plan
from sitewarden.config import Settings
from sitewarden.domain.access.model import Area, Controller
from sitewarden.domain.entity import Entity
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.node import Node
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.domain.video.model import Camera
from sitewarden.drivers import registry
from sitewarden.store.interfaces import Change

NETWORK = NamedNetwork(id="cams", name="Cameras", role="camera", cidrs=("10.1.0.0/16",))
SITE: dict[str, list[Entity]] = {
    "network": [NETWORK],
    "camera": [
        Camera(id="lobby", name="Lobby", url="rtsp://10.1.0.5/a", transport="udp"),
        Camera(id="roof", name="Roof", url="rtsps://cam.example.org:7000/a", onvif="https://cam.example.org:8443"),
        Camera(id="off", name="Off", url="rtsp://10.1.0.9/a", enabled=False),
        Camera(id="odd", name="Odd", url="rtsp://:0/a"),
    ],
    "endpoint": [
        Endpoint(id="boiler", name="Boiler", driver="modbus", config={"host": "10.3.0.9", "port": 1502}),
        Endpoint(id="idle", name="Idle", driver="modbus", config={"host": "10.3.0.10"}),
    ],
    "device": [Device(id="boiler", name="Boiler", endpoint="boiler", config={"unit": 1})],
    "node": [
        Node(id="north", name="North", role="analytics", address="10.9.0.4", port=9610),
        Node(id="old", name="Old", role="lpr", address="10.9.0.5", port=8611, enabled=False),
    ],
    "controller": [
        Controller(id="front", name="Front"),
        Controller(id="gate", name="Gate", mode="direct", address="10.2.0.8:1471"),
        Controller(id="gone", name="Gone", enabled=False),
    ],
}


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    made = Platform(Settings(data_dir=str(tmp_path), bind="127.0.0.1"))
    await made.state.apply([Change(kind=kind, id=each.id, entity=each) for kind, many in SITE.items() for each in many])
    yield made
    await made.close()


async def test_it_is_made_anew_after_a_change_and_known_to_the_next_start(platform: Platform) -> None:
    uses, path = platform.uses, platform.places.uses
    first = uses.now()
    assert kept(path) is None and uses.now() is first
    await platform.state.apply([Change(kind="area", id="hall", entity=Area(id="hall", name="Hall"))])
    assert uses.now() is first, "an area opens no port"
    uses.keep()
    assert kept(path) == first == plan(platform.state)
    await platform.state.apply([Change(kind="camera", id="lobby", entity=None, revision=1)])
    uses.keep()
    assert kept(path) == plan(platform.state) != first
    path.write_text('{"uses": 7}')
    assert kept(path) is None


async def test_the_plan_is_what_is_enabled(platform: Platform) -> None:
    found = plan(platform.state)
    assert found.networks == (NETWORK,)
    assert set(found.uses) == {
        PortUse(row="rtsp", way="out", host="10.1.0.5", number=554, by="camera:lobby"),
        PortUse(row="media-input", way="in", host="10.1.0.5", by="camera:lobby"),
        PortUse(row="rtsps", way="out", host="cam.example.org", number=7000, by="camera:roof"),
        PortUse(row="onvif-tls", way="out", host="cam.example.org", number=8443, by="camera:roof"),
        PortUse(row="modbus", way="out", host="10.3.0.9", number=1502, by="endpoint:boiler"),
        PortUse(row="device-server", way="in", by="controller:front"),
        PortUse(row="device-udp", way="in", by="controller:front"),
        PortUse(row="device-udp", way="out", by="controller:front"),
        PortUse(row="device-direct-reader", way="out", host="10.2.0.8", number=1471, by="controller:gate"),
        PortUse(row="device-udp", way="in", host="10.2.0.8", by="controller:gate"),
        PortUse(row="device-udp", way="out", host="10.2.0.8", by="controller:gate"),
        PortUse(row="node-check", way="out", host="10.9.0.4", number=9610, by="node:north"),
        *(PortUse(row="node-check", way="out", number=number) for number in (8600, 8610, 8611)),
    }


def test_a_controller_without_a_number_is_of_the_station_family() -> None:
    (direct, *_) = controllers([Controller(id="a", name="A", mode="direct", address="door.example.org")])
    assert (direct.row, direct.host, direct.number) == ("device-direct-station", "door.example.org", None)


@pytest.mark.parametrize(
    ("address", "host", "number"),
    [
        ("", "", None),
        ("10.2.0.8", "10.2.0.8", None),
        ("10.2.0.8:1470", "10.2.0.8", 1470),
        ("10.2.0.8:0", "10.2.0.8", None),
        ("10.2.0.8:70000", "10.2.0.8", None),
        ("gate:x", "gate:x", None),
        ("2001:db8::8", "2001:db8::8", None),
        ("[2001:db8::8]:1471", "2001:db8::8", 1471),
        ("[2001:db8::8]", "2001:db8::8", None),
    ],
)
def test_addresses_of_controllers(address: str, host: str, number: int | None) -> None:
    assert host_and_port(address) == (host, number)


@given(st.text(max_size=40))
def test_any_address_is_read(address: str) -> None:
    _, number = host_and_port(address)
    assert number is None or 1 <= number <= 65535


def test_a_driver_that_tells_nothing_may_use_all_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Struct, frozen=True):
        pass

    monkeypatch.setattr(registry, "models", lambda name: {"endpoint": Silent})
    found = registry.uses("modbus", {})
    assert found == (PortUse(row="modbus", way="in"), PortUse(row="modbus", way="out"))
