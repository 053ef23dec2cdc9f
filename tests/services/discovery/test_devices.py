"""The operations on found devices: one search at a time, a list, and adding to the site with the right of doing so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.upnp import Responder, SimDevice
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.net.network import LocalNetwork
from sitewarden.services.discovery.devices import FoundDeviceList
from sitewarden.services.surface.devices import FoundDevice, FoundDevices
from tests.services.house import House


class Rig:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.devices = FoundDeviceList(settings, house.state, house.clock, house.entities, house._emit)
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
    responder = Responder("127.0.0.2", [SimDevice("Yard"), SimDevice("Gate", maker="AXIS", upnp=True)])
    task = asyncio.create_task(made.devices.run())
    await responder.start()
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await responder.stop()
    await network.close()


def named(found: FoundDevices, name: str) -> FoundDevice:
    return next(item for item in found.items if item.name == name)


async def test_a_search_fills_the_list_and_is_told(rig: Rig) -> None:
    before: FoundDevices = (await rig.house.ask("network.devices")).value
    assert (before.search.running, before.search.started, before.items) == (False, None, ())
    found = await rig.search()
    assert [item.name for item in found.items] == ["Gate", "Yard"]
    assert found.search.problems[0].startswith("This node is bound to 127.0.0.1")
    assert rig.told() == ["A search of the network by user:ada found 2 devices, 2 of them new"]


async def test_one_search_at_a_time(rig: Rig) -> None:
    assert (await rig.house.ask("network.search", seconds=1.0)).value.running
    with pytest.raises(Conflict, match="a search runs already"):
        await rig.house.ask("network.search")


async def test_an_unknown_interface_is_refused_and_no_search_begins(rig: Rig) -> None:
    with pytest.raises(Invalid, match="no interface"):
        await rig.house.ask("network.search", interfaces=("eth77",))
    assert not (await rig.house.ask("network.devices")).value.search.running


async def test_an_incomplete_address_makes_a_camera_that_waits(rig: Rig) -> None:
    yard = named(await rig.search(), "Yard")
    added = (await rig.house.ask("network.device.add", id=yard.id, area="yard")).value
    assert (added.entity, added.enabled) == ("camera:yard", False)
    assert "Complete the stream address" in added.next
    camera: Any = rig.house.memory.get("camera", "yard").entity  # type: ignore[union-attr]
    assert (camera.url, camera.enabled, camera.area) == ("rtsp://127.0.0.2:554/", False, "yard")
    assert camera.description == "Found at 127.0.0.2: Sim Optics SO-100."
    found: FoundDevices = (await rig.house.ask("network.devices")).value
    assert named(found, "Yard").site == ("camera:yard",)
    again = (await rig.house.ask("network.device.add", id=yard.id)).value
    assert again.entity == "camera:yard-2"


async def test_a_known_maker_with_a_user_makes_a_camera_that_works(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    added = (await rig.house.ask("network.device.add", id=gate.id, username="root", password="pass word")).value
    camera: Any = rig.house.memory.get("camera", "gate").entity  # type: ignore[union-attr]
    assert added.enabled and camera.enabled
    assert (camera.url, camera.username) == ("rtsp://127.0.0.2:554/axis-media/media.amp", "root")
    assert rig.house.secrets.open(camera.password, "camera:gate/password") == "pass word"
    own = {"url": "rtsps://127.0.0.2/live", "name": "Main gate"}
    assert (await rig.house.ask("network.device.add", id=gate.id, **own)).value.enabled
    assert rig.house.memory.get("camera", "main-gate").entity.url == own["url"]  # type: ignore[union-attr]


async def test_what_does_not_fit_is_refused(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    with pytest.raises(NotFound, match="not in the list"):
        await rig.house.ask("network.device.add", id="found-0")
    with pytest.raises(Invalid):
        await rig.house.ask("network.device.add", id=gate.id, url="ftp://127.0.0.2/")
    with pytest.raises(Invalid):
        await rig.house.ask("network.device.add", id=gate.id, area="nowhere")
    assert rig.house.memory.get("camera", "gate") is None


async def test_who_may_make_cameras_in_one_area_adds_there_alone(rig: Rig) -> None:
    gate = named(await rig.search(), "Gate")
    bob = await rig.house.person("bob", Grant(action="camera.create", selector="area:lab"))
    for area in (None, "yard"):
        with pytest.raises(Forbidden):
            await rig.house.ask("network.device.add", bob, id=gate.id, area=area)
    assert (await rig.house.ask("network.device.add", bob, id=gate.id, area="lab")).value.entity == "camera:gate"
    for operation in ("network.search", "network.devices"):
        with pytest.raises(Forbidden):
            await rig.house.ask(operation, bob)


async def test_without_a_running_server_nothing_is_searched(house: House, tmp_path: Path) -> None:
    Rig(house, Settings.for_test("127.0.0.1", tmp_path))
    with pytest.raises(Unreachable, match="does not run"):
        await house.ask("network.search")
