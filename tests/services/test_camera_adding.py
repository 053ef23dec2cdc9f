from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.onvif.camera import OnvifCamera
from sim.onvif.server import OnvifServer
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.net.network import LocalNetwork
from sitewarden.services.cameras.adding import CameraAdding, address_of
from tests.services.house import House


class Rig:
    def __init__(self, house: House, tmp_path: Path, host: str) -> None:
        self.house, self.host = house, host
        self.adding = CameraAdding(house.state, house.clock, house.entities)
        house.operations.add(self.adding.operations())
        self.net = LocalNetwork(Settings.for_test(host), "core", tmp_path / "run")
        self.adding.attach(self.net)
        self.camera = OnvifCamera("gate", rtsp="rtsp://10.9.9.9:8554", user="ada", password="pw")
        self.server = OnvifServer(self.camera)

    async def ask(self, name: str, who: Any = None, /, **params: Any) -> Any:
        given = {"address": f"{self.host}:{self.server.port}", "username": "ada", "password": "pw", **params}
        return (await self.house.ask(f"cameras.{name}", who, **given)).value


@pytest.fixture
async def rig(house: House, tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    made = Rig(house, tmp_path, host)
    await made.server.start(host)
    yield made
    await made.server.stop()
    await made.net.close()


async def test_a_camera_is_added_by_address_and_password_alone(rig: Rig) -> None:
    found = await rig.ask("probe")
    assert (found.name, found.serial, found.ptz, found.relays) == ("Sitewarden Simulated camera T", "SIM-gate", True, 2)
    assert [(one.profile, one.width, one.codec, one.url) for one in found.streams] == [
        ("main", 640, "h264", f"rtsp://{rig.host}:8554/gate"),
        ("sub", 320, "h264", f"rtsp://{rig.host}:8554/gate-sub"),
    ]
    assert (found.chosen, found.sub, found.site) == ("main", "sub", ())
    added = await rig.ask("add", area="lab")
    held = rig.house.memory.get("camera", added.entity.partition(":")[2])
    assert held is not None
    camera: Any = held.entity
    assert (camera.url, camera.onvif) == (
        f"rtsp://{rig.host}:8554/gate",
        f"http://{rig.host}:{rig.server.port}/onvif/device_service",
    )
    assert camera.sub_url == f"rtsp://{rig.host}:8554/gate-sub"
    assert camera.description == "Sitewarden Simulated camera T, serial number SIM-gate."
    assert rig.house.secrets.open(camera.password, f"camera:{camera.id}/password") == "pw"
    again = await rig.ask("probe")
    assert (again.name, again.site) == ("Sitewarden Simulated camera T 2", (added.entity,))


async def test_a_profile_and_a_name_can_be_chosen(rig: Rig) -> None:
    added = await rig.ask("add", name="Gate", profile="sub")
    assert (added.entity, added.url) == ("camera:gate", f"rtsp://{rig.host}:8554/gate-sub")
    held = rig.house.memory.get("camera", "gate")
    assert held is not None and held.entity.sub_url == "", "nothing is smaller"  # type: ignore[attr-defined]
    alone = await rig.ask("add", name="Alone", sub="")
    held = rig.house.memory.get("camera", alone.entity.partition(":")[2])
    assert held is not None and held.entity.sub_url == ""  # type: ignore[attr-defined]
    for wrong in ({"profile": "none"}, {"sub": "none"}):
        with pytest.raises(NotFound, match="no profile"):
            await rig.ask("add", name="Other", **wrong)


async def test_what_is_refused_says_why(rig: Rig) -> None:
    with pytest.raises(Invalid, match="refuses the user") as wrong:
        await rig.ask("probe", password="secret-guess")
    assert wrong.value.where == "password"
    with pytest.raises(Invalid, match="asks for a user and a password"):
        await rig.ask("probe", username="", password="")
    with pytest.raises(Unreachable, match="refused"):
        await rig.ask("probe", address=f"{rig.host}:9")
    with pytest.raises(Invalid):
        await rig.ask("probe", address="ftp://camera/")
    rig.server.raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    with pytest.raises(Conflict, match="no ONVIF camera"):
        await rig.ask("probe")
    told = repr(rig.house.memory.audited) + repr(rig.house.memory.events)
    assert "secret-guess" not in told and "'pw'" not in told
    assert ("cameras.probe" in told) or ("camera.create" in told)


async def test_only_who_may_create_a_camera_there(rig: Rig) -> None:
    viewer = await rig.house.person("viewer", Grant(action="camera.get"))
    lab = await rig.house.person("lab-keeper", Grant(action="camera.create", selector="area:lab"))
    for name in ("probe", "add"):
        with pytest.raises(Forbidden):
            await rig.ask(name, viewer)
    with pytest.raises(Forbidden):
        await rig.ask("add", lab, area="yard")
    assert not rig.camera.asked
    assert (await rig.ask("probe", lab)).serial == "SIM-gate"
    assert (await rig.ask("add", lab, area="lab")).entity.startswith("camera:")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("10.1.0.5", "http://10.1.0.5"),
        (" 10.1.0.5:8000 ", "http://10.1.0.5:8000"),
        ("cam.local/onvif/x", "http://cam.local/onvif/x"),
        ("https://cam.local", "https://cam.local"),
        ("fe80::1", "http://[fe80::1]"),
        ("[fe80::1]", "http://[fe80::1]"),
        ("[fe80::1]:80", "http://[fe80::1]:80"),
    ],
)
def test_addresses_as_people_write_them(given: str, address: str) -> None:
    assert address_of(given) == address
