"""The operations on found devices: one search at a time, a list, and adding to the site with the right of doing so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.onvif.camera import OnvifCamera
from sim.onvif.server import OnvifServer
from sim.upnp import Responder, SimDevice
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.net.network import LocalNetwork
from sitewarden.services.cameras.adding import CameraAdding
from sitewarden.services.discovery.devices import FoundDeviceList
from sitewarden.services.surface.devices import FoundDevice, FoundDevices
from tests.services.house import House


class Rig:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.cameras = CameraAdding(house.state, house.clock, house.entities)
        self.devices = FoundDeviceList(settings, house.state, house.clock, house.entities, house._emit, self.cameras)
        house.operations.add(self.devices.operations())

    async def search(self) -> FoundDevices:
        await self.house.ask("network.search", seconds=1.0)
        while True:
            await asyncio.sleep(0.02)
            found: FoundDevices = (await self.house.ask("network.devices")).value
            if not found.search.running and self.told():
                return found

    def told(self) -> list[str]:
        return [event.text for event in self.house.told if event.type == "network.searched"]


@pytest.fixture
async def rig(netns: bool, house: House, tmp_path: Path) -> AsyncIterator[Rig]:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    settings = Settings.for_test("127.0.0.1", tmp_path)
    network = LocalNetwork(settings, "core", tmp_path / "run")
    made = Rig(house, settings)
    made.devices.attach(network)
    made.cameras.attach(network)
    camera = OnvifServer(OnvifCamera("gate", rtsp="rtsp://127.0.0.2:8554", user="ada", password="pw"))
    service = f"http://127.0.0.2:{await camera.start('127.0.0.2')}/onvif/device_service"
    deck = SimDevice("Deck", maker="AXIS", onvif=False)
    responder = Responder("127.0.0.2", [SimDevice("Yard"), SimDevice("Gate", service=service), deck])
    task = asyncio.create_task(made.devices.run())
    await responder.start()
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await responder.stop()
    await camera.stop()
    await network.close()


def named(found: FoundDevices, name: str) -> FoundDevice:
    return next(item for item in found.items if item.name == name)


async def test_a_search_fills_the_list_and_is_told(rig: Rig) -> None:
    before: FoundDevices = (await rig.house.ask("network.devices")).value
    assert (before.search.running, before.search.started, before.items) == (False, None, ())
    found = await rig.search()
    assert [item.name for item in found.items] == ["Deck", "Gate", "Yard"]
    assert found.search.problems[0].startswith("This node is bound to 127.0.0.1")
    assert rig.told() == ["A search of the network by user:ada found 3 devices, 3 of them new"]


async def test_one_search_at_a_time(rig: Rig) -> None:
    assert (await rig.house.ask("network.search", seconds=1.0)).value.running
    with pytest.raises(Conflict, match="a search runs already"):
        await rig.house.ask("network.search")


async def test_an_unknown_interface_is_refused_and_no_search_begins(rig: Rig) -> None:
    with pytest.raises(Invalid, match="no interface"):
        await rig.house.ask("network.search", interfaces=("eth77",))
    assert not (await rig.house.ask("network.devices")).value.search.running


async def test_a_device_is_asked_for_its_streams_by_user_and_password(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    assert gate.suggestion.onvif and gate.services
    with pytest.raises(Invalid, match="refuses the user"):
        await rig.house.ask("network.device.add", id=gate.id, username="ada", password="wrong")
    added = (await rig.house.ask("network.device.add", id=gate.id, username="ada", password="pw", area="yard")).value
    camera: Any = rig.house.memory.get("camera", added.entity.partition(":")[2]).entity  # type: ignore[union-attr]
    assert (camera.url, camera.sub_url, camera.onvif) == (
        "rtsp://127.0.0.2:8554/gate",
        "rtsp://127.0.0.2:8554/gate-sub",
        gate.services[0],
    )
    assert camera.enabled and camera.area == "yard" and "rtsp://127.0.0.2:8554/gate" in added.next
    assert rig.house.secrets.open(camera.password, f"{added.entity}/password") == "pw"
    found: FoundDevices = (await rig.house.ask("network.devices")).value
    assert (named(found, "Gate").site, named(found, "Gate").known) == ((added.entity,), True)


async def test_a_device_that_does_not_answer_is_not_made_with_a_guess(rig: Rig) -> None:
    found = await rig.search()
    with pytest.raises(Invalid, match="nothing answers ONVIF"):
        await rig.house.ask("network.device.add", id=named(found, "Yard").id, username="root", password="pass word")
    with pytest.raises(Conflict, match="did not answer over ONVIF"):
        await rig.house.ask("network.device.add", id=named(found, "Deck").id, username="root")
    assert not rig.house.memory.list("camera")


async def test_a_person_gives_the_address_of_a_stream(rig: Rig) -> None:
    deck = named(await rig.search(), "Deck")
    own = {"url": "rtsps://127.0.0.2/live", "name": "Main gate", "username": "root", "password": "pass word", "area": "yard"}
    added = (await rig.house.ask("network.device.add", id=deck.id, **own)).value
    camera: Any = rig.house.memory.get("camera", "main-gate").entity  # type: ignore[union-attr]
    assert (added.entity, camera.url, camera.onvif, camera.area) == ("camera:main-gate", own["url"], "", "yard")
    assert camera.enabled and camera.description == "Found at 127.0.0.2: AXIS SO-100."
    assert rig.house.secrets.open(camera.password, "camera:main-gate/password") == "pass word"


async def test_what_does_not_fit_is_refused(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    with pytest.raises(NotFound, match="not in the list"):
        await rig.house.ask("network.device.add", id="found-0")
    with pytest.raises(Invalid):
        await rig.house.ask("network.device.add", id=gate.id, url="ftp://127.0.0.2/")
    with pytest.raises(Invalid):
        await rig.house.ask("network.device.add", id=gate.id, url="rtsp://127.0.0.2/", area="nowhere")
    assert rig.house.memory.get("camera", "gate") is None


async def test_who_may_make_cameras_in_one_area_adds_there_alone(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    bob = await rig.house.person("bob", Grant(action="camera.create", selector="area:lab"))
    for area in (None, "yard"):
        with pytest.raises(Forbidden):
            await rig.house.ask("network.device.add", bob, id=gate.id, url="rtsp://127.0.0.2/", area=area)
    own = {"url": "rtsp://127.0.0.2/", "area": "lab"}
    assert (await rig.house.ask("network.device.add", bob, id=gate.id, **own)).value.entity == "camera:gate"
    for operation in ("network.search", "network.devices"):
        with pytest.raises(Forbidden):
            await rig.house.ask(operation, bob)


async def test_without_a_running_server_nothing_is_searched(house: House, tmp_path: Path) -> None:
    Rig(house, Settings.for_test("127.0.0.1", tmp_path))
    with pytest.raises(Unreachable, match="does not run"):
        await house.ask("network.search")
